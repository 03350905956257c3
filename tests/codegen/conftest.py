"""What the tests of the tools share."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

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


def _remembering(kept: dict[Any, Any]) -> Any:
    """Return a reader that gives what it made of the same file before; whoever loads a document copies it."""
    yaml = yaml_positions.reader()
    parsed = yaml.load

    def load(file: Path | IO[bytes]) -> Any:
        if not isinstance(file, Path):  # the parser has opened it itself
            return parsed(file)
        key = yaml.Constructor, file.read_bytes()
        values = kept.pop(key, None)
        kept[key] = parsed(file) if values is None else values
        if len(kept) > KEPT:
            del kept[next(iter(kept))]
        return kept[key]

    yaml.load = load
    return yaml


@pytest.fixture(autouse=True, scope="session")
def _files_parsed_once() -> Iterator[None]:
    """Parse the same content once: the tests load the providers' long documents again and again, most unchanged."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(loading, "reader", functools.partial(_remembering, {}))
        patch.setattr(yaml_positions.Entry, "of", functools.lru_cache(KEPT)(yaml_positions.Entry.of))
        yield
