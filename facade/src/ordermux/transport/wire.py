"""What is sent and what comes back, in types of our own: a request, an answer, and the reason why no answer came."""

from __future__ import annotations

import abc
import ipaddress
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeAlias
from urllib.parse import urlsplit

import attrs

from ..errors import InvalidArgument

Field: TypeAlias = tuple[str, str]
"""The name and the value of a header."""
DEFAULT_PORTS = {"http": 80, "https": 443}
BLANK_OR_CONTROL = re.compile(r"[\x00-\x20\x7f]")
_HOST_NAME = re.compile(r"[a-z0-9_]([a-z0-9_.-]*[a-z0-9_.])?")
_LONGEST_HOST = 253


def _authority(origin: Origin) -> str:
    host = origin.host_in_url
    return host if origin.port == DEFAULT_PORTS[origin.scheme] else f"{host}:{origin.port}"


@attrs.frozen(cache_hash=True)
class Origin:
    """Where a request goes: scheme, host and port. Connections are kept by it."""

    scheme: str
    host: str
    """In ASCII and lower case; an IPv6 address is without its brackets."""
    port: int
    authority: str = attrs.field(init=False, eq=False, repr=False, default=attrs.Factory(_authority, takes_self=True))
    """The value of the Host header."""

    @classmethod
    def parse(cls, url: Any) -> Origin:
        """Return the origin of a URL.

        Raises InvalidArgument for anything but `http://host` or `https://host` with an optional port and path. The
        text names no part of the URL, which may hold a password.
        """
        if not isinstance(url, str):
            raise InvalidArgument(f"a URL is a string such as https://host/path, not {type(url).__name__}")
        try:
            parts = urlsplit(url)
            host, port = _ascii_host(parts.hostname or ""), parts.port
        except ValueError:
            host, port, parts = "", None, urlsplit("")
        unsound = BLANK_OR_CONTROL.search(url) or "@" in parts.netloc  # urlsplit drops a line break without a word
        if unsound or parts.scheme not in DEFAULT_PORTS or not host or port == 0:
            raise InvalidArgument("a URL is like https://host/path or http://host:8080/path, without a user")
        return cls(parts.scheme, host, port or DEFAULT_PORTS[parts.scheme])

    @property
    def host_in_url(self) -> str:
        """The host, an IPv6 address in brackets."""
        return f"[{self.host}]" if ":" in self.host else self.host

    def __str__(self) -> str:
        """Return the start of its URLs."""
        return f"{self.scheme}://{self.authority}"


def _ascii_host(host: str) -> str:
    """Return a host as it is looked up.

    Raises ValueError.
    """
    if ":" in host and "%" not in host:  # an address with a zone means nothing to others
        return str(ipaddress.IPv6Address(host))
    if not host.isascii():
        import idna  # which few need

        host = idna.encode(host, uts46=True).decode()  # its error is a ValueError
    if len(host) > _LONGEST_HOST or not _HOST_NAME.fullmatch(host) or ".." in host:
        raise ValueError
    return host


@attrs.frozen(eq=False)
class WireRequest:
    """A request as it goes over the wire; the transport adds `Host` and `Content-Length`."""

    method: str
    origin: Origin
    target: str = attrs.field(repr=False)
    """Path and query, encoded, such as `/v1/orders?limit=10`."""
    headers: tuple[Field, ...] = attrs.field(default=(), repr=False)
    body: bytes = attrs.field(default=b"", repr=False)
    fresh_connection: bool = False
    """Whether it must not share a connection with an earlier request, since its response cannot be distinguished from
    the surplus of an earlier one."""

    @classmethod
    def to_url(
        cls, method: str, url: str, headers: Iterable[Field] = (), body: bytes = b"", *, fresh: bool = False
    ) -> WireRequest:
        """Return the request for a whole URL, which is sent byte for byte, less its fragment.

        Raises InvalidArgument.
        """
        origin = Origin.parse(url)
        rest = url.partition("#")[0].partition("://")[2]
        start = min((at for at in (rest.find("/"), rest.find("?")) if at >= 0), default=len(rest))
        target = rest[start:]
        return cls(method, origin, target if target.startswith("/") else f"/{target}", tuple(headers), body, fresh)

    @property
    def url(self) -> str:
        """The whole URL."""
        return f"{self.origin}{self.target}"


class Headers(Mapping[str, str]):
    """The headers of an answer, by name in any case; what came more than once is joined by commas."""

    __slots__ = ("_by_name", "_items")

    def __init__(self, items: Sequence[Field] = ()) -> None:
        """Keep names, which are in lower case, and values."""
        self._items = items
        self._by_name: dict[str, str] | None = None

    def __getitem__(self, name: str) -> str:
        return self._joined()[name.lower()]

    def __iter__(self) -> Iterator[str]:
        return iter(self._joined())

    def __len__(self) -> int:
        return len(self._joined())

    def __repr__(self) -> str:
        """Return the names alone, since values may be secrets."""
        return f"Headers({', '.join(self)})"

    def get_list(self, name: str) -> list[str]:
        """Return each value of a header that may come more than once, such as Set-Cookie."""
        return [value for key, value in self._items if key == name.lower()]

    def multi_items(self) -> list[Field]:
        """Return each line: its name and value."""
        return list(self._items)

    def _joined(self) -> dict[str, str]:
        if self._by_name is None:  # most answers are asked for two headers, some for none
            by_name: dict[str, str] = {}
            for name, value in self._items:
                by_name[name] = f"{by_name[name]}, {value}" if name in by_name else value
            self._by_name = by_name
        return self._by_name


@attrs.frozen(eq=False)
class RawResponse:
    """An answer, whole and decompressed."""

    status: int
    headers: Headers = attrs.field(repr=False)
    body: bytes = attrs.field(repr=False)
    ended_by_close: bool = False
    """Whether nothing but the end of the connection ended the body, so that it may be cut short."""


@attrs.frozen
class TransportFailure:
    """Why no whole answer came."""

    reason: str
    """Such as `ConnectError: [Errno 111] Connection refused`; holds no credentials and nothing of a body."""
    not_sent: bool
    """Whether it is certain that no byte of the request left this process."""
    timed_out: bool = False
    """Whether the time was over."""
    retryable: bool = True
    """Whether another attempt may help: not so for a certificate, a body over the limit, an invalid request."""


Outcome: TypeAlias = RawResponse | TransportFailure


class WireTransport(abc.ABC):
    """Sends requests, sync. It is used by any number of threads."""

    @abc.abstractmethod
    def send(self, request: WireRequest, deadline: float, max_bytes: int) -> Outcome:
        """Send a request once and return what came by the deadline, in seconds of `time.monotonic()`.

        A body of more than `max_bytes` is a failure, compressed or decompressed. What is not the network's is raised,
        such as KeyboardInterrupt, or a job's time limit that the handler of a signal raises.
        """

    @abc.abstractmethod
    def close(self) -> None:
        """Close the connections; a later call opens new ones."""


class AsyncWireTransport(abc.ABC):
    """Sends requests, async. It is used in any number of event loops."""

    @abc.abstractmethod
    async def send(self, request: WireRequest, deadline: float, max_bytes: int) -> Outcome:
        """Send a request once and return what came by the deadline; see WireTransport.send."""

    @abc.abstractmethod
    async def aclose(self) -> None:
        """Close the connections of the running event loop; a later call opens new ones."""
