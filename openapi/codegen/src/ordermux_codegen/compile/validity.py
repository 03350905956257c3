"""Whether a document can be compiled at all, and whether a value fits one of its schemas."""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, cast

from jsonschema import Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator
from openapi_spec_validator.schemas.utils import get_schema_content
from referencing import Registry
from referencing.jsonschema import DRAFT202012

from .constructs import findings
from .document import Document
from .nodes import SCHEMA_REF, Node, is_node
from .yaml_positions import At

Problem = tuple[At, str]
"""Where something breaks a rule, and what it is."""
Rule = Callable[[Document], Iterable[Problem]]


def broken(document: Document) -> list[str]:
    """Return what keeps a document from being compiled at all: what is no OpenAPI, or is not supported."""
    return violations(document, {"openapi": _openapi}) or [f"not supported: {found}" for found in findings(document)]


def violations(document: Document, rules: Mapping[str, Rule]) -> list[str]:
    """Return what breaks these rules: the rule's name, the file and the line, and what it is."""
    return [f"{name}: {document.place(at)}: {told}" for name, rule in rules.items() for at, told in rule(document)]


def _openapi(document: Document) -> Iterator[Problem]:
    dangling = False
    for at, node in mappings(document.raw):
        target = node.get("$ref")
        if isinstance(target, str) and not document.has(target):
            dangling = True
            yield (*at, "$ref"), f"there is no {target}"
    if dangling:
        return  # the validator would print the whole document
    validator = OpenAPIV31SpecValidator(cast("Any", document.raw))
    validator.schema_validator = _openapi_schema()
    try:
        for error in validator.iter_errors():
            at = _place(document, tuple(error.absolute_path), error.instance) or _named(error.message)
            yield at, f"{'.'.join(map(str, at)) or 'document'}: {error.message.splitlines()[0][:200]}"
    except (LookupError, TypeError, ValueError) as error:  # it trips over what it would have reported
        yield (), f"{type(error).__name__} {error}"
    except RecursionError:
        yield (), "a schema is a part of itself, such as by `allOf`"


@functools.cache
def _openapi_schema() -> Draft202012Validator:
    """Return the validator of OpenAPI's own schema, by one library always.

    Left to itself, openapi-spec-validator takes jsonschema-rs wherever that is installed. Its words and places differ,
    and what lint says would depend on the machine.
    """
    schema: Any = get_schema_content("3.1")
    searched = Registry[Any]().with_resource(schema["$id"], DRAFT202012.create_resource(schema)).crawl()
    return Draft202012Validator(schema, registry=searched)  # else each `$dynamicRef` searches all of it again


def _place(document: Document, at: At, value: Any) -> At:
    """Return where a value stands, of which the validator tells the place in the document, or in a schema of it."""
    if at and at[0] in document.raw:
        return at
    whole = [here for here, node in mappings(document.raw) if at and _look(node, at) is value]
    return (*whole[0], *at) if whole else ()


def _look(node: Any, at: At) -> Any:
    """Return what stands at a place of a node; the document's own type for nothing, which no value is."""
    for key in at:
        try:
            node = node[key]
        except (LookupError, TypeError):
            return Document
    return node


def _named(told: str) -> At:
    """Return the operation that the validator names in its words alone; nothing if it names none."""
    found = re.search(r"'(\w+)'(?: operation)? in '(/[^']*)'", told)
    return ("paths", found.group(2), found.group(1)) if found else ()


def misfits(document: Document, name: str, value: Any) -> Iterator[str]:
    """Yield where a value does not fit a component, by the document alone: no generated code takes part."""
    for error in _validator(document, name).iter_errors(value):
        yield f"does not fit {name} at {error.json_path}: {error.message[:200]}"


@functools.cache
def _validator(document: Document, name: str) -> Any:
    schema = {"$ref": f"urn:document{SCHEMA_REF}{name}"}
    formats = Draft202012Validator.FORMAT_CHECKER
    return Draft202012Validator(schema, registry=_registry(document), format_checker=formats)


@functools.cache
def _registry(document: Document) -> Any:
    raw = json.loads(json.dumps(document.raw))
    for name, schema in raw["components"]["schemas"].items():
        if "required" in schema:  # what is only read is not required where a value is sent (OpenAPI 3.1, 4.8.24.2)
            members = schema.get("properties", {})
            hidden = document.one_way(name)
            schema["required"] = [each for each in schema["required"] if not members.get(each, {}).get(hidden)]
    resource: Any = DRAFT202012.create_resource(raw)
    return Registry[Any]().with_resource("urn:document", resource)


def mappings(node: Any, at: At = ()) -> Iterator[tuple[At, Node]]:
    """Yield every mapping of the document with its place."""
    if is_node(node):
        yield at, node
        for name, value in node.items():
            yield from mappings(value, (*at, name))
    elif isinstance(node, list):
        for index, item in enumerate(cast("list[Any]", node)):  # type: ignore[redundant-cast]
            yield from mappings(item, (*at, index))
