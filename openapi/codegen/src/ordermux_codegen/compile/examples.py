"""Calls of a package's operations, as its README shows them, from the document's own examples."""

from __future__ import annotations

import json
from typing import Any

from openapi_python_client.strings import snake_case

from .document import Document
from .media import RAW, is_upload, members, request_media
from .nodes import kinds_of
from .operations import Body, Operation
from .parameters import Parameter


def example_client(document: Document) -> str:
    """Return the code that makes a client, each credential named for its argument."""
    address = ['base_url="https://shop.example"'] if document.needs_address else []
    arguments = [*address, *(f'{each.argument}="{each.argument}"' for each in document.credentials)]
    return f"from ordermux_{document.provider} import Client\n\nclient = Client({', '.join(arguments)})"


def example_call(operation: Operation) -> str:
    """Return the code that calls an operation by what it requires."""
    package, name = f"ordermux_{operation.document.provider}", snake_case(operation.operation_id)
    lines = [f"from {package}.api.{operation.module} import {name}"]
    path = [_value(each) for each in operation.arguments_in("path")]
    required = [each for each in operation.arguments_in("query", "header", "cookie") if each.required]
    arguments = [*path, "client=client", *(f"{each.argument}={_value(each)}" for each in required)]
    if operation.body:
        imported, body = _body(operation, operation.body)
        lines = [*([f"from {package} import {imported}"] if imported else []), *lines, "", body]
        arguments.append("body=body")
    call = f"{name}.sync({', '.join(arguments)})"
    return "\n".join([*lines, *([] if operation.body else [""]), f"print({call})" if operation.returned else call])


def _body(operation: Operation, body: Body) -> tuple[str, str]:
    """Return what the code of a body imports, and the code."""
    media = request_media(operation.document.resolve(operation.node["requestBody"]))
    example: Any = media.node.get("example", {}) if media else {}
    if body.kind in RAW:
        text = example if isinstance(example, str) else "..."
        return "", f"body = {text!r}" if body.kind == "text" else f"body = {text.encode()!r}"
    if body.kind == "parts" and media:
        fields = members(operation.document, media)
        files = [snake_case(name) for name, node in fields if is_upload(operation.document, node)]
        given = ", ".join(f'{name}=types.Upload(b"...", "{name}.bin")' for name in files)
        return "models, types", f"body = models.{body.name}({given})"
    told = json.dumps(example, ensure_ascii=False).encode()
    return "codec, models", f"body, _ = codec.decode({told!r}, models.{body.name})"


def _value(parameter: Parameter) -> str:
    schema = parameter.document.resolve(parameter.schema)
    known: list[Any] = [
        *([parameter.node["example"]] if "example" in parameter.node else []),
        *schema.get("examples", ()),
        *schema.get("enum", ()),
    ]
    value = repr(known[0]) if known else "1" if "integer" in kinds_of(schema) else repr(parameter.name)
    return f"{parameter.type}({value})" if parameter.type.startswith("models.") else value
