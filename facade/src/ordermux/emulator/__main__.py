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
from .bounds import MAX_WORLDS, LimitExceeded
from .control import PATH

_ENDING = ("SIGINT", "SIGTERM", "SIGHUP")
"""The signals that end it, of which a system may lack one."""


def main() -> None:
    """Run it until Ctrl-C or another signal to end, and print what each provider's client takes."""
    given = _parser().parse_args()
    with _until_stopped() as stop:
        emulator = _emulator(given)
        with emulator:
            _tell(emulator)
            while not stop.wait(3600):
                pass


@contextlib.contextmanager
def _until_stopped() -> Generator[threading.Event]:
    """Give what is set by a signal to end: nothing is cut, so that all is written that was changed."""
    stop = threading.Event()
    signals = [getattr(signal, name) for name in _ENDING if hasattr(signal, name)]
    before = {number: signal.signal(number, lambda *_: stop.set()) for number in signals}  # pyright: ignore[reportUnknownArgumentType, reportUnknownLambdaType]
    try:
        yield stop
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
    except LimitExceeded as error:
        sys.exit(str(error))
    except ValueError as error:
        sys.exit(f"{error}; --deliver-anywhere lifts that")
    emulator.world.outbox.callbacks = given.callbacks or emulator.world.outbox.callbacks
    return emulator


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m ordermux.emulator", description=__doc__)
    parser.add_argument("--port", type=int, default=8000, help="port to listen on; 0 picks a free port (default: 8000)")
    parser.add_argument("--orders", type=int, default=0, help="extra orders of each provider (default: 0)")
    parser.add_argument("--seed", type=int, default=0, help="seed of the extra orders (default: 0)")
    parser.add_argument(
        "--state", metavar="FILE", help="file that keeps the worlds; its state replaces --orders and --seed"
    )
    parser.add_argument(
        "--deliver-to",
        metavar="URL",
        action="append",
        default=[],
        help="deliver events to this URL; {provider} is replaced; repeatable",
    )
    parser.add_argument("--callbacks", action="store_true", help="also deliver to the callback URL that an order has")
    parser.add_argument("--deliver-anywhere", action="store_true", help="allow deliveries to other machines")
    parser.add_argument("--as-documented", action="store_true", help="follow a provider's page if its real API differs")
    parser.add_argument(
        "--allow-host",
        metavar="NAME",
        action="append",
        default=[],
        help="accept requests for this host name, besides localhost; repeatable",
    )
    parser.add_argument(
        "--allow-origin",
        metavar="ORIGIN",
        action="append",
        default=[],
        help="accept requests from pages of this origin, such as http://localhost:3000; repeatable",
    )
    parser.add_argument(
        "--max-worlds", type=int, default=MAX_WORLDS, help="maximum number of worlds (default: %(default)s)"
    )
    return parser


def _tell(emulator: Emulator) -> None:
    print(f"The emulator serves the providers' APIs at {emulator.address}, and a separate world for each NAME at")
    print(f"{emulator.address}/w/NAME, and can be controlled at {emulator.address}{PATH}/.")
    print(f"Open {emulator.address}/ in a browser: it shows all orders, applies transitions and injects faults.")
    print(f"To print the deliveries, run: ordermux events listen --emulator {emulator.address}")
    print("Settings of each provider's account:")
    for account in emulator.accounts():
        print(f"\n{account.provider}")
        for argument, value in attrs.asdict(account).items():
            shown = _shown(value)
            if shown and argument not in {"name", "environment"}:
                print(f"    {argument:<15} {shown}")
    print("\nPress Ctrl-C to stop.", flush=True)


def _shown(value: Any) -> str:
    """Return a setting as it is given."""
    if isinstance(value, tuple | list):
        return ",".join(map(_shown, value))  # pyright: ignore[reportUnknownArgumentType]
    return value if isinstance(value, str) else getattr(value, "reveal", str)()


if __name__ == "__main__":
    main()
