"""Writes the skeleton of a new provider: the command `new`."""
