# Compiled from openapi/cryptum.yaml by `nox -s generate -- cryptum`. Do not edit.

"""The operations, a module each, by subject."""
