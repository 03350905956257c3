"""The inbox as an ASGI app, with limits on the size and the time of bodies that are not verified yet."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Self, TypeAlias, TypeVar

import attrs
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from .response import BUSY, WebhookResponse

_log = logging.getLogger("ordermux")
T = TypeVar("T")
Pairs: TypeAlias = list[tuple[bytes, bytes]]
_MAX_DIGITS = 18


@attrs.define(eq=False)
class Limits:
    """Limits on bodies that are not verified yet; each account has its own."""

    max_body: int
    """Maximum bytes of a body."""
    body_timeout: float
    """Maximum seconds until a body is complete."""
    max_buffered: int
    """Maximum bytes of all bodies of an account together."""
    buffered: Counter[str] = attrs.field(factory=Counter[str])
    """Bytes at present, by account."""


@attrs.define(eq=False)
class _Body:
    """A body that is being received; a context manager, within which it counts."""

    limits: Limits
    account: str
    content: bytearray = attrs.field(factory=bytearray)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.forget()

    def forget(self) -> None:
        """Stop counting it."""
        self.limits.buffered[self.account] -= len(self.content)
        self.content = bytearray()

    async def refusal(self, request: Request) -> tuple[WebhookResponse, str] | None:
        """Read it; return the response and the reason if it is not read to its end."""
        limits = self.limits
        try:
            async with asyncio.timeout(limits.body_timeout):
                async for piece in request.stream():
                    if len(self.content) + len(piece) > limits.max_body:
                        return _too_large(limits)
                    if limits.buffered[self.account] + len(piece) > limits.max_buffered:
                        return BUSY, f"its bodies that are not verified have more than {limits.max_buffered} bytes"
                    limits.buffered[self.account] += len(piece)
                    self.content += piece
        except TimeoutError:
            return WebhookResponse(
                HTTPStatus.REQUEST_TIMEOUT
            ), f"the body did not come within {limits.body_timeout:g} s"
        except ClientDisconnect:
            return WebhookResponse(HTTPStatus.BAD_REQUEST), "the body did not come to its end"
        return None


@attrs.frozen
class _CloseUnread:
    """Closes the connection after a response that is sent before the body is complete."""

    app: ASGIApp

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        unread = scope["type"] == "http" and scope["http_version"].startswith("1.")
        unread &= any(name in {b"content-length", b"transfer-encoding"} for name, _ in scope["headers"])

        async def received() -> Message:
            nonlocal unread
            message = await receive()
            unread &= message.get("more_body", False)
            return message

        async def sent(message: Message) -> None:
            if unread and message["type"] == "http.response.start":
                message = {**message, "headers": [*message["headers"], (b"connection", b"close")]}
            await send(message)

        await self.app(scope, received, sent)


def app(
    path: str,
    limits: Limits,
    refused: Callable[[str, Pairs], WebhookResponse | None],
    begin: Callable[[str, Pairs, bytearray], Awaitable[T]],
    handled: Callable[[T], Awaitable[WebhookResponse]],
    *,
    is_proven: Callable[[T], bool],
) -> Starlette:
    """Return an app that takes deliveries.

    `refused` gives what to answer where the headers are enough, `begin` verifies a body, and
    `handled` handles what came of it.
    A body counts until it is verified; one that `is_proven` says nobody has signed, until it is handled.
    """

    async def receive(request: Request) -> Response:
        account: str = request.path_params["account"]
        headers = [(name, value) for name, value in request.headers.raw]
        if reply := refused(account, headers):
            return _response(reply)
        with _Body(limits, account) as body:
            announced = request.headers.get("content-length", "")
            refusal = _too_large(limits) if _is_over(announced, limits.max_body) else await body.refusal(request)
            if refusal:
                _log.warning("%.100r: %s", account, refusal[1])
                return _response(refusal[0])
            begun = await begin(account, headers, body.content)
            if is_proven(begun):
                body.forget()
            return _response(await handled(begun))

    return Starlette(routes=[Route(path, receive, methods=["POST"])], middleware=[Middleware(_CloseUnread)])


def _is_over(announced: str, most: int) -> bool:
    """Return whether a Content-Length is more than the limit; the server refuses an invalid one."""
    return announced.isascii() and announced.isdigit() and (len(announced) > _MAX_DIGITS or int(announced) > most)


def _too_large(limits: Limits) -> tuple[WebhookResponse, str]:
    return WebhookResponse(HTTPStatus.REQUEST_ENTITY_TOO_LARGE), f"the body has more than {limits.max_body} bytes"


def _response(reply: WebhookResponse) -> Response:
    return Response(status_code=reply.status, headers=dict(reply.headers))
