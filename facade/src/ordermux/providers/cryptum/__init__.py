"""Cryptum."""

TITLE = "Cryptum"
