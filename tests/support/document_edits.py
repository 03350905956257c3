"""Edits of a document as it was loaded, each a function that changes it in place."""

from __future__ import annotations

import functools
import json
from collections.abc import Callable
from typing import Any

from ordermux_codegen.changes.spelling import is_list, is_map

Edit = Callable[[dict[str, Any]], None]
BASIS = {"x-basis": {"guess": "made up for a test"}}
TEXT = {"type": "string", "description": "A text.", **BASIS}
"""A schema."""


def find(raw: dict[str, Any], place: str) -> tuple[Any, str]:
    """Return what holds a place, and its key there: `@operation > …`, `#Schema.field > …`, or keys from the top."""
    node: Any = raw
    first, *rest = place.split(" > ")
    keys = [first, *rest]
    if first.startswith("#"):
        schema, _, member = first[1:].partition(".")
        keys = ["components", "schemas", schema, *(["properties", member] if member else []), *rest]
    elif first.startswith("@"):
        items = [(item, method) for item in raw["paths"].values() for method in item]
        node, method = next((item, method) for item, method in items if item[method]["operationId"] == first[1:])
        keys = [method, *rest]
    for key in keys[:-1]:
        node = node[int(key)] if is_list(node) else node[key]
    return node, keys[-1]


def put(place: str, value: Any) -> Edit:
    """Set a member."""

    def edit(raw: dict[str, Any]) -> None:
        holder, key = find(raw, place)
        holder[key] = value

    return edit


def drop(*places: str) -> Edit:
    """Take members away."""

    def edit(raw: dict[str, Any]) -> None:
        for place in places:
            holder, key = find(raw, place)
            del holder[int(key) if isinstance(holder, list) else key]

    return edit


def add(place: str, *values: Any) -> Edit:
    """Add to a list, which may not be there yet."""

    def edit(raw: dict[str, Any]) -> None:
        holder, key = find(raw, place)
        holder.setdefault(key, []).extend(values)

    return edit


def take(place: str, value: Any) -> Edit:
    """Take a value out of a list."""

    def edit(raw: dict[str, Any]) -> None:
        holder, key = find(raw, place)
        holder[key].remove(value)

    return edit


def turned(place: str) -> Edit:
    """Bring a list into the other order."""

    def edit(raw: dict[str, Any]) -> None:
        holder, key = find(raw, place)
        holder[key].reverse()

    return edit


def rename(place: str, name: str) -> Edit:
    """Give a member another name, in the same place of the order."""

    def edit(raw: dict[str, Any]) -> None:
        holder, key = find(raw, place)
        members = [(name if each == key else each, value) for each, value in holder.items()]
        holder.clear()
        holder.update(members)

    return edit


def everywhere(old: str, new: str) -> Edit:
    """Replace a piece of the whole document's JSON."""

    def edit(raw: dict[str, Any]) -> None:
        text = json.dumps(raw)
        assert old in text
        raw.update(json.loads(text.replace(old, new)))

    return edit


def parameter(name: str, **more: Any) -> dict[str, Any]:
    """Return a parameter of the query that takes a text."""
    return {"name": name, "in": "query", "schema": {"type": "string"}, "description": "A text.", **BASIS, **more}


def in_examples(edit: Edit) -> Edit:
    """Do an edit in each object of each example, so that the examples still hold."""

    def apply(node: Any, *, inside: bool) -> None:
        if is_list(node):
            for each in node:
                apply(each, inside=inside)
        elif is_map(node):
            if inside:
                edit(node)
            for key, each in node.items():
                apply(each, inside=inside or key in {"example", "examples"})

    return functools.partial(apply, inside=False)


def both(*edits: Edit) -> Edit:
    """Do one edit after the other."""

    def edit(raw: dict[str, Any]) -> None:
        for each in edits:
            each(raw)

    return edit


def gain(place: str, word: str) -> Edit:
    """Add a word, with its meaning, to a vocabulary."""
    return both(add(f"{place} > enum", word), put(f"{place} > x-enum-descriptions > {word}", "A new word."))
