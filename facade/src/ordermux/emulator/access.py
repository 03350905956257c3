"""Who may ask the emulator: programs and its own pages, but not the pages of others that a browser happens to show.

A browser lets any page send requests to this machine. It says whose they are in `Origin` and `Sec-Fetch-Site`; and a
page whose own name was made to lead here (DNS rebinding), which is then taken for the emulator's own, still says that
name in `Host`. A program, such as curl, sends neither `Origin` nor `Sec-Fetch-Site`, and a `Host` of this machine.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Iterable

import attrs
from starlette.datastructures import Headers
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from .registry import emulators

_ORIGIN = re.compile(r"https?://([a-z0-9.-]+|\[[0-9a-f:]+\])(:[0-9]{1,5})?")
_NAME = r"[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?(?:\.[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?)*"
_HOST = re.compile(rf"(?:(?P<name>{_NAME})\.?|\[(?P<address>[0-9a-f:.]+)\])(?::(?P<port>[0-9]{{0,5}}))?")
"""A `Host` as RFC 9110 has it, but for names that no DNS has. It has no user in it, and no zone of an address."""
_MAX_PORT = 65_535
_WORLD = re.compile(r"/w/[^/]*(?=/|$)")
ANY = "*"
HEALTH = "/health"
ELSEWHERE = {"cross-site", "same-site"}
"""Another port of this machine is `same-site`, and another's page all the same."""


def is_page(path: str) -> bool:
    """Return whether a path is one of the pages for people; the world may stand in front."""
    inner = _WORLD.sub("", path, count=1)
    return inner in {"", "/", "/reference"} or inner.startswith("/reference/")


def is_loopback(host: str) -> bool:
    """Return whether a host is a name or an address of this machine's loopback interface."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return (mapped or address).is_loopback  # which differs between versions of Python for one that is mapped


def name_in(host: str) -> str | None:
    """Return the name or the address in a `Host`, in the one way in which it is compared; None where it has none.

    A dot at its end means the same name, and an address of IPv6 may be written in several ways.
    """
    found = _HOST.fullmatch(host.lower())
    if found is None or not 0 < int(found["port"] or 80) <= _MAX_PORT:
        return None
    if found["name"] is not None:
        return found["name"]
    try:
        return str(ipaddress.IPv6Address(found["address"]))
    except ValueError:
        return None


def hosts_of(given: Iterable[str]) -> frozenset[str]:
    """Return names of hosts as they are compared. Raises ValueError where one is none: it has no port and no scheme."""
    found: set[str] = set()
    for host in given:
        is_address = host.count(":") > 1 and not host.startswith("[")
        name = name_in(f"[{host}]" if is_address else host)
        if name is None or (":" in host and ":" not in name) or host.rpartition("]")[2].startswith(":"):
            raise ValueError(f"a host is a name or an address without a port, not {host!r:.80}")
        found.add(name)
    return frozenset(found)


def origins_of(given: Iterable[str]) -> frozenset[str]:
    """Return origins as they are compared, `*` for any.

    Raises ValueError where one is none: it is like http://localhost:3000.
    """
    found = frozenset(origin.lower() for origin in given)
    if wrong := [origin for origin in found if origin != ANY and not _ORIGIN.fullmatch(origin)]:
        raise ValueError(f"an origin is like http://localhost:3000, or * for any, not {wrong[0]!r:.80}")
    return found


def is_provider_path(scope: Scope) -> bool:
    """Return whether a request goes to a provider's API, in whatever world; not to the pages and what controls it."""
    path: bytes = scope.get("raw_path") or scope["path"].encode()
    first = _WORLD.sub("", path.decode("latin-1"), count=1).removeprefix("/").partition("/")[0]
    return first in emulators()


def opened(origins: frozenset[str], *, controls: bool) -> Callable[[Scope], bool]:
    """Return what says whether the pages of any origin may send a request.

    Raises ValueError where they are to control the emulator, and `*` is not among the origins.
    """
    if controls and ANY not in origins:
        raise ValueError("--any-origin-controls goes with --allow-origin '*'")
    if ANY not in origins:
        return lambda _: False
    return (lambda _: True) if controls else is_provider_path


@attrs.frozen
class AccessMiddleware:
    """An ASGI middleware that refuses what a foreign page sends, with a 403; for every path there is."""

    app: ASGIApp
    hosts: frozenset[str] = frozenset()
    """Names by which the emulator may be asked, besides those of the loopback interface."""
    origins: frozenset[str] = frozenset()
    """Whose pages may ask it, besides its own."""
    is_open: Callable[[Scope], bool] = lambda _: False
    """Whether the pages of any origin may send a request."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it. Whoever checks the health may ask by any name."""
        if scope["path"] == HEALTH and scope["method"] in {"GET", "HEAD"}:
            await JSONResponse({"status": "ok"}, headers={"cache-control": "no-store"})(scope, receive, send)
            return
        problem = self._problem(scope, Headers(scope=scope))
        if problem is None:
            await self.app(scope, receive, send)
        else:
            await JSONResponse({"error": problem}, 403)(scope, receive, send)

    def _problem(self, scope: Scope, headers: Headers) -> str | None:
        hosts = headers.getlist("host")
        if len(hosts) != 1:
            return f"a request has one Host header, not {len(hosts)}"
        host, name = hosts[0].lower(), name_in(hosts[0])
        if name is None or not (is_loopback(name) or name in self.hosts):
            return f"the host {host!r:.80} is not the emulator's; start it with --allow-host to be asked by that name"
        if self.is_open(scope):
            return None
        origins = {origin.lower() for origin in headers.getlist("origin")}
        if foreign := origins - {f"http://{host}", f"https://{host}"} - self.origins:
            return f"{min(foreign)!r:.80} is another's page; start the emulator with --allow-origin to let it ask"
        from_elsewhere = headers.get("sec-fetch-site", "").lower() in ELSEWHERE
        if from_elsewhere and not origins and not _opens_a_page(scope, headers):
            return "another's page asks; only the emulator's own may, and those of --allow-origin"
        return None


def _opens_a_page(scope: Scope, headers: Headers) -> bool:
    """Return whether somebody follows a link to one of the emulator's pages, which no other page can read."""
    is_navigation = headers.get("sec-fetch-mode") == "navigate" and headers.get("sec-fetch-dest") == "document"
    return is_navigation and scope["method"] == "GET" and is_page(scope["path"])
