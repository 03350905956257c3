"""The faults on the wire: an ASGI middleware, for uvicorn alone since some need the connection itself."""

from __future__ import annotations

import asyncio
import functools
import http.client
import itertools
import json
import socket
import struct
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import attrs
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ..providers.registry import provider_named
from .faults import BENT, Fault, FaultKind
from .registry import emulators

TRANSPORT = "ordermux.transport"
"""The ASGI extension that holds a call's connection."""

ErrorBody = Callable[[int], Any]

_HTML = b"<!doctype html><title>Welcome</title><p>This is a page for people.</p>"
_NO_JSON = b'{"id": "order_'
_REQUIRED = ("id", "orderId", "orders", "data", "access_token")
_NAMES = ("status", "state", "reason")
"""How the name of a member ends whose enum is a status, or why there is one."""
_UNHEARD_OF = "unheard_of"
_PIECE = 1 << 16
_DRIPS = {FaultKind.DRIP, FaultKind.HEADER_DRIP}
_BY_HAND = {FaultKind.RESET, FaultKind.EMPTY, FaultKind.STALL, FaultKind.TRUNCATED, *_DRIPS}
"""uvicorn has no part in these; the connection ends with them."""


@attrs.frozen
class _Answer:
    status: int
    headers: list[tuple[bytes, bytes]]
    body: bytes

    def with_headers(self, headers: Mapping[str, str]) -> _Answer:
        """Return it with these, in place of those of the same names."""
        new = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
        names = {name for name, _ in new}
        return attrs.evolve(self, headers=[header for header in self.headers if header[0] not in names] + new)

    def with_body(self, body: bytes) -> _Answer:
        """Return it with another body."""
        return attrs.evolve(self, body=body).with_headers({"content-length": str(len(body))})

    def head(self) -> bytes:
        """Return its first bytes on the wire, until the body."""
        lines = [f"HTTP/1.1 {self.status} {http.client.responses.get(self.status, '')}".encode()]
        return b"\r\n".join([*lines, *(b"%b: %b" % header for header in self.headers), b"", b""])


@attrs.frozen
class FaultMiddleware:
    """An ASGI middleware that makes calls go wrong; those that have no fault pass untouched."""

    app: ASGIApp
    arrive: Callable[[Scope], tuple[Fault, ErrorBody] | None]
    """Called with each call; returns its fault, if any, and what gives the body of the provider's errors."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the call on, or read the whole of it (who closes with something unread resets) and let it go wrong."""
        arrived = self.arrive(scope)
        if not arrived:
            await self.app(scope, receive, send)
            return
        request: list[Message] = []
        while not request or request[-1].get("more_body"):
            request.append(await receive())
        if request[-1]["type"] == "http.request":
            transport = scope["extensions"][TRANSPORT]
            await _Call(scope, receive, send, transport, request, *arrived).inject_fault(self.app)


@attrs.frozen
class _Call:
    """A call that goes wrong."""

    scope: Scope
    receive: Receive
    send: Send
    transport: asyncio.Transport
    request: list[Message]
    fault: Fault
    error_body: ErrorBody

    async def inject_fault(self, app: ASGIApp) -> None:
        """Carry it out where that is wanted, and answer, or do not."""
        fault = self.fault
        right, late = _Answer(200, [], b""), fault.kind is FaultKind.DELAY
        if late and fault.when == "before" and await self._is_gone(fault.seconds):
            return
        if late or fault.when == "after":
            right = await self._carried_out(app)
        if late and fault.when == "after" and await self._is_gone(fault.seconds):
            return
        if fault.kind in _BY_HAND:
            await self._leave(right.with_headers(fault.headers))
            self.transport.close()
            await self._is_gone()  # uvicorn would mend what ends unanswered on an open connection
        else:
            await self._answer(_wrong(fault, right, self.error_body))

    async def _carried_out(self, app: ASGIApp) -> _Answer:
        """Let the app answer."""
        asked, answered = iter(self.request), list[Message]()

        async def receive() -> Message:
            return next(asked, None) or await self.receive()

        async def send(message: Message) -> None:
            answered.append(message)

        await app(self.scope, receive, send)
        start, *rest = answered
        return _Answer(start["status"], start["headers"], b"".join(message.get("body", b"") for message in rest))

    async def _is_gone(self, seconds: float | None = None) -> bool:
        """Wait, for ever where no time is given; return whether the connection has ended before that."""
        try:
            async with asyncio.timeout(seconds):
                while (await self.receive())["type"] != "http.disconnect":
                    pass
        except TimeoutError:
            return False
        return True

    async def _leave(self, right: _Answer) -> None:
        """Write what there shall be of the right answer."""
        kind, body = self.fault.kind, right.body
        head = (right.with_headers({"connection": "close"}) if kind in _DRIPS else right).head()
        if kind is FaultKind.RESET:
            plug = self.transport.get_extra_info("socket")
            plug.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.transport.abort()
        elif kind is FaultKind.STALL:
            await self._is_gone(self.fault.seconds)
        elif kind is FaultKind.TRUNCATED:
            self.transport.write(head + body[: len(body) // 2] if body else head[: len(head) // 2])
        elif kind in _DRIPS:
            at_once, dripping, rest = (head, body, b"") if kind is FaultKind.DRIP else (b"", head, body)
            self.transport.write(at_once)
            for byte in dripping:
                if await self._is_gone(self.fault.seconds):
                    return
                self.transport.write(bytes([byte]))
            self.transport.write(rest)

    async def _answer(self, answer: _Answer) -> None:
        await self.send({"type": "http.response.start", "status": answer.status, "headers": answer.headers})
        for piece in _huge(self.fault.size) if self.fault.kind is FaultKind.HUGE else [answer.body]:
            await self.send({"type": "http.response.body", "body": piece, "more_body": True})
        await self.send({"type": "http.response.body", "body": b""})


def _wrong(fault: Fault, right: _Answer, error_body: ErrorBody) -> _Answer:
    """Return the answer that is sent, made up or bent; a refusal is not bent."""
    kind, answer = fault.kind, right
    if kind in BENT and right.status < http.HTTPStatus.BAD_REQUEST:
        answer = right.with_body(_bent(kind, right.body))
    elif _is_another_success(fault):
        answer = right if right.status >= http.HTTPStatus.BAD_REQUEST else attrs.evolve(right, status=fault.status)
    elif kind not in {FaultKind.DELAY, *BENT}:
        error = error_body(fault.status) if fault.status >= http.HTTPStatus.BAD_REQUEST else None
        usual = {FaultKind.STATUS: error, FaultKind.HTML: _HTML, FaultKind.MALFORMED: _NO_JSON}.get(kind)
        body = usual if fault.body is None else fault.body
        content = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        media_type = b"text/html; charset=utf-8" if kind is FaultKind.HTML else b"application/json"
        answer = _Answer(fault.status, [(b"content-type", media_type)], content)
        answer = answer if kind is FaultKind.HUGE else answer.with_body(content)
    return answer.with_headers(fault.headers)


def _is_another_success(fault: Fault) -> bool:
    """Return whether nothing but the status of the right answer shall be another, a success too."""
    carried_out = fault.kind is FaultKind.STATUS and fault.when == "after" and fault.body is None
    return carried_out and fault.status < http.HTTPStatus.BAD_REQUEST


def _bent(kind: FaultKind, content: bytes) -> bytes:
    """Return JSON in which one thing is not as documented.

    Raises LookupError where there is no such thing in it: better a complaint of the server's than a test of nothing.
    """
    body: dict[str, Any] = json.loads(
        content or b"{}", object_hook=_with_unknown_statuses if kind is FaultKind.UNKNOWN_STATUS else None
    )
    if kind is FaultKind.EXTRA_FIELD:
        body[_UNHEARD_OF] = {"by": ["anyone"]}
    elif kind is FaultKind.WRONG_TYPE and body:
        name = next((name for name in _REQUIRED if name in body), next(iter(body)))
        body[name] = 0 if isinstance(body[name], str) else "wrong"
    if body == json.loads(content or b"{}"):
        raise LookupError(f"{kind}: the answer has nothing to change: {content[:80]!r}")
    return json.dumps(body).encode()


def _with_unknown_statuses(members: dict[str, Any]) -> dict[str, Any]:
    return members | {name: _UNHEARD_OF for name in _statuses() if isinstance(members.get(name), str)}


@functools.cache
def _statuses() -> frozenset[str]:
    """Return the members that the documents have for statuses, by their enums."""
    found: set[str] = set()
    for name in emulators():
        schemas: dict[str, Any] = provider_named(name).document["components"]["schemas"]
        for schema in schemas.values():
            for member, node in schema.get("properties", {}).items():
                target = schemas.get(str(node.get("$ref")).rpartition("/")[2], {})
                if "enum" in target and member.lower().endswith(_NAMES):
                    found.add(member)
    return frozenset(found)


def _huge(size: int) -> Iterator[bytes]:
    """Give a JSON object of this many bytes in pieces, so that it is never in memory as a whole."""
    start, end = b'{"huge": "', b'"}'
    yield start
    pieces, rest = divmod(size - len(start + end), _PIECE)
    yield from itertools.repeat(b"x" * _PIECE, pieces)
    yield b"x" * rest + end
