"""The READMEs: every example runs, every operation has one, and the root's are those that are printed."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import readme
from openapi_python_client.strings import snake_case

from ordermux.emulator import Emulator
from ordermux_codegen.compile.facts import overview_table
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


@pytest.mark.slow
@pytest.mark.parametrize("path", ["README.md", "facade/README.md"])
def test_the_facades_examples_run(capsys: pytest.CaptureFixture[str], path: str) -> None:
    """They start an emulator themselves; what they print is what the text says."""
    text = (ROOT / path).read_text(encoding="utf-8")
    names: dict[str, object] = {"__name__": "readme"}
    for block in readme.examples(text):
        exec(compile(block, path, "exec"), names)
    printed = capsys.readouterr().out
    told = "payment is partially_refunded: status says 'partially_refunded' (documented)"
    assert (True, True) == (told in printed, told in text)


@pytest.mark.slow
@pytest.mark.parametrize(
    "path", ["docs/emulator.md", "docs/export.md", "docs/lists.md", "docs/network.md", "docs/status.md"]
)
def test_the_examples_of_a_page_print_what_it_says(capsys: pytest.CaptureFixture[str], path: str) -> None:
    """What each prints stands right below it."""
    text = (ROOT / path).read_text(encoding="utf-8")
    names: dict[str, object] = {"__name__": "page"}
    for block in readme.examples(text):
        exec(compile(block, path, "exec"), names)
        printed, shown = capsys.readouterr().out.rstrip(), f"```python\n{block}```\n\nprints `"
        assert f"{shown}{printed}`" in text if printed else shown not in text, block


@pytest.mark.parametrize(
    "path", ["README.md", "facade/README.md", *(f"docs/{page.name}" for page in sorted((ROOT / "docs").glob("*.md")))]
)
def test_what_a_page_links_to_exists(path: str) -> None:
    """Each file that it names, and each heading of it."""
    folder, missing = (ROOT / path).parent, list[str]()
    for link in re.findall(r"\]\((?!https?://)([^)\s]+)\)", (ROOT / path).read_text(encoding="utf-8")):
        file, _, anchor = link.partition("#")
        target = folder / file if file else ROOT / path
        found = re.findall(r"^#+ (.+)$", target.read_text(encoding="utf-8"), re.MULTILINE) if target.is_file() else []
        headings = {re.sub(r"[^\w -]", "", heading).lower().replace(" ", "-") for heading in found}
        missing += [link] if not target.exists() or (anchor and anchor not in headings) else []
    assert [] == missing


def test_the_table_of_the_root_is_counted() -> None:
    """The basis table in the README is the one that the documents give."""
    counted = overview_table(list(documents().values()))
    cure = "run `nox -s basis` and paste the table into README.md"
    assert counted in (ROOT / "README.md").read_text(encoding="utf-8"), cure


def test_every_folder_that_a_readme_names_is_there() -> None:
    """No README names a folder or a file that is gone; what a task makes is not there in a fresh checkout."""
    missing: list[str] = []
    for path in [ROOT / "README.md", ROOT / "openapi" / "README.md", ROOT / "CONTRIBUTING.md"]:
        text = path.read_text(encoding="utf-8")
        named = set(re.findall(r"`([a-z][\w./-]*/)`", text)) - {"dist/"}
        missing += [name for name in named if not any((base / name).is_dir() for base in (ROOT, Path(path).parent))]
    assert [] == missing
