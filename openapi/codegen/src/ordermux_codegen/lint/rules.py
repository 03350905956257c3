"""The modelling rules of `docs/provider-documents.md`, each a function that yields what breaks it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, cast

from ..compile.basis import KINDS, kind_of
from ..compile.changelog import entry_of
from ..compile.digests import DIGEST, EMPTY
from ..compile.document import Document
from ..compile.nodes import Node, content_schema, inner_schemas, is_secret, json_content, ref_name
from ..compile.operations import Operation
from ..compile.samples import samples
from ..compile.validity import Problem, Rule, broken, mappings, misfits, violations
from ..compile.yaml_positions import At
from ..workspace import shown, task

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
TODO = "TODO"
"""What a text starts with that is still to be written."""
TEXTS = ("README.md.jinja", "CHANGELOG.md")
VERSION = re.compile(r"\d+\.\d+\.\d+")
SOUNDS_SECRET = re.compile(r"token|secret|password|api_?key|key_?id|private", re.IGNORECASE)


def lint(document: Document) -> list[str]:
    """Return everything in the document that breaks a rule: the rule's name, the file and the line, and what it is.

    If it is not OpenAPI, cannot be compiled, lacks what the other rules look for, or has texts that are still
    to be written, that alone is reported.
    """
    if found := broken(document):
        return found
    if found := [*violations(document, {"complete": _complete, "todo": _todo}), *_unwritten_texts(document)]:
        return found
    return [*(f"complete: {missing}" for missing in _missing_texts(document)), *violations(document, RULES)]


def _complete(document: Document) -> Iterator[Problem]:
    raw = document.raw
    schemes = raw.get("components", {}).get("securitySchemes", {})
    demanded: list[tuple[At, str, Any, tuple[str, ...]]] = [
        ((), "document", raw, _demanded(raw)),
        (("info",), "info", raw["info"], ("title", "summary", "version")),
        (("components",), "components", raw.get("components", {}), ("schemas",)),
    ]
    for index, tag in enumerate(raw.get("tags", ())):
        demanded.append((("tags", index), f"tag {tag['name']}", tag, ("description",)))
    for index, server in enumerate(raw.get("servers", ())):
        demanded.append((("servers", index), f"server {server['url']}", server, ("description",)))
    for name, scheme in schemes.items():
        at: At = ("components", "securitySchemes", name)
        demanded.append((at, f"security scheme {name}", scheme, ("description", "x-client-argument")))
    for name, page in raw.get("x-sources", {}).items():
        at = ("x-sources", name)
        demanded.append((at, f"page {name}", page, ("title", "url", "read")))
        if page.get("contract") and not page.get("sections"):
            yield at, f"page {name}: has no sections; {task('sources', '--record')} writes them"
            continue
        problems = _section_problems(page.get("sections", {}))
        yield from (((*at, "sections"), f"page {name}: {told}") for told in problems)
    for at, place, node, names in demanded:
        yield from ((at, f"{place}: has no {name}") for name in names if not node.get(name))
    known = {tag["name"] for tag in raw.get("tags", ())}
    for operation in document.operations:
        tags = set(operation.node.get("tags", ()))
        if not (operation.node.get("operationId") and tags and tags <= known):
            told = "has no operationId, or no tag that `tags` describes"
            yield operation.at, f"{operation.method} {operation.path}: {told}"


def _demanded(raw: Node) -> tuple[str, ...]:
    tags = ("tags",) if raw.get("paths") else ()
    return ("servers", *tags, "x-sources", *(("x-delivery",) if raw.get("webhooks") else ()))


def _todo(document: Document) -> Iterator[Problem]:
    for at, node in mappings(document.raw):
        for name, value in node.items():
            if isinstance(value, str) and value.startswith(TODO):
                yield (*at, name), value.removeprefix(TODO).lstrip(": ")


def _unwritten_texts(document: Document) -> Iterator[str]:
    """Yield what is still to be written in the package's own texts."""
    for path in (document.texts / name for name in TEXTS):
        lines = path.read_text("utf-8").splitlines() if path.is_file() else ()
        for number, line in enumerate(lines, 1):
            if TODO in line:
                yield f"todo: {shown(path)}:{number}: {line.partition(TODO)[2].lstrip(': ')}"


def _missing_texts(document: Document) -> Iterator[str]:
    """Yield what is missing beside a document."""
    texts = document.texts
    for name in TEXTS:
        if not (texts / name).is_file():
            cure = task("new", document.provider)
            yield f"{document.provider}/{name}: is missing beside the document; {cure} writes it"
    changes = texts / "CHANGELOG.md"
    wanted = VERSION.fullmatch(document.version) and changes.is_file()
    if wanted and entry_of(changes.read_text("utf-8"), document.version) is None:
        yield f"{document.provider}/CHANGELOG.md: has no heading `## {document.version}`, the version of the document"


def _section_problems(sections: Any) -> Iterator[str]:
    if not isinstance(sections, Mapping):
        yield f"`sections` maps each heading to its digest; {task('sources', '--record')} writes them"
        return
    for heading, digest in cast("Node", sections).items():
        if not DIGEST.fullmatch(str(digest)):
            yield f"the section {heading!r} has no digest; {task('sources', '--record')} writes it"


def _extensions(document: Document) -> Iterator[Problem]:
    for at, node in mappings(document.raw):
        if at and at[-1] in {"example", "examples", "x-delivery", "x-basis", "properties"}:
            continue
        for name in node:
            if name.startswith("x-") and name not in EXTENSIONS:
                yield (*at, name), f"{name} is none of the extensions"


def _naming(document: Document) -> Iterator[Problem]:
    if not VERSION.fullmatch(document.version):
        yield ("info", "version"), f"info.version: {document.version} is not X.Y.Z"
    for index, tag in enumerate(document.raw.get("tags", ())):
        if not re.fullmatch(r"[a-z][a-z0-9]*(_[a-z0-9]+)*", tag["name"]):
            yield ("tags", index), f"{tag['name']}: a tag is snake_case"
    operations = [*document.operations, *document.events]
    for operation in operations:
        if not re.fullmatch(r"[a-z]+([A-Z][a-z0-9]*)*", operation.operation_id):
            yield operation.at, f"{operation.operation_id}: an operation is camelCase"
    taken = {name.lower() for name in document.schemas}
    for operation in operations:
        if operation.operation_id.lower() in taken:
            yield operation.at, f"{operation.operation_id}: the name stands twice"
        taken.add(operation.operation_id.lower())


def _basis(document: Document) -> Iterator[Problem]:
    for at, place, node in _bearers(document):
        if node.get("x-basis") is None:
            yield at, f"{place}: has no x-basis"
    for at, node in mappings(document.raw):
        if "x-basis" in node and not (at and at[-1] == "properties"):
            yield from (((*at, "x-basis"), told) for told in _basis_problems(document, node["x-basis"]))


def _basis_problems(document: Document, basis: Any) -> Iterator[str]:
    said = [kind for kind in KINDS if kind in cast("Node", basis)] if isinstance(basis, Mapping) else []
    if len(said) != 1:
        yield f"x-basis must say one of {', '.join(KINDS)}" + (f", and says {' and '.join(said)}" if said else "")
        return
    entries = cast("Node", basis)
    if unknown := set(entries) - {*KINDS, "note", "required"}:
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
    elif kind == "doc" and source["sections"][section] == EMPTY:
        yield f"x-basis names the section {section!r}, which has no text of its own: name the one that states it"


def _required(document: Document) -> Iterator[Problem]:
    bodies = [content_schema(node) for operation in document.operations for node in operation.responses.values()]
    answered = document.reachable(bodies + [event.body.name for event in document.events if event.body])
    for name in sorted(answered):
        schema = document.schemas[name]
        for member in schema.get("required", ()):
            basis = schema["properties"][member].get("x-basis", schema.get("x-basis", {}))
            if "doc" not in basis and "required" not in basis:
                at = ("components", "schemas", name, "properties", member)
                yield at, f"{name}.{member}: only the contract page makes a field of an answer required, or a reason"


def _described(document: Document) -> Iterator[Problem]:
    for operation in [*document.operations, *document.events]:
        if not operation.node.get("summary"):
            yield operation.at, f"{operation.operation_id}: has no summary"
        for at, name, node in _parts(operation):
            if name != "body" and not node.get("description"):
                yield at, f"{operation.operation_id} {name}: has no description"
    for name, schema in document.schemas.items():
        at = ("components", "schemas", name)
        if not schema.get("description"):
            yield at, f"{name}: has no description"
        if odd := set(schema.get("x-enum-descriptions", {})) ^ set(map(str, schema.get("enum", ()))):
            told = f"x-enum-descriptions must describe each value, and no other: {', '.join(sorted(odd))}"
            yield at, f"{name}: {told}"
    for name, member, node in document.properties():
        if not (node.get("description") or ref_name(node)):
            yield ("components", "schemas", name, "properties", member), f"{name}.{member}: has no description"


def _responses(document: Document) -> Iterator[Problem]:
    for operation in document.operations:
        errors = [node for status, node in operation.responses.items() if not operation.is_success(status)]
        at = (*operation.at, "responses")
        if not errors:
            yield at, f"{operation.operation_id}: lists no error"
        if any(content_schema(node) != "Error" for node in errors):
            yield at, f"{operation.operation_id}: an error must bear the schema Error"


def _secrets(document: Document) -> Iterator[Problem]:
    for name, member, node in document.properties():
        if not SOUNDS_SECRET.search(member) or node.get("x-public"):
            continue
        schema = document.resolve(node)
        texts = (schema, *(document.resolve(inner) for inner in inner_schemas(schema)))
        if any(text.get("type") == "string" and not is_secret(text) for text in texts):
            at = ("components", "schemas", name, "properties", member)
            yield at, f"{name}.{member}: sounds secret; say `format: password`, or `x-public` and why"


def _examples(document: Document) -> Iterator[Problem]:
    for operation in [*document.operations, *document.events]:
        found = json_content(document.resolve(operation.node.get("requestBody", {})))
        if found and "example" not in found[1]:
            yield (*operation.at, "requestBody"), f"{operation.operation_id}: its body has no example"
    for at, name, value in samples(document):
        yield from ((at, f"the example {told}") for told in misfits(document, name, value))


FIRST_RULES = ("openapi", "not supported", "complete", "todo")
"""Those that are reported alone."""
RULES: dict[str, Rule] = {
    "extensions": _extensions,
    "naming": _naming,
    "basis": _basis,
    "required": _required,
    "described": _described,
    "responses": _responses,
    "secrets": _secrets,
    "examples": _examples,
}


def _bearers(document: Document) -> Iterator[tuple[At, str, Node]]:
    """Yield everything that has to bear an `x-basis`, with its place and its name."""
    components = document.raw["components"]
    for index, server in enumerate(document.raw["servers"]):
        yield ("servers", index), f"server {server['url']}", server
    for kind in ("securitySchemes", "headers", "schemas"):
        yield from ((("components", kind, name), name, node) for name, node in components.get(kind, {}).items())
    for operation in [*document.operations, *document.events]:
        yield operation.at, operation.operation_id, operation.node
        yield from ((at, f"{operation.operation_id} {name}", node) for at, name, node in _parts(operation))


def _parts(operation: Operation) -> Iterator[tuple[At, str, Node]]:
    """Yield the parameters, answers and body of an operation, each with its place and its name."""
    yield from ((each.at, each.name, each.node) for each in operation.arguments)
    yield from (((*operation.at, "responses", status), status, node) for status, node in operation.responses.items())
    if "requestBody" in operation.node:
        body = operation.document.resolve(operation.node["requestBody"])
        yield (*operation.at, "requestBody"), "body", body
