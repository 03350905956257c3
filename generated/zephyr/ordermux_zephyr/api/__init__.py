# Compiled from openapi/zephyr.yaml by `nox -s generate -- zephyr`. Do not edit.

"""The operations, a module each, by subject."""
