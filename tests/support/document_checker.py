"""Holds what goes over the wire against the YAML documents, by JSON Schema alone: no generated code takes part."""

from __future__ import annotations

import functools
import json
import re
import threading
import time
from collections.abc import Iterable, Iterator
from typing import Any

import attrs
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ordermux.emulator.registry import emulators
from ordermux_codegen.compile.document import Document
from ordermux_codegen.compile.nodes import MEDIA_TYPE, content_schema
from ordermux_codegen.compile.operations import Operation
from ordermux_codegen.compile.validity import misfits
from support.repository import DOCUMENTS

PROVIDERS = emulators()


@functools.cache
def documents() -> dict[str, Document]:
    """Return the documents by provider."""
    return {path.stem: Document.load(path) for path in sorted(DOCUMENTS.glob("*.yaml"))}


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
        (operation.method, f"/{provider}{PROVIDERS[provider].base_path}{operation.path}", operation)
        for provider, document in emulated.items()
        for operation in document.operations
    ]
    found.sort(key=lambda entry: entry[1].count("{"))
    return [(method, re.compile(re.sub(r"\\{[^}]+\\}", "[^/]+", re.escape(path))), op) for method, path, op in found]


def operation_at(method: str, path: str) -> Operation | None:
    """Return the operation that a request is of."""
    return next((op for known, pattern, op in _operations() if known == method and pattern.fullmatch(path)), None)


@attrs.define
class Tally:
    """What was held against the documents, by all checkers that share it; for any thread."""

    answers: int = 0
    requests: int = 0
    """Those that were carried out, and whose body the document describes."""
    problems: list[str] = attrs.field(factory=list[str])
    """What was not as documented, until somebody takes it."""
    _lock: threading.Lock = attrs.field(factory=threading.Lock)

    def add(self, problems: Iterable[str], *, answers: int = 0, requests: int = 0) -> None:
        """Count what was looked at, and what was found."""
        found = list(problems)
        with self._lock:
            self.answers += answers
            self.requests += requests
            self.problems += found

    def taken(self) -> list[str]:
        """Return the problems, and forget them."""
        with self._lock:
            problems, self.problems = self.problems, []
        return problems

    def awaited(self) -> list[str]:
        """Return the problems that are there, or come within some seconds: a server tells after it has answered."""
        end = time.monotonic() + 5
        while not self.problems and time.monotonic() < end:
            time.sleep(0.005)
        return self.taken()


@attrs.define
class Checker:
    """Wraps an ASGI app; what breaks the documents is collected in `problems`."""

    app: ASGIApp
    tally: Tally = attrs.field(factory=Tally)

    @property
    def checked(self) -> int:
        """How many answers were looked at."""
        return self.tally.answers

    @property
    def problems(self) -> list[str]:
        """What is not as documented."""
        return self.tally.problems

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

        try:
            await self.app(scope, receiving, sending)
        finally:
            if statuses:
                self._look(scope, statuses[0], bytes(asked), bytes(answered))

    def _look(self, scope: Scope, status: int, asked: bytes, answered: bytes) -> None:
        path = scope["raw_path"].decode(errors="replace")
        where = f"{scope['method']} {path}"
        operation = operation_at(scope["method"], path)
        if operation is None:
            if str(status) not in _without_operation(path):
                self.tally.add([f"{where}: answered {status}, and no document has it"])
            return
        carried_out = status < 300 and operation.body is not None
        found = _problems(operation, status, asked if carried_out else None, answered)
        self.tally.add((f"{where}: {problem}" for problem in found), answers=1, requests=carried_out)


def _without_operation(path: str) -> set[str]:
    """Return how what is no operation may be answered: a wrong method also as the path's own operations refuse."""
    others = [op for _, pattern, op in _operations() if pattern.fullmatch(path)]
    return {"404", "405"} | {status for op in others for status in op.responses if status >= "4"}


_BOUNDS = {413, 507}
"""How the emulator itself refuses what is more than it keeps."""


def _problems(operation: Operation, status: int, asked: bytes | None, answered: bytes) -> Iterator[str]:
    if status in _BOUNDS:
        return
    response = operation.responses.get(str(status)) or operation.responses.get(f"{status // 100}XX")
    if response is None:
        yield f"the status {status} is not documented"
        return
    yield from (f"the answer {problem}" for problem in _misfits(operation, content_schema(response), answered))
    if asked is not None and operation.body:
        yield from (f"the request {problem}" for problem in _misfits(operation, operation.body.name, asked))


def _misfits(operation: Operation, name: str, content: bytes) -> Iterator[str]:
    if not name or (not content and not {"type", "oneOf"} & set(operation.document.schemas[name])):
        return
    try:
        body = json.loads(content)
    except ValueError:
        yield f"is no JSON: {content[:80]!r}"
        return
    yield from misfits(documents()[operation.document.provider], name, body)
