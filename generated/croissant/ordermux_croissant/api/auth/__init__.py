# Compiled from openapi/croissant.yaml by `nox -s generate -- croissant`. Do not edit.

"""Trade the client's credentials for an access token."""
