# Compiled from openapi/zephyr.yaml by `nox -s generate -- zephyr`. Do not edit.

"""Read, update, refund and cancel orders."""
