"""Secrets of each kind, and a search that finds where one shows: texts, logs, pickles, attributes, frames."""

from __future__ import annotations

import base64
import contextlib
import copy
import gc
import importlib
import logging
import pickle
import re
import socket
import threading
import traceback
import types
import warnings
import weakref
from collections import Counter
from collections.abc import Callable, Generator, Iterator
from enum import Enum
from pathlib import Path
from typing import Any

import attrs
import msgspec
from rich.traceback import Traceback

from ordermux.engine.sent import SentRequest
from ordermux.transport.network import SecretText

CANARIES = {
    kind: f"canary-{number}-{kind}-4f1c9e"
    for number, kind in enumerate(
        (
            "client_secret",
            "access_token",
            "api_key",
            "cryptum_key",
            "jwt",
            "refresh_token",
            "session_token",
            "api_key_id",
            "signing_secret",
            "set_cookie",
        )
    )
}
"""A secret of each kind, none of which is in another."""
_TESTS = Path(__file__).parents[1]
KEY = "an-idempotency-key-is-no-secret"
PROVIDERS = ("croissant", "zephyr", "crossmint", "cryptum")
_PACKAGES: tuple[Any, ...] = tuple(importlib.import_module(f"ordermux_{provider}") for provider in PROVIDERS)
HOLDERS: tuple[Any, ...] = (*(package.Secret for package in _PACKAGES), SecretText, SentRequest)
"""What has to hold a secret."""
BODIES = tuple(package.codec.Body for package in _PACKAGES)
"""The typed clients' raw bodies: they have everything that came, show their length, and are masked in a pickle."""
ATOMS = (int, float, complex, bool, type(None), Enum, types.ModuleType, type, threading.Thread, socket.socket)
LOGGERS = ("", "ordermux", "httpx", "httpcore", "httpcore.http11", "httpcore.connection", "aiohttp", "asyncio", "redis")


def plainly(content: bytes, canary: str) -> bool:
    """Return whether a text has a canary, plain or in base64."""
    return canary.encode() in content or base64.b64encode(canary.encode())[:-4] in content


@attrs.define
class Search:
    """Looks for the canaries, and keeps where it looked and where it found one."""

    canaries: dict[str, str] = attrs.field(factory=lambda: CANARIES)
    shows: Callable[[bytes, str], bool] = plainly
    looked: Counter[str] = attrs.field(factory=Counter[str])
    found: set[str] = attrs.field(factory=set[str])
    sent: set[str] = attrs.field(factory=set[str])
    """The secrets that did arrive where they belong, so that there was something to show."""

    def text(self, where: str, text: str | bytes, way: str = "") -> None:
        """Look at a text."""
        self.looked[where] += 1
        content = text if isinstance(text, bytes) else text.encode(errors="replace")
        for kind, canary in self.canaries.items():
            if self.shows(content, canary):
                self.found.add(f"{kind} in {where}: {_around(content, canary)}{way}")

    def thing(self, name: str, thing: Any) -> None:
        """Look at an object in every way that shows one."""
        self.text(f"repr of {name}", repr(thing))
        self.text(f"str of {name}", str(thing))
        self.text(f"format of {name}", f"{thing}")
        self.attributes(f"attributes of {name}", thing)

    def pickled(self, name: str, thing: Any) -> None:
        """Look at an object's pickle, at what comes out of it, and at a copy."""
        for number in (0, pickle.HIGHEST_PROTOCOL):
            self.text(f"pickle of {name}", pickle.dumps(thing, number))
        self.attributes(f"attributes of {name}, pickled", pickle.loads(pickle.dumps(thing)), pickled=True)
        self.thing(f"{name}, copied", copy.deepcopy(thing))

    def error(self, name: str, error: BaseException) -> None:
        """Look at an error, its pickle, its traceback and the locals of its frames, and those of all behind it."""
        self.thing(name, error)
        self.pickled(name, error)
        own = error.__traceback__.tb_next if error.__traceback__ else None
        self.text(f"traceback of {name}", "".join(traceback.format_exception(type(error), error, own)))
        whole = traceback.TracebackException(type(error), error, own, capture_locals=True)
        self.text(f"traceback with locals of {name}", "".join(whole.format()))
        self.frames(name, error)

    def frames(self, name: str, error: BaseException, *, deep: bool = True) -> None:
        """Look at the variables of all frames behind an error, libraries' too, not the tests' own; also as rich does.

        Deep, at all that can be reached from them, too, and not only at what a reporter prints.
        """
        for each in chain(error):
            for frame, _ in traceback.walk_tb(each.__traceback__):
                code = frame.f_code
                if Path(code.co_filename).is_relative_to(_TESTS):
                    continue
                self.looked[f"frames of {name}"] += 1
                for variable, value in frame.f_locals.items():
                    place = f"{variable} in {Path(code.co_filename).stem}.{code.co_name}, a frame of {name}"
                    self.text(place, _shown(value, repr))
                    self.text(place, _shown(value, str))
                    if deep:
                        self.attributes(place, value)
        told = Traceback.extract(type(error), error, error.__traceback__, show_locals=True)
        for told_frame in (frame for stack in told.stacks for frame in stack.frames):
            if Path(told_frame.filename).is_relative_to(_TESTS):
                continue
            self.text(f"rich's traceback of {name}", "".join(map(str, (told_frame.locals or {}).values())))

    def attributes(self, where: str, root: Any, *, pickled: bool = False) -> None:
        """Look at all that can be reached by attributes, slots, items, closures and causes, but not into secrets."""
        seen: set[int] = set()
        alive: list[Any] = []
        waiting = [(root, where)]
        while waiting:
            thing, way = waiting.pop()
            if (
                id(thing) in seen
                or isinstance(thing, (*ATOMS, *HOLDERS, Search))
                or callable(getattr(thing, "fileno", None))
            ):
                continue
            seen.add(id(thing))
            alive.append(thing)
            if isinstance(thing, str | bytes | bytearray):
                if pickled or not isinstance(thing, BODIES):
                    self.text(where, bytes(thing) if not isinstance(thing, str) else thing, way)
                continue
            waiting.extend((inner, f"{way} > {type(thing).__name__}"[-300:]) for inner in _inside(thing))


def chain(error: BaseException) -> Iterator[BaseException]:
    """Give an error and all that are behind it: causes, contexts, members of groups."""
    waiting: list[BaseException | None] = [error]
    seen: set[int] = set()
    while waiting:
        each = waiting.pop()
        if each is None or id(each) in seen:
            continue
        seen.add(id(each))
        yield each
        waiting += [each.__cause__, each.__context__]
        if isinstance(each, BaseExceptionGroup):
            waiting += each.exceptions  # pyright: ignore[reportUnknownMemberType]


def _shown(value: Any, show: Callable[[Any], str]) -> str:
    """Return what a reporter would print of a variable."""
    try:
        return show(value)
    except Exception as error:  # of an object that was not made to its end
        return repr(error)


def _around(content: bytes, canary: str) -> str:
    """Return what is before a canary, to find the leak by."""
    place = max(content.find(canary.encode()), 0)
    return content[max(0, place - 60) : place].decode(errors="replace").replace("\n", " ")


def _inside(thing: Any) -> Iterator[Any]:
    """Give what an object holds."""
    items: Any = thing
    if isinstance(thing, dict):
        yield from items.keys()
        yield from items.values()
    elif isinstance(thing, list | tuple | set | frozenset):
        yield from items
    elif isinstance(thing, types.FunctionType):
        yield from (cell.cell_contents for cell in thing.__closure__ or () if cell != types.CellType())
        yield from thing.__defaults__ or ()
    elif isinstance(thing, types.MethodType):
        yield thing.__self__
    elif not isinstance(thing, weakref.ref | types.BuiltinFunctionType | types.GeneratorType):
        yield from _attributes(thing)


def _attributes(thing: Any) -> Iterator[Any]:
    """Give an object's attributes, its slots, and what a C type of functools' or collections' refers to."""
    named: dict[str, Any] = getattr(thing, "__dict__", {})
    yield from named.values()
    for kind in type(thing).__mro__:
        slots: Any = kind.__dict__.get("__slots__", ())
        for name in [slots] if isinstance(slots, str) else list(slots):
            mangled = f"_{kind.__name__.lstrip('_')}{name}" if re.match(r"__.*(?<!__)$", name) else name
            if name not in {"__weakref__", "__dict__"} and hasattr(thing, mangled):
                yield getattr(thing, mangled)
    if isinstance(thing, msgspec.Struct):
        yield from (getattr(thing, name) for name in thing.__struct_fields__)
    if isinstance(thing, BaseException):
        yield from (thing.args, thing.__cause__, thing.__context__)
    if type(thing).__module__ in {"functools", "_functools", "collections"}:
        yield from (each for each in gc.get_referents(thing) if not isinstance(each, type))


class _Lines(logging.Handler):
    """Shows each line of a log to the search, whole."""

    def __init__(self, search: Search) -> None:
        """Take where to look."""
        super().__init__(logging.DEBUG)
        self.search = search

    def emit(self, record: logging.LogRecord) -> None:
        """Look at the line, at what it was made of, and at the error in it."""
        where = f"log of {record.name}"
        self.search.text(where, record.getMessage())
        self.search.text(where, repr(record.__dict__))
        self.search.attributes(where, record.args)
        if record.exc_info and record.exc_info[1]:
            self.search.error(f"error in the {where}", record.exc_info[1])


@contextlib.contextmanager
def watched(search: Search) -> Generator[None]:
    """Look at what is logged anywhere and at what is warned of."""
    handler, loggers = _Lines(search), [logging.getLogger(name) for name in LOGGERS]
    states = [(logger.level, logger.disabled, logger.propagate) for logger in loggers]
    switched_off = logging.root.manager.disable
    gc.collect()
    gc.freeze()  # what is there already is not searched for garbage each time
    logging.getLogger().addHandler(handler)
    try:
        logging.disable(logging.NOTSET)
        for logger in loggers:  # whatever a library or another test made of them
            logger.setLevel(logging.DEBUG)
            logger.disabled, logger.propagate = False, True
        with warnings.catch_warnings(record=True) as warned:
            warnings.simplefilter("always")
            yield
            gc.collect()
        for warning in warned:
            search.text("warnings", f"{warning.message} {warning.source!r}")
        search.looked["warnings"] += 1
    finally:
        logging.getLogger().removeHandler(handler)
        logging.disable(switched_off)
        for logger, (level, disabled, propagate) in zip(loggers, states, strict=True):
            logger.setLevel(level)
            logger.disabled, logger.propagate = disabled, propagate
