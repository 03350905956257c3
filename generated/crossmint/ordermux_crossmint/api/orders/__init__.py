# Compiled from openapi/crossmint.yaml by `nox -s generate -- crossmint`. Do not edit.

"""Read the signed-in user's orders."""
