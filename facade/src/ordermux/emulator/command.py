"""The emulator as a command: what `python -m ordermux.emulator` and `ordermux emulator` do with its options."""

from __future__ import annotations

import argparse
import contextlib
import signal
import threading
from collections.abc import Generator, Mapping
from typing import Any

import attrs

from ..emulator_options import OPTIONS
from .bounds import LimitExceeded
from .control import PATH
from .server import Emulator
from .store import StateFileError
from .world import World

_ENDING = ("SIGINT", "SIGTERM", "SIGHUP")
"""The signals that end it, of which a system may lack one."""

_OWN_HOST = next(option.default for option in OPTIONS if option.name == "host")


class CannotStart(Exception):
    """The emulator cannot run with these options; the message says which, and what to do."""


def parser() -> argparse.ArgumentParser:
    """Return the parser of `python -m ordermux.emulator`."""
    made = argparse.ArgumentParser(
        prog="python -m ordermux.emulator",
        description="Run a local server that emulates every provider's API, until Ctrl-C.",
        epilog="SIGINT, SIGTERM and SIGHUP stop it; nothing is lost of what --state keeps.",
    )
    for option in OPTIONS:
        kinds: dict[str, Any] = {"metavar": option.metavar, "default": option.default}
        if option.default is False:
            kinds = {"action": "store_true"}
        elif isinstance(option.default, tuple):
            kinds = {"action": "append", "metavar": option.metavar, "default": []}
        elif isinstance(option.default, int):
            kinds["type"] = int
        shown = f"{option.help[:-1]} (default: {option.default})." if option.default else option.help
        made.add_argument(option.flag, help=shown.replace("%", "%%"), **kinds)
    return made


def serve(given: Mapping[str, Any]) -> None:
    """Run it with these options, by their names, until a signal ends it; print what each provider's client takes.

    Raises CannotStart.
    """
    with _until_stopped() as stop:
        emulator = _emulator(given)
        with emulator:
            _announce(emulator)
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


def _emulator(given: Mapping[str, Any]) -> Emulator:
    """Return the emulator that is wanted. Raises CannotStart."""
    try:
        emulator = Emulator(
            World(seed=given["seed"], extra_orders=given["orders"]),
            host=given["host"],
            port=given["port"],
            deliver_anywhere=given["deliver_anywhere"],
            state=given["state"],
            as_documented=given["as_documented"],
            allowed_hosts=given["allow_host"],
            allowed_origins=given["allow_origin"],
            any_origin_controls=given["any_origin_controls"],
            max_worlds=given["max_worlds"],
        )
    except (OSError, OverflowError) as error:
        elsewhere = given["host"] != _OWN_HOST
        where = f"{given['host']}, port {given['port']}" if elsewhere else f"port {given['port']}"
        problem, other = getattr(error, "strerror", None) or error, " or --host" if elsewhere else ""
        raise CannotStart(f"{where}: {problem}; use another --port{other}") from None
    except StateFileError as error:
        raise CannotStart(f"{error}; use another --state") from None
    except ValueError as error:
        raise CannotStart(str(error)) from None
    try:
        for url in given["deliver_to"]:
            emulator.deliver_to(url)
    except LimitExceeded as error:
        raise CannotStart(str(error)) from None
    except ValueError as error:
        raise CannotStart(f"{error}; --deliver-anywhere lifts that") from None
    emulator.world.outbox.callbacks = given["callbacks"] or emulator.world.outbox.callbacks
    return emulator


def _announce(emulator: Emulator) -> None:
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
