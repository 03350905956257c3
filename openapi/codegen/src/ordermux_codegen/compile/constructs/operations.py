"""Operations and events that are not compiled."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from openapi_python_client.strings import snake_case

from ..document import METHODS, Document
from ..media import answer_media, holds_object
from ..nodes import MEDIA_TYPE, Node, is_secret, json_content, kinds_of, ref_name, references
from ..operations import Operation
from ..parameters import Parameter
from ..yaml_positions import At
from .bodies import body_findings, file_findings
from .finding import Finding
from .schemas import NEEDS_NAME
from .servers import TOKEN, is_argument, place_of_scheme, requirement_findings

AS_CREDENTIAL = "make it a security scheme"
ITEM = {*METHODS, "parameters", "summary", "description", "$ref"}
OPERATION = {
    "callbacks", "deprecated", "description", "externalDocs", "operationId", "parameters", "requestBody", "responses",
    "security", "summary", "tags",
}  # fmt: skip
PARAMETER = {
    "deprecated", "description", "example", "examples", "explode", "in", "name", "required", "schema", "style",
    "allowReserved", "allowEmptyValue", "content",
}  # fmt: skip
LITERAL = re.compile(r"(/([A-Za-z0-9\-._~!$&'()*+,;=:@]|\{[^{}/]+\}|%[0-9A-Fa-f]{2})*)+")
"""A path (RFC 3986, 3.3), with parameters in braces."""
STYLES = {
    "path": ("simple",),
    "query": ("form", "spaceDelimited", "pipeDelimited", "deepObject"),
    "header": ("simple",),
    "cookie": ("form",),
}
OWN_HEADERS = {
    "accept", "accept-encoding", "authorization", "connection", "content-length", "content-type", "cookie", "host",
    "transfer-encoding",
}  # fmt: skip
"""What the client, or what sends for it, sets itself."""


def operation_findings(document: Document) -> Iterator[Finding]:
    """Yield what is not compiled of the operations and the events."""
    for at, path, item in document.path_items():
        if not LITERAL.fullmatch(path) or {".", ".."} & set(path.split("/")):
            yield Finding(at, f"the path {path!r}", "write it as it is sent, percent-encoded, a query as parameters")
        for name in item:
            if name not in ITEM and not name.startswith("x-"):
                yield Finding((*at, name), "the method TRACE" if name == "trace" else f"`{name}` of a path")
    taken: set[str] = set()
    for operation in document.operations:
        yield from _operation(document, operation)
        called: Any = operation.node.get("operationId")
        if not (isinstance(called, str) and re.fullmatch(r"[A-Za-z][A-Za-z0-9_]*", called)):
            yield Finding(operation.at, f"the operation name {called!r}", "say `operationId`, in camelCase")
        elif not operation.module:
            yield Finding(operation.at, f"{called}, which has no tag that can be a module's name", "say `tags`")
        elif snake_case(called) in taken:
            yield Finding(
                operation.at, f"{called}, whose module is another operation's too", "take another `operationId`"
            )
        else:
            taken.add(snake_case(called))
            yield from _parameters(operation)
    yield from _events(document)
    yield from file_findings(document)


def _operation(document: Document, operation: Operation) -> Iterator[Finding]:
    at, node = operation.at, operation.node
    yield from _unknown(at, node, OPERATION, "an operation")
    if not node.get("responses"):
        yield Finding(at, "an operation without `responses`")
    yield from requirement_findings(document, at, node)
    body = document.resolve(node.get("requestBody", {}))
    if body and not body.get("content"):
        yield Finding((*at, "requestBody"), "a body without content")
    yield from body_findings(document, (*at, "requestBody", "content"), body, answer=False)
    if operation.method == "HEAD" and body:
        yield Finding((*at, "requestBody"), "a body of HEAD")
    if node.get("responses"):
        yield from _responses(document, operation)


def _responses(document: Document, operation: Operation) -> Iterator[Finding]:
    at: At = (*operation.at, "responses")
    results: set[str] = set()
    for status, response in operation.responses.items():
        here = (*at, status)
        if not re.fullmatch(r"default|[1-5](XX|[0-9]{2})", status):
            yield Finding(here, f"the status {status!r}")
        elif operation.is_success(status):
            yield from body_findings(document, (*here, "content"), response, answer=True)
            media = answer_media(response)
            results.add((media.schema or media.kind) if media else "")
        elif (name := _name_of(response)) not in {"", "Error"} or (json_content(response) and not name):
            yield Finding(here, f"an error whose body is {name or 'a schema of its own'}", "refer to `Error`")
    if len(results) > 1 and "2XX" in operation.responses:
        yield Finding((*at, "2XX"), "a range of successes beside one of another body", "say each status")
    if not results:
        yield Finding(at, "an operation without a success, a status 2xx")
    elif len(results - {""}) > 1:
        yield Finding(at, f"successes of different bodies, {' and '.join(sorted(results))}", "make a union")


def _name_of(node: Node) -> str:
    found = json_content(node)
    return ref_name(found[1].get("schema", {})) if found else ""


def _parameters(operation: Operation) -> Iterator[Finding]:
    for parameter in operation.arguments:
        yield from _parameter(operation, parameter)
    arguments = [parameter.argument for parameter in operation.arguments]
    for parameter in operation.arguments:
        if arguments.count(parameter.argument) > 1 or not is_argument(parameter.argument):
            what = f"the parameter {parameter.name!r}, whose name in Python is {parameter.argument!r}, taken or no name"
            yield Finding(parameter.at, what)
    in_path = set(re.findall(r"\{([^}]+)\}", operation.path))
    told = {parameter.name for parameter in operation.arguments if parameter.location == "path"}
    for name in sorted(in_path ^ told):
        yield Finding(operation.at, f"the path parameter {name!r}, which stands in the path or in `parameters` alone")


def _parameter(operation: Operation, parameter: Parameter) -> Iterator[Finding]:
    at, node, where = parameter.at, parameter.node, parameter.location
    yield from _unknown(at, node, PARAMETER, "a parameter")
    if "content" in node:
        yield from _json_parameter(parameter)
        return
    if "schema" not in node:
        yield Finding(at, f"the parameter {parameter.name!r} without a schema of its own")
        return
    if where not in STYLES:
        yield Finding(at, f"a parameter in {where!r}")
        return
    if (where, parameter.name.lower()) in _credential_places(operation):
        what = f"the parameter {parameter.name!r}, where a credential goes, too"
        yield Finding(at, what, "leave one of them out")
    if not parameter.name:
        yield Finding(at, "a parameter without a name")
    if where in {"header", "cookie"} and not TOKEN.fullmatch(parameter.name):
        yield Finding(at, f"the {where} {parameter.name!r}, which is no name of one")
    if where == "header" and parameter.name.lower() in OWN_HEADERS:
        yield Finding(at, f"the header {parameter.name} as a parameter", "say a security scheme or a media type")
    if where == "path" and node.get("required") is not True:
        yield Finding(at, f"the path parameter {parameter.name!r} that is not required")
    if node.get("allowReserved") or node.get("allowEmptyValue"):
        yield Finding(at, f"`allowReserved` or `allowEmptyValue` of {parameter.name!r}")
    yield from _parameter_schema(operation, parameter)


def _credential_places(operation: Operation) -> set[tuple[str, str]]:
    """Return where an operation's credentials go: the place and the name in small letters."""
    schemes = operation.document.security_schemes
    required = operation.node.get("security", operation.document.raw.get("security", ()))
    return {place_of_scheme(schemes[name]) for option in required for name in option if name in schemes}


def _json_parameter(parameter: Parameter) -> Iterator[Finding]:
    content, schema = parameter.node["content"], parameter.schema
    if list(content) != [MEDIA_TYPE] or parameter.location != "query":
        what = f"`content` of the {parameter.location} parameter {parameter.name!r}"
        yield Finding(parameter.at, what, "only `application/json` in a query is compiled")
    elif not ref_name(schema):
        yield Finding((*parameter.at, "content"), f"the schema of the parameter {parameter.name!r}", NEEDS_NAME)
    elif _has_secret(parameter):
        yield Finding((*parameter.at, "content"), f"a secret in the parameter {parameter.name!r}", AS_CREDENTIAL)


def _has_secret(parameter: Parameter) -> bool:
    """Return whether a secret stands somewhere in a parameter, which would be in the address."""
    document = parameter.document
    names = document.reachable(references(parameter.schema))
    return bool({name for name, _ in document.secrets()} & names) or any(is_secret(document.schemas[n]) for n in names)


def _spread_findings(parameter: Parameter) -> Iterator[Finding]:
    """Yield what is not compiled of a parameter that becomes several fields of the query."""
    at, document, schema = (*parameter.at, "schema"), parameter.document, parameter.schema
    target = document.resolve(schema)
    is_list = kinds_of(target) - {"null"} == {"array"}
    if parameter.node.get("style") == "deepObject" and parameter.node.get("explode") is False:
        yield Finding(parameter.at, f"`explode: false` of the parameter {parameter.name!r}", "say `explode: true`")
    if parameter.spread == "deep" and not (is_list or holds_object(document, schema)):
        what = f"`style: deepObject` of the parameter {parameter.name!r}"
        yield Finding(parameter.at, what, "leave `style` out: the value is no object")
    elif _has_secret(parameter):
        yield Finding(at, f"a secret in the parameter {parameter.name!r}", AS_CREDENTIAL)
    elif not (ref_name(schema) or (is_list and (ref_name(target["items"]) or not holds_object(document, schema)))):
        yield Finding(at, f"an object in the parameter {parameter.name!r}", NEEDS_NAME)
    elif parameter.spread == "members" and any(
        holds_object(document, node) for node in [*target.get("properties", {}).values(), *_rest(target)]
    ):
        what = f"an object in an object in the parameter {parameter.name!r}"
        yield Finding(at, what, "say `style: deepObject` for names in brackets, or `content` for JSON")


def _rest(schema: Node) -> list[Node]:
    return [schema["additionalProperties"]] if isinstance(schema.get("additionalProperties"), Mapping) else []


def _parameter_schema(operation: Operation, parameter: Parameter) -> Iterator[Finding]:
    at = (*parameter.at, "schema")
    document, schema = operation.document, parameter.node["schema"]
    if parameter.spread:
        yield from _spread_findings(parameter)
        return
    if set(schema) & {"oneOf", "anyOf", "allOf", "enum", "not", "if", "nullable"}:
        yield Finding(at, f"a choice in the parameter {parameter.name!r}", "make it a component and refer to it")
        return
    target = document.resolve(schema)
    kinds = kinds_of(target) - {"null"}
    is_list = kinds == {"array"}
    style = parameter.node.get("style", STYLES[parameter.location][0])
    if style not in STYLES[parameter.location] or (style.endswith("Delimited") and parameter.explodes):
        yield Finding(parameter.at, f"`style: {style}` of the parameter {parameter.name!r}")
    if is_list and (parameter.location == "cookie" or ref_name(schema)):
        yield Finding(at, f"a list in the {parameter.location} {parameter.name!r}")
    items = target.get("items", {}) if is_list else target
    inner = document.resolve(items)
    if is_secret(inner):
        yield Finding(at, f"a secret in the parameter {parameter.name!r}", AS_CREDENTIAL)
    elif {"oneOf", "anyOf", "allOf", "const"} & set(inner) or (is_list and "enum" in items):
        yield Finding(at, f"a choice in the parameter {parameter.name!r}")
    elif len(types := kinds_of(inner) - {"null"}) != 1 or types & {"object", "array"}:
        yield Finding(at, f"the parameter {parameter.name!r} of type {', '.join(sorted(types)) or 'any'}")
    elif types == {"number"} and inner.get("format") != "decimal":
        yield Finding(at, "a binary floating-point number", "say `format: decimal`")


def _events(document: Document) -> Iterator[Finding]:
    bodies: set[str] = set()
    for event in document.events:
        yield from _unknown(event.at, event.node, OPERATION, "an event")
        if not event.node.get("operationId"):
            yield Finding(event.at, "an event without `operationId`")
        body = document.resolve(event.node.get("requestBody", {}))
        if not _name_of(body):
            yield Finding(event.at, "an event without a body in JSON that is a component")
        else:
            bodies.add(_name_of(body))
    if len(bodies) < 2:  # noqa: PLR2004
        return
    unions = [
        {ref_name(m) for m in schema.get("oneOf", ())}
        for name, schema in document.schemas.items()
        if "discriminator" in schema or name in document.unions
    ]
    if bodies not in unions:
        yield Finding(document.events[0].at, "events without a union of them all, which tells them apart")


def _unknown(at: At, node: Node, known: set[str], what: str) -> Iterator[Finding]:
    for name in node:
        if name not in known and not str(name).startswith("x-"):
            yield Finding((*at, name), f"`{name}` of {what}")
