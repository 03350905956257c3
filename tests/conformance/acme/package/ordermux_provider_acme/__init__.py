"""Acme."""

TITLE = "Acme"
