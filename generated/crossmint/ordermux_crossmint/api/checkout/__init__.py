# Compiled from crossmint.yaml by `ordermux-codegen generate crossmint`. Do not edit.

"""Buy what is in the cart."""
