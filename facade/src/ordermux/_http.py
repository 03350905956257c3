"""The one seam to HTTP: a blocking transport that keeps a deadline, and one attempt over any transport of httpx's.

`send` and `asend` raise nothing: they return an `Answer` or a `Failure`. The transport that awaits is in `_aiohttp`.
"""

from __future__ import annotations

import contextlib
import functools
import logging
import os
import ssl
import zlib
from collections.abc import Iterable, Iterator
from time import monotonic
from typing import Any, cast

import attrs
import httpcore
import httpx

from ._sockets import Moment, Network, Stream
from ._wire import Answer, Failure

KEEP_ALIVE = 5.0
"""Seconds that an idle connection is kept; servers close theirs later, so that few requests meet a closed one."""
_HTTPX: dict[type[Exception], type[httpx.TransportError]] = {
    kind: getattr(httpx, name)
    for name, kind in vars(httpcore).items()
    if isinstance(kind, type) and issubclass(kind, Exception) and hasattr(httpx, name)
}
"""Httpx's errors by httpcore's, which have the same names."""
_UNSENT = httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError, httpx.UnsupportedProtocol
_PLAIN = httpx.NetworkError, httpx.TimeoutException, httpx.ProxyError, httpx.UnsupportedProtocol
_HOPELESS = httpx.LocalProtocolError, httpx.UnsupportedProtocol
_NO_REFUSAL = (
    ssl.SSLEOFError,
    ssl.SSLSyscallError,
    ssl.SSLWantReadError,
    ssl.SSLWantWriteError,
    ssl.SSLZeroReturnError,
)
_WINDOW_BITS = {"gzip": 31, "x-gzip": 31, "deflate": 15}


class Transport(httpx.BaseTransport):
    """Sends, blocking; no wait outlives `request.extensions["deadline"]`, a moment of time.monotonic().

    Without a deadline each wait has its timeout of `extensions["timeout"]`, as in httpx. Only the look-up of a host's
    name is outside of both. A forked child opens connections of its own, and leaves its parent's alone.
    """

    def __init__(
        self, *, trust_env: bool = False, connections: int = 100, ssl_context: ssl.SSLContext | None = None
    ) -> None:
        """Take whether to use the environment's proxies, how many connections to open at most, and whom to trust."""
        keep_cookies_out_of_logs()
        self._trust_env = trust_env
        self._connections = connections
        self._ssl_context = ssl_context
        self._pools: dict[tuple[int, str, str], httpcore.ConnectionPool] = {}  # by process, scheme, proxied host

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request; the body of what is returned is still to be read, and to be closed."""
        url, timeout = request.url, request.extensions.get("timeout", {})
        if (deadline := request.extensions.get("deadline")) is not None:
            moment = Moment(deadline)
            timeout = {"connect": moment, "read": moment, "write": moment, "pool": deadline - monotonic()}
        target = httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path)
        try:
            response = cast(Any, self._pool(url)).handle_request(
                httpcore.Request(
                    request.method,
                    target,
                    headers=request.headers.raw,
                    content=cast(httpx.SyncByteStream, request.stream),
                    extensions={**request.extensions, "timeout": timeout},
                )
            )
        except tuple(_HTTPX) as error:
            raise _as_httpx(error) from (error.__context__ or error)
        body, stream = _Body(response.stream), response.extensions["network_stream"]
        if isinstance(stream, Stream) and not stream.answered:  # a surplus of the answer before, which httpcore takes
            body.close()
            raise httpx.RemoteProtocolError("the answer came before the request")
        return httpx.Response(response.status, headers=response.headers, stream=body)

    def close(self) -> None:
        """Close the connections that this process opened; a later request opens new ones."""
        process = os.getpid()
        for key in [key for key in self._pools if key[0] == process]:
            self._pools.pop(key).close()

    def _pool(self, url: httpx.URL) -> httpcore.ConnectionPool:
        key = os.getpid(), url.scheme, url.host if self._trust_env else ""
        return self._pools.get(key) or self._pools.setdefault(key, self._opened(url))

    def _opened(self, url: httpx.URL) -> httpcore.ConnectionPool:
        check(url)
        proxy = httpx.Proxy(address) if self._trust_env and (address := proxy_of(url)) else None
        return httpcore.ConnectionPool(
            ssl_context=(self._ssl_context or shared_ssl_context()) if url.scheme == "https" else None,
            proxy=httpcore.Proxy(str(proxy.url), auth=proxy.raw_auth) if proxy else None,
            max_connections=self._connections,
            max_keepalive_connections=self._connections,
            keepalive_expiry=KEEP_ALIVE,
            network_backend=Network(),
        )


def check(url: httpx.URL) -> None:
    """Raise UnsupportedProtocol for an address that no request can be sent to."""
    if url.scheme not in {"http", "https"} or not url.host:
        raise httpx.UnsupportedProtocol("an address is http:// or https://, and a host")


def proxy_of(url: httpx.URL) -> str | None:
    """Return the address, credentials included, of the proxy that the environment has for an address.

    Raises UnsupportedProtocol where it is none that is spoken to in plain HTTP.
    """
    from urllib.request import getproxies, proxy_bypass

    proxies = getproxies()
    proxy = proxies.get(url.scheme) or proxies.get("all")
    if not proxy or proxy_bypass(url.host):
        return None
    proxy = proxy if "://" in proxy else f"http://{proxy}"
    if not proxy.startswith("http://"):
        raise httpx.UnsupportedProtocol("a proxy in the environment is not http://")
    return proxy


@functools.cache
def shared_ssl_context() -> ssl.SSLContext:
    """Return the one context of the whole process, since making one takes some 20 ms."""
    return httpx.create_ssl_context(trust_env=False)


class _NoCookies(logging.Filter):
    """Drops the lines in which httpcore writes down an answer's headers, if cookies are there."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Tell whether the line may be written."""
        return "set-cookie" not in record.getMessage().lower()


@functools.cache
def keep_cookies_out_of_logs() -> None:
    """Let no logger of httpcore's write down a cookie, in the whole process."""
    logging.getLogger("httpcore.http11").addFilter(_NoCookies())


class _Body(httpx.SyncByteStream):
    """The body of an answer, its errors httpx's."""

    def __init__(self, stream: Iterable[bytes]) -> None:
        self._stream = stream

    def __iter__(self) -> Iterator[bytes]:
        try:
            yield from self._stream
        except tuple(_HTTPX) as error:
            raise _as_httpx(error) from (error.__context__ or error)

    def close(self) -> None:
        """Give the connection back."""
        cast(Any, self._stream).close()


def _as_httpx(error: Exception) -> httpx.TransportError:
    return _HTTPX[type(error)](str(error))


def send(transport: httpx.BaseTransport, request: httpx.Request, deadline: float, most: int) -> Answer | Failure:
    """Send a request once, over any transport, and read at most so many bytes of body until the deadline."""
    try:
        _set_deadline(request, deadline)
        response = transport.handle_request(request)
        try:
            body = _Collected(response, deadline, most)
            for piece in cast(httpx.SyncByteStream, response.stream):
                body.add(piece)
            return body.answer()
        finally:
            with contextlib.suppress(Exception):
                response.close()
    except Exception as error:
        return _failure(request, error)


async def asend(
    transport: httpx.AsyncBaseTransport, request: httpx.Request, deadline: float, most: int
) -> Answer | Failure:
    """Send a request once, over any transport, and read at most so many bytes of body until the deadline."""
    import asyncio  # which a program that blocks need not pay for

    try:
        async with asyncio.timeout(_set_deadline(request, deadline)):
            response = await transport.handle_async_request(request)
            try:
                body = _Collected(response, deadline, most)
                async for piece in cast(httpx.AsyncByteStream, response.stream):
                    body.add(piece)
                return body.answer()
            finally:
                with contextlib.suppress(Exception):
                    await response.aclose()
    except Exception as error:
        return _failure(request, error)


def _set_deadline(request: httpx.Request, deadline: float) -> float:
    """Tell the transport when to end; return the seconds until then."""
    left = deadline - monotonic()
    if left <= 0:
        raise httpx.PoolTimeout("the deadline was over before anything was sent")
    request.extensions.pop("connected", None)  # of the attempt before
    request.extensions["deadline"] = deadline
    request.extensions["timeout"] = dict.fromkeys(("connect", "read", "write", "pool"), left)
    return left


class _Unfit(Exception):
    """A body that cannot be taken."""


@attrs.define
class _Collected:
    """The body of an answer, as it comes in."""

    response: httpx.Response
    deadline: float
    most: int
    pieces: list[bytes] = attrs.field(factory=list[bytes], repr=False)
    size: int = 0

    def add(self, piece: bytes) -> None:
        """Take the next piece."""
        self.size += len(piece)
        self.pieces.append(piece)
        if self.size > self.most:
            raise _Unfit(f"the body is over {self.most} bytes")
        if monotonic() > self.deadline:  # a transport that is not ours may not look at it
            raise httpx.ReadTimeout("the deadline is over")

    def answer(self) -> Answer:
        """Return the answer, unpacked."""
        content = b"".join(self.pieces)
        encoding = self.response.headers.get("content-encoding", "identity").strip().lower()
        if content and encoding != "identity":
            content = _unpacked(content, encoding, self.most)
        return Answer(self.response.status_code, self.response.headers, content)


def _unpacked(content: bytes, encoding: str, most: int) -> bytes:
    """Return a packed body's content, never more than so many bytes of it."""
    if encoding not in _WINDOW_BITS:
        raise _Unfit("the body is encoded in a way that was not asked for")
    unpacker = zlib.decompressobj(_WINDOW_BITS[encoding])
    unpacked = unpacker.decompress(content, most + 1)
    if len(unpacked) > most:
        raise _Unfit(f"the body is over {most} bytes")
    if not unpacker.eof:
        raise EOFError  # cut short: another time it may come whole
    if unpacker.unused_data:
        raise _Unfit("the body goes on after its packed part")
    return unpacked


def _failure(request: httpx.Request, error: Exception) -> Failure:
    """Tell what an error means. Of errors that may quote what was sent, or what came, only the name is told."""
    told = str(error) if isinstance(error, (*_PLAIN, _Unfit)) else ""
    return Failure(
        f"{type(error).__name__.lstrip('_')}{': ' if told else ''}{told}",
        nothing_sent=isinstance(error, _UNSENT) or request.extensions.get("connected") is False,
        timed_out=isinstance(error, httpx.TimeoutException | TimeoutError),
        hopeless=isinstance(error, (*_HOPELESS, _Unfit, zlib.error)) or any(map(_is_tls, _chain(error))),
    )


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def _is_tls(error: BaseException) -> bool:
    """Tell whether TLS refused, and did not merely wait, or see the connection end."""
    return isinstance(error, ssl.SSLError) and not isinstance(error, _NO_REFUSAL)
