"""Times as they are typed: dates, times, ages such as `24h`, `today` and `yesterday`; in UTC if they have no zone."""

from __future__ import annotations

import datetime
import re

import typer

ACCEPTED = (
    "a date such as 2026-05-30; a time such as 2026-05-30T12:00 or '2026-05-30 12:00 UTC'; today or yesterday; "
    "or how long ago, such as 30m, 24h, 7d or 2w"
)
_AGE = re.compile(r"(\d{1,9})([mhdw])", re.ASCII)
_UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_DAYS_AGO = {"today": 0, "yesterday": 1}


def parse_time(text: str) -> datetime.datetime:
    """Return a time that was typed, timezone-aware. Raises typer.BadParameter, which says what is accepted."""
    try:
        return time_of(text, datetime.datetime.now(datetime.UTC))
    except (ValueError, OverflowError):
        raise typer.BadParameter(f"invalid time {text!r}; expected {ACCEPTED}; UTC if it has no zone") from None


def parse_fixed_time(text: str) -> datetime.datetime:
    """Return a time that was typed, as `parse_time` does, but no age and no `today`.

    The time of an idempotency key has to be the same whenever a command is run again: as an age it would stay young,
    and a refund could be made a second time once the provider has forgotten the key.
    """
    time, stripped = parse_time(text), text.strip()
    if stripped in _DAYS_AGO or _AGE.fullmatch(stripped):
        raise typer.BadParameter(
            f"{text!r} is another time whenever the command is run again; pass {time.isoformat(timespec='seconds')}"
        )
    return time


def time_of(text: str, now: datetime.datetime) -> datetime.datetime:
    """Return a time that was typed, with an age counted back from `now`, and a day that begins at midnight UTC.

    Raises ValueError or OverflowError if it is none.
    """
    stripped = text.strip()
    if found := _AGE.fullmatch(stripped):
        return now - datetime.timedelta(**{_UNITS[found[2]]: int(found[1])})
    if stripped in _DAYS_AGO:
        midnight = now.astimezone(datetime.UTC).replace(hour=0, minute=0, second=0, microsecond=0)
        return midnight - datetime.timedelta(days=_DAYS_AGO[stripped])
    time = datetime.datetime.fromisoformat(re.sub(r" UTC$", "+00:00", stripped))
    return time.replace(tzinfo=datetime.UTC) if time.tzinfo is None else time
