"""Whether the emulator keeps the documents, as a stranger finds out: schemathesis, a process of its own."""
