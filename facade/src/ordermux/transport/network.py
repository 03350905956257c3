"""Settings of the network: whom to trust, which proxy, how many connections."""

from __future__ import annotations

import base64
import functools
import os
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

import attrs

from ..errors import InvalidArgument
from .attempt import WireError
from .wire import BLANK_OR_CONTROL, Field, Origin

if TYPE_CHECKING:
    import ssl

KEEP_ALIVE = 5.0
"""Seconds that an idle connection is kept; servers close theirs later, so that few requests meet a closed one."""
SWEEP = 1.0
"""Seconds between two looks for connections that were idle for too long, where no new one is opened."""
MAX_CONNECTIONS = 100
"""Most requests at once, and most idle connections to an origin."""
_MAX_SETTING = 10_000
"""No process has more sockets than some ten thousands, and each place of the pool takes memory before it is used."""


class SecretText:
    """Text that is never shown: not by `repr`, and not in a pickle."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        """Keep it."""
        self._text = text

    def reveal(self) -> str:
        """Return the text."""
        return self._text

    def __repr__(self) -> str:
        """Return a mask."""
        return "SecretText('**********')"

    def __eq__(self, other: object) -> bool:
        """Compare the texts."""
        return self._text == other._text if isinstance(other, SecretText) else NotImplemented

    def __hash__(self) -> int:
        """Return a hash of the text."""
        return hash((SecretText, self._text))

    def __reduce__(self) -> str:
        """Refuse to be pickled."""
        raise TypeError("credentials of a proxy are not pickled")


@attrs.frozen
class Proxy:
    """A proxy that is spoken to in plain HTTP."""

    host: str
    port: int
    authorization: SecretText | None = None
    """The value of Proxy-Authorization."""

    @classmethod
    def parse(cls, url: Any) -> Proxy:
        """Return the proxy of a URL such as `http://user:password@host:8080`.

        Raises InvalidArgument, whose text holds nothing of the URL.
        """
        proxy = _proxy(url) if isinstance(url, str) else None
        if proxy is None:
            given = "" if isinstance(url, str) else f", not {type(url).__name__}"
            del url  # a traceback with locals would show it
            raise InvalidArgument(f"a proxy is like http://host:8080 or http://user:password@host:8080{given}")
        return proxy

    @property
    def authority(self) -> str:
        """The host and port, without credentials."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    @property
    def headers(self) -> tuple[Field, ...]:
        """The headers for the proxy itself."""
        return (("Proxy-Authorization", self.authorization.reveal()),) if self.authorization else ()


def _proxy(url: str) -> Proxy | None:
    """Return the proxy of a URL, None if it is not the URL of one."""
    try:
        parts = urlsplit(url)
        userinfo, at, place = parts.netloc.rpartition("@")
        origin = Origin.parse(f"{parts.scheme}://{place}")
        user, _, password = map(unquote, userinfo.partition(":"))
        encoded = base64.b64encode(f"{user}:{password}".encode()).decode()
    except (ValueError, InvalidArgument):
        return None
    more = parts.path.strip("/") or parts.query or parts.fragment or (at and not userinfo)
    if origin.scheme != "http" or more or BLANK_OR_CONTROL.search(url):
        return None
    return Proxy(origin.host, origin.port, SecretText(f"Basic {encoded}") if at else None)


def _parsed_proxy(value: Any) -> Proxy | None:
    return None if value is None else value if isinstance(value, Proxy) else Proxy.parse(value)


def _check_ssl_context(_: object, __: object, value: Any) -> None:
    """Raise InvalidArgument for what is no context of a client's."""
    if value is None:
        return
    import ssl

    if not isinstance(value, ssl.SSLContext) or value.protocol == ssl.PROTOCOL_TLS_SERVER:
        raise InvalidArgument("ssl_context is a client's ssl.SSLContext, such as ssl.create_default_context()")


def _check_connections(_: object, __: object, value: Any) -> None:
    if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= _MAX_SETTING:
        raise InvalidArgument(f"connections is a whole number from 1 to {_MAX_SETTING:,}")


def _check_flag(_: object, attribute: Any, value: Any) -> None:
    if not isinstance(value, bool):
        raise InvalidArgument(f"{attribute.name} is True or False, not {type(value).__name__}")


def _certificates_of_environment(settings: NetworkSettings) -> tuple[str | None, str | None]:
    """Return the certificates of the environment; those that cannot be read are refused now, not at a request."""
    file, folder = os.environ.get("SSL_CERT_FILE") or None, os.environ.get("SSL_CERT_DIR") or None
    if settings.ssl_context is None and (file or folder):
        _default_ssl_context(file, folder)
    return file, folder


@attrs.frozen(kw_only=True)
class NetworkSettings:
    """How both transports reach the network. Raises InvalidArgument for what cannot be."""

    ssl_context: ssl.SSLContext | None = attrs.field(default=None, validator=_check_ssl_context)
    """Whom to trust; None trusts the certificates of `SSL_CERT_FILE` or `SSL_CERT_DIR` if set, else certifi's."""
    proxy: Proxy | None = attrs.field(default=None, converter=_parsed_proxy)
    """The proxy for all requests."""
    trust_env: bool = attrs.field(default=False, validator=_check_flag)
    """Whether to use the proxies of the environment if none is given."""
    connections: int = attrs.field(default=MAX_CONNECTIONS, validator=_check_connections)
    """Most requests at once; those beyond wait for their turn until their deadline."""
    _certificates: tuple[str | None, str | None] = attrs.field(
        default=attrs.Factory(_certificates_of_environment, takes_self=True), init=False, repr=False
    )
    _proxies: dict[Origin, Proxy | None] = attrs.field(factory=dict[Origin, "Proxy | None"], init=False, repr=False)

    def proxy_for(self, origin: Origin) -> Proxy | None:
        """Return the proxy for an origin.

        Raises WireError if the environment has one that is not spoken to in plain HTTP.
        """
        if self.proxy is not None or not self.trust_env:
            return self.proxy
        if origin not in self._proxies:
            self._proxies[origin] = _proxy_of_environment(origin)
        return self._proxies[origin]

    def proxies(self) -> set[Proxy]:
        """Return the proxy that was given, or those of the environment that were used, whatever it holds by now."""
        used = (self.proxy, *self._proxies.copy().values())
        return {proxy for proxy in used if proxy is not None}

    def tls(self) -> ssl.SSLContext:
        """Return the context for connections with TLS."""
        return self.ssl_context or _default_ssl_context(*self._certificates)


def _proxy_of_environment(origin: Origin) -> Proxy | None:
    from urllib.request import getproxies, proxy_bypass

    proxies = getproxies()
    url = (proxies.get(origin.scheme) or proxies.get("all") or "").strip()
    if "*" in map(str.strip, proxies.get("no", "").split(",")):  # which urllib knows by itself alone
        return None
    if not url or proxy_bypass(origin.host) or proxy_bypass(f"{origin.host_in_url}:{origin.port}"):
        return None
    try:
        return Proxy.parse(url if "://" in url else f"http://{url}")
    except InvalidArgument:
        raise WireError(
            "UnsupportedProtocol: a proxy in the environment is no http://host:port", retryable=False
        ) from None


@functools.cache
def _default_ssl_context(file: str | None, folder: str | None) -> ssl.SSLContext:
    """Return the context that all clients with these certificates share, since making one takes some 20 ms.

    Raises InvalidArgument.
    """
    import ssl

    if file is None and folder is None:
        import certifi

        context = ssl.create_default_context(cafile=certifi.where())
    else:
        if folder is not None and not os.path.isdir(folder):  # noqa: PTH112 - OpenSSL takes any name of one
            raise InvalidArgument(f"SSL_CERT_DIR={folder!r} is not a folder")
        try:
            context = ssl.create_default_context(cafile=file, capath=folder)
        except OSError as error:  # ssl.SSLError is one
            raise InvalidArgument(f"SSL_CERT_FILE={file!r} cannot be loaded: {error}") from None
    context.set_alpn_protocols(["http/1.1"])
    return context
