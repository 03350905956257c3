"""Builds, checks and publishes the packages; `python -m release`, which the nox sessions `build` and `publish` run."""
