# Compiled from openapi/zephyr.yaml by `nox -s generate -- zephyr`. Do not edit.

"""The client: the address, the credentials and the connections."""

from __future__ import annotations

import asyncio
import enum
import functools
import logging
import threading
from typing import TYPE_CHECKING, Any, TypeVar

import attrs

from . import errors
from .types import Secret

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Mapping
    from types import TracebackType

    import httpx

    from .types import Deviation, Request, Response

T = TypeVar("T")
_LOCK = threading.Lock()
_USER_AGENT = "ordermux-zephyr/0.1.0"


class Server(str, enum.Enum):
    """The addresses that the document lists."""

    __str__ = str.__str__

    PRODUCTION = "https://api.zephyrcart.io"
    """production"""


def _secret(value: Secret | str | None) -> Secret | None:
    return Secret(value) if isinstance(value, str) else value


def _address(value: str) -> str:
    return str(value).rstrip("/")


def _fields(value: Mapping[str, str]) -> dict[str, str]:
    return dict(value)


@attrs.define(kw_only=True, eq=False)
class Client:
    """Sends requests to ZephyrCart.

    Use it as a context manager, `with` or `async with`, or call `close` or `aclose`. It may be shared by threads. It
    sends no request twice, follows no redirect and takes no proxy from the environment. A pickle of it leaves the
    credentials and the connections out.
    """

    api_key: Secret | None = attrs.field(default=None, converter=_secret)
    """The shop's API key, as a bearer token."""
    base_url: str = attrs.field(default=Server.PRODUCTION, converter=_address)
    """Where the API is; `Server` lists what is known."""
    timeout: float = 30.0
    """Seconds to wait for the connection, and for each piece of the answer."""
    headers: dict[str, str] = attrs.field(factory=dict[str, str], converter=_fields, repr=False)
    """Sent with every request."""
    on_deviation: Callable[[str, Deviation], None] | None = None
    """Called with the operation's name for each place where an answer is not what the document says."""
    transport: httpx.BaseTransport | None = attrs.field(default=None, repr=False)
    """Sends for `sync`, such as an `httpx.MockTransport`, where it is not to be httpx's own."""
    async_transport: httpx.AsyncBaseTransport | None = attrs.field(default=None, repr=False)
    """Sends for `asyncio`."""
    _http: httpx.Client | None = attrs.field(default=None, init=False, repr=False)
    _async_http: tuple[Any, httpx.AsyncClient] | None = attrs.field(default=None, init=False, repr=False)

    def with_headers(self, headers: Mapping[str, str]) -> Client:
        """Return a client with more headers; this one stays as it is."""
        return self._copy(headers={**self.headers, **headers})

    def with_timeout(self, timeout: float) -> Client:
        """Return a client with another timeout in seconds; this one stays as it is."""
        return self._copy(timeout=timeout)

    def get_httpx_client(self) -> httpx.Client:
        """Return the connections of `sync`, opened at the first call. They carry no credentials."""
        with _LOCK:
            if self._http is None:
                import httpx

                self._http = httpx.Client(transport=self.transport, **self._settings())
            return self._http

    def get_async_httpx_client(self) -> httpx.AsyncClient:
        """Return the connections of `asyncio` for the running event loop. They carry no credentials."""
        loop = asyncio.get_running_loop()
        with _LOCK:
            if self._async_http is None or self._async_http[0] is not loop:
                import httpx

                self._async_http = loop, httpx.AsyncClient(transport=self.async_transport, **self._settings())
            return self._async_http[1]

    def send(self, request: Request, read: Callable[[int, Mapping[str, str], bytes], Response[T]]) -> Response[T]:
        """Send what an operation's `build_request` made, and read the answer with its `read_response`.

        Raises `errors.ZephyrError`.
        """
        http = self.get_httpx_client()
        prepared = self._prepare(request)
        try:
            answer = http.send(prepared)
        except Exception as error:  # nothing of another library's leaves this package
            failure = _failure(request, error)
        else:
            return self._finish(request, answer, read)
        raise failure

    async def asend(
        self, request: Request, read: Callable[[int, Mapping[str, str], bytes], Response[T]]
    ) -> Response[T]:
        """Send what an operation's `build_request` made, and read the answer with its `read_response`.

        Raises `errors.ZephyrError`.
        """
        http = self.get_async_httpx_client()
        prepared = self._prepare(request)
        try:
            answer = await http.send(prepared)
        except Exception as error:  # nothing of another library's leaves this package
            failure = _failure(request, error)
        else:
            return self._finish(request, answer, read)
        raise failure

    def close(self) -> None:
        """Close the connections of `sync`; a later call opens new ones."""
        with _LOCK:
            http, self._http = self._http, None
        if http is not None:
            http.close()

    async def aclose(self) -> None:
        """Close the connections of `asyncio`; a later call opens new ones."""
        with _LOCK:
            opened, self._async_http = self._async_http, None
        if opened is not None and opened[0] is asyncio.get_running_loop():
            await opened[1].aclose()

    def __enter__(self) -> Client:
        """Return itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the connections."""
        self.close()

    async def __aenter__(self) -> Client:
        """Return itself."""
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the connections."""
        await self.aclose()

    def __getstate__(self) -> dict[str, Any]:
        """Leave out the headers and the transports, which cannot or must not be pickled."""
        return {name: getattr(self, name) for name in ("api_key", "base_url", "timeout", "on_deviation")}

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Take what `__getstate__` gave."""
        Client.__init__(self, **state)

    def _copy(self, **changes: Any) -> Client:
        copy = attrs.evolve(self, **changes)
        return copy

    def _settings(self) -> dict[str, Any]:
        _keep_cookies_out_of_logs()
        return {
            "timeout": self.timeout,
            "verify": _ssl_context(),
            "follow_redirects": False,
            "trust_env": False,
        }

    def _prepare(self, request: Request) -> httpx.Request:
        import httpx

        failure: Exception
        try:
            headers = httpx.Headers({"accept": "application/json", "user-agent": _USER_AGENT})
            headers.update(self.headers)
            headers.update(request.headers)
            prepared = httpx.Request(
                request.method,
                self.base_url + request.path,
                params=request.query or None,
                headers=headers,
                content=request.content,
                extensions={"timeout": httpx.Timeout(self.timeout).as_dict()},
            )
            self._authenticate(request, prepared)
        except errors.ZephyrError as error:
            failure = error
        except Exception as error:  # an address or a header of the caller's may raise anything
            failure = errors.InvalidRequest(f"{request.operation}: {type(error).__name__}: {error}")
        else:
            return prepared
        raise failure

    def _authenticate(self, request: Request, prepared: httpx.Request) -> None:
        """Put the credentials of the first set that the client has into the request."""
        if not request.security:
            return
        for names in request.security:
            held = {name: getattr(self, name) for name in names}
            if all(held.values()):
                for name, credential in held.items():
                    _APPLY[name](prepared, credential)
                return
        needed = " or ".join(" with ".join(names) for names in request.security)
        raise errors.MissingCredentials(f"{request.operation} needs {needed}: give it to the Client")

    def _finish(
        self, request: Request, answer: httpx.Response, read: Callable[[int, Mapping[str, str], bytes], Response[T]]
    ) -> Response[T]:
        response = read(answer.status_code, answer.headers, answer.content)
        if self.on_deviation is not None:
            for deviation in response.deviations:
                self.on_deviation(request.operation, deviation)
        return response


def _apply_api_key(request: httpx.Request, credential: Secret) -> None:
    request.headers["authorization"] = f"Bearer {credential.reveal()}"


_APPLY: dict[str, Callable[[httpx.Request, Secret], None]] = {
    "api_key": _apply_api_key,
}


def _failure(request: Request, error: Exception) -> errors.TransportError:
    """Return our error for another library's. Its traceback is left behind, since its frames hold the credentials."""
    import httpx

    kind = errors.TransportTimeout if isinstance(error, httpx.TimeoutException) else errors.TransportError
    unsent = httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol, httpx.ProxyError
    reason = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
    return kind(request.operation, reason, nothing_sent=isinstance(error, unsent))


@functools.cache
def _ssl_context() -> ssl.SSLContext:
    """Return the one context of all clients, since making one takes some 20 ms."""
    import httpx

    return httpx.create_ssl_context(trust_env=False)


class _NoCookies(logging.Filter):
    """Drops the lines in which httpcore writes down an answer's headers, cookies among them."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Tell whether the line may be written."""
        return "set-cookie" not in record.getMessage().lower()


@functools.cache
def _keep_cookies_out_of_logs() -> None:
    for name in ("httpcore.http11", "httpcore.http2"):
        logging.getLogger(name).addFilter(_NoCookies())
