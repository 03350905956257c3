"""Times as they are typed: ages, days, and what the command line itself printed."""

from __future__ import annotations

import datetime
import json
import re
from typing import Any

import pytest

from ordermux.cli._times import time_of
from ordermux.emulator import Emulator

UTC = datetime.UTC
NOW = datetime.datetime(2026, 5, 30, 0, 30, tzinfo=UTC)
REFUSED = ["", "last week", "24", "h", "-24h", "1.5h", "2026-13-01", "999999999w", "99:99", "\u0661h"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("today", datetime.datetime(2026, 5, 30, tzinfo=UTC)),
        ("yesterday", datetime.datetime(2026, 5, 29, tzinfo=UTC)),
        ("90m", datetime.datetime(2026, 5, 29, 23, 0, tzinfo=UTC)),
        ("24h", datetime.datetime(2026, 5, 29, 0, 30, tzinfo=UTC)),
        ("7d", datetime.datetime(2026, 5, 23, 0, 30, tzinfo=UTC)),
        ("2w", datetime.datetime(2026, 5, 16, 0, 30, tzinfo=UTC)),
        ("2026-05-30", datetime.datetime(2026, 5, 30, tzinfo=UTC)),
        ("2026-05-30 12:00", datetime.datetime(2026, 5, 30, 12, tzinfo=UTC)),
        ("2026-05-30 12:00 UTC", datetime.datetime(2026, 5, 30, 12, tzinfo=UTC)),
        ("2026-05-30T12:00:00Z", datetime.datetime(2026, 5, 30, 12, tzinfo=UTC)),
        ("2026-05-30T14:00:00+02:00", datetime.datetime(2026, 5, 30, 12, tzinfo=UTC)),
    ],
)
def test_a_time_is_understood_as_it_is_typed(text: str, expected: datetime.datetime) -> None:
    """In UTC if it has no zone, and an age counts back from now."""
    assert expected == time_of(text, NOW)


def test_a_day_begins_at_midnight_utc_whatever_zone_now_has() -> None:
    """At half past midnight in Berlin it is the day before in UTC."""
    now = datetime.datetime(2026, 5, 30, 0, 30, tzinfo=datetime.timezone(datetime.timedelta(hours=2)))
    assert datetime.datetime(2026, 5, 29, tzinfo=UTC) == time_of("today", now)


@pytest.mark.parametrize("text", REFUSED)
def test_what_is_no_time_is_refused_with_what_is_accepted(emulated: Any, emulator: Emulator, text: str) -> None:
    """As a usage error, before anything is sent."""
    ran = emulated("orders", "list", "zephyr", "--from", text, COLUMNS="400")
    assert (2, "", 0) == (ran.code, ran.out, emulator.world.calls.total())
    for accepted in ("yesterday", "24h", "7d", "2026-05-30T12:00", "UTC"):
        assert accepted in ran.err


@pytest.mark.parametrize("command", [["list", "--json"], ["export", "--to", "jsonl"]])
@pytest.mark.parametrize("since", ["yesterday", "24h", "7d"])
def test_recent_orders_are_listed_by_age(emulated: Any, command: list[str], since: str) -> None:
    """All of the emulator's but the one of the documentation, which is older."""
    ran = emulated("orders", command[0], "zephyr", *command[1:], "--from", since)
    ids = [json.loads(line)["id"] for line in ran.out.splitlines()]
    assert (0, 5, False) == (ran.code, len(ids), "order_01HXY8" in ids)


def printed(emulated: Any, *arguments: str) -> str:
    """Return the time of the sample order as a command prints it."""
    ran = emulated("orders", *arguments, COLUMNS="140")
    line = next(line for line in ran.out.splitlines() if "2026-05-30" in line)
    found = re.search(r"2026-05-30[T ][\d:+.]+( UTC)?", line)
    assert found is not None
    return found[0]


@pytest.mark.parametrize(
    "arguments",
    [
        ("list", "zephyr"),
        ("list", "zephyr", "--json"),
        ("get", "zephyr:order_01HXY8"),
        ("export", "zephyr"),
    ],
)
def test_a_printed_time_is_taken_back(emulated: Any, arguments: tuple[str, ...]) -> None:
    """From the table, from JSON, from a single order and from an export: that order is the first from there on."""
    time = printed(emulated, *arguments)
    before = emulated("orders", "list", "zephyr", "--before", time, "--json")
    after = emulated("orders", "list", "zephyr", "--from", time, "--json")
    assert ("", 6) == (before.out, len(after.out.splitlines()))


@pytest.mark.parametrize("age", ["1h", "today", " 24h "])
def test_the_time_of_a_key_is_no_age(emulated: Any, emulator: Emulator, age: str) -> None:
    """Run again a day later, a key would be as young as before, and a refund be made twice."""
    order = ("orders", "refund", "zephyr:order_01HXY8", "1.00", "USD", "--key", "k", "--key-created")
    ran = emulated(*order, age, COLUMNS="400")
    assert (2, 0) == (ran.code, emulator.world.calls.total())
    found = re.search(r"whenever the command is run again; pass (\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00)", ran.err)
    assert found is not None
    assert "future" not in emulated(*order, found[1]).err
