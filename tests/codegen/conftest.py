"""What the tests of the tools share."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ordermux_codegen.compile import loading, verification, yaml_positions
from support import warm_python

KEPT = 32
"""How many files stay parsed."""


@pytest.fixture(autouse=True, scope="session")
def _quick_trials() -> Iterator[None]:
    """Let what was compiled be tried by a Python that starts fast: most tests compile something."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(verification, "subprocess", warm_python)
        yield


class _Parser:
    """A parser that remembers what it made of the latest files; whoever loads a document copies it."""

    def __init__(self) -> None:
        self._kept: dict[bytes, Any] = {}

    def load(self, path: Path) -> Any:
        """Return a file's values; an error names the file, and comes each time."""
        content = path.read_bytes()
        values = self._kept.pop(content, None)
        self._kept[content] = yaml_positions.reader().load(path) if values is None else values
        if len(self._kept) > KEPT:
            del self._kept[next(iter(self._kept))]
        return self._kept[content]


@pytest.fixture(autouse=True, scope="session")
def _files_parsed_once() -> Iterator[None]:
    """Parse the same content once: the tests load the providers' long documents again and again, most unchanged."""
    parser = _Parser()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(loading, "reader", lambda: parser)
        patch.setattr(yaml_positions.Entry, "of", functools.lru_cache(KEPT)(yaml_positions.Entry.of))
        yield
