# Compiled from openapi/croissant.yaml by `nox -s generate -- croissant`. Do not edit.

"""The client: the address, the credentials and the connections."""

from __future__ import annotations

import enum
import functools
import logging
import math
import os
import re
import threading
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlsplit

import attrs

from . import errors
from .types import Deviation, Secret

if TYPE_CHECKING:
    import asyncio
    import ssl
    from collections.abc import Callable, Mapping
    from types import TracebackType
    from typing import Self

    import httpx

    from .types import Request, Response

T = TypeVar("T")
_lock = threading.Lock()
_FIELD = re.compile(rb"[^\x00-\x20\x7f]([^\x00-\x08\x0a-\x1f\x7f]*[^\x00-\x20\x7f])?")
_USER_AGENT = "ordermux-croissant/0.1.0"


class Server(str, enum.Enum):
    """The addresses that the document lists."""

    __str__ = str.__str__

    PRODUCTION = "https://api.retailer.croissant.com/v0"
    """production"""
    SANDBOX = "https://api.retailer.sbx.croissant.com/v0"
    """sandbox"""


def _secret(value: Secret | str | None) -> Secret | None:
    if value is not None and not isinstance(value, Secret | str):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise errors.InvalidRequest(f"a credential is a string or a Secret, not {type(value).__name__}")
    return Secret(value) if isinstance(value, str) else value


def _address(value: str) -> str:
    """Return the address without a slash at its end; one that holds a password or a query is no base URL."""
    try:
        parts = urlsplit(str(value))
        sound = parts.scheme in {"http", "https"} and parts.hostname and parts.port != 0
    except ValueError:
        sound, parts = False, urlsplit("")
    if not sound or "@" in parts.netloc or parts.query or parts.fragment:
        raise errors.InvalidRequest("base_url is like https://host/path, without a user, a query or a fragment")
    return str(value).rstrip("/")


def _seconds(value: float) -> float:
    number = not isinstance(value, bool) and isinstance(value, int | float)  # pyright: ignore[reportUnnecessaryIsInstance]
    if not (number and math.isfinite(value) and value > 0):
        raise errors.InvalidRequest("timeout is a number of seconds above 0")
    return value


def _fields(value: Mapping[str, str]) -> dict[str, str]:
    try:
        return dict(value)
    except (TypeError, ValueError):
        raise errors.InvalidRequest("headers are a mapping of names to values") from None


def _renew_lock() -> None:
    """Give a forked process a lock that no thread of its parent's holds."""
    global _lock
    _lock = threading.Lock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_renew_lock)


@attrs.define(eq=False)
class _Shared:
    """What a client shares with its copies: the connections."""

    process: int = attrs.field(factory=os.getpid)
    http: httpx.Client | None = None
    async_http: dict[asyncio.AbstractEventLoop, httpx.AsyncClient] = attrs.field(
        factory=dict["asyncio.AbstractEventLoop", "httpx.AsyncClient"]
    )

    def leave_parent(self) -> None:
        """Forget the connections of the process that this one was forked from: two on one mix up their answers."""
        if self.process != os.getpid():
            self.process, self.http = os.getpid(), None
            self.async_http = {}


@attrs.define(kw_only=True, eq=False, repr=False)
class Client:
    """Sends requests to Croissant Retailer API.

    Use it as a context manager, `with` or `async with`, or call `close` or `aclose`. It may be shared by threads and
    used in several event loops, each of which closes its own connections, and after a fork. It sends no request twice,
    follows no redirect and takes no proxy from the environment. A pickle of it leaves the credentials, the headers and
    the transports out.

    Raises `errors.InvalidRequest` for an argument that cannot be.
    """

    _shared: _Shared = attrs.field(factory=_Shared, init=False)
    token: Secret | None = attrs.field(default=None, converter=_secret)
    """The access token that `POST /token` gives."""
    base_url: str = attrs.field(default=Server.PRODUCTION, converter=_address)
    """Where the API is; `Server` lists what is known."""
    timeout: float = attrs.field(default=30.0, converter=_seconds)
    """Seconds to wait for the connection, and for each piece of the answer."""
    headers: dict[str, str] = attrs.field(factory=dict[str, str], converter=_fields)
    """Sent with every request."""
    on_deviation: Callable[[str, Deviation], None] | None = None
    """Called with the operation's name for each place where an answer is not what the document says, before a
    `DecodeError` too."""
    transport: httpx.BaseTransport | None = None
    """Sends for `sync`, such as an `httpx.MockTransport`, where it is not to be httpx's own."""
    async_transport: httpx.AsyncBaseTransport | None = None
    """Sends for `asyncio`."""

    def with_headers(self, headers: Mapping[str, str]) -> Self:
        """Return a client with more headers, over the same connections; this one stays as it is."""
        return self._copy(headers={**self.headers, **headers})

    def with_timeout(self, timeout: float) -> Self:
        """Return a client with another timeout in seconds, over the same connections; this one stays as it is."""
        return self._copy(timeout=timeout)

    def get_httpx_client(self) -> httpx.Client:
        """Return the connections of `sync`, opened at the first call. They carry no credentials."""
        import httpx

        _ssl_context()  # outside of the lock, since the first call takes its time
        with _lock:
            self._shared.leave_parent()
            if self._shared.http is None:
                self._shared.http = httpx.Client(transport=self.transport, **self._settings())
            return self._shared.http

    def get_async_httpx_client(self) -> httpx.AsyncClient:
        """Return the connections of `asyncio` for the running event loop. They carry no credentials."""
        import asyncio

        import httpx

        loop = asyncio.get_running_loop()
        _ssl_context()  # outside of the lock, since the first call takes its time
        with _lock:
            self._shared.leave_parent()
            opened = self._shared.async_http
            ended = [opened.pop(other) for other in list(opened) if other.is_closed()]
            if loop not in opened:
                opened[loop] = httpx.AsyncClient(transport=self.async_transport, **self._settings())
            http = opened[loop]
        del ended  # their loops are closed, so that all there is to do is to let go of them
        return http

    def send(self, request: Request, read: Callable[[int, Mapping[str, str], bytes], Response[T]]) -> Response[T]:
        """Send what an operation's `build_request` made, and read the answer with its `read_response`.

        Raises `errors.CroissantError`.
        """
        prepared = self.prepare(request)
        try:
            answer = self.get_httpx_client().send(prepared)
        except Exception as error:  # nothing of another library's leaves this package
            failure = self._failure(request, error)
        else:
            return self.finish(request, answer.status_code, answer.headers, answer.content, read)
        raise failure

    async def asend(
        self, request: Request, read: Callable[[int, Mapping[str, str], bytes], Response[T]]
    ) -> Response[T]:
        """Send what an operation's `build_request` made, and read the answer with its `read_response`.

        Raises `errors.CroissantError`.
        """
        prepared = self.prepare(request)
        try:
            answer = await self.get_async_httpx_client().send(prepared)
        except Exception as error:  # nothing of another library's leaves this package
            failure = self._failure(request, error)
        else:
            return self.finish(request, answer.status_code, answer.headers, answer.content, read)
        raise failure

    def prepare(self, request: Request) -> httpx.Request:
        """Return the request as it would be sent, credentials included, for those who bring their own I/O.

        Raises `errors.InvalidRequest`.
        """
        try:
            prepared = self._unauthenticated(request)
        except Exception as error:  # an address or a header of the caller's may raise anything
            problem = type(error).__name__
        else:
            self._authenticate(request, prepared)
            wrong = [name for name, value in prepared.headers.raw if value and not _FIELD.fullmatch(value)]
            if not wrong:
                return prepared
            problem = f"the header {wrong[0].decode('latin-1')} has blanks around it, or a control character"
        raise errors.InvalidRequest(f"{request.operation}: {problem}")

    def finish(
        self,
        request: Request,
        status_code: int,
        headers: httpx.Headers,
        content: bytes,
        read: Callable[[int, Mapping[str, str], bytes], Response[T]],
    ) -> Response[T]:
        """Return what an answer says, whoever brought it; tell of its deviations.

        Raises `errors.StatusError` or `errors.DecodeError`.
        """
        try:
            response = read(status_code, headers, content)
        except errors.DecodeError as error:
            if self.on_deviation is not None:
                self.on_deviation(request.operation, Deviation(error.path, error.problem))
            raise
        finally:
            del headers, content  # a traceback with locals would show them
        if self.on_deviation is not None:
            for deviation in response.deviations:
                self.on_deviation(request.operation, deviation)
        return response

    def close(self) -> None:
        """Close the connections of `sync`, the copies' too; a later call opens new ones."""
        with _lock:
            self._shared.leave_parent()
            http, self._shared.http = self._shared.http, None
        if http is not None:
            http.close()

    async def aclose(self) -> None:
        """Close the connections of `asyncio` in the running event loop, the copies' too; a later call opens new ones."""
        import asyncio

        with _lock:
            self._shared.leave_parent()
            http = self._shared.async_http.pop(asyncio.get_running_loop(), None)
        if http is not None:
            await http.aclose()

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the connections."""
        self.close()

    async def __aenter__(self) -> Self:
        """Return itself."""
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the connections."""
        await self.aclose()

    def __copy__(self) -> Self:
        """Return a client over the same connections."""
        return self._copy()

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        """Return a client over the same connections."""
        return self._copy()

    def __reduce__(self) -> tuple[Any, ...]:
        """Leave out the headers and the transports, which must not or cannot be pickled; secrets leave out themselves."""
        state = {name: getattr(self, name) for name in ("token", "base_url", "timeout", "on_deviation")}
        return functools.partial(type(self), **state), ()

    def __repr__(self) -> str:
        """Return the settings, with the credentials masked; also where the constructor refused an argument."""
        shown = ("token", "base_url", "timeout")
        told = ", ".join(f"{name}={getattr(self, name, None)!r}" for name in shown)
        return f"{type(self).__name__}({told})"

    def _copy(self, **changes: Any) -> Self:
        copy = attrs.evolve(self, **changes)
        copy._shared = self._shared
        return copy

    def _settings(self) -> dict[str, Any]:
        _keep_cookies_out_of_logs()
        kept = CookieJar(DefaultCookiePolicy(allowed_domains=[]))  # none: they belong to the credentials, or to nobody
        return {
            "cookies": kept,
            "timeout": self.timeout,
            "verify": _ssl_context(),
            "follow_redirects": False,
            "trust_env": False,
        }

    def _unauthenticated(self, request: Request) -> httpx.Request:
        import httpx

        fields = {"accept": "application/json", "user-agent": _USER_AGENT}
        fields.update((name.lower(), value) for name, value in self.headers.items())
        fields.update((name.lower(), value) for name, value in request.headers)
        return httpx.Request(
            request.method,
            self.base_url + request.path,
            params=request.query or None,
            headers=list(fields.items()),
            content=request.content,
            extensions={"timeout": dict.fromkeys(("connect", "read", "write", "pool"), self.timeout)},
        )

    def _authenticate(self, request: Request, prepared: httpx.Request) -> None:
        """Put the credentials of the first set that the client has into the request."""
        if not request.security:
            return
        for names in request.security:
            held: dict[str, Any] = {name: getattr(self, name) for name in names}
            if all(held.values()):
                for name, credential in held.items():
                    if not credential.reveal().isascii():
                        raise errors.InvalidRequest(f"{request.operation}: {name} has characters that cannot be sent")
                    _APPLY[name](prepared, credential)
                return
        needed = " or ".join(" with ".join(names) for names in request.security)
        raise errors.MissingCredentials(f"{request.operation} needs {needed}: give it to the Client")

    def _failure(self, request: Request, error: Exception) -> errors.TransportError:
        """Return our error for another library's. Its traceback is left behind, since its frames hold credentials."""
        import httpx

        kind = errors.TransportTimeout if isinstance(error, httpx.TimeoutException) else errors.TransportError
        unsent = (
            httpx.ConnectError,
            httpx.ConnectTimeout,
            httpx.PoolTimeout,
            httpx.UnsupportedProtocol,
            httpx.ProxyError,
        )
        plain = httpx.NetworkError, httpx.TimeoutException, httpx.ProxyError, httpx.UnsupportedProtocol
        told = str(error) if isinstance(error, plain) else ""  # the others quote what was sent, or what came
        reason = f"{self.base_url}: {type(error).__name__}{': ' + told if told else ''}"
        return kind(request.operation, reason, nothing_sent=isinstance(error, unsent))


def _apply_token(request: httpx.Request, credential: Secret) -> None:
    request.headers["authorization"] = f"Bearer {credential.reveal()}"


_APPLY: dict[str, Callable[[httpx.Request, Secret], None]] = {
    "token": _apply_token,
}


@functools.cache
def _ssl_context() -> ssl.SSLContext:
    """Return the one context of all clients, since making one takes some 20 ms."""
    import httpx

    return httpx.create_ssl_context(trust_env=False)


class _NoCookies(logging.Filter):
    """Drops the lines in which httpcore writes down an answer's headers, for the whole process, if cookies are there."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Tell whether the line may be written."""
        return "set-cookie" not in record.getMessage().lower()


@functools.cache
def _keep_cookies_out_of_logs() -> None:
    for name in ("httpcore.http11", "httpcore.http2"):
        logging.getLogger(name).addFilter(_NoCookies())
