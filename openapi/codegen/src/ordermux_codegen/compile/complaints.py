"""The line of a document's file that a complaint is about, from what its text names."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, cast

from ..workspace import shown
from .document import Document
from .nodes import is_node
from .yaml_positions import At


def located(document: Document, problem: str) -> str:
    """Return a complaint with the file in front, and the line if the complaint names a place."""
    at = _at(document, problem) if document.positions else ()
    return f"{document.place(at) if at else shown(document.path)}: {problem}"


def placed(document: Document, problem: str) -> str:
    """Return a complaint with the file and the line in front: the first one if it names no place."""
    return f"{document.place(_at(document, problem) if document.positions else ())}: {problem}"


def _at(document: Document, problem: str) -> At:
    """Return the place that a complaint names; nothing if it names none."""
    named = problem.partition(": ")[2]
    if page := re.match(r"page (\S+?):", named):
        return "x-sources", page.group(1)
    place = named.partition(": ")[0]
    name, _, member = re.split(r"[ :]", place)[0].partition(".")
    for operation in [*document.operations, *document.events]:
        if name == operation.node.get("operationId") or _names(problem, operation.method, operation.path):
            return operation.at
    if name in document.schemas:
        return "components", "schemas", name, *(("properties", member) if member else ())
    if walked := max(_walked(document.raw, place), key=len, default=()):
        return walked
    words = re.findall(r"\w+", problem)
    return next((("components", "schemas", word) for word in words if word in document.schemas), ())


def _names(problem: str, method: str, path: str) -> bool:
    return re.search(rf"\b{method} {re.escape(path)}(?=[:,\s]|$)", problem) is not None


def _walked(node: Any, place: str, at: At = ()) -> Iterator[At]:
    """Yield what a place of dotted keys and indices leads through; a key may have dots itself."""
    yield at
    if is_node(node):
        for key, value in node.items():
            if place == key or place.startswith((f"{key}.", f"{key}[")):
                yield from _walked(value, place[len(key) :].removeprefix("."), (*at, key))
    elif isinstance(node, list) and (found := re.match(r"\[(\d+)\]\.?", place)):
        items, index = cast("list[Any]", node), int(found.group(1))  # type: ignore[redundant-cast]
        if index < len(items):
            yield from _walked(items[index], place[found.end() :], (*at, index))
