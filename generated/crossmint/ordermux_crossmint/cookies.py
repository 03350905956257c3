# Compiled from crossmint.yaml by `ordermux-codegen generate crossmint`. Do not edit.

"""The cookies of a session, which an answer of the server's own may replace or withdraw."""

from __future__ import annotations

import math
import re
import time
from collections.abc import Callable
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

import attrs

from .types import Secret

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

ARGUMENTS = {
    "crossmint-jwt": "jwt",
    "crossmint-refresh-token": "refresh_token",
}
"""The client's argument that each cookie is."""
_VALUE = re.compile(r"[!#-+\--:<-\[\]-~]{0,4096}")
"""RFC 6265, 4.1.1; as long as browsers keep one."""
TRIES = 10
"""How often a cookie that the server withdrew is tried again: at once, and then after longer and longer pauses."""
PAUSE = 10.0
"""Seconds before it is tried for the second time; twice as many before the third, and so on."""


@attrs.define(eq=False)
class Session:
    """What became of the cookies, each by the client's argument; shared by a client and its copies."""

    secrets: dict[str, Secret | None] = attrs.field(factory=dict[str, "Secret | None"])
    """Those that the server replaced, or the caller set."""
    withdrawn: dict[str, int] = attrs.field(factory=dict[str, int])
    """How often in a row the server withdrew one."""
    paused: dict[str, float] = attrs.field(factory=dict[str, float])
    """Until when, by the clock, one that was withdrawn more than once is not sent."""
    clock: Callable[[], float] = time.monotonic

    def put(self, argument: str, secret: Secret | None) -> None:
        """Put another in the place of a cookie."""
        self.secrets[argument] = secret
        self._accept(argument)

    def is_sent(self, argument: str) -> bool:
        """Return whether a cookie is sent now.

        A server may withdraw a good cookie by mistake, while it cannot check it, so that it is tried again. It is not
        tried for ever: who replays a cookie that was really revoked may have others revoked with it.
        """
        return self.clock() >= self.paused.get(argument, -math.inf)

    def take(self, changes: Mapping[str, Secret | None], sent: Mapping[str, int], *, accepted: bool) -> list[str]:
        """Take over the cookies that an answer replaces; return those that it withdraws.

        `sent` has the cookies of the request, with how often each had been withdrawn before: an answer to a request
        that was under way at the last withdrawal says nothing new. `accepted` tells whether the session was good.
        """
        withdrawn: list[str] = []
        for argument, times in sent.items():
            if times != self.withdrawn.get(argument, 0):
                continue
            if changes.get(argument, True) is None:
                self.withdrawn[argument] = times + 1
                self.paused[argument] = self.clock() + _pause(times)
                withdrawn.append(argument)
            elif accepted:
                self._accept(argument)
        for argument, secret in changes.items():
            if secret is not None:
                self.put(argument, secret)
        return withdrawn

    def _accept(self, argument: str) -> None:
        self.withdrawn.pop(argument, None)
        self.paused.pop(argument, None)


def _pause(times: int) -> float:
    """Return how many seconds a cookie is left out that was withdrawn so often before."""
    if times >= TRIES:
        return math.inf
    return PAUSE * 2 ** (times - 1) if times else 0.0


def changes_of(lines: Iterable[str], host: str, path: str) -> dict[str, Secret | None]:
    """Return what an answer's `Set-Cookie` lines make of the cookies for a host and path; None for one withdrawn."""
    return dict(filter(None, (_change(line, host, path) for line in lines)))


def _change(line: str, host: str, path: str) -> tuple[str, Secret | None] | None:
    """Return the argument that a line changes, and its value.

    `http.cookies` does not take attributes that are younger than itself, `Partitioned` among them.
    """
    pair, *attributes = line.split(";")
    name, _, value = (part.strip() for part in pair.partition("="))
    value = value.strip('"')
    if name not in ARGUMENTS or not _VALUE.fullmatch(value):  # it could not be sent, and would fail every later call
        return None
    told = {key.strip().lower(): text.strip() for key, _, text in (entry.partition("=") for entry in attributes)}
    if not _is_for(told, host, path):
        return None
    age = told.get("max-age", "")
    over = int(age) <= 0 if re.fullmatch(r"-?[0-9]{1,18}", age) else _is_past(told.get("expires", ""))
    return ARGUMENTS[name], Secret(value) if value and not over else None


def _is_for(told: Mapping[str, str], host: str, path: str) -> bool:
    """Return whether a browser would send the cookie to a host and path (RFC 6265, 5.1.3 and 5.1.4)."""
    domain, below = told.get("domain", "").lstrip(".").lower(), told.get("path", "")
    is_address = bool(re.fullmatch(r"[0-9.]+|.*:.*", host))
    if domain and host != domain and (is_address or not host.endswith(f".{domain}")):
        return False
    return not below.startswith("/") or path == below or path.startswith(below.rstrip("/") + "/")


def _is_past(moment: str) -> bool:
    try:
        return parsedate_to_datetime(moment).timestamp() <= time.time()
    except (TypeError, ValueError, OverflowError):
        return False
