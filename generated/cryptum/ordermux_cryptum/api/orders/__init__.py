# Compiled from cryptum.yaml by `ordermux-codegen generate cryptum`. Do not edit.

"""Create, update, read and list orders."""
