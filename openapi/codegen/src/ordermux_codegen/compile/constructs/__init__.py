"""What of OpenAPI is not compiled: each use of it, with its place.

What is known to be compiled right is listed here; whatever else a document says is refused, so that nothing of it is
passed over in silence.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from typing import Any, cast

from ..document import Document
from ..nodes import Node
from ..yaml_positions import At
from .finding import Finding
from .operations import operation_findings
from .schemas import schema_findings
from .servers import security_findings, server_findings

DIALECT = "https://spec.openapis.org/oas/3.1/dialect/base"
DATA = {"example", "examples", "default", "const", "enum"}
"""Below these a document holds values, not more of itself."""


def findings(document: Document) -> list[str]:
    """Return each use of what is not compiled: what it is, the file and the line, and what to write instead."""
    lines = (
        f"{finding.what} at {document.place(finding.at)}{'; ' + finding.cure if finding.cure else ''}"
        for finding in _all(document)
    )
    return list(dict.fromkeys(lines))


def _all(document: Document) -> Iterator[Finding]:
    version = str(document.raw.get("openapi", ""))
    if not version.startswith("3.1."):
        yield Finding(("openapi",), f"OpenAPI {version}", "write the document in OpenAPI 3.1")
        return
    if loose := list(_references(document)):
        yield from loose
        return  # what the rest would follow leads nowhere
    schemas = document.raw.get("components", {}).get("schemas", {})
    if odd := [name for name, schema in schemas.items() if not isinstance(schema, Mapping)]:
        for name in odd:
            yield Finding(("components", "schemas", name), "a schema that is no mapping", "say `{}` for any value")
        return
    if document.raw.get("jsonSchemaDialect", DIALECT) != DIALECT:
        yield Finding(("jsonSchemaDialect",), "another dialect of JSON Schema")
    yield from _values(document)
    yield from server_findings(document)
    yield from security_findings(document)
    yield from schema_findings(document)
    yield from operation_findings(document)


def _values(document: Document) -> Iterator[Finding]:
    """Yield the values of a document that are compiled nowhere."""
    member = document.raw.get("x-error-member", "error")
    if not (isinstance(member, str) and re.fullmatch(r"[A-Za-z0-9_.-]+", member)):
        yield Finding(("x-error-member",), f"the member {member!r}", "write a name of plain letters and digits")
    if not re.fullmatch(r"[0-9]+(\.[0-9]+)*([-.+]?[a-z][a-z0-9.+-]*)?", document.version):
        yield Finding(("info", "version"), f"the version {document.version!r}", "write X.Y.Z")
    for at, value in _odd(document.raw, ()):
        yield Finding(at, f"the value {value!r}, which JSON does not have", "write it as a text")
    for at, text in _texts(document.raw, ()):
        if any("\ud800" <= sign <= "\udfff" for sign in text):
            yield Finding(at, "half a surrogate pair in a text")


def _references(document: Document) -> Iterator[Finding]:
    for at, node in _mappings(document.raw, ()):
        target = node.get("$ref")
        if target is None or (at and at[-1] == "properties"):
            continue
        here = (*at, "$ref")
        if not isinstance(target, str):
            yield Finding(here, "a `$ref` that is no string")
        elif not target.startswith("#/"):
            yield Finding(here, f"the reference {target!r} to another file", "copy what it names into the components")
        elif not document.has(target):
            what = "itself" if _is_loop(document, target) else "nothing"
            yield Finding(here, f"the reference {target!r} to {what}")


def _is_loop(document: Document, target: str) -> bool:
    try:
        document.resolve({"$ref": target})
    except ValueError as error:
        return not isinstance(error, LookupError) and "itself" in str(error)
    except (LookupError, TypeError):
        return False
    return False


def _odd(node: Any, at: At) -> Iterator[tuple[At, object]]:
    """Yield every value of a document that JSON does not have: YAML has more."""
    if isinstance(node, Mapping):
        for name, value in cast("Node", node).items():
            yield from _odd(value, (*at, name))
    elif isinstance(node, list):
        for index, item in enumerate(cast("list[Any]", node)):  # type: ignore[redundant-cast]
            yield from _odd(item, (*at, index))
    elif not (node is None or isinstance(node, str | int) or (isinstance(node, float) and math.isfinite(node))):
        yield at, node


def _texts(node: Any, at: At) -> Iterator[tuple[At, str]]:
    """Yield every text of a document, keys included."""
    if isinstance(node, Mapping):
        for name, value in cast("Node", node).items():
            yield at, name
            yield from _texts(value, (*at, name))
    elif isinstance(node, list):
        for index, item in enumerate(cast("list[Any]", node)):  # type: ignore[redundant-cast]
            yield from _texts(item, (*at, index))
    elif isinstance(node, str):
        yield at, node


def _mappings(node: Any, at: At) -> Iterator[tuple[At, Node]]:
    """Yield every mapping of a document that is a part of it, and no value."""
    if isinstance(node, Mapping):
        entries = cast("Node", node)
        yield at, entries
        for name, value in entries.items():
            is_data = (name in DATA or str(name).startswith("x-")) and not (at and at[-1] in {"properties", "schemas"})
            if not is_data:
                yield from _mappings(value, (*at, name))
    elif isinstance(node, list):
        for index, item in enumerate(cast("list[Any]", node)):  # type: ignore[redundant-cast]
            yield from _mappings(item, (*at, index))
