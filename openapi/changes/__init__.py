"""Tells what a changed document means for the users of its package, and which version that needs at least."""
