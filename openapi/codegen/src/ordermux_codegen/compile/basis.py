"""An `x-basis`: where a fact of a document comes from."""

from __future__ import annotations

from .nodes import Node

KINDS = ("doc", "observed", "public", "guess")
"""The kinds of basis, the surest first."""


def kind_of(basis: Node) -> str:
    """Return `doc`, `observed`, `public` or `guess`."""
    return next(kind for kind in KINDS if kind in basis)


def basis_in_words(basis: Node) -> str:
    """Return an `x-basis` as a reader wants it."""
    words = {"doc": "documented", "observed": "observed", "public": "public", "guess": "a guess"}
    kind = kind_of(basis)
    note = f"; {basis['note']}" if "note" in basis else ""
    return f"{words[kind]} ({basis[kind]}{note})"


def place_of(basis: Node) -> tuple[str, str]:
    """Return the page and the section that a basis names; nothing for a guess, no section but for the contract's."""
    page, _, section = ("" if "guess" in basis else str(basis[kind_of(basis)])).partition("#")
    return page, section
