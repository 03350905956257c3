# Compiled from crossmint.yaml by `ordermux-codegen generate crossmint`. Do not edit.

"""Read the signed-in user's orders."""
