"""References, to other files among them: what may be read, and what becomes of it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import httpx
import pytest
import respx

from ordermux_codegen.importing import nodes, reading
from ordermux_codegen.importing.ledger import Ledger
from ordermux_codegen.importing.nodes import Node, PublishedError
from ordermux_codegen.importing.reading import Files, source_of
from ordermux_codegen.importing.references import References
from support.specs import answer, bare, imported, losses, ref, spec

TEXT = {"type": "string"}
BOX = {"type": "object", "properties": {"in": {"$ref": "box.json"}, "size": {"$ref": "../sizes.json#/Size"}}}


def test_schemas_in_other_files_become_components() -> None:
    """Named for the file or the key, each once."""
    files = {"models/box.json": BOX, "sizes.json": {"Size": {"type": "string", "enum": ["s", "l"]}}}
    done = imported(spec(read={"$ref": "models/box.json"}), files=files)
    schemas = bare(done.raw["components"]["schemas"])
    assert schemas["Box"] == {"type": "object", "properties": {"in": ref("Box"), "size": ref("Size")}}
    assert schemas["Size"] == {"type": "string", "enum": ["s", "l"]}
    assert losses(done) == []


def test_a_path_in_another_file_is_written_out() -> None:
    """References in it are relative to its own file."""
    raw = spec()
    files = {"paths/thing.json": raw["paths"].pop("/things/{id}")}
    files["paths/thing.json"]["get"]["responses"]["200"] = answer({"$ref": "../api.json#/components/schemas/Thing"})
    raw["paths"]["/things/{id}"] = {"$ref": "paths/thing.json"}
    done = imported(raw, files=files)
    assert "get" in done.raw["paths"]["/things/{id}"]
    assert "Thing" in done.raw["components"]["schemas"]


def test_a_reference_into_a_schema_becomes_a_component() -> None:
    """It is named for its place."""
    raw = spec(read={"$ref": "#/components/schemas/Thing/properties/size"})
    raw["components"]["schemas"]["Thing"] = {"properties": {"size": {"type": "string", "enum": ["s"]}}}
    assert bare(imported(raw).raw["components"]["schemas"]["ThingSize"]) == {"type": "string", "enum": ["s"]}


def test_a_reference_to_nothing_is_any_value_and_told() -> None:
    """Published documents have such."""
    done = imported(spec({"Thing": {"type": "object", "properties": {"a": ref("Gone")}}}))
    assert losses(done) == [("/components/schemas/Thing/properties/a", "what it refers to is any value")]


def test_a_reference_in_a_circle_is_any_value_and_told() -> None:
    """It says nothing."""
    done = imported(spec({"Thing": ref("Other"), "Other": ref("Thing")}))
    assert {bare(schema) == {} for schema in done.raw["components"]["schemas"].values()} == {True}
    assert [what for _, what in losses(done)] == ["the part of itself is left out"]


def files_in(folder: Path, files: dict[str, Any]) -> Files:
    """Write files, and return what reads them from the document on."""
    for name, value in files.items():
        (folder / name).parent.mkdir(exist_ok=True, parents=True)
        (folder / name).write_text(json.dumps(value))
    return Files(source_of(str(folder / "specs" / "api.json")))


@pytest.mark.parametrize(
    "reference", ["../secret.json", "/etc/hostname", "file:///etc/hostname", "https://a.example/b"]
)
def test_a_file_outside_of_the_document_s_folder_is_not_read(tmp_path: Path, reference: str) -> None:
    """A document could name any file of this machine."""
    files = files_in(tmp_path, {"secret.json": TEXT, "specs/api.json": spec(read={"$ref": reference})})
    with pytest.raises(PublishedError, match="leads out of the folder"):
        References(files, Ledger()).target(reference, Node({}, "#"))


def test_a_link_that_leads_out_of_the_folder_is_not_followed(tmp_path: Path) -> None:
    """The file behind it is what would be read."""
    files = files_in(tmp_path, {"secret.json": TEXT, "specs/api.json": spec()})
    (tmp_path / "specs" / "link.json").symlink_to(tmp_path / "secret.json")
    with pytest.raises(PublishedError, match="leads out of the folder"):
        References(files, Ledger()).target("link.json", Node({}, "#"))


@respx.mock
def test_an_address_is_read_with_what_is_at_its_origin() -> None:
    """Relative to the document's address."""
    respx.get("https://things.example/api.json").respond(json=spec(read={"$ref": "box.json"}))
    respx.get("https://things.example/box.json").respond(json=TEXT)
    files = Files(source_of("https://things.example/api.json"))
    files.document()
    assert References(files, Ledger()).target("box.json", Node({}, "#")) == TEXT


@respx.mock
@pytest.mark.parametrize(
    "reference", ["https://other.example/box.json", "http://things.example/box.json", "//other.example/x"]
)
def test_another_origin_is_not_asked(reference: str) -> None:
    """A document could name any server that this machine reaches."""
    files = Files(source_of("https://things.example/api.json"))
    with pytest.raises(PublishedError, match="another host"):
        References(files, Ledger()).target(reference, Node({}, "#"))


@respx.mock
def test_a_redirect_to_another_origin_is_not_followed() -> None:
    """It is a reference like any other."""
    respx.get("https://things.example/api.json").respond(302, headers={"location": "https://other.example/"})
    with pytest.raises(PublishedError, match="another host"):
        Files(source_of("https://things.example/api.json")).document()


@respx.mock
def test_a_status_that_is_no_success_is_told() -> None:
    """Its body is no document."""
    respx.get("https://things.example/api.json").mock(httpx.Response(404))
    with pytest.raises(PublishedError, match="answers 404"):
        Files(source_of("https://things.example/api.json")).document()


def test_files_have_a_bound(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """All of them together."""
    files = files_in(tmp_path, {"specs/api.json": spec()})
    monkeypatch.setattr(reading, "MAX_BYTES", 100)
    with pytest.raises(PublishedError, match="more than 100 bytes"):
        files.document()


def test_aliases_have_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    """A few lines of YAML could fill the memory."""
    monkeypatch.setattr(nodes, "MAX_NODES", 1000)
    eight = ["x", "*a", "*b", "*c"]
    bomb = "\n".join(f"{key}: &{key} [{', '.join([each] * 8)}]" for key, each in zip("abcd", eight, strict=True))
    with pytest.raises(PublishedError, match="more than 1000 values"):
        nodes.tree(reading.parsed(bomb.encode(), "api.yaml"), "#")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("a: 2026-01-01", {"a": "2026-01-01"}),
        ("a: NO", {"a": "NO"}),
        ("200: ok", {"200": "ok"}),
        ("true: ok", {"true": "ok"}),
        ("\ufeff{}", {}),
        ('{"a": 1}', {"a": 1}),
        ("{a: 1}", {"a": 1}),
    ],
)
def test_yaml_is_read_as_json_would_be(text: str, value: Any) -> None:
    """A date and a country stay texts."""
    assert nodes.tree(reading.parsed(text.encode(), "api.yaml"), "#") == value


@pytest.mark.parametrize("text", ["a: [", "a: !!python/object:os.system {}", "a: 1\na: 2", "a: !!binary aGk="])
def test_what_is_no_plain_yaml_is_an_error(text: str) -> None:
    """Nor is a key that stands twice."""
    with pytest.raises(PublishedError):
        nodes.tree(reading.parsed(text.encode(), "api.yaml"), "#")


@pytest.mark.parametrize("raw", [{"swagger": "2.0"}, {"openapi": "4.0.0"}, {}])
def test_another_version_of_openapi_is_an_error(raw: dict[str, Any]) -> None:
    """It is named."""
    with pytest.raises(PublishedError, match="can be imported"):
        imported(raw)
