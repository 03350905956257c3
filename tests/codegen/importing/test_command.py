"""The command: what it writes, what it leaves, and its exit codes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ordermux_codegen.compile.document import Document
from ordermux_codegen.compile.package import compile_package
from ordermux_codegen.importing import command
from ordermux_codegen.importing.reading import parsed
from ordermux_codegen.lint.rules import lint
from support.specs import answer, body, ref, spec

TEXT = {"type": "string"}


@pytest.fixture
def published(tmp_path: Path) -> Path:
    """Return a published document's file."""
    path = tmp_path / "published" / "api.json"
    path.parent.mkdir()
    path.write_text(json.dumps(spec(sent=body(ref("Thing")))))
    return path


def run(tmp_path: Path, *arguments: str) -> int:
    """Run the command on the documents of a folder."""
    name, *others = arguments
    return command.run(name, [*others, "--documents", str(tmp_path)])


def document(tmp_path: Path) -> dict[str, Any]:
    """Return the imported document."""
    raw: dict[str, Any] = parsed((tmp_path / "things.yaml").read_bytes(), "things.yaml")
    return raw


def change(path: Path, **operation: Any) -> None:
    """Change the operation that reads a thing in a published document."""
    raw = json.loads(path.read_text())
    raw["paths"]["/things/{id}"]["get"] |= operation
    path.write_text(json.dumps(raw))


def test_an_import_breaks_no_rule(tmp_path: Path, published: Path) -> None:
    """Lint is quiet, and all that a provider needs lies beside the document."""
    assert run(tmp_path, "import", "things", str(published)) == 0
    assert lint(Document.load(tmp_path / "things.yaml")) == []
    beside = {path.name for path in (tmp_path / "things").iterdir()}
    assert beside == {"CHANGELOG.md", "README.md.jinja", "losses.md", "names.yaml"}


@pytest.mark.slow
def test_an_import_again_keeps_texts_version_and_names(tmp_path: Path, published: Path) -> None:
    """People write the changelog and the README, raise the version, and change names."""
    run(tmp_path, "import", "things", str(published))
    for name in ("CHANGELOG.md", "README.md.jinja"):
        (tmp_path / "things" / name).write_text("# Ours\n\n## 0.2.0\n")
    path = tmp_path / "things.yaml"
    path.write_text(path.read_text().replace("version: 0.1.0", "version: 0.2.0"))
    names = tmp_path / "things" / "names.yaml"
    names.write_text(names.read_text().replace(": Thing", ": Gadget"))
    assert run(tmp_path, "import", "things", str(published)) == 0
    assert document(tmp_path)["info"]["version"] == "0.2.0"
    assert "Gadget" in document(tmp_path)["components"]["schemas"]
    assert (tmp_path / "things" / "CHANGELOG.md").read_text() == "# Ours\n\n## 0.2.0\n"


def test_an_import_again_takes_what_was_chosen_before(tmp_path: Path, published: Path) -> None:
    """The selection and the address stand in `x-sources`."""
    run(tmp_path, "import", "things", str(published), "--tag", "things", "--url", "https://things.example/api.json")
    assert run(tmp_path, "import", "things", str(published)) == 0
    assert list(document(tmp_path)["paths"]) == ["/things/{id}"]
    assert document(tmp_path)["x-sources"]["published"]["url"] == "https://things.example/api.json"


def test_corrections_are_applied_again(tmp_path: Path, published: Path) -> None:
    """The overlay stays; the document is made anew each time."""
    (tmp_path / "things").mkdir()
    target = "$.components.schemas.Thing.properties.id"
    action = {"target": target, "update": {"description": "The id."}, "x-reason": "It is missing."}
    overlay = {"overlay": "1.0.0", "info": {"title": "Ours", "version": "1"}, "actions": [action]}
    (tmp_path / "things" / "imported.overlay.yaml").write_text(json.dumps(overlay))
    for _ in range(2):
        assert run(tmp_path, "import", "things", str(published)) == 0
        assert document(tmp_path)["components"]["schemas"]["Thing"]["properties"]["id"]["description"] == "The id."


def test_a_correction_whose_target_is_gone_stops_the_import(
    tmp_path: Path, published: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nothing is written, and the action is named."""
    (tmp_path / "things").mkdir()
    action = {"target": "$.paths['/gone']", "remove": True, "x-reason": "It is not there."}
    overlay = {"overlay": "1.1.0", "info": {"title": "Ours", "version": "1"}, "actions": [action]}
    (tmp_path / "things" / "published.overlay.yaml").write_text(json.dumps(overlay))
    assert run(tmp_path, "import", "things", str(published)) == 2
    assert "published.overlay.yaml: action 1: $.paths['/gone'] leads to nothing" in capsys.readouterr().err
    assert not (tmp_path / "things.yaml").exists()


def test_a_document_that_was_written_by_hand_is_not_imported_over(tmp_path: Path, published: Path) -> None:
    """It has no `x-sources.published` with pointers."""
    (tmp_path / "things.yaml").write_text("openapi: 3.1.0\n")
    assert run(tmp_path, "import", "things", str(published)) == 2
    assert (tmp_path / "things.yaml").read_text() == "openapi: 3.1.0\n"


def test_a_comparison_tells_whether_something_moved(
    tmp_path: Path, published: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """By its exit code and in words; it writes nothing."""
    run(tmp_path, "import", "things", str(published))
    assert run(tmp_path, "compare", "things", str(published)) == 0
    before = (tmp_path / "things.yaml").read_bytes()
    change(published, responses={"200": answer(ref("Thing")), "404": {"description": "None."}})
    capsys.readouterr()
    assert run(tmp_path, "compare", "things", str(published)) == 1
    told = capsys.readouterr().out
    assert "getThing: status 404 is new" in told
    assert "`/paths/~1things~1{id}/get`" in told
    assert (tmp_path / "things.yaml").read_bytes() == before


def test_a_comparison_needs_an_import(tmp_path: Path, published: Path) -> None:
    """There is nothing to compare with."""
    assert run(tmp_path, "compare", "things", str(published)) == 2


@pytest.mark.parametrize("name", ["Things", "../things", "two-words", ""])
def test_the_name_of_a_provider_is_one_word(tmp_path: Path, published: Path, name: str) -> None:
    """It becomes a module's name and a file's."""
    assert run(tmp_path, "import", name, str(published)) == 2


def test_a_file_that_is_not_there_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """By its name."""
    assert run(tmp_path, "import", "things", str(tmp_path / "gone.json")) == 2
    assert "gone.json" in capsys.readouterr().err


def test_the_losses_are_told_by_place_as_plain_text(tmp_path: Path, published: Path) -> None:
    """A title, a name and a type of the provider's are no Markdown of ours."""
    raw = json.loads(published.read_text())
    raw["info"]["title"] = "# A\n<script>"
    raw["components"]["schemas"]["Thing"]["properties"]["`x`"] = {"type": "[a](b)<br>"}
    published.write_text(json.dumps(raw))
    run(tmp_path, "import", "things", str(published))
    told = (tmp_path / "things" / "losses.md").read_text()
    assert "- `/components/schemas/Thing/properties/ x`\n  - the type \\[a](b)&lt;br> is any value" in told
    assert "<script>" not in told


def many() -> dict[str, Any]:
    """Return a document with much of what has to be made otherwise."""
    schemas = {
        "Base": {
            "type": "object",
            "properties": {"kind": TEXT, "id": {"type": "string", "readOnly": True}},
            "discriminator": {"propertyName": "kind", "mapping": {"one": "One", "two": "Two"}},
        },
        "One": {"allOf": [ref("Base"), {"properties": {"items": {"type": "array", "items": ref("Base")}}}]},
        "Two": {"allOf": [ref("Base"), {"properties": {"token": TEXT, "price": {"type": "number"}}}]},
        "Status": {"type": "string", "enum": ["a", "b", None], "nullable": True},
        "Thing": {
            "type": "object",
            "required": ["id"],
            "properties": {
                "id": {"type": "string", "example": "a"},
                "base": {"allOf": [ref("Base")], "nullable": True},
                "status": ref("Status"),
                "at": {"type": "string", "format": "date-time"},
                "either": {
                    "oneOf": [
                        {"type": "object", "properties": {"x": TEXT}},
                        {"type": "object", "properties": {"y": TEXT}},
                    ]
                },
                "map": {"type": "object", "additionalProperties": {"type": "array", "items": {"type": "integer"}}},
                "class": {"type": "string", "nullable": True},
            },
            "example": {"id": "1", "base": {"kind": "two", "price": 1.5}, "status": None, "at": "2026-01-01T00:00:00Z"},
        },
    }
    query = {"name": "status", "in": "query", "schema": {"type": "array", "items": ref("Status")}}
    return spec(schemas, sent={"required": True, **body(ref("Base"))}, parameters=[query])


@pytest.mark.slow
def test_what_is_imported_compiles(tmp_path: Path, published: Path) -> None:
    """Inheritance, nulls, secrets, keywords, two directions, and an example through all of them."""
    published.write_text(json.dumps(many()))
    assert run(tmp_path, "import", "things", str(published)) == 0
    package = tmp_path / "generated" / "things"
    compile_package(Document.load(tmp_path / "things.yaml"), package)
    assert (package / "ordermux_things" / "api" / "things" / "get_thing.py").is_file()
