"""`ordermux orders export`: the orders of all accounts as a file."""

from __future__ import annotations

import contextlib
import datetime
import enum
import itertools
import os
import sys
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import attrs
import typer

from ._exit import FAILED, CliError, UsageError
from ._session import Session
from ._streams import lost

if TYPE_CHECKING:
    from ..errors import OrdermuxError
    from ..order import Order


class Format(enum.StrEnum):
    """The format of a file."""

    CSV = "csv"
    JSONL = "jsonl"
    PARQUET = "parquet"


@attrs.frozen(kw_only=True)
class Export:
    """What is to be exported, and where to."""

    accounts: list[str]
    """All that have a list if it is empty."""
    to: Format
    output: Path | None
    """None for standard output."""
    raw: bool
    limit: int | None
    filters: dict[str, str | datetime.datetime | None]


def export(session: Session, wanted: Export) -> None:
    """Write the orders, and report each account that failed; exit code 1 if there is one."""
    from ..errors import Unsupported

    if wanted.to is Format.PARQUET and wanted.output is None:
        raise UsageError("Parquet is written to a file; pass --output FILE")
    failed: dict[str, OrdermuxError] = {}
    with session.opened() as mux:
        filters: dict[str, Any] = dict(wanted.filters)
        orders = mux.orders.list(wanted.accounts or None, on_error=failed.__setitem__, **filters)
        count = _written(itertools.islice(_until_lost(orders), wanted.limit), wanted)
    sys.stdout.flush()
    _report(session, count, failed)
    if any(wanted.accounts or not isinstance(error, Unsupported) for error in failed.values()):
        raise typer.Exit(FAILED)


def _until_lost(orders: Iterator[Order]) -> Iterator[Order]:
    return itertools.takewhile(lambda _: not lost(), orders)


def _written(orders: Iterator[Order], wanted: Export) -> int:
    from .. import export as formats

    if wanted.output is None:
        write = formats.write_csv if wanted.to is Format.CSV else formats.write_jsonl
        return write(orders, sys.stdout, raw=wanted.raw)
    with _replacing(wanted.output) as path:
        if wanted.to is Format.PARQUET:
            return formats.write_parquet(orders, path, raw=wanted.raw)
        write = formats.write_csv if wanted.to is Format.CSV else formats.write_jsonl
        with path.open("w", newline="", encoding="utf-8") as file:
            return write(orders, file, raw=wanted.raw)


@contextlib.contextmanager
def _replacing(path: Path) -> Generator[Path]:
    """Give a path beside a file that takes its place at the end: half a file is never taken for a whole one."""
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        yield part
        part.replace(path)
    except OSError as error:
        raise CliError(f"{path}: {error.strerror}") from None
    finally:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)


def _report(session: Session, count: int, failed: dict[str, OrdermuxError]) -> None:
    """Report on standard error how many orders were written, and which account failed, with how to resume it."""
    from ._errors import message_of
    from ._output import say, write

    for account, error in failed.items():
        message = message_of(error).removeprefix(f"{account}: ")
        if session.json:
            write({"account": account, "problem": message, "cursor": error.cursor}, err=True)
        else:
            say(f"{account}: {message}", err=True, style="red")
    if session.json:
        write({"note": "exported", "count": count, "failed": sorted(failed)}, err=True)
    else:
        say("1 order" if count == 1 else f"{count:,} orders", err=True, style="dim")
