# Compiled from openapi/crossmint.yaml by `nox -s generate -- crossmint`. Do not edit.

"""Buy what is in the cart."""
