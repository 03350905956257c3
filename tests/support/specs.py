"""Small published documents, and what becomes of them."""

from __future__ import annotations

import copy
import json
import posixpath
import random
from typing import Any

from ordermux_codegen.importing.documents import Corrections, Imported, Options, import_document
from ordermux_codegen.importing.naming import Names
from ordermux_codegen.importing.nodes import is_list, is_mapping
from ordermux_codegen.importing.reading import Files

ID: dict[str, Any] = {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}
PREFIX = "#/components/schemas/"


def ref(name: str) -> dict[str, Any]:
    """Return a reference to a schema."""
    return {"$ref": f"{PREFIX}{name}"}


def body(schema: Any, media_type: str = "application/json", **more: Any) -> dict[str, Any]:
    """Return a request's body or an answer, without its description."""
    return {"content": {media_type: {"schema": schema, **more}}}


def answer(schema: Any, **more: Any) -> dict[str, Any]:
    """Return an answer with a body."""
    return {"description": "It.", **body(schema, **more)}


def spec(
    schemas: dict[str, Any] | None = None,
    *,
    sent: Any = None,
    read: Any = None,
    parameters: list[Any] | None = None,
    version: str = "3.0.3",
    **more: Any,
) -> dict[str, Any]:
    """Return a document with one operation that reads a thing, and one that makes one where a body is `sent`."""
    thing = {"type": "object", "properties": {"id": {"type": "string"}}}
    get: dict[str, Any] = {
        "operationId": "getThing",
        "tags": ["things"],
        "parameters": [ID, *(parameters or [])],
        "responses": {"200": answer(ref("Thing") if read is None else read)},
    }
    paths: dict[str, Any] = {"/things/{id}": {"get": get}}
    if sent is not None:
        made = {"description": "It is made."}
        paths["/things"] = {"post": {"operationId": "makeThing", "requestBody": sent, "responses": {"201": made}}}
    raw: dict[str, Any] = {
        "openapi": version,
        "info": {"title": "Things", "version": "7"},
        "servers": [{"url": "https://api.things.example"}],
        "paths": paths,
        "components": {"schemas": {"Thing": thing, **(schemas or {})}},
        **more,
    }
    return copy.deepcopy(raw)


class Memory:
    """Files that lie nowhere; the document is `api.json`."""

    main = "api.json"

    def __init__(self, files: dict[str, Any]) -> None:
        """Take what is in each."""
        self.files = files

    def named(self, base: str, reference: str) -> str:
        """Return the name of a file relative to another."""
        return posixpath.normpath(posixpath.join(posixpath.dirname(base), reference.partition("#")[0]))

    def read(self, name: str) -> bytes:
        """Return what is in a file."""
        return json.dumps(self.files[name]).encode()


def imported(
    raw: dict[str, Any],
    *,
    names: Names | None = None,
    corrections: Corrections | None = None,
    files: dict[str, Any] | None = None,
    **options: Any,
) -> Imported:
    """Return what becomes of a document."""
    source = Memory({"api.json": raw, **(files or {})})
    wanted = Options(provider="things", **options)
    return import_document(Files(source), wanted, names or Names(), corrections or Corrections(), "0.1.0")


def schema_of(raw: dict[str, Any], name: str = "Thing", **options: Any) -> dict[str, Any]:
    """Return what becomes of a schema, its texts and its basis aside."""
    schema: dict[str, Any] = bare(imported(raw, **options).raw["components"]["schemas"][name])
    return schema


def bare(value: Any) -> Any:
    """Return a part of a document without texts and bases."""
    texts = ("description", "x-basis", "x-enum-descriptions")
    if is_mapping(value):
        return {name: bare(inner) for name, inner in value.items() if name not in texts}
    return [bare(inner) for inner in value] if is_list(value) else value


def losses(done: Imported) -> list[tuple[str, str]]:
    """Return what was lost: the place, and what was done there."""
    return [(entry.place, entry.what) for entry in done.ledger.losses]


def work(done: Imported) -> list[tuple[str, str]]:
    """Return what is left to people: the place, and what it is."""
    return [(entry.place, entry.what) for entry in done.ledger.work]


def shuffled(value: Any, turns: random.Random) -> Any:
    """Return a value whose mappings have another order."""
    if is_mapping(value):
        names = list(value)
        turns.shuffle(names)
        return {name: shuffled(value[name], turns) for name in names}
    return [shuffled(inner, turns) for inner in value] if is_list(value) else value
