"""Reports what a changed document means for the users of its package, and the lowest version that allows it."""
