"""A shop API on top of Crossmint."""

TITLE = "Crossmint"
