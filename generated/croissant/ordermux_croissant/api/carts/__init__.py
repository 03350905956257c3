# Compiled from openapi/croissant.yaml by `nox -s generate -- croissant`. Do not edit.

"""Register, read, fulfill and cancel orders, which Croissant calls carts."""
