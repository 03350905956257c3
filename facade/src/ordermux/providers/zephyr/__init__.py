"""ZephyrCart."""

TITLE = "ZephyrCart"
