"""A refund desk for the command line: makes refunds, and settles those whose outcome is not known.

    pip install 'ordermux[all]'
    ORDERMUX_ZEPHYR_API_KEY=… python refund_desk.py refund zephyr:order_01HXY8 14.90 USD
    ORDERMUX_ZEPHYR_API_KEY=… python refund_desk.py settle

A refund is written down with its idempotency key before it is sent. If the response is lost, or the program is killed,
it stays open, and `settle` sends it again with the same key: it finds out, and refunds nothing twice. What stays open
even then, since the provider may have forgotten the key, is for a person to look at.
"""

from __future__ import annotations

import argparse
import contextlib
import datetime
import os
import sqlite3
import uuid
from collections.abc import Generator

from ordermux import Money, Ordermux, OrdermuxError, OutcomeUnknown, ProviderError, from_env


@contextlib.contextmanager
def desk() -> Generator[sqlite3.Connection]:
    """Give the file of all refunds; each change is saved at once."""
    path = os.environ.get("REFUND_DESK", "refunds.db")
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as file:
        file.execute(
            "CREATE TABLE IF NOT EXISTS refunds (key TEXT PRIMARY KEY, created_at TEXT, ref TEXT, amount TEXT, "
            "currency TEXT, state TEXT DEFAULT 'open')"
        )
        yield file


def write_down(file: sqlite3.Connection, ref: str, amount: Money) -> str:
    """Write a refund down before it is sent; return its key."""
    key, now = f"desk-{uuid.uuid4()}", datetime.datetime.now(datetime.UTC)
    file.execute(
        "INSERT INTO refunds (key, created_at, ref, amount, currency) VALUES (?, ?, ?, ?, ?)",
        (key, now.isoformat(), ref, f"{amount.amount:f}", amount.currency),
    )
    return key


def send(mux: Ordermux, file: sqlite3.Connection, key: str, *, is_first: bool) -> bool:
    """Send a refund, for the first time or again; return whether it is known what became of it."""
    row = file.execute("SELECT created_at, ref, amount, currency FROM refunds WHERE key = ?", (key,)).fetchone()
    created_at, ref, amount, currency = row
    try:
        refund = mux.orders.refund(
            ref,
            Money(amount, currency),
            idempotency_key=key,
            key_created_at=datetime.datetime.fromisoformat(created_at),
        )
    except OrdermuxError as error:
        # This call changed nothing; an earlier one with the key neither, if there was none, or if the provider says so.
        is_unchanged = is_first or (isinstance(error, ProviderError) and error.applied is False)
        is_known = is_unchanged and not isinstance(error, OutcomeUnknown)
        state = "failed" if is_known else "open"
        print(f"{ref}: {amount} {currency}: {state if is_known else 'not known, stays open'}: {error}")
    else:
        is_known, state = True, f"done: {refund.id}"
        print(f"{ref}: {amount} {currency}: {state}")
    file.execute("UPDATE refunds SET state = ? WHERE key = ?", (state, key))
    return is_known


def main(arguments: list[str] | None = None) -> int:
    """Run a command; return 1 if the outcome of a refund is not known."""
    parser = argparse.ArgumentParser(description="Make refunds, and settle those whose outcome is not known.")
    commands = parser.add_subparsers(dest="command", required=True)
    refund = commands.add_parser("refund", help="refund an amount of an order")
    refund.add_argument("order", help="such as zephyr:order_01HXY8")
    refund.add_argument("amount")
    refund.add_argument("currency")
    commands.add_parser("settle", help="send the open refunds again, each with its key")
    given = parser.parse_args(arguments)
    with desk() as file, Ordermux(*from_env()) as mux:
        if given.command == "refund":
            key = write_down(file, given.order, Money(given.amount, given.currency))
            return 0 if send(mux, file, key, is_first=True) else 1
        keys = [key for (key,) in file.execute("SELECT key FROM refunds WHERE state = 'open' ORDER BY created_at")]
        known = [send(mux, file, key, is_first=False) for key in keys]
        return 0 if all(known) else 1


if __name__ == "__main__":
    raise SystemExit(main())
