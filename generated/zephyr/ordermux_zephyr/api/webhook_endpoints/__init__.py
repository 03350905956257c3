# Compiled from zephyr.yaml by `ordermux-codegen generate zephyr`. Do not edit.

"""Where ZephyrCart delivers its events."""
