"""`ordermux products sync`: a file of products, resumable."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import time
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TextIO

import attrs
import typer

from ._session import FAILED, INTERRUPTED, SOME_FAILED, Session, command

if TYPE_CHECKING:
    from .. import ProductOutcome
    from ._place import Place
    from ._progress import Bar
    from ._rows import Row, Rows

app = typer.Typer(name="products", no_args_is_help=True, help="Add or replace products, in any number.")

_SAVED_EVERY = 0.2
_SHOWN = 20
"""How many failures are printed."""


@attrs.define(eq=False)
class Run:
    """Hands out a file's rows, and keeps what became of each. The facade calls it from one thread at a time."""

    rows: Rows
    place: Place
    bar: Bar
    sink: TextIO | None
    stopping: bool = False
    ended: bool = False
    """Whether the file was handed out to its end."""
    failures: list[dict[str, Any]] = attrs.field(factory=list[dict[str, Any]])
    """The first ones of this run."""
    _sent: dict[int, Row] = attrs.field(factory=dict[int, "Row"])
    """What is on its way, by its number in this run."""
    _saved: float = 0.0

    def products(self) -> Iterator[tuple[str, Any]]:
        """Yield the products that have no outcome yet."""
        number = 0
        for row in self.rows:
            if self.stopping:
                return
            if self.place.has(row.place):
                continue
            if row.product is None:
                self._count(row, row.problem)
                continue
            self._sent[number] = row
            number += 1
            yield row.id, row.product
        self.ended = True

    def add(self, outcome: ProductOutcome) -> None:
        """Keep what became of a product."""
        self._count(self._sent.pop(outcome.index), None if outcome.error is None else str(outcome.error))

    def _count(self, row: Row, problem: str | None) -> None:
        self.place.done(row.place, stored=problem is None)
        if problem is not None:
            told = {"line": row.line, "id": row.id or None, "problem": problem}
            if len(self.failures) < _SHOWN:
                self.failures.append(told)
                self.bar.failed(told)
            if self.sink is not None:
                self.sink.write(json.dumps(told) + "\n")
        if time.monotonic() - self._saved > _SAVED_EVERY:
            self.save()
        self.bar.show(self.rows.read, self.place.stored, self.place.failed)

    def save(self) -> None:
        """Keep the place, and the failures before it."""
        if self.sink is not None:
            self.sink.flush()
        self.place.save()
        self._saved = time.monotonic()


@command(
    app,
    "sync",
    "ordermux products sync croissant products.csv",
    "ordermux products sync croissant products.jsonl --failures failed.jsonl",
    "ordermux products sync croissant products.csv --resume",
)
def sync(
    session: Session,
    account: Annotated[str, typer.Argument(metavar="ACCOUNT", help="The account's name.")],
    file: Annotated[
        Path, typer.Argument(metavar="FILE", dir_okay=False, exists=True, readable=True, help="FILE.csv or FILE.jsonl.")
    ],
    *,
    failures: Annotated[
        Path | None, typer.Option(metavar="FILE", dir_okay=False, help="Write what failed there, a JSON line each.")
    ] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Go on where an interrupted run ended.")] = False,
    concurrency: Annotated[int, typer.Option(min=1, max=64, metavar="N", help="So many at once.")] = 8,
) -> None:
    """Add or replace the products of a file, in any number; each id is to stand in it once.

    A CSV file names its columns in its first line: `id` is the product's, the others are what it is, as text. In a
    JSONL file each line is an object with a member `id`. How far it came is kept in FILE.ordermux-resume until all is
    done, so that it can be stopped and gone on with by --resume.
    """
    from ._place import Place, beside
    from ._progress import Bar
    from ._rows import KINDS, Rows

    if file.suffix.lower() not in KINDS:
        raise typer.BadParameter(f"{file.name}: the name of the file ends in {' or '.join(KINDS)}")
    if failures and failures.resolve() in {file.resolve(), beside(file).resolve()}:
        raise typer.BadParameter(f"{failures}: what failed needs a file of its own")
    rows = Rows(file)
    rows.check()
    place = Place.kept(file, account) if resume else Place.begin(file, account)
    with contextlib.ExitStack() as stack:
        mux = stack.enter_context(session.opened())
        if "products.sync" not in mux.capabilities(account):
            mux.products.sync(account, ())  # which says so
        sink: TextIO | None = stack.enter_context(_appending(failures, anew=not resume)) if failures else None
        bar = stack.enter_context(Bar(file, quiet=session.json))
        run = Run(rows, place, bar, sink)
        run.save()
        stack.enter_context(_stoppable(run))
        try:
            report = mux.products.sync(account, run.products(), concurrency=concurrency, on_outcome=run.add)
        finally:
            run.save()
    _end(session, run, report.stopped_by, file)


def _appending(file: Path, *, anew: bool) -> TextIO:
    """Open a file to write to, at its end where it is to be gone on with."""
    return file.open("w" if anew else "a", encoding="utf-8")


def _end(session: Session, run: Run, stopped_by: Exception | None, file: Path) -> None:
    """Tell what became of all, and exit with the code of it."""
    from ._say import say, write
    from ._trouble import report

    place = run.place
    done = run.ended and stopped_by is None
    if done:
        place.forget()
    again = session.again() if "--resume" in session.arguments else f"{session.again()} --resume"
    if session.json:
        told = {"account": place.account, "file": str(file), "done": done, "stored": place.stored}
        write({**told, "failed": place.failed, "failures": run.failures, "resume": None if done else again})
    else:
        counted = f"{place.stored:,} stored, {place.failed:,} failed"
        say(counted if done else f"stopped at row {place.row + 1:,}: {counted}")
    code = report(session, stopped_by) if stopped_by else INTERRUPTED if not done else 0
    if not done:
        if not session.json:
            say(f"  go on with: {again}", err=True)
        raise typer.Exit(FAILED if stopped_by else code)
    if place.failed:
        raise typer.Exit(SOME_FAILED)


@contextlib.contextmanager
def _stoppable(run: Run) -> Generator[None]:
    """Let Ctrl-C end it once what is on its way has arrived; a second one ends it at once."""

    def stop(number: int, frame: object) -> None:
        del number, frame
        if run.stopping:
            run.save()
            run.bar.close()
            os._exit(INTERRUPTED)
        run.stopping = True
        run.bar.note("stopping once what is on its way has arrived; Ctrl-C again stops at once")

    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
