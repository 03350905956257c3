"""The modelling rules of `openapi/README.md`, each a function that yields what breaks it."""

from __future__ import annotations

import functools
import json
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from typing import Any, cast

from jsonschema import Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator
from referencing import Registry
from referencing.jsonschema import DRAFT202012

from .changelog import entry_of
from .document import MEDIA_TYPE, SCHEMA_REF, Document, Node, Operation, content_schema, is_secret, kind_of, ref_name

EXTENSIONS = {
    "x-basis",
    "x-client-argument",
    "x-delivery",
    "x-enum-descriptions",
    "x-error-member",
    "x-public",
    "x-rate-limit",
    "x-sources",
    "x-window-seconds",
}
SCALARS = {"string", "integer", "number", "boolean"}
VERSION = re.compile(r"\d+\.\d+\.\d+")
DIGEST = re.compile(r"sha256:[0-9a-f]{32}")
"""What a section's text comes to, as `openapi/sources/` writes it."""
SOUNDS_SECRET = re.compile(r"token|secret|password|api_?key|key_?id|private", re.IGNORECASE)

Rule = Callable[[Document], Iterator[str]]


def lint(document: Document) -> list[str]:
    """Return everything in the document that breaks a rule, the rule's name in front.

    A document that is no OpenAPI, or lacks what the other rules look for, is told that alone.
    """
    for name, rule in FIRST_RULES.items():
        if broken := [f"{name}: {problem}" for problem in rule(document)]:
            return broken
    return [f"{name}: {problem}" for name, rule in RULES.items() for problem in rule(document)]


def _openapi(document: Document) -> Iterator[str]:
    dangling = False
    for place, node in _nodes(document.raw):
        target = node.get("$ref")
        if isinstance(target, str) and not document.has(target):
            dangling = True
            yield f"{place}: there is no {target}"
    if dangling:
        return  # the validator would print the whole document
    errors = OpenAPIV31SpecValidator(cast("Any", document.raw)).iter_errors()
    try:
        for error in errors:
            yield f"{'.'.join(map(str, error.absolute_path)) or 'document'}: {error.message.splitlines()[0][:200]}"
    except (LookupError, TypeError, ValueError) as error:  # it trips over what it would have reported
        yield f"document: {type(error).__name__} {error}"


def _complete(document: Document) -> Iterator[str]:
    raw = document.raw
    demanded: list[tuple[str, Any, tuple[str, ...]]] = [
        ("document", raw, ("servers", "tags", "x-sources")),
        ("info", raw["info"], ("title", "summary", "version")),
        ("components", raw.get("components", {}), ("schemas",)),
    ]
    demanded += [(f"tag {tag['name']}", tag, ("description",)) for tag in raw.get("tags", ())]
    demanded += [(f"server {server['url']}", server, ("description",)) for server in raw.get("servers", ())]
    schemes = raw.get("components", {}).get("securitySchemes", {})
    demanded += [
        (f"security scheme {name}", node, ("description", "x-client-argument")) for name, node in schemes.items()
    ]
    for name, page in raw.get("x-sources", {}).items():
        demanded.append(
            (f"page {name}", page, ("title", "url", "read", *(("sections",) if page.get("contract") else ())))
        )
        yield from (f"page {name}: {problem}" for problem in _section_problems(page.get("sections", {})))
    if raw.get("webhooks"):
        demanded.append(("document", raw, ("x-delivery",)))
    yield from (f"{place}: has no {name}" for place, node, names in demanded for name in names if not node.get(name))
    known = {tag["name"] for tag in raw.get("tags", ())}
    for operation in document.operations:
        tags = set(operation.node.get("tags", ()))
        if not (operation.node.get("operationId") and tags and tags <= known):
            yield f"{operation.method} {operation.path}: has no operationId, or no tag that `tags` describes"
    texts = document.path.parent / document.provider
    for name in ("README.md.jinja", "CHANGELOG.md"):
        if not (texts / name).is_file():
            yield f"{document.provider}/{name}: is missing beside the document; ADDING_A_PROVIDER.md, step 2"
    changes = texts / "CHANGELOG.md"
    wanted = VERSION.fullmatch(document.version) and changes.is_file()
    if wanted and entry_of(changes.read_text("utf-8"), document.version) is None:
        yield f"{document.provider}/CHANGELOG.md: has no heading `## {document.version}`, the version of the document"


def _section_problems(sections: Any) -> Iterator[str]:
    if not isinstance(sections, Mapping):
        yield "`sections` maps each heading to its digest; `nox -s sources -- --record` writes them"
        return
    for heading, digest in cast("Node", sections).items():
        if not DIGEST.fullmatch(str(digest)):
            yield f"the section {heading!r} has no digest; `nox -s sources -- --record` writes it"


def _extensions(document: Document) -> Iterator[str]:
    for place, node in _nodes(document.raw):
        inside_example = re.search(r"\.(example|examples|x-delivery|x-basis|properties)$", place)
        for name in node:
            if name.startswith("x-") and name not in EXTENSIONS and not inside_example:
                yield f"{place}: {name} is none of the extensions"


def _naming(document: Document) -> Iterator[str]:
    if not VERSION.fullmatch(document.version):
        yield f"info.version: {document.version} is not X.Y.Z"
    for name in document.schemas:
        if not re.fullmatch(r"([A-Z][a-z0-9]*)+", name):
            yield f"{name}: a schema is PascalCase"
    for tag in document.raw.get("tags", ()):
        if not re.fullmatch(r"[a-z][a-z0-9]*(_[a-z0-9]+)*", tag["name"]):
            yield f"{tag['name']}: a tag is snake_case"
    operations = [*document.operations, *document.events]
    for operation in operations:
        if not re.fullmatch(r"[a-z]+([A-Z][a-z0-9]*)*", operation.operation_id):
            yield f"{operation.operation_id}: an operation is camelCase"
    names = Counter(operation.operation_id.lower() for operation in operations)
    names.update(name.lower() for name in document.schemas)
    yield from (f"{name}: the name stands twice" for name, count in names.items() if count > 1)


def _named_schemas(document: Document) -> Iterator[str]:
    for place, schema in _inner_schemas(document):
        items = schema.get("items")
        if not (_is_plain(schema) or (schema.get("type") == "array" and items is not None and _is_plain(items))):
            yield f"{place}: make it a component and refer to it"
    for operation in [*document.operations, *document.events]:
        bodies = [operation.node.get("requestBody", {}), *operation.responses.values()]
        for body in bodies:
            if body.get("content") and not content_schema(body):
                yield f"{operation.operation_id}: a body must refer to a component"


def _map_values(document: Document) -> Iterator[str]:
    for name, schema in document.schemas.items():
        if schema.get("additionalProperties") is True:
            yield f"{name}: say `additionalProperties: {{}}`, which keeps the keys"


def _basis(document: Document) -> Iterator[str]:
    for place, node in _bearers(document):
        basis = node.get("x-basis")
        if basis is None:
            yield f"{place}: has no x-basis"
    for place, node in _nodes(document.raw):
        if "x-basis" in node and not place.endswith(".properties"):
            yield from (f"{place}: {problem}" for problem in _basis_problems(document, node["x-basis"]))


def _basis_problems(document: Document, basis: Any) -> Iterator[str]:
    if not isinstance(basis, Mapping) or len({"doc", "public", "guess"} & set(cast("Node", basis))) != 1:
        yield "x-basis must say one of doc, public and guess"
        return
    entries = cast("Node", basis)
    if unknown := set(entries) - {"doc", "public", "guess", "note", "required"}:
        yield f"x-basis does not know {', '.join(sorted(unknown))}"
    if "guess" in entries:
        if not entries["guess"]:
            yield "a guess needs its reason"
        return
    kind = kind_of(entries)
    page, _, section = str(entries[kind]).partition("#")
    source = document.sources.get(page)
    if source is None:
        yield f"x-basis names the page {page!r}, which x-sources does not have"
    elif (kind == "doc") != bool(source.get("contract")):
        yield f"x-basis says {kind} of {page!r}, which {'is' if source.get('contract') else 'is not'} a contract page"
    elif kind == "doc" and section not in source["sections"]:
        yield f"x-basis names the section {section!r}, which {page!r} does not have"


def _required(document: Document) -> Iterator[str]:
    bodies = [content_schema(node) for operation in document.operations for node in operation.responses.values()]
    answered = document.reachable(bodies + [event.body.name for event in document.events if event.body])
    for name in sorted(answered):
        schema = document.schemas[name]
        for member in schema.get("required", ()):
            basis = schema["properties"][member].get("x-basis", schema["x-basis"])
            if "doc" not in basis and "required" not in basis:
                yield f"{name}.{member}: only the contract page makes a field of an answer required, or a reason"


def _described(document: Document) -> Iterator[str]:
    for operation in [*document.operations, *document.events]:
        if not operation.node.get("summary"):
            yield f"{operation.operation_id}: has no summary"
        described = [(parameter["name"], parameter) for parameter in operation.parameters]
        described += list(operation.responses.items())
        for name, node in described:
            if not node.get("description"):
                yield f"{operation.operation_id} {name}: has no description"
    for name, schema in document.schemas.items():
        if not schema.get("description"):
            yield f"{name}: has no description"
        if odd := set(schema.get("x-enum-descriptions", {})) ^ set(schema.get("enum", ())):
            yield f"{name}: x-enum-descriptions must describe each value, and no other: {', '.join(sorted(odd))}"
    for name, member, node in document.properties():
        if not (node.get("description") or ref_name(node)):
            yield f"{name}.{member}: has no description"


def _responses(document: Document) -> Iterator[str]:
    for operation in document.operations:
        successes = {content_schema(node) for status, node in operation.responses.items() if status.startswith("2")}
        if len(successes) != 1:
            yield f"{operation.operation_id}: has {len(successes)} kinds of success, not one"
        errors = [node for status, node in operation.responses.items() if not status.startswith("2")]
        if not errors:
            yield f"{operation.operation_id}: lists no error"
        if any(content_schema(node) != "Error" for node in errors):
            yield f"{operation.operation_id}: an error must bear the schema Error"


def _exact_numbers(document: Document) -> Iterator[str]:
    for place, node in _nodes(document.raw.get("components", {}).get("schemas", {})):
        kind = node.get("type")
        fractional = kind == "number" or (isinstance(kind, list) and "number" in kind)
        if fractional and node.get("format") != "decimal":
            yield f"{place}: a number with a fraction has `format: decimal`"


def _secrets(document: Document) -> Iterator[str]:
    for name, member, node in document.properties():
        schema = document.resolve(node)
        if schema.get("type") != "string" or not SOUNDS_SECRET.search(member):
            continue
        if not (is_secret(schema) or node.get("x-public")):
            yield f"{name}.{member}: sounds secret; say `format: password`, or `x-public` and why"


def _events(document: Document) -> Iterator[str]:
    delivered = {event.body.name for event in document.events if event.body}
    for name, schema in document.schemas.items():
        members = [ref_name(member) for member in schema.get("oneOf", ())]
        if not members or not set(members) <= delivered:
            continue
        discriminator = schema.get("discriminator", {})
        mapped = {target.removeprefix(SCHEMA_REF): value for value, target in discriminator.get("mapping", {}).items()}
        for member in members:
            pinned = document.schemas[member].get("properties", {}).get(discriminator.get("propertyName"), {})
            if pinned.get("const") is None or mapped.get(member) != pinned["const"]:
                yield f"{name}: the discriminator must map {member}, and {member} pin the value by `const`"
    if len(delivered) > 1 and not any(
        delivered == {ref_name(member) for member in schema.get("oneOf", ())} for schema in document.schemas.values()
    ):
        yield "document: the events need a union of them all"


def _examples(document: Document) -> Iterator[str]:
    for name, schema in document.schemas.items():
        for example in schema.get("examples", ()):
            yield from (f"{name}: {problem}" for problem in _misfits(document, name, example))
    for operation in [*document.operations, *document.events]:
        media: dict[str, Node] = {}
        if operation.body:
            media["body"] = operation.node["requestBody"]["content"][MEDIA_TYPE]
            if "example" not in media["body"]:
                yield f"{operation.operation_id}: its body has no example"
        media |= {s: node["content"][MEDIA_TYPE] for s, node in operation.responses.items() if content_schema(node)}
        for place, node in media.items():
            if "example" in node and ref_name(node["schema"]):
                problems = _misfits(document, ref_name(node["schema"]), node["example"])
                yield from (f"{operation.operation_id} {place}: {problem}" for problem in problems)


def _misfits(document: Document, name: str, example: Any) -> Iterator[str]:
    yield from (f"the example {problem}" for problem in misfits(document, name, example))


def misfits(document: Document, name: str, value: Any) -> Iterator[str]:
    """Yield where a value does not fit a component, by the document alone: no generated code takes part."""
    for error in _validator(document, name).iter_errors(value):
        yield f"does not fit {name} at {error.json_path}: {error.message[:200]}"


@functools.cache
def _validator(document: Document, name: str) -> Any:
    resource: Any = DRAFT202012.create_resource(json.loads(json.dumps(document.raw)))
    registry: Any = Registry[Any]().with_resource("urn:document", resource)
    schema = {"$ref": f"urn:document{SCHEMA_REF}{name}"}
    return Draft202012Validator(schema, registry=registry, format_checker=Draft202012Validator.FORMAT_CHECKER)


FIRST_RULES: dict[str, Rule] = {"openapi": _openapi, "complete": _complete}
RULES: dict[str, Rule] = {
    "extensions": _extensions,
    "naming": _naming,
    "named-schemas": _named_schemas,
    "map-values": _map_values,
    "basis": _basis,
    "required": _required,
    "described": _described,
    "responses": _responses,
    "exact-numbers": _exact_numbers,
    "secrets": _secrets,
    "events": _events,
    "examples": _examples,
}


def _nodes(node: Any, place: str = "") -> Iterator[tuple[str, Node]]:
    """Yield every mapping of the document with its place."""
    if isinstance(node, Mapping):
        entries = cast("Node", node)
        yield place, entries
        for name, value in entries.items():
            yield from _nodes(value, f"{place}.{name}" if place else str(name))
    elif isinstance(node, list):
        for index, item in enumerate(cast("list[Any]", node)):  # type: ignore[redundant-cast]
            yield from _nodes(item, f"{place}[{index}]")


def _inner_schemas(document: Document) -> Iterator[tuple[str, Node]]:
    """Yield every schema that is not a component itself."""
    for name, member, node in document.properties():
        yield f"{name}.{member}", node
    for name, schema in document.schemas.items():
        inner = [*schema.get("oneOf", ()), schema.get("items"), schema.get("additionalProperties")]
        yield from ((name, node) for node in inner if isinstance(node, dict))
    for operation in [*document.operations, *document.events]:
        for parameter in operation.parameters:
            yield f"{operation.operation_id} {parameter['name']}", parameter["schema"]


def _is_plain(schema: Node) -> bool:
    """Tell whether a schema is a reference, a scalar or any value, with nothing that would need a name."""
    if "$ref" in schema:
        return True
    kinds = schema.get("type", [])
    kinds = set([kinds] if isinstance(kinds, str) else kinds) - {"null"}
    return not {"enum", "oneOf", "anyOf", "allOf", "properties", "items"} & set(schema) and (
        not kinds or (len(kinds) == 1 and kinds <= SCALARS)
    )


def _bearers(document: Document) -> Iterator[tuple[str, Node]]:
    """Yield everything that has to bear an `x-basis`."""
    components = document.raw["components"]
    for server in document.raw["servers"]:
        yield f"server {server['url']}", server
    for kind in ("securitySchemes", "headers", "schemas"):
        yield from components.get(kind, {}).items()
    for operation in [*document.operations, *document.events]:
        yield from _operation_bearers(operation)


def _operation_bearers(operation: Operation) -> Iterator[tuple[str, Node]]:
    name = operation.operation_id
    yield name, operation.node
    yield from ((f"{name} {parameter['name']}", parameter) for parameter in operation.parameters)
    yield from ((f"{name} {status}", response) for status, response in operation.responses.items())
    if "requestBody" in operation.node:
        yield f"{name} body", operation.node["requestBody"]
