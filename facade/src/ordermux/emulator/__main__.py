"""The emulator on its own: `python -m ordermux.emulator [--port 8000] [--orders N] [--seed N] [--state FILE] ...`."""

from __future__ import annotations

import argparse
import contextlib
import sys
import time
from typing import Any

import attrs

from . import Emulator, StateFileError, World
from .control import PATH


def main() -> None:
    """Run it until Ctrl-C, and print what each provider's client takes."""
    given = _parser().parse_args()
    try:
        emulator = Emulator(_world(given), port=given.port, deliver_anywhere=given.deliver_anywhere, state=given.state)
    except (OSError, OverflowError) as error:
        sys.exit(f"port {given.port}: {getattr(error, 'strerror', None) or error}; --port takes another")
    except StateFileError as error:
        sys.exit(f"{error}; --state takes another")
    try:
        for url in given.deliver_to:
            emulator.deliver_to(url)
    except ValueError as error:
        sys.exit(f"{error}; --deliver-anywhere lifts that")
    emulator.world.mail.callbacks = given.callbacks
    with contextlib.suppress(KeyboardInterrupt), emulator:
        _tell(emulator)
        while True:
            time.sleep(3600)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m ordermux.emulator", description=__doc__)
    parser.add_argument("--port", type=int, default=8000, help="default: 8000; 0 takes any free one")
    parser.add_argument("--orders", type=int, default=0, help="how many each provider has besides a few")
    parser.add_argument("--seed", type=int, default=0, help="other orders for another; default: 0")
    parser.add_argument("--state", metavar="FILE", help="keeps the worlds; what it holds goes before the two above")
    parser.add_argument(
        "--deliver-to", metavar="URL", action="append", default=[], help="where events go; it may have {provider} in it"
    )
    parser.add_argument("--callbacks", action="store_true", help="deliver Cryptum's to each order's callbackUrl too")
    parser.add_argument("--deliver-anywhere", action="store_true", help="deliver to other machines too")
    return parser


def _world(given: argparse.Namespace) -> World:
    return World(seed=given.seed, orders=given.orders)


def _tell(emulator: Emulator) -> None:
    print(f"The emulator speaks the providers' APIs at {emulator.address}, in a world of its own for each NAME at")
    print(f"{emulator.address}/w/NAME, and is controlled at {emulator.address}{PATH}/.")
    print(f"Open {emulator.address}/ in a browser: it shows all orders, moves them, and breaks the next call.")
    print(f"What is delivered is printed by: ordermux events listen --emulator {emulator.address}")
    print("Each provider's client takes:")
    for account in emulator.accounts():
        print(f"\n{account.provider}")
        for argument, value in attrs.asdict(account).items():
            shown = _shown(value)
            if shown and argument not in {"name", "environment"}:
                print(f"    {argument:<15} {shown}")
    print("\nCtrl-C stops it.", flush=True)


def _shown(value: Any) -> str:
    """Return a setting as it is given."""
    if isinstance(value, tuple | list):
        return ",".join(map(_shown, value))  # pyright: ignore[reportUnknownArgumentType]
    return value if isinstance(value, str) else getattr(value, "reveal", str)()


if __name__ == "__main__":
    main()
