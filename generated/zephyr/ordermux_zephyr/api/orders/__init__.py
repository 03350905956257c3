# Compiled from zephyr.yaml by `ordermux-codegen generate zephyr`. Do not edit.

"""Read, update, refund and cancel orders."""
