"""The status map of the installed facade: what each provider's raw status values mean, by `ordermux status-map`."""

from __future__ import annotations

import functools
import importlib.util
import json
import subprocess
import sys
from typing import Any

import attrs

AXES = ("lifecycle", "payment", "fulfillment")
HOLDS = {"holds": "hold", "ended_holds": "ended hold"}


class StatusMapError(Exception):
    """The facade does not print its status map; the message is its own."""


@attrs.frozen
class StatusRow:
    """What one raw value says of an order."""

    provider: str
    field: str
    """Where the value stands, such as `payment.status`; `event` for the name of an event."""
    value: str
    claims: tuple[tuple[str, str], ...]
    """Our values, each with its part: lifecycle, payment, fulfillment, hold or ended hold."""
    page: str
    """Address of the page that the row depends on."""


@functools.cache
def status_map() -> list[StatusRow]:
    """Return the rows of all providers; none if the facade is not installed.

    Raises StatusMapError if the facade does not run, or leaves a provider out, such as when an operation is gone that
    it uses.
    """
    if importlib.util.find_spec("ordermux") is None:
        return []
    command = [sys.executable, "-m", "ordermux.cli", "status-map", "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - a command of ours
    if done.returncode:
        raise StatusMapError(_reason(done.stderr.strip().splitlines()))
    for line in done.stderr.splitlines():
        if line.startswith("{") and (problem := json.loads(line).get("problem")):
            raise StatusMapError(str(problem))
    return [_row(json.loads(line)) for line in done.stdout.splitlines()]


def _reason(lines: list[str]) -> str:
    """Return why the command failed: with --json it says so in JSON, unless it could not even start."""
    try:
        return str(json.loads(lines[-1])["error"]["message"])
    except (ValueError, LookupError, TypeError):
        return lines[-1] if lines else "it did not say why"


def _row(printed: dict[str, Any]) -> StatusRow:
    axes = [(axis, cell["value"]) for axis in AXES if (cell := printed[axis])]
    holds = [(part, cell["value"]) for name, part in HOLDS.items() for cell in printed[name]]
    provider, field, value, page = (str(printed[name]) for name in ("provider", "field", "raw_value", "page"))
    return StatusRow(provider, field, value, (*axes, *holds), page)
