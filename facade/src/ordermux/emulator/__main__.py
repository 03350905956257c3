"""The emulator on its own: `python -m ordermux.emulator [--port 8000] [--orders N] [--seed N] [--state FILE] ...`.

A signal to end it (Ctrl-C, SIGTERM) loses nothing of what --state keeps.
"""

from __future__ import annotations

import argparse
import contextlib
import signal
import sys
import threading
from collections.abc import Generator
from typing import Any

import attrs

from . import Emulator, StateFileError, World
from .bounds import MAX_WORLDS, TooMany
from .control import PATH

_ENDING = ("SIGINT", "SIGTERM", "SIGHUP")
"""The signals that end it, of which a system may lack one."""


def main() -> None:
    """Run it until Ctrl-C or another signal to end, and print what each provider's client takes."""
    given = _parser().parse_args()
    with _until_told() as told:
        emulator = _emulator(given)
        with emulator:
            _tell(emulator)
            while not told.wait(3600):
                pass


@contextlib.contextmanager
def _until_told() -> Generator[threading.Event]:
    """Give what is set by a signal to end: nothing is cut, so that all is written that was changed."""
    told = threading.Event()
    signals = [getattr(signal, name) for name in _ENDING if hasattr(signal, name)]
    before = {number: signal.signal(number, lambda *_: told.set()) for number in signals}  # pyright: ignore[reportUnknownArgumentType, reportUnknownLambdaType]
    try:
        yield told
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _emulator(given: argparse.Namespace) -> Emulator:
    """Return the emulator that is wanted; end where there is none such."""
    try:
        emulator = Emulator(
            World(seed=given.seed, extra_orders=given.orders),
            port=given.port,
            deliver_anywhere=given.deliver_anywhere,
            state=given.state,
            as_documented=given.as_documented,
            allowed_hosts=given.allow_host,
            allowed_origins=given.allow_origin,
            max_worlds=given.max_worlds,
        )
    except (OSError, OverflowError) as error:
        sys.exit(f"port {given.port}: {getattr(error, 'strerror', None) or error}; use another --port")
    except StateFileError as error:
        sys.exit(f"{error}; use another --state")
    except ValueError as error:
        sys.exit(str(error))
    try:
        for url in given.deliver_to:
            emulator.deliver_to(url)
    except TooMany as error:
        sys.exit(str(error))
    except ValueError as error:
        sys.exit(f"{error}; --deliver-anywhere lifts that")
    emulator.world.outbox.callbacks = given.callbacks or emulator.world.outbox.callbacks
    return emulator


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
    parser.add_argument(
        "--as-documented", action="store_true", help="Crossmint's shop as its page says, not as the real one does"
    )
    parser.add_argument(
        "--allow-host", metavar="NAME", action="append", default=[], help="a name to be asked by, besides localhost"
    )
    parser.add_argument(
        "--allow-origin",
        metavar="ORIGIN",
        action="append",
        default=[],
        help="whose pages may ask, such as http://localhost:3000",
    )
    parser.add_argument("--max-worlds", type=int, default=MAX_WORLDS, help="default: %(default)s")
    return parser


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
