# Compiled from cryptum.yaml by `ordermux-codegen generate cryptum`. Do not edit.

"""The operations, a module each, by subject."""
