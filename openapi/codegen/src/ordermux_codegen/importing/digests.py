"""Digests of what was taken from a published document, by JSON pointer."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from .nodes import is_list, is_mapping

SETS = {"required", "enum", "tags"}
"""Lists whose order says nothing."""


def digest(value: Any) -> str:
    """Return the digest of a part of a document: the order of its keys does not count."""
    text = json.dumps(_ordered(value, ""), sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return f"sha256:{hashlib.sha256(text.encode()).hexdigest()[:32]}"


def _ordered(value: Any, name: str) -> Any:
    if is_mapping(value):
        return {key: _ordered(inner, key) for key, inner in value.items()}
    if is_list(value):
        items = [_ordered(inner, "") for inner in value]
        return sorted(items, key=lambda item: json.dumps(item, sort_keys=True)) if name in SETS else items
    return value
