"""Reading a document's file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, TypeGuard, cast

from ruamel.yaml.constructor import SafeConstructor
from ruamel.yaml.error import YAMLError

from .yaml_positions import reader


class _Constructor(SafeConstructor):
    """Makes a date what it is in JSON: a text."""


_yaml: Any = SafeConstructor
_Constructor.add_constructor("tag:yaml.org,2002:timestamp", _yaml.construct_yaml_str)  # pyright: ignore[reportUnknownMemberType]


def load(path: Path) -> Any:
    """Read a YAML file; a key that stands twice is an error.

    Raises YAMLError where it is no YAML, or a value contains itself.
    """
    yaml = reader()
    yaml.Constructor = _Constructor
    try:
        return _with_text_keys(yaml.load(path))
    except RecursionError as error:
        raise YAMLError(f"{path}: a value contains itself, or is nested too deep") from error


def _with_text_keys(node: Any, known: dict[int, Any] | None = None) -> Any:
    """Return a copy whose keys are texts, as in JSON: a status is often written as a number.

    What the file has once and refers to elsewhere is one node in the copy too.
    """
    known, key = {} if known is None else known, id(node)
    if key in known:
        return known[key]
    if isinstance(node, dict):
        members = cast("dict[Any, Any]", node).items()  # type: ignore[redundant-cast]
        fresh: Any = {
            name if isinstance(name, str) else json.dumps(name): _with_text_keys(value, known)
            for name, value in members
        }
    elif _is_list(node):
        fresh = [_with_text_keys(item, known) for item in node]
    else:
        return node
    known[key] = fresh
    return fresh


def _is_list(node: Any) -> TypeGuard[list[Any]]:
    return isinstance(node, list)
