# Compiled from openapi/crossmint.yaml by `nox -s generate -- crossmint`. Do not edit.

"""The operations, a module each, by subject."""
