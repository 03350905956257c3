# Compiled from croissant.yaml by `ordermux-codegen generate croissant`. Do not edit.

"""Register, read, fulfill and cancel orders, which Croissant calls carts."""
