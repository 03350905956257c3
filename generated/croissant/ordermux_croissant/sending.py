# Compiled from croissant.yaml by `ordermux-codegen generate croissant`. Do not edit.

"""Sending by httpx: an answer's body has its bound, compressed and decompressed, and so has the time that it takes."""

from __future__ import annotations

import asyncio
import io
import signal
import traceback
import zlib
from time import monotonic
from typing import TYPE_CHECKING, cast

import attrs
import httpx

if TYPE_CHECKING:
    from .types import PreparedRequest

_WINDOW_BITS = {"gzip": 31, "x-gzip": 31, "deflate": 15}
_GRACE = 0.1
"""Seconds that httpx's own timeouts may come earlier, since they say if anything was sent."""
_EARLY = 0.01
"""Seconds by which a clock's resolution may let a wait end before its time."""
_NOT_SENT = httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol, httpx.ProxyError


class InvalidBody(Exception):
    """A body that cannot be used."""


_QUOTABLE = httpx.NetworkError, httpx.TimeoutException, httpx.ProxyError, httpx.UnsupportedProtocol, InvalidBody
"""Errors whose text quotes nothing of what was sent, or what came."""


@attrs.frozen(eq=False)
class Answer:
    """An answer, whole and decompressed."""

    status_code: int
    headers: httpx.Headers = attrs.field(repr=False)
    content: bytes = attrs.field(repr=False)


_OWN = httpx.HTTPError, OSError, InvalidBody
_WAITING = frozenset({"anyio", "asyncio", "httpcore", "socket", "ssl"})
"""What a TimeoutError of httpcore's own waits is raised in."""


def send(http: httpx.Client, prepared: PreparedRequest, timeout: float, max_body: int) -> Answer:
    """Send a request, and read the answer."""
    body = _Body(monotonic() + timeout, max_body)
    try:
        response = http.send(_request(prepared, timeout), stream=True)
    except RuntimeError as error:
        _raise_if_closed(http, error)
        raise
    try:
        for piece in cast("httpx.SyncByteStream", response.stream):
            body.add(piece)
    finally:
        response.close()
    return body.answer(response)


async def asend(http: httpx.AsyncClient, prepared: PreparedRequest, timeout: float, max_body: int) -> Answer:
    """Send a request, and read the answer."""
    body = _Body(monotonic() + timeout, max_body)
    async with asyncio.timeout(timeout + _GRACE):
        try:
            response = await http.send(_request(prepared, timeout), stream=True)
        except RuntimeError as error:
            _raise_if_closed(http, error)
            raise
        try:
            async for piece in cast("httpx.AsyncByteStream", response.stream):
                body.add(piece)
        finally:
            await response.aclose()
    return body.answer(response)


def foreign(error: Exception, deadline: float) -> Exception | None:
    """Return what is no failure of the sending, but the caller's own, such as the error of a mock, or of a signal.

    The handler of a signal may raise any exception, a job's time limit most of all, as a TimeoutError too. Httpcore
    takes that for one of a socket's; where it was raised tells them apart.
    """
    found = error
    mapped = error.__cause__ if isinstance(error, httpx.TimeoutException) else None
    if mapped is not None and _library(type(mapped).__module__) == "httpcore":
        cause = mapped.__context__  # httpcore drops the cause in the end
        if isinstance(cause, TimeoutError) and _library(_module_that_raised(cause)) not in _WAITING:
            found = cause
    own = isinstance(found, _OWN) or _library(type(found).__module__) in {"httpx", "httpcore"}
    return None if own and not _is_foreign_timeout(found, deadline) else found


def _is_foreign_timeout(error: Exception, deadline: float) -> bool:
    """Return whether a TimeoutError is not that of a wait until the deadline, so that a signal's handler raised it.

    A handler's may come after the deadline too: Python runs none inside of a wait that began just as the signal came.
    """
    if not isinstance(error, TimeoutError) or error.errno is not None:  # with one it is the kernel's own
        return False
    handlers = [getattr(signal.getsignal(number), "__code__", None) for number in signal.valid_signals()]
    return monotonic() < deadline - _EARLY or any(
        frame.f_code in handlers for frame, _ in traceback.walk_tb(error.__traceback__)
    )


def _library(module: str) -> str:
    return module.partition(".")[0]


def _module_that_raised(error: BaseException) -> str:
    *_, (frame, _) = traceback.walk_tb(error.__traceback__)
    return str(frame.f_globals.get("__name__", ""))


def _raise_if_closed(http: httpx.Client | httpx.AsyncClient, error: RuntimeError) -> None:
    """Raise httpx's own error if another thread, or task, closed the client meanwhile: it has none for that."""
    if http.is_closed and _library(_module_that_raised(error)) == "httpx":
        raise httpx.CloseError("the client was closed meanwhile") from None


def reason_of(error: Exception) -> str:
    """Return what went wrong, in words that quote nothing secret."""
    told = str(error) if isinstance(error, _QUOTABLE) else ""
    return f"{type(error).__name__}{': ' + told if told else ''}"


def is_timeout(error: Exception) -> bool:
    """Return whether the time was over."""
    return isinstance(error, httpx.TimeoutException | TimeoutError)


def is_not_sent(error: Exception) -> bool:
    """Return whether it is certain that nothing was sent."""
    return isinstance(error, _NOT_SENT)


def _request(prepared: PreparedRequest, timeout: float) -> httpx.Request:
    return httpx.Request(
        prepared.method,
        prepared.url,
        headers=list(prepared.headers),
        content=prepared.content,
        extensions={"timeout": dict.fromkeys(("connect", "read", "write", "pool"), timeout)},
    )


@attrs.define(eq=False)
class _Body:
    """The body of an answer, as it comes in."""

    deadline: float
    max_body: int
    pieces: io.BytesIO = attrs.field(factory=io.BytesIO, repr=False)

    def add(self, piece: bytes) -> None:
        """Take the next piece."""
        self.pieces.write(piece)
        if self.pieces.tell() > self.max_body:
            raise InvalidBody(f"the body is over {self.max_body} bytes")
        if monotonic() > self.deadline:  # each piece may come in time, and the whole never
            raise httpx.ReadTimeout("the body took longer than the timeout")

    def answer(self, response: httpx.Response) -> Answer:
        """Return the answer, decompressed."""
        content, encoding = self.pieces.getvalue(), response.headers.get("content-encoding", "").strip().lower()
        if content and encoding not in {"", "identity"}:
            content = self._decompressed(content, encoding)
        return Answer(response.status_code, response.headers, content)

    def _decompressed(self, content: bytes, encoding: str) -> bytes:
        if encoding not in _WINDOW_BITS:
            raise InvalidBody("the body has an encoding that was not asked for")
        decompressor = zlib.decompressobj(_WINDOW_BITS[encoding])
        try:
            decompressed = decompressor.decompress(content, self.max_body + 1)  # never more, whatever it would grow to
        except zlib.error:
            raise InvalidBody("the body cannot be decompressed") from None
        if len(decompressed) > self.max_body:
            raise InvalidBody(f"the body is over {self.max_body} bytes")
        if not decompressor.eof or decompressor.unused_data:
            raise InvalidBody("the compressed body is cut short, or goes on after its end")
        return decompressed
