# Compiled from openapi/cryptum.yaml by `nox -s generate -- cryptum`. Do not edit.

"""Create, update, read and list orders."""
