# Compiled from crossmint.yaml by `ordermux-codegen generate crossmint`. Do not edit.

"""The operations, a module each, by subject."""
