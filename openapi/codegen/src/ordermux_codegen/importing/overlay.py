"""Corrections that stand apart: an OpenAPI Overlay (1.0 or 1.1), each action of which has a reason and a target.

An action is wrong where its target is gone: what it corrected may be right now, or stand elsewhere.
"""

from __future__ import annotations

import copy
from typing import Any

from jsonpath import JSONPathEnvironment, JSONPathError

from .flattening import listed
from .nodes import Node, PublishedError, is_list, is_mapping

ACTION = {"target", "description", "update", "remove", "copy"}
BASES = ("doc", "observed", "public", "guess")
"""The words of an `x-basis`, of which it says one."""
_PATHS = JSONPathEnvironment(strict=True)


def applied(document: Node, overlay: Any, name: str) -> Node:
    """Return a document with the actions of an overlay applied, one after the other.

    Raises PublishedError where the overlay is none, an action has no reason, or its target is not there. All that is
    wrong is told at once; `name` is the overlay's file.
    """
    result: Node = _copied(document)
    problems: list[str] = []
    for index, action in enumerate(_actions(overlay, name)):
        try:
            _apply(result, action)
        except (PublishedError, JSONPathError) as error:
            problems.append(f"{name}: action {index + 1}: {error}")
    if problems:
        raise PublishedError("\n".join(problems))
    return result


def settle(before: Any, after: Any) -> None:
    """Take out of a corrected document what the import said and the correction says otherwise.

    An `x-basis` keeps the word that the correction gave, and a text that is `x-public` now is masked no more: an update
    adds members, and takes none away.
    """
    if is_list(after):
        for old, new in zip(listed(before), after, strict=False):
            settle(old, new)
    if not is_mapping(after):
        return
    was = before if is_mapping(before) else {}
    if is_mapping(basis := after.get("x-basis")) and is_mapping(old_basis := was.get("x-basis")):
        given = {word for word in BASES if word in basis and basis[word] != old_basis.get(word)}
        for word in set(BASES) - given if given else ():
            basis.pop(word, None)
    if "x-public" in after and "x-public" not in was:
        for node in (after, after.get("items")):
            if is_mapping(node) and node.get("format") == "password":
                del node["format"]
    for name, value in after.items():
        settle(was.get(name), value)


def _copied(value: Any) -> Any:
    """Return a copy of a document in which nothing stands in two places, so that each can be changed alone."""
    if isinstance(value, Node):
        return Node({name: _copied(inner) for name, inner in value.items()}, value.at)
    if is_mapping(value):
        return {name: _copied(inner) for name, inner in value.items()}
    return [_copied(inner) for inner in value] if is_list(value) else value


def _actions(overlay: Any, name: str) -> list[Any]:
    entries = overlay if is_mapping(overlay) else {}
    if not str(entries.get("overlay", "")).startswith(("1.0.", "1.1.")):
        raise PublishedError(f"{name}: is no OpenAPI Overlay of version 1.0 or 1.1")
    actions = entries.get("actions")
    if not is_list(actions) or not actions:
        raise PublishedError(f"{name}: has no actions")
    return actions


def _apply(document: Node, action: Any) -> None:
    if not is_mapping(action) or not isinstance(action.get("target"), str):
        raise PublishedError("has no target")
    if odd := sorted(key for key in action if key not in ACTION and not key.startswith("x-")):
        raise PublishedError(f"does not know {', '.join(odd)}")
    if not (action.get("x-reason") or action.get("description")):
        raise PublishedError(f"{action['target']} has no reason: say `x-reason` or `description`")
    places = [match.parts for match in _PATHS.finditer(action["target"], document)]
    if not places:
        raise PublishedError(f"{action['target']} leads to nothing: the document has changed, or the path is wrong")
    if action.get("remove") is True:
        for place in sorted(places, key=_order, reverse=True):
            _remove(document, place)
        return
    update = _update(document, action)
    for place in places:
        _change(document, place, update)


def _update(document: Node, action: dict[str, Any]) -> Any:
    """Return what an action merges into its targets."""
    if "copy" not in action:
        if "update" not in action:
            raise PublishedError("says neither `update` nor `remove` nor `copy`")
        return action["update"]
    sources = [match.obj for match in _PATHS.finditer(str(action["copy"]), document)]
    if len(sources) != 1:
        raise PublishedError(f"{action['copy']} leads to {len(sources)} places to copy from")
    return sources[0]


def _order(place: tuple[int | str, ...]) -> tuple[tuple[int, int, str], ...]:
    return tuple((0, part, "") if isinstance(part, int) else (1, 0, part) for part in place)


def _remove(document: Node, place: tuple[int | str, ...]) -> None:
    if not place:
        raise PublishedError("the document as a whole cannot be removed")
    holder = _at(document, place[:-1])
    del holder[place[-1]]


def _change(document: Node, place: tuple[int | str, ...], update: Any) -> None:
    if not place:
        merge(document, copy.deepcopy(update))
        return
    holder = _at(document, place[:-1])
    holder[place[-1]] = merge(holder[place[-1]], copy.deepcopy(update))


def _at(document: Node, place: tuple[int | str, ...]) -> Any:
    value: Any = document
    for part in place:
        value = value[part]
    return value


def merge(old: Any, new: Any) -> Any:
    """Return a value with an update merged into it: objects by member, lists behind each other, others replaced."""
    if is_mapping(old) and is_mapping(new):
        for name, value in new.items():
            old[name] = merge(old[name], value) if name in old else value
        return old
    return [*old, *listed(new)] if is_list(old) else new
