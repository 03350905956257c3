# Compiled from openapi/zephyr.yaml by `nox -s generate -- zephyr`. Do not edit.

"""Where ZephyrCart delivers its events."""
