"""The table of constructs: each is compiled right, which a check shows, or refused by name and line."""

from __future__ import annotations

import copy
import datetime
import decimal
import importlib
import json
import logging
import pickle
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import attrs
import httpx
import pytest
from openapi_python_client.strings import snake_case
from ruamel.yaml import YAML

from ordermux_codegen.compile.constructs import findings
from ordermux_codegen.compile.document import METHODS, Document
from ordermux_codegen.compile.nodes import Node, is_node
from ordermux_codegen.compile.package import compile_package
from ordermux_codegen.workspace import shown
from support.type_checks import mypy

TABLE = Path(__file__).parent / "constructs"


def read(path: Path) -> Any:
    """Return what a YAML file holds."""
    yaml: Any = YAML(typ="safe", pure=True)
    return yaml.load(path)


BASE = read(TABLE / "base.yaml")
REFUSED: list[Any] = [row for path in sorted(TABLE.glob("refused*.yaml")) for row in read(path)]
COMPILED: list[Any] = [row for path in sorted(TABLE.glob("compiled*.yaml")) for row in read(path)]
PLACES: dict[str, tuple[str, ...]] = {
    "root": (),
    "server": ("servers",),
    "scheme": ("components", "securitySchemes", "key"),
    "schema": ("components", "schemas", "Row"),
    "property": ("components", "schemas", "Row", "properties", "value"),
    "item": ("paths", "/things/{id}"),
    "operation": ("paths", "/things/{id}", "get"),
    "parameter": ("paths", "/things/{id}", "get", "parameters"),
    "response": ("paths", "/things/{id}", "get", "responses", "200", "content"),
    "body": ("paths", "/things/{id}", "put", "requestBody", "content"),
}


def put(into: dict[str, Any], part: Node) -> None:
    """Write a part into a document; null takes away what is there."""
    for name, value in part.items():
        if value is None:
            into.pop(name, None)
        elif is_node(value) and is_node(into.get(name)):
            put(into[name], value)
        else:
            into[name] = copy.deepcopy(value)


def with_row(row: Any) -> Document:
    """Return the base with a row in it."""
    raw = copy.deepcopy(BASE)
    raw["components"]["schemas"] |= row.get("schemas", {})
    target = raw
    place = PLACES[row["in"]]
    if row["in"] == "property":
        raw["components"]["schemas"]["Row"] = {"type": "object", "properties": {"value": row["with"]}}
    elif row["in"] in {"server", "parameter", "schema", "response", "body"}:
        for key in place[:-1]:
            target = target[key]
        kept = (
            [each for each in target.get(place[-1], ()) if each["name"] != row["with"]["name"]]
            if row["in"] == "parameter"
            else []
        )
        target[place[-1]] = [*kept, row["with"]] if row["in"] in {"server", "parameter"} else row["with"]
    else:
        for key in place:
            target = target.setdefault(key, {})
        put(target, row["with"])
    return Document("things", TABLE / "base.yaml", raw)


def test_the_base_is_supported() -> None:
    """What the rows are put into has nothing that is refused, so that what is found is the row's."""
    assert [] == findings(Document("things", TABLE / "base.yaml", BASE))


@pytest.mark.parametrize("row", REFUSED, ids=[row["name"] for row in REFUSED])
def test_a_construct_is_refused(row: Any) -> None:
    """What it is, and the file and the line, are told."""
    told = findings(with_row(row))
    place = f" at {shown(TABLE / 'base.yaml')}:"
    assert [] != [line for line in told if line.startswith(row["says"]) and place in line], told


def all_rows() -> Any:
    """Return the base with all rows in it that are compiled."""
    raw = copy.deepcopy(BASE)
    for row in COMPILED:
        part = {"components": {"schemas": row.get("schemas", {}), "securitySchemes": row.get("schemes", {})}}
        for each in (part, row.get("root", {}), {"paths": copy.deepcopy(row.get("paths", {}))}):
            put(raw, each)
    for item in raw["paths"].values():
        for method in set(METHODS) & set(item):
            item[method].setdefault("tags", ["things"])
            item[method].setdefault("responses", {"204": {"description": "It is done."}})
    return raw


@attrs.frozen
class Package:
    """The compiled package, as the checks use it."""

    folder: Path
    operations: dict[str, str]
    """The module of each operation."""

    def part(self, name: str) -> Any:
        """Return a module."""
        return importlib.import_module(f"ordermux_things.{name}")

    def api(self, operation: str) -> Any:
        """Return an operation's module."""
        return self.part(f"api.{self.operations[operation]}")

    def client(self, **arguments: Any) -> Any:
        """Return a client."""
        return self.part("client").Client(**arguments)

    def request(self, operation: str, *arguments: Any, **options: Any) -> httpx.Request:
        """Return what an operation would send; the options that are a client's go there."""
        known = {field.alias for field in attrs.fields(self.part("client").Client)}
        held = self.client(**{name: value for name, value in options.items() if name in known})
        own = {name: value for name, value in options.items() if name not in known}
        made = held.prepare(self.api(operation).build_request(*arguments, **own))
        return httpx.Request(made.method, made.url, headers=made.headers, content=made.content)

    def answer(self, operation: str, status: int, content: bytes) -> Any:
        """Return what an operation reads in an answer."""
        return self.api(operation).read_response(status, {}, content)

    def decoded(self, value: Any, name: str) -> Any:
        """Return a value, or its JSON, as a type of the models; a deviation is an error."""
        content = value if isinstance(value, bytes) else json.dumps(value).encode()
        decoded, deviations = self.part("codec").decode(content, getattr(self.part("models"), name))
        assert () == deviations
        return decoded

    def encoded(self, value: Any) -> Any:
        """Return what a value is in JSON."""
        return json.loads(self.part("codec").encode(value))

    def names(self) -> dict[str, Any]:
        """Return what a check may use."""
        modules = {name: self.part(name) for name in ("codec", "errors", "types")}
        return modules | {
            "m": self.part("models"),
            "UNSET": self.part("types").UNSET,
            "part": self.part,
            "api": self.api,
            "client": self.client,
            "req": self.request,
            "ans": self.answer,
            "dec": self.decoded,
            "enc": self.encoded,
            "raises": pytest.raises,
            "warns": pytest.warns,
            "pickle": pickle,
            "datetime": datetime,
            "decimal": decimal,
            "__name__": "check",
        }


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Package]:
    """Give all rows, compiled into one package; take its filters off httpx's log again, which are the process's."""
    log = logging.getLogger("httpx")
    filters = log.filters[:]
    folder = tmp_path_factory.mktemp("constructs")
    (folder / "things").mkdir()
    (folder / "things" / "README.md.jinja").write_text("# ordermux-things\n")
    (folder / "things" / "CHANGELOG.md").write_text("## 1.0.0\n")
    document = Document("things", folder / "things.yaml", all_rows())
    compile_package(document, folder / "package")
    operations = {each.operation_id: each for each in document.operations}
    modules = {name: f"{each.module}.{_module(name)}" for name, each in operations.items()}
    sys.path.insert(0, str(folder / "package"))
    yield Package(folder / "package", modules)
    sys.path.remove(str(folder / "package"))
    log.filters[:] = filters


def _module(operation: str) -> str:
    name = snake_case(operation)
    return f"{name}_" if name == "import" else name


CHECKED = [row for row in COMPILED if "check" in row]


@pytest.mark.slow
@pytest.mark.parametrize("row", CHECKED, ids=[row["name"] for row in CHECKED])
def test_a_construct_is_compiled_right(package: Package, row: Any) -> None:
    """The row's own check holds."""
    exec(row["check"], package.names())


@pytest.mark.slow
def test_what_is_compiled_keeps_its_types(package: Package) -> None:
    """The package of all constructs has no error by `mypy --strict`."""
    done = mypy("ordermux_things", cwd=package.folder)
    assert (0, "") == (done.returncode, done.stderr), done.stdout
