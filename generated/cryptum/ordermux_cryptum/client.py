# Compiled from cryptum.yaml by `ordermux-codegen generate cryptum`. Do not edit.

"""The client: the address, the credentials and the connections."""

from __future__ import annotations

import enum
import functools
import logging
import os
import re
import threading
from time import monotonic
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import quote, urlencode, urlsplit

import attrs

from . import errors, responses
from .privacy import Mask, hide_arguments, hide_locals
from .types import Deviation, PreparedRequest, Secret

if TYPE_CHECKING:
    import asyncio
    import ssl
    from collections.abc import Callable, Iterable, Mapping
    from types import TracebackType
    from typing import Self

    import httpx

    from .types import Request, Response

T = TypeVar("T")
_lock = threading.Lock()
_VALUE = re.compile(r"(?:[!-~]([\t -~]*[!-~])?)?")
_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9a-z-]+")
_OF_THE_SENDER = frozenset({"content-length", "host", "transfer-encoding"})
_BLANK_OR_CONTROL = re.compile(r"[\x00-\x20\x7f\\]")
_MAX_SECONDS = 86_400.0
MAX_BODY = 16 * 1024 * 1024
_IN_PATH = "/%!$&'()*+,;=:@~"
_USER_AGENT = "ordermux-cryptum/0.1.0"


class Server(str, enum.Enum):
    """The addresses that the document lists."""

    __str__ = str.__str__

    PRODUCTION = "https://api.cryptum.io/plugins"
    """production"""
    TEST = "https://api-hml.cryptum.io/plugins"
    """test"""


def _secret(value: Secret | str | None) -> Secret | None:
    if value is not None and not isinstance(value, Secret | str):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise errors.InvalidRequest(f"a credential is a string or a Secret, not {type(value).__name__}")
    return Secret(value) if isinstance(value, str) else value


def _address(value: str) -> str:
    """Return the address without a slash at its end; one that holds a password or a query is no base URL."""
    text = str(value)
    try:
        parts = urlsplit(text)
        path = quote(parts.path, safe=_IN_PATH)
        sound = parts.scheme in {"http", "https"} and parts.hostname and parts.port != 0
    except ValueError:
        sound, parts, path = False, urlsplit(""), ""
    if not sound or "@" in parts.netloc or "?" in text or "#" in text or _BLANK_OR_CONTROL.search(text):
        raise errors.InvalidRequest("base_url is like https://host/path, without a user, a query or a fragment")
    return f"{parts.scheme}://{parts.netloc}{path}".rstrip("/")


def _seconds(value: float) -> float:
    number = not isinstance(value, bool) and isinstance(value, int | float)  # pyright: ignore[reportUnnecessaryIsInstance]
    if not (number and 0 < value <= _MAX_SECONDS):
        raise errors.InvalidRequest("timeout is a number of seconds above 0, and a day at most")
    return value


def _max_body(value: int) -> int:
    whole = not isinstance(value, bool) and isinstance(value, int)  # pyright: ignore[reportUnnecessaryIsInstance]
    if not (whole and value > 0):
        raise errors.InvalidRequest("max_body is a whole number of bytes above 0")
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


@hide_arguments
@attrs.define(kw_only=True, eq=False, repr=False)
class Client:
    """Sends requests to Cryptum Checkout API.

    Use it as a context manager, `with` or `async with`, or call `close` or `aclose`. It may be shared by threads and
    used in several event loops, each of which closes its own connections, and after a fork. It sends no request twice,
    follows no redirect and takes no proxy from the environment. A pickle of it leaves the credentials, the headers and
    the transports out.

    Raises `errors.InvalidRequest` for an argument that cannot be.
    """

    _shared: _Shared = attrs.field(factory=_Shared, init=False)
    api_key: Secret | None = attrs.field(default=None, converter=_secret)
    """The project's API key."""
    session_token: Secret | None = attrs.field(default=None, converter=_secret)
    """An order's own session token, as a bearer token; it opens that order."""
    base_url: str = attrs.field(default=Server.PRODUCTION, converter=_address)
    """Where the API is; `Server` lists what is known."""
    timeout: float = attrs.field(default=30.0, converter=_seconds)
    """Seconds to wait for the connection, and for the answer, the whole of its body included."""
    max_body: int = attrs.field(default=MAX_BODY, converter=_max_body)
    """Most bytes of an answer's body, compressed and decompressed; a longer one is a `TransportError`."""
    headers: dict[str, str] = attrs.field(factory=dict[str, str], converter=_fields)
    """Sent with every request."""
    on_deviation: Callable[[str, Deviation], None] | None = None
    """Called with the operation's name for each place where an answer is not what the document says, before a
    `DecodeError` too."""
    other_secrets: Callable[[], Iterable[Secret]] | None = None
    """Returns what errors must not show if an answer repeats it; the client's own credentials never show."""
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

    @hide_locals
    def send(self, request: Request, read: Callable[[int, Mapping[str, str], bytes], Response[T]]) -> Response[T]:
        """Send what an operation's `build_request` made, and read the answer with its `read_response`.

        Raises `errors.CryptumError`. What is neither httpx's nor a socket's passes, such as the exception of a
        signal's handler, or of a transport that stands for the server in a test.
        """
        prepared, deadline = self.prepare(request), monotonic() + self.timeout
        try:
            from . import sending

            answer = sending.send(self.get_httpx_client(), prepared, self.timeout, self.max_body)
        except Exception as error:  # nothing of httpx's leaves this package
            failure = self._failure(request, error, deadline)
        else:
            return self.finish(request, answer.status_code, answer.headers, answer.content, read)
        raise failure

    @hide_locals
    async def asend(
        self, request: Request, read: Callable[[int, Mapping[str, str], bytes], Response[T]]
    ) -> Response[T]:
        """Send what an operation's `build_request` made, and read the answer with its `read_response`.

        Raises `errors.CryptumError`. What is neither httpx's nor a socket's passes, such as the exception of a
        signal's handler, or of a transport that stands for the server in a test.
        """
        prepared, deadline = self.prepare(request), monotonic() + self.timeout
        try:
            from . import sending

            answer = await sending.asend(self.get_async_httpx_client(), prepared, self.timeout, self.max_body)
        except Exception as error:  # nothing of httpx's leaves this package
            failure = self._failure(request, error, deadline)
        else:
            return self.finish(request, answer.status_code, answer.headers, answer.content, read)
        raise failure

    def prepare(self, request: Request) -> PreparedRequest:
        """Return the request as it is sent, credentials included, for those who bring their own I/O.

        Raises `errors.InvalidRequest`.
        """
        fields = {"accept": "application/json", "user-agent": _USER_AGENT}
        try:
            fields.update((name.lower(), value) for name, value in self.headers.items())
            fields.update((name.lower(), value) for name, value in request.headers)
        except Exception as error:  # a header of the caller's may raise anything
            problem = type(error).__name__
        else:
            self._authenticate(request, fields)
            problem = next((wrong for wrong in map(_field_problem, fields.items()) if wrong), "")
        if problem:
            raise errors.InvalidRequest(f"{request.operation}: {problem}")
        start = self.base_url.find("/", _SCHEME)
        origin, below = (self.base_url[:start], self.base_url[start:]) if start > 0 else (self.base_url, "")
        query = f"?{urlencode(request.query)}" if request.query else ""
        return PreparedRequest(
            method=request.method,
            origin=origin,
            target=below + request.path + query,
            headers=tuple(fields.items()),
            content=request.content or b"",
        )

    def finish(
        self,
        request: Request,
        status_code: int,
        headers: Mapping[str, str],
        content: bytes,
        read: Callable[[int, Mapping[str, str], bytes], Response[T]],
    ) -> Response[T]:
        """Return what an answer says, whoever brought it; tell of its deviations.

        Raises `errors.StatusError` or `errors.DecodeError`.
        """
        try:
            response = read(status_code, headers, content)
        except (errors.StatusError, errors.DecodeError) as error:
            failed = responses.masked(error, self.mask())
        else:
            if self.on_deviation is not None:
                for deviation in response.deviations:
                    self.on_deviation(request.operation, deviation)
            return response
        finally:
            del headers, content  # a traceback with locals would show them
        if self.on_deviation is not None and isinstance(failed, errors.DecodeError):
            self.on_deviation(request.operation, Deviation(failed.path, failed.problem))
        raise failed

    def mask(self, *secrets: Secret) -> Mask:
        """Return what masks these secrets, the client's own credentials and `other_secrets`."""
        return Mask([*secrets, *self._held(), *(self.other_secrets() if self.other_secrets is not None else ())])

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
        state = {
            name: getattr(self, name)
            for name in ("api_key", "session_token", "base_url", "timeout", "max_body", "on_deviation")
        }
        return functools.partial(type(self), **state), ()

    def __repr__(self) -> str:
        """Return the settings, with the credentials masked; also where the constructor refused an argument."""
        shown = ("api_key", "session_token", "base_url", "timeout")
        told = ", ".join(f"{name}={getattr(self, name, None)!r}" for name in shown)
        return f"{type(self).__name__}({told})"

    def _copy(self, **changes: Any) -> Self:
        copy = attrs.evolve(self, **changes)
        copy._shared = self._shared
        return copy

    def _held(self) -> list[Secret]:
        """Return the credentials."""
        return [
            held
            for held in (
                self.api_key,
                self.session_token,
            )
            if held is not None
        ]

    def _settings(self) -> dict[str, Any]:
        from http.cookiejar import CookieJar, DefaultCookiePolicy

        _keep_headers_out_of_logs()
        kept = CookieJar(DefaultCookiePolicy(allowed_domains=[]))  # none: they belong to the credentials, or to nobody
        return {
            "cookies": kept,
            "timeout": self.timeout,
            "verify": _ssl_context(),
            "follow_redirects": False,
            "trust_env": False,
        }

    def _authenticate(self, request: Request, fields: dict[str, str]) -> None:
        """Put the credentials of the first set that the client has into the headers."""
        if not request.security:
            return
        for names in request.security:
            held: dict[str, Any] = {name: getattr(self, name) for name in names}
            if all(held.values()):
                for name, credential in held.items():
                    if not credential.reveal().isascii():
                        raise errors.InvalidRequest(f"{request.operation}: {name} has characters that cannot be sent")
                    _APPLY[name](fields, credential)
                return
        needed = " or ".join(" with ".join(names) for names in request.security)
        raise errors.MissingCredentials(f"{request.operation} needs {needed}: give it to the Client")

    def _failure(self, request: Request, error: Exception, deadline: float) -> Exception:
        """Return our error for httpx's, else the error. Httpx's traceback is left behind: its frames hold credentials."""
        from . import sending

        if (foreign := sending.foreign(error, deadline)) is not None:
            return foreign
        kind = errors.TransportTimeout if sending.is_timeout(error) else errors.TransportError
        reason = self.mask()(f"{self.base_url}: {sending.reason_of(error)}")
        return kind(request.operation, reason, nothing_sent=sending.is_not_sent(error))


def _apply_api_key(fields: dict[str, str], credential: Secret) -> None:
    fields["x-api-key"] = credential.reveal()


def _apply_session_token(fields: dict[str, str], credential: Secret) -> None:
    fields["authorization"] = f"Bearer {credential.reveal()}"


_APPLY: dict[str, Callable[[dict[str, str], Secret], None]] = {
    "api_key": _apply_api_key,
    "session_token": _apply_session_token,
}


_SCHEME = len("https://")


def _field_problem(field: tuple[str, str]) -> str:
    """Return what is wrong with a header, which is quoted by its name alone; "" if nothing is."""
    name, value = field
    if not _NAME.fullmatch(name):
        return "the name of a header has characters that cannot be sent"
    if name in _OF_THE_SENDER:
        return f"the header {name} is not the caller's to set"
    if not isinstance(value, str):  # pyright: ignore[reportUnnecessaryIsInstance]
        return f"the header {name} is text, not {type(value).__name__}"
    if not _VALUE.fullmatch(value):
        return f"the header {name} has blanks around it, or characters that cannot be sent"
    return ""


@functools.cache
def _ssl_context() -> ssl.SSLContext:
    """Return the one context of all clients, since making one takes some 20 ms."""
    import httpx

    return httpx.create_ssl_context(trust_env=False)


_WITH_HEADERS = "receive_response_headers.complete", "receive_response_headers.failed"


class _NoHeaders(logging.Filter):
    """Drops the lines in which httpcore writes down an answer's headers, cookies among them, for the whole process."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Return whether the line may be written."""
        return not record.getMessage().startswith(_WITH_HEADERS)


@functools.cache
def _keep_headers_out_of_logs() -> None:
    for name in ("httpcore.http11", "httpcore.http2"):
        logging.getLogger(name).addFilter(_NoHeaders())
