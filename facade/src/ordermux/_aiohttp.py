"""The transport that awaits, over aiohttp."""

from __future__ import annotations

import asyncio
import io
import os
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

import aiohttp
import httpx
import yarl

from ._http import KEEP_ALIVE, check, proxy_of, shared_ssl_context

if TYPE_CHECKING:
    from aiohttp.tracing import Trace

_AUTOMATIC = "Accept", "Accept-Encoding", "Content-Type", "User-Agent"
_extensions: ContextVar[dict[str, Any]] = ContextVar("_extensions")
"""Those of the request that is being sent; its `connected` tells whether a byte of it may have left."""


class AsyncTransport(httpx.AsyncBaseTransport):
    """Sends, awaiting, in one event loop; what is sent and what came pass through as they are.

    Who sends keeps the deadline, by asyncio.timeout; timeouts are taken from `request.extensions["timeout"]` only where
    there is none. A forked child opens a session of its own, and leaves its parent's alone.
    """

    def __init__(
        self, *, trust_env: bool = False, connections: int = 100, ssl_context: ssl.SSLContext | None = None
    ) -> None:
        """Take whether to use the environment's proxies, how many connections to open at most, and whom to trust."""
        self._trust_env = trust_env
        self._connections = connections
        self._ssl_context = ssl_context
        self._sessions: dict[int, aiohttp.ClientSession] = {}  # by process

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request; the body of what is returned is still to be read, and to be closed."""
        check(request.url)
        request.extensions["connected"] = False
        token = _extensions.set(request.extensions)
        try:
            response = await self._session().request(
                request.method,
                yarl.URL(str(request.url), encoded=True),
                headers=[
                    (name.decode(), value.decode())
                    for name, value in request.headers.raw
                    if name.lower() != b"transfer-encoding"  # the body is sent whole, with its length
                ],
                data=_payload(await request.aread()),
                allow_redirects=False,
                ssl=(self._ssl_context or shared_ssl_context()) if request.url.scheme == "https" else True,
                timeout=_timeout(request.extensions),
                proxy=proxy_of(request.url) if self._trust_env else None,
            )
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise _as_httpx(error, request.extensions) from error
        finally:
            _extensions.reset(token)
        return httpx.Response(response.status, headers=response.raw_headers, stream=_Body(response))

    async def aclose(self) -> None:
        """Close the session that this process opened; a later request opens a new one."""
        if session := self._sessions.pop(os.getpid(), None):
            await session.close()

    def _session(self) -> aiohttp.ClientSession:
        if (session := self._sessions.get(os.getpid())) is None:
            session = self._sessions[os.getpid()] = aiohttp.ClientSession(
                connector=_Connector(limit=self._connections, keepalive_timeout=KEEP_ALIVE),
                cookie_jar=aiohttp.DummyCookieJar(),
                skip_auto_headers=_AUTOMATIC,
                auto_decompress=False,
                middlewares=[_once],
            )
        return session


class _Connector(aiohttp.TCPConnector):
    """Notes when a request has its connection: before that, no byte of it has left."""

    async def connect(
        self,
        req: aiohttp.ClientRequest,
        traces: list[Trace],
        timeout: aiohttp.ClientTimeout,
    ) -> aiohttp.connector.Connection:
        """Return a connection, an idle one or a new one."""
        connection = await super().connect(req, traces, timeout)
        _extensions.get()["connected"] = True
        return connection


async def _once(
    request: aiohttp.ClientRequest, handler: Callable[[aiohttp.ClientRequest], Awaitable[aiohttp.ClientResponse]]
) -> aiohttp.ClientResponse:
    """Keep aiohttp from sending GET, PUT and DELETE once more by itself, as it does after errors that it knows."""
    try:
        return await handler(request)
    except (aiohttp.ClientError, OSError, ValueError) as error:
        raise _as_httpx(error, _extensions.get()) from error


class _Body(httpx.AsyncByteStream):
    """The body of an answer, its errors httpx's."""

    def __init__(self, response: aiohttp.ClientResponse) -> None:
        self._response = response

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self

    async def __anext__(self) -> bytes:
        try:
            piece = await self._response.content.readany()
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise _as_httpx(error, {"connected": True}) from error
        if not piece:
            raise StopAsyncIteration
        return piece

    async def aclose(self) -> None:
        """Give the connection back, or close it where it was not read to the end."""
        self._response.close()


def _payload(content: bytes) -> bytes | io.BytesIO | None:
    """Return what aiohttp takes; it warns of large bytes, and sends a file of them in pieces."""
    return io.BytesIO(content) if len(content) > 1_000_000 else content or None  # noqa: PLR2004 - a megabyte


def _timeout(extensions: dict[str, Any]) -> aiohttp.ClientTimeout:
    timeout: dict[str, float] = {} if "deadline" in extensions else extensions.get("timeout", {})
    return aiohttp.ClientTimeout(total=None, connect=timeout.get("connect"), sock_read=timeout.get("read"))


def _as_httpx(error: Exception, extensions: dict[str, Any]) -> httpx.TransportError:
    """Return httpx's error. Whether anything may have been sent is known, and not guessed by the error's type."""
    if isinstance(error, aiohttp.ClientHttpProxyError):
        return httpx.ProxyError(f"{error.status} {error.message}")
    if isinstance(error, aiohttp.InvalidURL | aiohttp.NonHttpUrlClientError):
        return httpx.UnsupportedProtocol(type(error).__name__)
    connected, timed_out = extensions["connected"], isinstance(error, asyncio.TimeoutError)
    if isinstance(error, OSError) or timed_out:
        kinds = (httpx.ReadError, httpx.ReadTimeout) if connected else (httpx.ConnectError, httpx.ConnectTimeout)
        told = getattr(error, "os_error", error) if not timed_out else "no answer in time"
        return kinds[timed_out](str(told))
    if isinstance(error, aiohttp.ClientError):
        return httpx.RemoteProtocolError(type(error).__name__) if connected else httpx.ConnectError(str(error))
    return httpx.LocalProtocolError(type(error).__name__)
