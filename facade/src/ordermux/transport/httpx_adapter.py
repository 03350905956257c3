"""The transports over one of httpx's that a caller gives, such as an `httpx.MockTransport` or respx's router.

What such a transport says is believed: that nothing was sent if it could not connect, most of all. What httpx, httpcore
or a socket raises is a failure of the attempt; anything else, such as a job's time limit or the error of a mock, is
the caller's own, and passes. A sync one cannot be stopped from outside, so that the deadline is the timeout of each of
its waits, and is looked at between the pieces of the body; an async one ends at the deadline.
"""

from __future__ import annotations

import asyncio
import io
import traceback
from time import monotonic
from typing import Any, cast

import attrs
import httpx

from ..errors import InvalidArgument
from .attempt import WireError, is_foreign_timeout, is_tls_refusal
from .body import decompress, too_long
from .wire import AsyncWireTransport, Headers, Outcome, RawResponse, TransportFailure, WireRequest, WireTransport

_NOT_SENT = httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError, httpx.UnsupportedProtocol
_QUOTABLE = httpx.NetworkError, httpx.TimeoutException, httpx.ProxyError, httpx.UnsupportedProtocol
"""Errors whose text tells of the connection; that of the others may quote what was sent, or what came."""
_FINAL = httpx.LocalProtocolError, httpx.UnsupportedProtocol
_WAITING = frozenset({"anyio", "asyncio", "httpcore", "socket", "ssl"})
"""What a TimeoutError of httpcore's own waits is raised in."""
_OWN = httpx.HTTPError, OSError, WireError


class HttpxTransport(WireTransport):
    """Sends requests by a sync transport of httpx's, which stays the caller's to close."""

    def __init__(self, transport: Any) -> None:
        """Take the transport.

        Raises InvalidArgument for what is none.
        """
        self._transport: httpx.BaseTransport = _checked(transport, "handle_request", "httpx.HTTPTransport()")

    def send(self, request: WireRequest, deadline: float, max_bytes: int) -> Outcome:
        """Send a request once and return what came by the deadline; see WireTransport.send."""
        try:
            response = self._transport.handle_request(_request(request, deadline))
            try:
                body = _Body(deadline, max_bytes)
                for piece in cast(httpx.SyncByteStream, response.stream):
                    body.add(piece)
                return body.response(response)
            finally:
                try:
                    response.close()
                except Exception as error:
                    _raise_if_foreign(error, deadline)
        except Exception as error:
            return _failure(error, deadline)

    def close(self) -> None:
        """Leave the caller's transport open."""


class AsyncHttpxTransport(AsyncWireTransport):
    """Sends requests by an async transport of httpx's, which stays the caller's to close."""

    def __init__(self, transport: Any) -> None:
        """Take the transport.

        Raises InvalidArgument for what is none.
        """
        self._transport: httpx.AsyncBaseTransport = _checked(
            transport, "handle_async_request", "httpx.AsyncHTTPTransport()"
        )

    async def send(self, request: WireRequest, deadline: float, max_bytes: int) -> Outcome:
        """Send a request once and return what came by the deadline; see WireTransport.send."""
        try:
            sent = _request(request, deadline)
            async with asyncio.timeout(deadline - monotonic()):
                response = await self._transport.handle_async_request(sent)
                try:
                    body = _Body(deadline, max_bytes)
                    async for piece in cast(httpx.AsyncByteStream, response.stream):
                        body.add(piece)
                    return body.response(response)
                finally:
                    try:
                        await response.aclose()
                    except Exception as error:
                        _raise_if_foreign(error, deadline)
        except Exception as error:
            return _failure(error, deadline)

    async def aclose(self) -> None:
        """Leave the caller's transport open."""


def _checked(transport: Any, method: str, example: str) -> Any:
    """Return a transport that has the method."""
    if isinstance(transport, type) or not callable(getattr(transport, method, None)):
        given = transport.__name__ if isinstance(transport, type) else type(transport).__name__
        raise InvalidArgument(
            f"transport is an httpx transport such as {example} or httpx.MockTransport(…), and no {given}"
        )
    return transport


def _request(request: WireRequest, deadline: float) -> httpx.Request:
    """Return httpx's request.

    Raises httpx.PoolTimeout if the deadline is over, and WireError for what httpx takes for no request.
    """
    if (left := deadline - monotonic()) <= 0:
        raise httpx.PoolTimeout("the deadline is over")
    try:
        return httpx.Request(
            request.method,
            request.url,
            headers=list(request.headers),
            content=request.body or None,
            extensions={"timeout": dict.fromkeys(("connect", "read", "write", "pool"), left)},
        )
    except (httpx.InvalidURL, TypeError, ValueError) as error:
        raise httpx.UnsupportedProtocol(f"the request cannot be sent: {type(error).__name__}") from None


@attrs.define(eq=False)
class _Body:
    """The body of an answer, as it comes in."""

    deadline: float
    max_bytes: int
    pieces: io.BytesIO = attrs.field(factory=io.BytesIO, repr=False)

    def add(self, piece: bytes) -> None:
        """Take the next piece."""
        self.pieces.write(piece)
        if self.pieces.tell() > self.max_bytes:
            raise too_long(self.max_bytes)
        if monotonic() > self.deadline:  # which the transport may not look at
            raise httpx.ReadTimeout("the deadline is over")

    def response(self, response: httpx.Response) -> RawResponse:
        """Return the answer, decompressed."""
        headers = Headers([(name.lower(), value) for name, value in response.headers.multi_items()])
        body = decompress(self.pieces.getvalue(), headers.get("content-encoding", ""), self.max_bytes)
        return RawResponse(response.status_code, headers, body)


def _raise_if_foreign(error: Exception, deadline: float) -> None:
    """Raise what is not the transport's own, such as a job's time limit, which the handler of a signal raises.

    Httpcore takes any TimeoutError for one of a socket's, that of a handler too. Where it was raised tells them apart.
    """
    found = error
    mapped = error.__cause__ if isinstance(error, httpx.TimeoutException) else None
    if mapped is not None and _library(type(mapped).__module__) == "httpcore":
        cause = mapped.__context__  # httpcore drops the cause in the end
        if isinstance(cause, TimeoutError) and _library(_module_that_raised(cause)) not in _WAITING:
            found = cause
    own = isinstance(found, _OWN) or _library(type(found).__module__) in {"httpx", "httpcore"}
    if own and not is_foreign_timeout(found, deadline):
        return
    if found is error:
        raise error
    raise found from found.__cause__  # without what httpcore made of it


def _library(module: str) -> str:
    return module.partition(".")[0]


def _module_that_raised(error: BaseException) -> str:
    *_, (frame, _) = traceback.walk_tb(error.__traceback__)
    return str(frame.f_globals.get("__name__", ""))


def _failure(error: Exception, deadline: float) -> TransportFailure:
    """Return what an error means; raise what is not the transport's own."""
    _raise_if_foreign(error, deadline)
    text = str(error) if isinstance(error, _QUOTABLE) else ""
    reason = str(error) if isinstance(error, WireError) else type(error).__name__ + (f": {text}" if text else "")
    retryable = error.retryable if isinstance(error, WireError) else not isinstance(error, _FINAL)
    return TransportFailure(
        reason,
        not_sent=isinstance(error, _NOT_SENT),
        timed_out=isinstance(error, httpx.TimeoutException | TimeoutError),
        retryable=retryable and not is_tls_refusal(error),
    )
