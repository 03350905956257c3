"""Orders by id, kept so that a page of a long list is found without looking at all of them."""

from __future__ import annotations

import bisect
from collections.abc import Sequence
from typing import Any

import attrs


@attrs.define
class _Shelf:
    ids: list[str] = attrs.field(factory=list[str])
    keys: list[str] = attrs.field(factory=list[str])


class OrderIndex(dict[str, dict[str, Any]]):
    """Orders by id. What they are sorted and grouped by stays as it is once they are in; `del` takes one out."""

    def __init__(self, *, key: str = "", group: str = "") -> None:
        """Sort by the text of a member, else as they come; keep a list for each value of another member."""
        super().__init__()
        self._key, self._group = key, group
        self._shelves: dict[Any, _Shelf] = {}
        self._places: dict[str, int] = {}

    def __setitem__(self, name: str, order: dict[str, Any]) -> None:
        """Put an order in, or another in its place."""
        complete = len(self._places) == len(self)
        super().__setitem__(name, order)
        if complete and name not in self._places:
            self._shelve(name)

    def __delitem__(self, name: str) -> None:
        """Take an order out."""
        super().__delitem__(name)
        self._places.clear()

    def ids(self, group: Any = None) -> Sequence[str]:
        """Return the ids, oldest first; those of one group, where they are grouped."""
        self._complete()
        return self._shelves[group].ids if group in self._shelves else ()

    def place(self, name: str) -> int:
        """Return where in `ids` an order stands, of a book that is not sorted."""
        self._complete()
        return self._places[name]

    def _complete(self) -> None:
        """Look at all orders, where some came by another way than `[]`."""
        if len(self._places) != len(self):
            self._shelves, self._places = {}, {}
            for name in self:
                self._shelve(name)

    def _shelve(self, name: str) -> None:
        order = self[name]
        shelf = self._shelves.setdefault(order[self._group] if self._group else None, _Shelf())
        key = str(order[self._key]) if self._key else ""
        place = len(shelf.ids) if not shelf.ids or shelf.keys[-1] <= key else bisect.bisect(shelf.keys, key)
        shelf.ids.insert(place, name)
        shelf.keys.insert(place, key)
        self._places[name] = place
