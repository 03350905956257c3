"""Croissant Retailer API."""

TITLE = "Croissant"
