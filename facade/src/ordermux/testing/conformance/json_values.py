"""JSON as text that holds values, for checks that do not know where a provider puts them."""

# What JSON has inside is Any, and isinstance alone tells.
# pyright: reportUnknownVariableType=false, reportUnknownArgumentType=false
from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, TypeAlias, cast

Path: TypeAlias = tuple[str | int, ...]


def leaves(tree: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    """Yield each value that is neither an object nor an array, with its path."""
    if isinstance(tree, dict):
        for name, value in cast("dict[str, Any]", tree).items():
            yield from leaves(value, (*path, name))
    elif isinstance(tree, list):
        for index, value in enumerate(tree):
            yield from leaves(value, (*path, index))
    else:
        yield path, tree


def replaced(tree: Any, path: Path, value: Any) -> Any:
    """Return JSON with another value at a path."""
    if not path:
        return value
    name, *rest = path
    if isinstance(tree, dict):
        members = cast("dict[str | int, Any]", tree)
        return members | {name: replaced(members[name], tuple(rest), value)}
    return [replaced(each, tuple(rest), value) if index == name else each for index, each in enumerate(tree)]


def without(tree: Any, unwanted: Callable[[str], bool]) -> Any:
    """Return JSON without the members whose names are unwanted."""
    if isinstance(tree, dict):
        members = cast("dict[str, Any]", tree)
        return {name: without(value, unwanted) for name, value in members.items() if not unwanted(name)}
    return [without(each, unwanted) for each in tree] if isinstance(tree, list) else tree


def other_type(tree: Any, kept: Any) -> Any:
    """Return JSON in which each value has another type, but for the values that are kept."""
    if isinstance(tree, dict):
        return {name: other_type(value, kept) for name, value in cast("dict[str, Any]", tree).items()}
    if tree == kept:
        return tree
    return 7 if isinstance(tree, str | list | None) else "another type"


def rows_with(tree: Any, value: Any) -> Iterator[tuple[Path, list[Any], int]]:
    """Yield each array in which an element has a value: its path, the array and the element's index."""
    if isinstance(tree, dict):
        for name, inner in cast("dict[str, Any]", tree).items():
            yield from (((name, *path), rows, index) for path, rows, index in rows_with(inner, value))
    elif isinstance(tree, list):
        rows: list[Any] = tree
        for index, each in enumerate(rows):
            if any(found == value for _, found in leaves(each)):
                yield (), rows, index
