"""Builds, checks and publishes the packages: the commands `build` and `publish`."""
