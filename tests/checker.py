"""Holds what goes over the wire against the YAML documents, by JSON Schema alone: no generated code takes part."""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Iterator
from typing import Any

import attrs
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from compiler.document import MEDIA_TYPE, OPENAPI, Document, Operation, content_schema
from compiler.lint import misfits
from ordermux.emulator.server import PROVIDERS


@functools.cache
def documents() -> dict[str, Document]:
    """Return the documents by provider."""
    return {path.stem: Document.load(path) for path in sorted(OPENAPI.glob("*.yaml"))}


def examples_of(document: Document) -> dict[str, tuple[str, Any]]:
    """Return the document's examples of schemas and of request bodies, by where they stand, each with its schema."""
    found = {
        f"{name} {number}": (name, example)
        for name, schema in document.schemas.items()
        for number, example in enumerate(schema.get("examples", ()), 1)
    }
    for operation in document.operations:
        if operation.body:
            example = operation.node["requestBody"]["content"][MEDIA_TYPE]["example"]
            found[f"the body of {operation.operation_id}"] = operation.body.name, example
    return found


@functools.cache
def _operations() -> list[tuple[str, re.Pattern[str], Operation]]:
    """Return each operation that the emulator has, with its method and path, those with the fewest parameters first."""
    emulated = {provider: document for provider, document in documents().items() if provider in PROVIDERS}
    found = [
        (operation.method, PROVIDERS[provider].BASE_PATH + operation.path, operation)
        for provider, document in emulated.items()
        for operation in document.operations
    ]
    found.sort(key=lambda entry: entry[1].count("{"))
    return [(method, re.compile(re.sub(r"\\{[^}]+\\}", "[^/]+", re.escape(path))), op) for method, path, op in found]


def operation_at(method: str, path: str) -> Operation | None:
    """Return the operation that a request is of."""
    return next((op for known, pattern, op in _operations() if known == method and pattern.fullmatch(path)), None)


@attrs.define
class Checker:
    """Wraps an ASGI app; what breaks the documents is collected in `problems`."""

    app: ASGIApp
    checked: int = 0
    problems: list[str] = attrs.field(factory=list[str])

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass everything on, and look at the request and the answer when they are complete."""
        asked, answered = bytearray(), bytearray()
        statuses: list[int] = []

        async def receiving() -> Message:
            message = await receive()
            asked.extend(message.get("body", b""))
            return message

        async def sending(message: Message) -> None:
            statuses.extend([message["status"]] if "status" in message else [])
            answered.extend(message.get("body", b""))
            await send(message)

        await self.app(scope, receiving, sending)
        path = scope["raw_path"].decode(errors="replace")
        where = f"{scope['method']} {path}"
        status = statuses[0]
        operation = operation_at(scope["method"], path)
        if operation is None:
            if status != 404:
                self.problems.append(f"{where}: answered {status}, and no document has it")
            return
        self.checked += 1
        found = _problems(operation, status, bytes(asked), bytes(answered))
        self.problems += [f"{where}: {problem}" for problem in found]


def _problems(operation: Operation, status: int, asked: bytes, answered: bytes) -> Iterator[str]:
    response = operation.responses.get(str(status)) or operation.responses.get(f"{status // 100}XX")
    if response is None:
        yield f"the status {status} is not documented"
        return
    yield from (f"the answer {problem}" for problem in _misfits(operation, content_schema(response), answered))
    if status < 300 and operation.body:
        yield from (f"the request {problem}" for problem in _misfits(operation, operation.body.name, asked))


def _misfits(operation: Operation, name: str, content: bytes) -> Iterator[str]:
    if not name or (not content and not {"type", "oneOf"} & set(operation.document.schemas[name])):
        return
    try:
        body = json.loads(content)
    except ValueError:
        yield f"is no JSON: {content[:80]!r}"
        return
    yield from misfits(operation.document, name, body)
