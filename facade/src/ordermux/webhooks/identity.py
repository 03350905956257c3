"""The digest that identifies an event over its redeliveries."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Collection
from typing import Any, cast

_NUMBER = "\0"
"""Precedes a number with a point or an exponent, which is kept as text."""


def digest_of(body: bytes, content: Callable[[bytes], bytes], volatile: Collection[str]) -> str:
    """Return the SHA-256, in hex, of what `content` returns of a body, without volatile fields."""
    if volatile:
        body = _without(body, volatile)
    return hashlib.sha256(content(body)).hexdigest()


def _without(body: bytes, volatile: Collection[str]) -> bytes:
    """Return a JSON object without some fields, in a canonical form; a body that is not one is returned as it is.

    Numbers stay as they are written: two amounts that are the same float are two events.
    """
    try:
        tree: Any = json.loads(body, parse_float=_NUMBER.__add__)
        for path in volatile:
            _drop(tree, path)
        return json.dumps(tree, sort_keys=True).encode()
    except (ValueError, RecursionError):
        return body


def _drop(tree: Any, path: str) -> None:
    *parents, name = path.split(".")
    for each in parents:
        tree = cast("dict[str, Any]", tree).get(each) if isinstance(tree, dict) else None
    if isinstance(tree, dict):
        cast("dict[str, Any]", tree).pop(name, None)
