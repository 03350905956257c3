"""Whatever goes wrong while a document is compiled is told with its file and its line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from datamodel_code_generator import SchemaParseError

from ordermux_codegen.compile import models
from ordermux_codegen.compile.document import Document
from ordermux_codegen.compile.loading import load
from ordermux_codegen.compile.package import CompileError, compile_package
from ordermux_codegen.compile.validity import broken

DOCUMENT = """\
openapi: 3.1.0
info: {title: Small, summary: Small., version: 1.0.0}
servers: [{url: "https://small.example"}]
paths:
  /things:
    get:
      operationId: getThings
      responses: {"200": {description: A., content: {application/json: {schema: {$ref: "#/components/schemas/Thing"}}}}}
components:
  schemas:
    Error: {type: object, properties: {message: {type: string}}}
    Broken: {type: object, properties: {a: {type: string}}}
    Thing: {type: object, properties: {broken: {$ref: "#/components/schemas/Broken"}}}
"""


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """Give a document in a file, with the texts of its package."""
    (tmp_path / "small").mkdir()
    (tmp_path / "small" / "README.md.jinja").write_text("# Small\n")
    (tmp_path / "small" / "CHANGELOG.md").write_text("## 1.0.0\n")
    (tmp_path / "small.yaml").write_text(DOCUMENT)
    return tmp_path / "small.yaml"


def fail_at(monkeypatch: pytest.MonkeyPatch, name: str, error: Exception) -> None:
    """Let the generator of the models raise an error where a document has a schema."""
    made: Any = vars(models)["generate"]

    def generate(text: str, **options: Any) -> None:
        if name in json.loads(text)["components"]["schemas"]:
            raise error
        made(text, **options)

    monkeypatch.setattr(models, "generate", generate)


@pytest.mark.parametrize("error", [SchemaParseError("a bad schema"), RuntimeError(), AssertionError("no")])
def test_an_error_of_a_generator_names_the_component(
    monkeypatch: pytest.MonkeyPatch, small: Path, error: Exception
) -> None:
    """Its own words say nothing of the place: the smallest component that fails alone is told."""
    fail_at(monkeypatch, "Broken", error)
    told = rf"small\.yaml:12: Broken: {type(error).__name__}: {str(error) or 'no more was said'}$"
    with pytest.raises(CompileError, match=told):
        compile_package(Document.load(small), small.parent / "package")


def test_an_error_of_no_component_alone_has_a_line(monkeypatch: pytest.MonkeyPatch, small: Path) -> None:
    """There is always one: the first of the file where nothing tells more."""
    made: Any = vars(models)["generate"]

    def generate(text: str, **options: Any) -> None:
        if len(json.loads(text)["components"]["schemas"]) == 3:
            raise SchemaParseError("too much at once")
        made(text, **options)

    monkeypatch.setattr(models, "generate", generate)
    with pytest.raises(CompileError, match=r"small\.yaml:1: SchemaParseError: too much at once$"):
        compile_package(Document.load(small), small.parent / "package")


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        (
            "Error: {type: object, properties: {message: {type: string}}}",
            "Error: {$ref: '#/components/schemas/Error'}",
            ":11: .*",
        ),
        (
            "Error: {type: object, properties: {message: {type: string}}}",
            "Error: true",
            "no mapping at .*small.yaml:11",
        ),
        ("components:", "x-other: .nan\ncomponents:", "the value nan, which JSON does not have at .*small.yaml:9"),
    ],
)
def test_what_would_never_end_is_refused(small: Path, old: str, new: str, told: str) -> None:
    """A reference to itself, a schema that is true, a number that JSON does not have."""
    small.write_text(DOCUMENT.replace(old, new))
    with pytest.raises(CompileError, match=told):
        compile_package(Document.load(small), small.parent / "package")


def test_a_date_without_quotes_is_a_text(small: Path) -> None:
    """As in JSON, and in YAML 1.2."""
    small.write_text(DOCUMENT.replace("{a: {type: string}}", "{a: {type: string, examples: [2024-10-01]}}"))
    document = Document.load(small)
    assert ["2024-10-01"] == document.raw["components"]["schemas"]["Broken"]["properties"]["a"]["examples"]
    assert [] == broken(document)


def test_a_value_that_contains_itself_is_told(small: Path) -> None:
    """By the file's name, and no traceback."""
    small.write_text("a: &b [*b]\n")
    with pytest.raises(Exception, match=r"small\.yaml: a value contains itself"):
        load(small)
