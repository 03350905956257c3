"""The READMEs of the packages: every example runs, and every operation has one."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import readme
from openapi_python_client.strings import snake_case

from ordermux.emulator import Emulator
from support.document_checker import documents
from support.repository import GENERATED, ROOT
from support.type_checks import mypy

SECTIONS = [
    "Install",
    "A first call",
    "Operations",
    "Asynchronous",
    "Errors",
    "Bring your own I/O",
    "Events",
    "What the facts depend on",
]
"""Of a package's README; the events where the provider has any."""


def text_of(provider: str) -> str:
    """Return a package's README."""
    return (GENERATED / provider / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("provider", sorted(documents()))
def test_every_example_of_a_package_runs(emulator: Emulator, provider: str) -> None:
    """As it is printed, against the emulator."""
    assert len(readme.examples(text_of(provider))) == readme.run_examples(provider, text_of(provider), emulator)


@pytest.mark.slow
def test_the_examples_keep_their_types(tmp_path: Path) -> None:
    """Each README's examples are one module without an error by `mypy --strict`: what may be missing is looked for."""
    modules = [tmp_path / f"readme_of_{provider}.py" for provider in documents()]
    for provider, module in zip(documents(), modules, strict=True):
        module.write_text("\n".join(readme.examples(text_of(provider))), encoding="utf-8")
    done = mypy(*modules, cwd=ROOT)
    assert (0, "") == (done.returncode, done.stderr), done.stdout


@pytest.mark.parametrize("provider", sorted(documents()))
def test_each_package_has_the_same_sections(provider: str) -> None:
    """Whoever has read one README finds their way in the next."""
    expected = [name for name in SECTIONS if name != "Events" or documents()[provider].events]
    assert expected == re.findall(r"^## (.+)$", text_of(provider), re.MULTILINE)


@pytest.mark.parametrize("provider", sorted(documents()))
def test_every_operation_has_an_example(provider: str) -> None:
    """One call of each, blocking or awaiting."""
    code = "\n".join(readme.examples(text_of(provider)))
    operations = [snake_case(operation.operation_id) for operation in documents()[provider].operations]
    assert [] == [name for name in operations if not re.search(rf"\b{name}\.(sync|asyncio)", code)]


@pytest.mark.parametrize("provider", sorted(documents()))
def test_every_event_is_told(provider: str) -> None:
    """By the name that the provider gives it."""
    names = [name for name, _ in documents()[provider].event_lines()]
    assert [] == [name for name in names if name not in text_of(provider)]


def test_every_folder_that_a_readme_names_is_there() -> None:
    """Neither the README nor a page names a folder that is gone; what a task makes is not in a fresh checkout."""
    missing: list[str] = []
    for name in ("README.md", "docs/contributing.md", "docs/provider-documents.md"):
        text = (ROOT / name).read_text(encoding="utf-8")
        named = set(re.findall(r"`([a-z][\w./-]*/)`", text)) - {"dist/"}
        missing += [each for each in named if not any((base / each).is_dir() for base in (ROOT, ROOT / "openapi"))]
    assert [] == missing
