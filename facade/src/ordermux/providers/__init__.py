"""The providers: each one's account, its adapter, its webhooks and its emulator, in a folder of its own."""
