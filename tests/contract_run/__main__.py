"""Holds the emulator against the documents by schemathesis: `python -m contract_run`, with tests/ on the path.

It fails where schemathesis finds a failure, a documented status is not reached, or an operation never succeeds.
"""

from __future__ import annotations

import argparse
import logging
import sys
import tempfile
import time
from pathlib import Path

from ordermux.emulator import Emulator, World

from . import report
from .documents import Contract
from .rounds import rounds
from .runs import Ran, run

PROVIDERS = ("croissant", "zephyr", "crossmint", "cryptum")
ORDERS = 200
"""How many each provider has, so that some have each status."""


def main() -> int:
    """Run it, print what was reached, and return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m contract_run", description=__doc__)
    parser.add_argument("providers", nargs="*", default=PROVIDERS, metavar="PROVIDER", help="default: all four")
    parser.add_argument("--seed", type=int, default=20261121, help="default: %(default)s")
    parser.add_argument("--examples", type=int, default=100, help="at most for each operation; default: %(default)s")
    given = parser.parse_args()
    logging.getLogger("uvicorn").addHandler(logging.NullHandler())  # schemathesis tries a NUL in a header
    _tell(f"schemathesis against the emulator, seed {given.seed}, at most {given.examples} examples an operation")
    start = time.monotonic()
    contracts = [Contract.load(provider) for provider in given.providers]
    ran: list[Ran] = []
    wrong: list[str] = []
    with tempfile.TemporaryDirectory() as folder, Emulator(World(extra_orders=ORDERS)) as emulator:
        for contract in contracts:
            _tell("", report.HEAD)
            found: list[Ran] = []
            for each in rounds(contract.provider):
                found.append(run(emulator, contract, each, Path(folder), seed=given.seed, examples=given.examples))
                _tell(report.line(contract.provider, found[-1]))
            _tell("", report.reached(contract, found))
            wrong += [
                f"{contract.provider}, {each.round.name}: schemathesis found failures" for each in found if each.code
            ]
            wrong += report.missing(contract, found)
            ran += found
    _tell("", *report.totals(contracts, ran, wrong), f"{time.monotonic() - start:.0f} seconds")
    return 1 if wrong else 0


def _tell(*lines: str) -> None:
    sys.stdout.write("\n".join(lines) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
