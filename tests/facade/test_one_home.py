"""A provider is one folder: no other module of the facade names one in its code."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import ordermux
from ordermux.providers.registry import providers

FACADE = Path(ordermux.__file__).parent
PUBLIC = {"__init__.py", "resources/known.py"}
"""The accounts that `ordermux` exports, and the types of the clients for checkers."""


def names_in(source: str, known: set[str]) -> Iterator[str]:
    """Yield where code names a provider: in an identifier, an import, or a string that is nothing but the name.

    Examples in docstrings, help texts and messages are no code.
    """
    exact = re.compile(rf"(ordermux_)?({'|'.join(known)})(\.[\w.*]+)?")
    part = re.compile("|".join(known), re.IGNORECASE)
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Constant(value=str(text)) if exact.fullmatch(text):
                yield f"{node.lineno}: {text!r}"
            case ast.Name(id=name) | ast.Attribute(attr=name) | ast.FunctionDef(name=name) | ast.ClassDef(name=name):
                if part.search(name):
                    yield f"{node.lineno}: {name}"
            case ast.ImportFrom(module=module, names=names):
                if part.search(" ".join([module or "", *(each.name for each in names)])):
                    yield f"{node.lineno}: import from {module}"
            case _:
                pass


def test_nothing_outside_of_its_folder_names_a_provider() -> None:
    """Neither by a branch nor by a table: what differs is in the provider's own parts."""
    known = set(providers())
    homes = [FACADE / "providers" / name for name in known]
    named = {
        str(path.relative_to(FACADE)): found
        for path in sorted(FACADE.rglob("*.py"))
        if not any(home in path.parents for home in homes) and (found := list(names_in(path.read_text("utf-8"), known)))
    }
    assert sorted(PUBLIC) == sorted(named), named


@pytest.mark.parametrize(
    "planted",
    [
        'if provider == "zephyr":\n    pass',
        'TABLE = {"croissant": 1}',
        "from .providers.cryptum import emulator",
        "ZEPHYR_SECONDS = 3",
        'import_module("ordermux_crossmint.models")',
    ],
)
def test_a_name_that_is_planted_is_found(planted: str) -> None:
    """In each form that code may have."""
    assert list(names_in(planted, set(providers())))


def test_an_example_is_not_taken_for_code() -> None:
    """In a docstring, a message or a help text."""
    example = '"""As `zephyr:order_01HXY8`."""\nraise ValueError("such as zephyr:order_01HXY8")'
    assert [] == list(names_in(example, set(providers())))


def test_no_page_names_a_provider() -> None:
    """Nor do the styles and the data beside the code."""
    known = set(providers())
    texts = [path for path in sorted(FACADE.rglob("*")) if path.suffix in {".html", ".css", ".js"}]
    assert texts
    for path in texts:
        assert not re.search("|".join(known), path.read_text("utf-8"), re.IGNORECASE), path
