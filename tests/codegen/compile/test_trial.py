"""`generate` tries what it compiled: what does not work is told with its place in the document."""

from __future__ import annotations

import copy
import shutil
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from ordermux_codegen.compile.document import Document
from ordermux_codegen.compile.package import CompileError, compile_package
from ordermux_codegen.compile.samples import samples
from ordermux_codegen.compile.verification import failures, type_errors
from ordermux_codegen.lint.rules import lint
from ordermux_codegen.workspace import shown

SMALL = Path(__file__).parents[1] / "small" / "small.yaml"


def edited(folder: Path, *changes: tuple[str, str]) -> Document:
    """Copy the small document, with its texts, and change it."""
    source = SMALL.read_text()
    for old, new in changes:
        assert old in source
        source = source.replace(old, new, 1)
    shutil.copytree(SMALL.parent / "small", folder / "small")
    (folder / "small.yaml").write_text(source)
    return Document.load(folder / "small.yaml")


def line(document: Document, text: str) -> int:
    """Return the line of a document that a text is in."""
    return 1 + document.path.read_text().partition(text)[0].count("\n")


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the small document's package."""
    folder = tmp_path_factory.mktemp("trial") / "package"
    compile_package(Document.load(SMALL), folder)
    return folder


@pytest.mark.slow
def test_an_example_that_does_not_decode_is_told_by_its_line(package: Path, tmp_path: Path) -> None:
    """A required field is missing, or an optional one is another thing."""
    broken = ("{id: order_1, status: paid}", "{status: paid}")
    document = edited(tmp_path, broken)
    told = "the example does not decode: DecodeError: $: object missing required field id"
    assert [f"{document.path}:{line(document, '{status: paid}')}: {told}"] == failures(document, package)


@pytest.mark.slow
def test_a_deviation_of_an_example_is_told_too(package: Path, tmp_path: Path) -> None:
    """Examples are what the document says, in every place."""
    document = edited(tmp_path, ("{id: order_1, status: paid}", "{id: order_1, note: 7}"))
    told = "the example does not decode: $.note: expected str, got int"
    assert [f"{document.path}:{line(document, 'note: 7}')}: {told}"] == failures(document, package)


@pytest.mark.slow
def test_a_model_that_is_not_the_documents_is_told(package: Path, tmp_path: Path) -> None:
    """A field that is required in one of them, or that one of them does not have."""
    note = 'note: {type: string, description: A note., x-basis: {guess: "orders have notes"}}'
    document = edited(
        tmp_path, (note, "other: {type: string, description: Another.}"), ("required: [id]", "required: []")
    )
    place, told = line(document, "other: {type"), "the model has '{}' as required, the document as"
    file = document.path
    expected = [
        f"{file}:{line(document, 'id: {type: string, description: The id.}')}: {told.format('id')} optional",
        f"{file}:{line(document, 'properties:')}: {told.format('note').replace('required', 'optional')} nothing",
        f"{file}:{place}: {told.format('other').replace('required', 'nothing')} optional",
    ]
    assert expected == failures(document, package)


def test_a_package_that_cannot_be_imported_is_told(package: Path, tmp_path: Path) -> None:
    """It is not left to its first user."""
    shutil.copytree(package, tmp_path / "package")
    models = tmp_path / "package" / "ordermux_small" / "models.py"
    models.write_text(models.read_text() + "\nraise RuntimeError\n")
    told = failures(Document.load(SMALL), tmp_path / "package")
    assert [f"{shown(SMALL)}:1: the package cannot be imported: RuntimeError()"] == told


@pytest.mark.slow
def test_a_wrong_example_stops_generate(tmp_path: Path) -> None:
    """The message has the file and the line."""
    document = edited(tmp_path, ("{id: order_1, status: paid}", "{id: 7}"))
    place = f"{document.path}:{line(document, '{id: 7}')}"
    with pytest.raises(
        CompileError, match=rf"^{place}: the example does not decode: DecodeError: \$\.id: expected str"
    ):
        compile_package(document, tmp_path / "package")


def test_all_examples_are_tried() -> None:
    """Those of schemas, and those of bodies and answers, the named ones among them."""
    yaml: Any = YAML(typ="safe", pure=True)
    raw = copy.deepcopy(yaml.load(SMALL))
    media = raw["paths"]["/orders/{id}"]["get"]["responses"]["200"]["content"]["application/json"]
    media["examples"] = {"one": {"value": {"id": "order_2"}}}
    places = [".".join(map(str, at[-2:])) for at, _, _ in samples(Document("small", SMALL, raw))]
    assert ["examples.0", "examples.one", "application/json.example", "application/json.example"] == places


def test_every_finding_has_its_own_line(tmp_path: Path) -> None:
    """All are told at once, by `lint` and by `generate`."""
    document = edited(
        tmp_path,
        ("weight: {type: number, format: decimal,", "weight: {type: number,"),
        ("labels: {$ref:", "labels: {nullable: true, $ref:"),
        ("apiKey: {type: http, scheme: bearer,", "apiKey: {type: http, scheme: digest,"),
    )
    digest, number, null = (f"{document.path}:{line(document, text)}" for text in ("digest", "weight", "nullable"))
    expected = [
        f"not supported: HTTP authentication by 'digest' at {digest}",
        f"not supported: a binary floating-point number at {number}; say `format: decimal`",
        f'not supported: `nullable` beside `$ref` at {null}; make a union of it and `type: "null"`',
    ]
    assert expected == lint(document)
    with pytest.raises(CompileError) as caught:
        compile_package(document, tmp_path / "package")
    assert expected == str(caught.value).splitlines()


@pytest.mark.slow
def test_what_is_missing_beside_a_document_is_told(tmp_path: Path) -> None:
    """By its name, without a traceback."""
    document = edited(tmp_path)
    (tmp_path / "small" / "CHANGELOG.md").unlink()
    with pytest.raises(CompileError, match=r"^small/CHANGELOG\.md: No such file or directory$"):
        compile_package(document, tmp_path / "package")


@pytest.mark.slow
def test_an_error_of_types_is_told(tmp_path: Path) -> None:
    """By `mypy --strict`, with the compiled line."""
    package = tmp_path / "ordermux_small"
    package.mkdir()
    (package / "__init__.py").write_text("number: int = 'a text'\n")
    told = type_errors(Document.load(SMALL), tmp_path)
    assert 1 == len(told)
    assert told[0].startswith(f"{shown(SMALL)}: compiled with an error of types: ordermux_small/__init__.py:1: error:")
    (package / "__init__.py").write_text("number: int = 1\n")
    assert [] == type_errors(Document.load(SMALL), tmp_path)
