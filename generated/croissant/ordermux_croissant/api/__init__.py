# Compiled from openapi/croissant.yaml by `nox -s generate -- croissant`. Do not edit.

"""The operations, a module each, by subject."""
