"""The table of verdicts: over a hundred changes side by side in one document, each with its own outcome.

As a program this prints it beside the stock tools: `PYTHONPATH=tests python tests/codegen/changes/test_table.py`.
"""

from __future__ import annotations

import json
import os
import re
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

import attrs
import pytest
from openapi_python_client.strings import snake_case
from ruamel.yaml import YAML

from ordermux_codegen.changes.compare import Comparison, compare
from ordermux_codegen.changes.released import Side
from ordermux_codegen.changes.schema_rules import NO_RULE
from ordermux_codegen.changes.spelling import is_list, is_map
from ordermux_codegen.changes.verdict import Verdict
from ordermux_codegen.compile.document import Document
from ordermux_codegen.compile.package import compile_package
from support.document_edits import BASIS
from support.oasdiff import oasdiff
from support.text_table import table
from support.type_checks import mypy

Sides = Literal[0, 1]
KINDS = ("type", "enum", "oneOf", "anyOf", "allOf", "$ref", "const", "additionalProperties")
TYPES: dict[str, Any] = {
    "str": {"type": "string"},
    "int": {"type": "integer"},
    "num": {"type": "number", "format": "decimal"},
    "bool": {"type": "boolean"},
    "time": {"type": "string", "format": "date-time"},
    "any": {},
}


@attrs.frozen
class Change:
    """One change, as `table.yaml` has it."""

    number: int
    what: str
    expected: Verdict
    states: dict[str, Any]
    """What there is, each kind with what stood and what stands."""
    caller: str
    refused: str
    """The code of the type checker's error afterwards; nothing where the code is right still."""

    @property
    def name(self) -> str:
        """The name of its schema; all that is its own has it in its name."""
        return f"Case{self.number:03}"

    def state(self, kind: str, side: Sides) -> Any:
        """Return what there is of a kind before or after; None for nothing."""
        text = json.dumps(self.states.get(kind))
        return (json.loads(text.replace("@", self.name)) or (None, None))[side]

    def named(self, kind: str, side: Sides) -> dict[str, Any]:
        """Return the components of a kind."""
        text = json.dumps(self.states.get(kind, {})).replace("@", self.name)
        return {name: states[side] for name, states in json.loads(text).items() if states[side] is not None}

    def owns(self, line: str) -> bool:
        """Return whether a line of a report is about it."""
        return self.name in line or snake_case(self.name) in line


def load() -> list[Change]:
    """Return the changes."""
    yaml: Any = YAML(typ="safe", pure=True)
    rows: list[list[Any]] = yaml.load(Path(__file__).parent / "table.yaml")
    changes: list[Change] = []
    for number, (what, verdict, states, *code) in enumerate(rows, 1):
        caller, refused = [*code, "", ""][:2]
        changes.append(Change(number, what, Verdict[verdict.upper()], states, caller, refused))
    return changes


CHANGES = load()
CALLERS = [change for change in CHANGES if change.caller]


# One document with all of them.


def component(node: Any) -> dict[str, Any]:
    """Return a component with what each of them bears."""
    if any(key in node for key in KINDS):
        made: dict[str, Any] = dict(node)
    else:
        fields = {name.rstrip("!"): field(value) for name, value in node.items()}
        made = {"type": "object", "properties": fields}
        if required := [name[:-1] for name in node if name.endswith("!")]:
            made["required"] = required
    if "enum" in made:
        made = {"type": "string", "x-enum-descriptions": dict.fromkeys(made["enum"], "A word."), **made}
    return {"description": "A schema.", **BASIS, **described(made)}


def described(node: Any) -> Any:
    """Return a schema in which each field has a description."""
    if is_list(node):
        return [described(each) for each in node]
    if not is_map(node):
        return node
    made: dict[str, Any] = {key: described(value) for key, value in node.items()}
    if "properties" in made:
        made["properties"] = {name: {"description": "A field.", **each} for name, each in made["properties"].items()}
    return made


def field(value: Any) -> dict[str, Any]:
    """Return a field's schema."""
    if not isinstance(value, str):
        return {"description": "A field.", **value}
    if value.startswith("="):
        return {"$ref": f"#/components/schemas/{value[1:]}", "description": "A field."}
    if value.startswith("list "):
        return {"type": "array", "items": TYPES[value[5:]], "description": "A list."}
    made = {**TYPES[value.rstrip("?")], "description": "A field."}
    return made | {"type": [made["type"], "null"]} if value.endswith("?") else made


def parameter(node: dict[str, Any]) -> dict[str, Any]:
    """Return an argument of the query, unless it says otherwise."""
    plain = {"in": "query", "schema": {"type": "string"}, "description": "An argument.", **BASIS}
    return node if "$ref" in node else plain | node


def answer(node: Any) -> dict[str, Any]:
    """Return an answer, of a schema where it is named."""
    if isinstance(node, str):
        reference = {"schema": {"$ref": f"#/components/schemas/{node[1:]}"}}
        return {"description": "An answer.", **BASIS, "content": {"application/json": reference}}
    return node if "$ref" in node else {"description": "An answer.", **BASIS, **node}


def operation(name: str, **more: Any) -> dict[str, Any]:
    """Return an operation."""
    responses = {"404": "=Error", **more.pop("responses", {"200": {}})}
    made = {"operationId": name, "tags": ["cases"], "summary": "Do it.", **BASIS, **more}
    return made | {"responses": {status: answer(node) for status, node in responses.items()}}


def body(name: str) -> dict[str, Any]:
    """Return a body that has to be there."""
    return {
        "required": True,
        **BASIS,
        "content": {"application/json": {"schema": {"$ref": f"#/components/schemas/{name}"}}},
    }


def paths_of(change: Change, side: Sides) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Yield the operations of a change by path and method."""
    get, send, path = f"get{change.name}", f"send{change.name}", f"/{change.name.lower()}"
    for kind in ("answer", "both"):
        if change.state(kind, side) is not None:
            yield path, "get", operation(get, responses={"200": f"={change.name}"})
    for kind in ("body", "both"):
        if change.state(kind, side) is not None:
            yield path, "post", operation(send, requestBody=body(change.name))
    if (given := change.state("query", side)) is not None:
        yield path, "get", operation(get, parameters=[parameter(each) for each in given])
    if (call := change.state("call", side)) is not None:
        if "requestBody" in call:
            call["requestBody"] |= BASIS
        yield path, "post", operation(get, **call)


def document(side: Sides, folder: Path) -> Document:
    """Return the document before or after."""
    schemas: dict[str, Any] = {"Error": component({"message": "str"})}
    paths: dict[str, Any] = {}
    hooks: dict[str, Any] = {}
    shared: dict[str, dict[str, Any]] = {"parameters": {}, "responses": {}}
    for change in CHANGES:
        for kind in ("answer", "body", "both"):
            if (state := change.state(kind, side)) is not None:
                schemas[change.name] = component(state)
        schemas |= {name: component(node) for name, node in change.named("schemas", side).items()}
        shared["parameters"] |= {name: parameter(node) for name, node in change.named("parameters", side).items()}
        shared["responses"] |= {name: answer(node) for name, node in change.named("responses", side).items()}
        for path, method, node in paths_of(change, side):
            paths.setdefault(path, {})[method] = node
        if (event := change.state("event", side)) is not None:
            word = {"type": "string", "const": change.name.lower(), "description": "Its name."}
            schemas[change.name] = component({"type!": word, **event})
            hook = operation(f"on{change.name}", requestBody=body(change.name))
            hooks[change.name.lower()] = {"post": {**hook, "responses": {"200": answer({})}}}
    events = [change.name for change in CHANGES if change.state("event", side) is not None]
    mapping = {name.lower(): f"#/components/schemas/{name}" for name in events}
    schemas["Event"] = component(
        {
            "oneOf": [{"$ref": reference} for reference in mapping.values()],
            "discriminator": {"propertyName": "type", "mapping": mapping},
        }
    )
    raw: dict[str, Any] = {
        "openapi": "3.1.0",
        "info": {"title": "Shop", "summary": "A shop.", "version": "1.0.0"},
        "servers": [{"url": "https://api.shop.example", "description": "production", **BASIS}],
        "security": [{"apiKey": []}],
        "tags": [{"name": "cases", "description": "All of them."}],
        "x-sources": {},
        "x-delivery": BASIS,
        "paths": paths,
        "webhooks": hooks,
        "components": {
            "securitySchemes": {
                "apiKey": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "The key.",
                    "x-client-argument": "api_key",
                    **BASIS,
                }
            },
            "schemas": schemas,
            **shared,
        },
    }
    return Document("shop", folder / "shop.yaml", json.loads(json.dumps(raw)))


@attrs.frozen
class Compared:
    """Both states, compared and compiled."""

    comparison: Comparison
    before: Path
    after: Path

    def given(self, change: Change) -> tuple[Verdict, list[str], Verdict | None]:
        """Return the verdict of one change, the lines that tell of it, and Redocly's verdict."""
        ours = [each for each in self.comparison.changes if change.owns(str(each))]
        beside = [each for each in self.comparison.others if change.owns(each.path)]
        verdicts = [self.comparison.weight(each) for each in ours] + [each.verdict for each in beside]
        lines = [f"{self.comparison.weight(each)} {each}" for each in ours] + [
            f"{each.verdict} {each}" for each in beside
        ]
        stock = max((each.stock for each in ours if each.stock is not None), default=None)
        return max(verdicts, default=Verdict.NONE), lines, stock

    def griffe(self, change: Change) -> bool:
        """Return whether griffe finds that it breaks something."""
        return any(each.griffe and change.owns(each.path) for each in self.comparison.package)


def compared(folder: Path) -> Compared:
    """Compare the two documents."""
    (folder / "shop").mkdir()
    (folder / "shop" / "README.md.jinja").write_text("# Shop\n")
    (folder / "shop" / "CHANGELOG.md").write_text("# Changelog\n")
    before, after = document(0, folder), document(1, folder)
    compile_package(before, folder / "before")
    compile_package(after, folder / "after")
    return Compared(compare(Side(before, folder / "before"), after), folder / "before", folder / "after")


@pytest.fixture(scope="module")
def outcome(tmp_path_factory: pytest.TempPathFactory) -> Compared:
    """Give what comes of all of them at once."""
    return compared(tmp_path_factory.mktemp("table"))


@pytest.mark.slow
@pytest.mark.parametrize("change", CHANGES, ids=[change.what for change in CHANGES])
def test_each_change_of_the_table_has_its_verdict(outcome: Compared, change: Change) -> None:
    """The one that was written down first, though a hundred others stand beside it; a rule of ours knows it."""
    verdict, lines, _ = outcome.given(change)
    assert change.expected == verdict, lines
    assert [] == [line for line in lines if NO_RULE in line]


# What it is to callers.

HEAD = """from typing import Literal
from typing_extensions import assert_never
from ordermux_shop import models as m
from ordermux_shop.client import Client
"""


def program(change: Change) -> str:
    """Return a caller's program."""
    call = (
        f"from ordermux_shop.api.cases import {snake_case(f'get{change.name}')} as op\n"
        if "op." in change.caller
        else ""
    )
    return f"{HEAD}{call}{change.caller.replace('@', change.name)}\n"


def refusals(package: Path, programs: Path) -> dict[str, set[str]]:
    """Return the programs that the type checker refuses with a package, each with the codes of its errors."""
    environment = {**os.environ, "MYPYPATH": str(package)}
    files = sorted(path.name for path in programs.glob("*.py"))
    done = mypy("--no-error-summary", *files, cwd=programs, env=environment)
    found = re.findall(r"^(\w+)\.py:\d+: error: .*\[([a-z-]+)\]$", done.stdout, re.MULTILINE)
    assert ("", len(found)) == (done.stderr, done.stdout.count(": error: ")), done.stdout
    return {name: {code for each, code in found if each == name} for name, _ in found}


@pytest.fixture(scope="module")
def refused(
    outcome: Compared, tmp_path_factory: pytest.TempPathFactory
) -> tuple[dict[str, set[str]], dict[str, set[str]]]:
    """Give what the type checker says of all callers, before and after, by one run each."""
    programs = tmp_path_factory.mktemp("callers") / "programs"
    programs.mkdir()
    for change in CALLERS:
        (programs / f"{change.name.lower()}.py").write_text(program(change))
    return refusals(outcome.before, programs), refusals(outcome.after, programs)


@pytest.mark.slow
@pytest.mark.parametrize("change", CALLERS, ids=[change.what for change in CALLERS])
def test_the_type_checker_tells_the_callers(
    refused: tuple[dict[str, set[str]], dict[str, set[str]]], change: Change
) -> None:
    """Their code is right before, and afterwards refused where it cannot be right any more, and nowhere else."""
    before, after = (each.get(change.name.lower(), set[str]()) for each in refused)
    assert (set(), bool(change.refused)) == (before, bool(after))
    assert {change.refused} - {""} <= after


def test_what_breaks_in_mypy_alone_is_said(outcome: Compared) -> None:
    """A new word is minor, and code that ends in assert_never does not pass any more: the line says so."""
    (change,) = (each for each in CHANGES if each.expected is Verdict.MINOR and each.refused)
    assert any("assert_never" in line for line in outcome.given(change)[1])


def test_every_major_verdict_on_a_type_has_a_caller() -> None:
    """But for those where any code passes: a type is anything, none is another, or a name means another word."""
    without = {change.what for change in CHANGES if change.expected is Verdict.MAJOR and not change.refused}
    others = {
        "a field that comes is write only",
        "a field that is sent is read only",
        "a body of JSON becomes a form",
        "a new word takes the name of another one",
        "an object of any members has texts alone",
    }
    assert {"a text that comes becomes anything", *others} == without


@pytest.mark.slow
def test_a_rule_of_oasdiffs_stands_beside_each_change() -> None:
    """Or that none is about it."""
    assert [] == [change.what for change in CHANGES if change.what not in oasdiff()]


def main() -> None:
    """Print what was expected, what is given, and what the stock tools say."""
    rules = oasdiff()
    rows: list[list[str]] = []
    with tempfile.TemporaryDirectory() as name:
        given = compared(Path(name))
        for change in CHANGES:
            verdict, _, stock = given.given(change)
            griffe = "breaking" if given.griffe(change) else "silent"
            mypy = change.refused or ("passes" if change.caller else "")
            verdicts = map(str, (change.expected, verdict, stock or ""))
            rows.append([change.what, *verdicts, rules[change.what], griffe, mypy])
    titles = ["change", "expected", "given", "Redocly", "oasdiff", "griffe", "a caller"]
    sys.stdout.write(f"{table(titles, rows)}\n\n{len(rows)} changes\n")


if __name__ == "__main__":
    main()
