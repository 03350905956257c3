"""Deriving an order's status from its ledger beside decoding it: `python tests/bench/ledgers.py [--quick]`.

The order has 1,000 lines and 1,000 adjustments, in the form of the Universal Commerce Protocol. All take turns in one
process, so that the ratios count and not the machine.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from collections.abc import Callable
from typing import Any

from ordermux.ledger_status import derived
from ordermux.refunds import refundable
from support.text_table import table
from support.ucp_orders import DECODER, READER, body, order

ENTRIES = 1_000


def _took(run: Callable[[], Any], calls: int) -> float:
    """Return the seconds of CPU that a call takes."""
    started = time.process_time()
    for _ in range(calls):
        run()
    return (time.process_time() - started) / calls


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer rounds")
    rounds, calls = (5, 5) if parser.parse_args().quick else (15, 20)
    content = body(ENTRIES, ENTRIES)
    native = DECODER.decode(content)
    lines, total = READER.line_items(native), READER.total(native)
    ledger = READER.ledger(native, lines)
    subjects: dict[str, Callable[[], Any]] = {
        "decode by msgspec, typed": lambda: DECODER.decode(content),
        "decode by json.loads": lambda: json.loads(content),
        "an order of which nothing is read": lambda: order(content),
        "read the lines": lambda: READER.line_items(native),
        "read the ledger, with its lines there": lambda: READER.ledger(native, lines),
        "derive the status": lambda: derived(ledger, total),
        "what is left to refund": lambda: refundable(ledger, total, None),
        "decode, and read the status": lambda: order(content).status,
    }
    found: dict[str, list[float]] = {name: [] for name in subjects}
    for _ in range(rounds):
        for name, run in subjects.items():
            found[name].append(_took(run, calls))
    medians = {name: statistics.median(values) for name, values in found.items()}
    base = medians["decode by msgspec, typed"]
    print(f"{ENTRIES:,} lines and {ENTRIES:,} adjustments, {len(content):,} bytes; CPU, median of {rounds} rounds:\n")
    print(
        table(
            ["work", "ms", "of msgspec's decoding"],
            [[n, f"{s * 1e3:.2f}", f"{s / base:.1f}"] for n, s in medians.items()],
        )
    )


if __name__ == "__main__":
    main()
