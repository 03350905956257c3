"""The control API of a running emulator."""

from __future__ import annotations

import re
from typing import Any, cast

import attrs

from ._exit import CliError, UsageError

DEFAULT_URL = "http://127.0.0.1:8000"
"""Where `ordermux emulator` listens if nothing else is said."""
_TIMEOUT = 5.0
"""Seconds for a request."""
_URL = re.compile(r"https?://[^/?#@]+(?:/w/(?P<world>[^/?#]+))?")


def world_of(url: str) -> tuple[str, str]:
    """Return the URL of an emulator without a slash at its end, and the world that it names, or "".

    Raises UsageError if it is not like http://127.0.0.1:8000.
    """
    found = _URL.fullmatch(url.rstrip("/"))
    if not found:
        raise UsageError(f"invalid --emulator {url!r}; expected a URL such as {DEFAULT_URL}")
    return found[0], found["world"] or ""


def _address(url: str) -> str:
    return world_of(url)[0]


@attrs.frozen
class Control:
    """Asks a running emulator, past any proxy."""

    url: str = attrs.field(converter=_address)

    def ask(self, method: str, path: str, body: Any = None, **query: str) -> Any:
        """Return the JSON of an endpoint.

        Raises CliError with the emulator's own message, or if there is none.
        """
        import httpx

        address = f"{self.url}/_emulator{path}"
        try:
            with httpx.Client(trust_env=False, timeout=_TIMEOUT) as client:
                answer = client.request(method, address, json=body, params=query or None)
            told: Any = answer.json()
        except httpx.HTTPError as error:
            raise CliError(
                f"cannot reach the emulator at {self.url}: {error}", "start one with: ordermux emulator"
            ) from None
        except ValueError:
            raise self._no_emulator() from None
        if not isinstance(told, dict):
            raise self._no_emulator()
        members = cast("dict[str, Any]", told)
        if answer.is_error:
            raise CliError(str(members.get("error", f"status {answer.status_code}")))
        return members

    def check(self) -> None:
        """Raise CliError if what answers at the URL is no emulator."""
        if "endpoints" not in self.ask("GET", ""):
            raise self._no_emulator()

    def _no_emulator(self) -> CliError:
        return CliError(f"{self.url} is not an emulator", "start one with: ordermux emulator")
