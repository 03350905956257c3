# Compiled from zephyr.yaml by `ordermux-codegen generate zephyr`. Do not edit.

"""The operations, a module each, by subject."""
