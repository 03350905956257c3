# Compiled from cryptum.yaml by `ordermux-codegen generate cryptum`. Do not edit.

"""Check a store."""
