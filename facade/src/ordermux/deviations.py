"""Records deviations of responses and events from the providers' documents, for the maintainers of the documents.

    with Ordermux(*from_env(), on_deviation=DeviationLog("deviations.jsonl")) as mux:
        ...

Each line is a JSON object: `time`, `provider`, `version` (of the package), `operation`, `place` (without indexes, such
as `$.orders[].marketRates`), `expected` and `got`, `run` (which identifies the process) and `count` (the number of
occurrences in that run). It has no value, id or secret.
"""

from __future__ import annotations

import datetime
import functools
import importlib.metadata
import json
import logging
import os
import re
import secrets
import threading
from typing import Any

import attrs

MAX_BYTES = 10_000_000
"""The maximum size of a file, by default."""
MAX_KINDS = 10_000
"""The maximum number of different deviations of a process; others are not recorded."""

_log = logging.getLogger("ordermux")
_INDEX = re.compile(r"\[\d+\]")
_WRONG_TYPE = re.compile(
    r"expected (?P<expected>[\w |,.<>=-]+), got (?P<got>array|bool|bytes|dict|float|int|list|null|object|str)"
)
_MISSING = re.compile(r"object missing required field (?P<field>\w+)")
_SAFE = re.compile(r"[a-zA-Z][a-zA-Z ]*")
_NAME = re.compile(r"[\w.-]{1,100}", re.ASCII)


@attrs.frozen(eq=False)
class _Tally:
    """The number of occurrences of each deviation in one process."""

    run: str = attrs.field(factory=functools.partial(secrets.token_hex, 8))
    lock: threading.Lock = attrs.field(factory=threading.Lock)
    counts: dict[tuple[str, ...], int] = attrs.field(factory=dict[tuple[str, ...], int])


@attrs.define(eq=False)
class DeviationLog:
    """A hook for `on_deviation` that appends to a file, from any number of threads and processes.

    A process records the first, second, fourth, eighth occurrence of each deviation, and so on. It stops at
    `max_bytes`. An error of the file is logged once, and never raised.
    """

    path: str | os.PathLike[str]
    max_bytes: int = MAX_BYTES
    _tallies: dict[int, _Tally] = attrs.field(factory=dict[int, "_Tally"], init=False, repr=False)
    """By process, since a lock may stay locked after a fork."""
    _warned: bool = attrs.field(default=False, init=False, repr=False)

    def __call__(self, account: str, operation: str, deviation: Any) -> None:
        """Record a deviation of an operation, or of an event.

        The file has the provider instead of the `account`.
        """
        del account
        package = type(deviation).__module__.partition(".")[0]
        place = _INDEX.sub("[]", deviation.path)
        expected, got = _without_values(deviation.problem)
        name = operation if _NAME.fullmatch(operation) else "unknown"  # the name of an event comes from the provider
        key = (package, name, place, expected, got)
        tally = self._tallies.setdefault(os.getpid(), _Tally())
        with tally.lock:
            if key not in tally.counts and len(tally.counts) >= MAX_KINDS:
                return
            count = tally.counts[key] = tally.counts.get(key, 0) + 1
        if count & (count - 1) == 0:
            names = ("provider", "version", "operation", "place", "expected", "got", "run", "count")
            values = (package.removeprefix("ordermux_"), _version(package), *key[1:], tally.run, count)
            now = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
            self._append({"time": now} | dict(zip(names, values, strict=True)))

    def _append(self, line: dict[str, Any]) -> None:
        """Append a line with one system call, so that lines of processes do not mix."""
        content = (json.dumps(line) + "\n").encode()
        try:
            file = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
            try:
                if os.fstat(file).st_size + len(content) > self.max_bytes:
                    self._warn(f"has {self.max_bytes} bytes; no more deviations are recorded")
                elif os.write(file, content) < len(content):
                    self._warn("has an incomplete line")
            finally:
                os.close(file)
        except OSError as error:
            self._warn(f"cannot be written ({error.strerror})")

    def _warn(self, problem: str) -> None:
        if not self._warned:
            self._warned = True
            _log.warning("the deviation log %s %s", os.fspath(self.path), problem)


@functools.cache
def _version(package: str) -> str:
    try:
        return importlib.metadata.version(package.replace("_", "-"))
    except importlib.metadata.PackageNotFoundError:
        return "unknown"


def _without_values(problem: str) -> tuple[str, str]:
    """Return what was expected and what came, without values of the body."""
    if wrong := _WRONG_TYPE.fullmatch(problem):
        return wrong["expected"], wrong["got"]
    if missing := _MISSING.fullmatch(problem):
        return f"the field {missing['field']}", "nothing"
    safe = _SAFE.match(problem)
    return "what the document says", safe[0].strip() if safe else "something else"
