"""`ordermux products sync`: upload a file of products, resumable."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import time
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TextIO

import attrs
import typer

from . import _complete
from ._change import Change
from ._command import command
from ._exit import DONE, SIGNALLED, SOME_FAILED
from ._session import Session
from ._signals import handling

if TYPE_CHECKING:
    from .. import ProductOutcome
    from ._checkpoint import Checkpoint
    from ._progress import Bar
    from ._rows import Row, Rows

app = typer.Typer(name="products", no_args_is_help=True, help="Create or replace products.")

_SAVE_INTERVAL = 0.2
"""Seconds between two saves of the checkpoint."""
_MAX_SHOWN = 20
"""The number of failures that are printed."""
_MAX_IDS = 1_000_000
"""The number of ids that are remembered, to notice one that occurs again."""
_FAILURES = "the failures; they are printed instead"


@attrs.define(eq=False)
class Run:
    """Yields the rows of a file and records their outcomes. The facade calls it from one thread at a time."""

    rows: Rows
    checkpoint: Checkpoint
    bar: Bar
    sink: TextIO | None
    note: Callable[[str], None]
    """Reports what cannot be saved. That does not stop the run: the products are stored at the provider."""
    stopping: int | None = None
    """The signal that stops the run."""
    ended: bool = False
    """Whether every row of the file was read."""
    failures: list[dict[str, Any]] = attrs.field(factory=list[dict[str, Any]])
    """The first failures of this run."""
    _sent: dict[int, Row] = attrs.field(factory=dict[int, "Row"])
    """The rows in flight, by their number in this run."""
    _lines: dict[int, int] = attrs.field(factory=dict[int, int])
    """The line of each id, by the hash of the id, which takes less memory."""
    _saved: float = 0.0
    _broken: set[str] = attrs.field(factory=set[str])
    """What could not be saved."""

    def products(self) -> Iterator[tuple[str, Any]]:
        """Yield the products without an outcome."""
        number = 0
        for row in self.rows:
            if self.stopping:
                return
            earlier = None if row.product is None else self._line_of(row)
            if self.checkpoint.has(row.place):
                continue
            if row.product is None:
                self._count(row, row.problem)
                continue
            if earlier is not None:
                self._count(row, f"the id is on line {earlier} already; not sent")
                continue
            self._sent[number] = row
            number += 1
            yield row.id, row.product
        self.ended = True

    def _line_of(self, row: Row) -> int | None:
        """Return the line that has the id of a row before it, None if there is none; remember it."""
        key = hash(row.id)
        if (earlier := self._lines.get(key)) is None and len(self._lines) < _MAX_IDS:
            self._lines[key] = row.line
        return earlier

    def add(self, outcome: ProductOutcome) -> None:
        """Record the outcome of a product."""
        self._count(self._sent.pop(outcome.index), None if outcome.error is None else str(outcome.error))

    def _count(self, row: Row, problem: str | None) -> None:
        self.checkpoint.done(row.place, stored=problem is None)
        if problem is not None:
            failure = {"line": row.line, "id": row.id or None, "problem": problem}
            if self.sink is not None and _FAILURES not in self._broken:
                self._write(_FAILURES, self.sink.write, json.dumps(failure) + "\n")
            if len(self.failures) < _MAX_SHOWN or _FAILURES in self._broken:
                self.failures.append(failure)
                self.bar.failed(failure)
        if time.monotonic() - self._saved > _SAVE_INTERVAL:
            self.save()
        self.bar.show(self.rows.read, self.checkpoint.stored, self.checkpoint.failed)

    def save(self) -> None:
        """Save the checkpoint; the failures before it are written already."""
        self._write("the checkpoint; --resume may send later rows again", self.checkpoint.save)
        self._saved = time.monotonic()

    def _write(self, what: str, write: Callable[..., object], *arguments: str) -> None:
        """Write to a file; report the first failure."""
        try:
            write(*arguments)
        except OSError as error:
            if what not in self._broken:
                self._broken.add(what)
                self.note(f"{error.strerror or type(error).__name__}: cannot save {what}")


def _encoding(name: str | None) -> str | None:
    """Check that there is an encoding of a text by this name."""
    try:
        if name is not None:
            "".encode(name)
    except LookupError:
        raise typer.BadParameter(f"unknown encoding {name!r}; such as utf-8, utf-16, windows-1252") from None
    return name


@command(
    app,
    "sync",
    "ordermux products sync croissant products.csv",
    "ordermux products sync croissant products.jsonl --failures failed.jsonl",
    "ordermux products sync croissant products.csv --resume",
)
def sync(
    session: Session,
    account: Annotated[str, typer.Argument(metavar="ACCOUNT", help="Account name.", autocompletion=_complete.accounts)],
    file: Annotated[
        Path, typer.Argument(metavar="FILE", dir_okay=False, exists=True, readable=True, help="FILE.csv or FILE.jsonl.")
    ],
    *,
    failures: Annotated[
        Path | None, typer.Option(metavar="FILE", dir_okay=False, help="Write failed rows to this file, as JSON lines.")
    ] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Resume an interrupted run.")] = False,
    encoding: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            callback=_encoding,
            help="Encoding of FILE, such as windows-1252 (default: UTF-8, or UTF-16 by its byte order mark).",
        ),
    ] = None,
    concurrency: Annotated[int, typer.Option(min=1, max=64, metavar="N", help="Number of concurrent requests.")] = 8,
) -> None:
    """Create or replace the products of a file of any size. Each product id must occur once.

    The first line of a CSV file names the columns, separated by commas, semicolons or tabs: `id` is the product id, the
    others are its fields, as text. In a JSONL file, each line is an object with an `id`. The progress is saved in
    FILE.ordermux-resume until all products are done, so that an interrupted run can be resumed with --resume.
    """
    from ._checkpoint import Checkpoint, beside
    from ._progress import Bar
    from ._rows import KINDS, Rows

    if file.suffix.lower() not in KINDS:
        raise typer.BadParameter(f"{file.name}: unsupported file type; expected {', '.join(KINDS)}")
    if failures and failures.resolve() in {file.resolve(), beside(file).resolve()}:
        raise typer.BadParameter(f"{failures}: --failures needs a file of its own")
    rows = Rows(file, encoding)
    rows.check()
    checkpoint = Checkpoint.load(file, account) if resume else Checkpoint.begin(file, account)
    with contextlib.ExitStack() as stack:
        mux = stack.enter_context(session.opened())
        if "products.sync" not in mux.capabilities(account):
            mux.products.sync(account, ())  # raises Unsupported
        sink: TextIO | None = stack.enter_context(_appending(failures, anew=not resume)) if failures else None
        bar = stack.enter_context(Bar(file, quiet=session.json))
        checkpoint.save()  # if this fails, do not start; a later failure does not stop the run
        run = Run(rows, checkpoint, bar, sink, (lambda text: session.note(text, text)) if session.json else bar.note)
        stack.enter_context(_stoppable(run))
        try:
            report = mux.products.sync(account, run.products(), concurrency=concurrency, on_outcome=run.add)
        finally:
            run.save()
    _end(session, run, report.stopped_by, file)


@contextlib.contextmanager
def _appending(file: Path, *, anew: bool) -> Generator[TextIO]:
    """Open a file for lines; append if the run is resumed."""
    stream = file.open("w" if anew else "a", encoding="utf-8", buffering=1)
    try:
        yield stream
    finally:
        with contextlib.suppress(OSError):  # a failed write was reported before
            stream.close()


def _end(session: Session, run: Run, stopped_by: Exception | None, file: Path) -> None:
    """Print the result of the run and exit with its code."""
    from ._errors import report
    from ._output import Result, say

    checkpoint = run.checkpoint
    done = run.ended and stopped_by is None
    if done:
        checkpoint.forget()
    again = session.again() if "--resume" in session.arguments else f"{session.again()} --resume"
    counts = {"stored": checkpoint.stored, "failed": checkpoint.failed}
    counted = f"{checkpoint.stored:,} stored, {checkpoint.failed:,} failed"
    session.change = Change(done=True)  # whether its result can be printed or not
    session.show(
        Result(
            {
                "account": checkpoint.account,
                "file": str(file),
                "done": done,
                **counts,
                "failures": run.failures,
                "resume": None if done else again,
            },
            line=counted if done else f"stopped at row {checkpoint.row + 1:,}: {counted}",
        )
    )
    code = SOME_FAILED if checkpoint.failed else DONE
    if not done:
        code = report(session, stopped_by) if stopped_by else SIGNALLED + (run.stopping or signal.SIGINT)
        if not session.json:
            say(f"  resume with: {again}", err=True)
    raise typer.Exit(code)


@contextlib.contextmanager
def _stoppable(run: Run) -> Generator[None]:
    """Let a signal stop the run once the requests in flight are done; the same signal again stops it at once."""

    def stop(number: int, frame: object) -> None:
        del frame
        if run.stopping == number:
            run.save()
            run.bar.close()
            os._exit(SIGNALLED + number)
        run.stopping = run.stopping or number
        run.bar.note("stopping after the requests in flight; press Ctrl-C again to stop at once")

    with handling(stop):
        yield
