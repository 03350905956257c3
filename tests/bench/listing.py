"""A list of 10,000 orders by the command line, as a table beside JSON: `python tests/bench/listing.py [--quick]`.

Each run is a process of its own against one emulator; the two take turns. A table may take 1.3 times as long as JSON.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from ordermux.emulator import Emulator
from support.text_table import table

GOAL = 1.3
ROUNDS, ORDERS = 5, 10_000


def took(*arguments: str) -> tuple[float, int]:
    """Return the seconds that a run of the command line takes, and its lines."""
    started = time.perf_counter()
    done = subprocess.run([sys.executable, "-m", "ordermux.cli", *arguments], capture_output=True, check=True)
    return time.perf_counter() - started, done.stdout.count(b"\n")


def main() -> int:
    """Print the figures; return 1 if the goal is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer rounds and orders")
    rounds, orders = (3, 2_000) if parser.parse_args().quick else (ROUNDS, ORDERS)
    seconds: dict[str, list[float]] = {"table": [], "json": []}
    with Emulator() as emulator:
        shop = emulator.state("zephyr")
        for _ in range(orders - len(shop.orders)):
            shop.place()
        common = ("--emulator", emulator.address, "orders", "list", "zephyr")
        for _ in range(rounds):
            for name, option in (("json", ["--json"]), ("table", [])):
                each, lines = took(*common, *option)
                assert lines >= orders
                seconds[name].append(each)
    as_table, as_json = (statistics.median(seconds[name]) for name in ("table", "json"))
    print(f"{orders:,} orders, the median of {rounds} runs of each in turns:\n")
    figures = [f"{as_table:.2f} s", f"{as_json:.2f} s", f"{as_table / as_json:.2f}", f"{GOAL}"]
    print(table(["table", "JSON", "ratio", "goal"], [figures]))
    return int(as_table / as_json > GOAL)


if __name__ == "__main__":
    sys.exit(main())
