"""The reference pages: what is printed on them is what the code says, and no public name is missing.

`RECORD=1` in the environment writes the printed parts anew; look at the difference.
"""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Callable
from importlib import import_module
from types import ModuleType
from typing import Any

import pytest

import ordermux
from ordermux import errors
from ordermux.cli._status_map import entries
from ordermux_codegen.compile.facts import overview_table
from support.command_reference import command_reference, commands, global_options
from support.document_checker import documents
from support.provider_reference import PROVIDERS, parts
from support.recorded import held, marks, with_parts
from support.repository import ROOT

DOCS = ROOT / "docs"
REFERENCE = DOCS / "reference"
EXAMPLE = ROOT / "tests" / "conformance" / "acme" / "package"
TEST = "tests/docs/test_reference.py"
PUBLIC = (
    "ordermux",
    "ordermux.emulator",
    "ordermux.export",
    "ordermux.testing",
    "ordermux.transport.wire",
    "ordermux.webhooks",
    "ordermux.webhooks.stores",
)
"""The modules that people import from."""


def tree() -> str:
    """Return the tree of errors, as the module draws it."""
    drawn = (errors.__doc__ or "").split("\n\n")[1]
    return f"```text\n{inspect.cleandoc(drawn)}\n```"


PRINTED: dict[str, dict[str, Callable[[], str]]] = {
    "reference/command-line.md": {"global options": global_options, "commands": command_reference},
    "reference/errors.md": {"tree": tree},
    "provenance.md": {"basis": lambda: overview_table(list(documents().values()))},
    **{f"reference/providers/{provider}.md": parts(provider) for provider in PROVIDERS},
}


@pytest.mark.parametrize("page", PRINTED)
def test_a_page_has_what_the_code_says(page: str) -> None:
    """Between its marks, all of which are there."""
    assert sorted(PRINTED[page]) == sorted(marks(DOCS / page))
    held(DOCS / page, with_parts(DOCS / page, PRINTED[page]), TEST)


def names_of(module: ModuleType) -> set[str]:
    """Return the public names of a module: what it exports, or the classes and functions that it defines."""
    if "__all__" in vars(module):
        return set(module.__all__)
    return {
        name
        for name, value in vars(module).items()
        if not name.startswith("_") and getattr(value, "__module__", None) == module.__name__ and callable(value)
    }


def documented() -> set[str]:
    """Return the names that the reference pages document."""
    text = "\n".join(page.read_text(encoding="utf-8") for page in sorted(REFERENCE.rglob("*.md")))
    return set(re.findall(r"^::: ([\w.]+)$", text, re.MULTILINE))


@pytest.mark.parametrize("module", PUBLIC)
def test_no_public_name_is_missing(module: str) -> None:
    """Each is on a page, under the name that it is imported by; what `ordermux` has too, as that."""
    home = import_module(module)
    names = names_of(home)
    paths = {f"{module}.{name}" for name in names if getattr(ordermux, name, None) is not getattr(home, name)}
    paths |= {f"ordermux.{name}" for name in names if getattr(ordermux, name, None) is getattr(home, name)}
    assert paths
    assert [] == sorted(paths - documented())


def found(path: str) -> Any:
    """Return what is documented; None if it is not there."""
    module, _, name = path.rpartition(".")
    return getattr(import_module(module), name, None)


def test_each_documented_name_is_there() -> None:
    """It can be imported from the module that it is documented in."""
    assert [] == sorted(path for path in documented() if found(path) is None)


def test_what_a_provider_s_package_imports_is_documented() -> None:
    """By the example of a package, here or under another name."""
    known = {id(found(path)) for path in documented()}
    used: set[str] = set()
    for path in sorted(EXAMPLE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and (node.module or "").partition(".")[0] == "ordermux":
                used |= {f"{node.module}.{name.name}" for name in node.names}
    assert used
    assert [] == sorted(path for path in used if id(found(path)) not in known)


def test_each_public_name_has_a_docstring() -> None:
    """The reference prints it."""
    public = {name: getattr(ordermux, name) for name in names_of(ordermux)}
    assert [] == sorted(name for name, value in public.items() if callable(value) and not inspect.getdoc(value))


def test_each_error_says_what_to_do() -> None:
    """In the table of the page of errors, once."""
    text = (REFERENCE / "errors.md").read_text(encoding="utf-8")
    kinds = {name for name, kind in vars(errors).items() if isinstance(kind, type) and not name.startswith("_")}
    own = {name for name in kinds if getattr(errors, name).__module__ == errors.__name__}
    assert sorted(own - {"OrdermuxError"}) == sorted(re.findall(r"^\| `(\w+)` \|", text, re.MULTILINE))


@pytest.mark.parametrize("provider", PROVIDERS)
def test_the_page_of_the_status_names_each_provider_s_holds(provider: str) -> None:
    """In its table of holds, which says `none` where no word reports one."""
    found = re.search(rf"^\| {provider} \| (.*?) \|", (DOCS / "status.md").read_text("utf-8"), re.MULTILINE)
    assert found
    told = found.group(1)
    shown = {hold["value"] for entry in entries(provider) for hold in entry.holds("holds")}
    named = set(re.findall(r"`([a-z_]+)`", told)) & set(ordermux.Hold)
    assert shown == named, f"the row of {provider} below Holds in docs/status.md"
    assert told.startswith("none") is not bool(shown)


def test_each_command_has_a_section() -> None:
    """Under what is typed."""
    text = (REFERENCE / "command-line.md").read_text(encoding="utf-8")
    assert [typed for typed, _ in commands()] == re.findall(r"^## (ordermux .+)$", text, re.MULTILINE)
