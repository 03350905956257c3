# Compiled from crossmint.yaml by `ordermux-codegen generate crossmint`. Do not edit.

"""Who is signed in."""
