# Compiled from croissant.yaml by `ordermux-codegen generate croissant`. Do not edit.

"""Give products to Croissant to be priced. A product feed that Croissant reads is the alternative."""
