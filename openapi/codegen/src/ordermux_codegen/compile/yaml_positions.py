"""A YAML file's values with their positions: to name the line, or to change a few and leave the rest as it is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import attrs
from ruamel.yaml import YAML

At = tuple[str | int, ...]
"""A place in a document: the keys and indices that lead to it."""


@attrs.frozen
class Entry:
    """A value of a YAML file, with its key where it has one."""

    _key: Any
    _value: Any

    @classmethod
    def of(cls, text: str) -> Entry:
        """Return the whole of a file."""
        root: Any = reader().compose(text)
        return cls(root, root)

    @property
    def members(self) -> dict[str, Entry]:
        """A mapping's values by key; nothing for any other value."""
        pairs: Any = self._value.value if self._value.id == "mapping" else ()
        return {str(key.value): Entry(key, value) for key, value in pairs}

    @property
    def items(self) -> list[Entry]:
        """A list's values, each in place of a key too; nothing for any other value."""
        values: Any = self._value.value if self._value.id == "sequence" else ()
        return [Entry(value, value) for value in values]

    @property
    def text(self) -> str:
        """A scalar without its quotes, empty if there is none."""
        return str(self._value.value)

    @property
    def start(self) -> int:
        """Where the value starts, in characters from the file's start; behind the colon if there is none."""
        start, end = int(self._value.start_mark.index), int(self._value.end_mark.index)
        return start if start < end else int(self._key.end_mark.index) + 1

    @property
    def end(self) -> int:
        """Where the value ends."""
        start, end = int(self._value.start_mark.index), int(self._value.end_mark.index)
        return end if start < end else self.start

    @property
    def column(self) -> int:
        """In which column its key stands, from 0."""
        return int(self._key.start_mark.column)

    @property
    def line(self) -> int:
        """In which line its key stands, from 1."""
        return int(self._key.start_mark.line) + 1

    @property
    def in_braces(self) -> bool:
        """Whether a mapping is written in braces."""
        return bool(self._value.flow_style)

    def line_at(self, at: Sequence[str | int]) -> int:
        """Return the line, from 1, of a place below, or of the nearest place above it that the file has."""
        entry, line = self, 1
        for key in at:
            items = entry.items
            found = items[key] if isinstance(key, int) and key < len(items) else entry.members.get(str(key))
            if found is None:
                break
            entry, line = found, found.line
        return line

    def at(self, *keys: str) -> Entry:
        """Return what stands below these keys.

        Raises LookupError if there is no such thing.
        """
        entry = self
        for key in keys:
            entry = entry.members[key]
        return entry


def reader() -> Any:
    """Return what reads YAML."""
    return YAML(typ="safe", pure=True)
