# Compiled from croissant.yaml by `ordermux-codegen generate croissant`. Do not edit.

"""Trade the client's credentials for an access token."""
