# Compiled from croissant.yaml by `ordermux-codegen generate croissant`. Do not edit.

"""The operations, a module each, by subject."""
