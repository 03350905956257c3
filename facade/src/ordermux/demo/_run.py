"""The tour from its beginning to its end."""

from __future__ import annotations

import contextlib
import sys
import time
from collections.abc import Iterable
from types import ModuleType

from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from ..emulator import Impossible
from ..emulator.testing import emulated
from ..errors import OrdermuxError
from ..order import Order
from . import croissant, crossmint, cryptum, zephyr
from ._code import short
from ._receiver import receiving
from ._stage import NOTHING, Failed, Stage
from ._tour import Tour

LIVES: dict[str, ModuleType] = {"croissant": croissant, "zephyr": zephyr, "crossmint": crossmint, "cryptum": cryptum}

WELCOME = """\
An order of each goes through its life. On the way, things go wrong on purpose: answers are lost after the provider \
has done what it was asked, calls are refused with a 429, webhooks come twice. Calls and effects are what the emulator \
counted: the requests that arrived, and the changes that it made.

A status is lifecycle / payment / fulfillment; \N{EN DASH} is no claim.\
"""


def main() -> None:
    """Walk the four lives, and show what the facade makes of their orders; on a terminal, stay until Ctrl-C.

    Raises Failed where anything is not as the tour says.
    """
    if (reconfigure := getattr(sys.stdout, "reconfigure", None)) is not None:
        reconfigure(errors="replace")  # not every terminal knows a check mark
    stage = Stage.make()
    with emulated(on_attempt=stage.attempt) as mux:
        try:
            with receiving(mux.webhooks, stage) as receiver:
                walk(Tour(mux, stage, receiver))
        except Failed:
            raise
        except (OrdermuxError, OSError, Impossible) as error:
            raise Failed(f"{type(error).__name__}: {error}") from error
        if stage.is_watched:
            stay(stage, mux.emulator.address)


def walk(tour: Tour) -> None:
    """Walk the lives one after another, and end in the table."""
    stage, mail, began = tour.stage, tour.world.mail, time.monotonic()
    stage.head(f"Ordermux, against an emulator of four providers at {tour.mux.emulator.address}")
    stage.say(WELCOME)
    for provider in LIVES:
        if provider != "cryptum":  # which delivers to where each order says
            mail.deliver_to(f"{tour.receiver.url}/{provider}", provider)
    with bar(stage) as progress:
        task = progress.add_task("", total=len(LIVES))
        for place, (provider, life) in enumerate(LIVES.items(), 1):
            progress.update(task, description=f"{provider}, {place} of {len(LIVES)}", completed=place - 1)
            stage.life(provider, f"{place} of {len(LIVES)}", life.ABOUT)
            life.live(tour)
            tour.ended(provider)
        stage.quiet = True
        shown = table_of(map(tour.mux.orders.get, tour.walked))
    mail.targets.clear()
    stage.console.print()
    stage.console.print(shown)
    stage.console.print()
    mishaps = ", ".join(f"{count} {what}" for what, count in tour.mishaps.items())
    stage.say(f"On purpose, in {time.monotonic() - began:.1f} s: {mishaps}. Every change was made, and made once.")


def bar(stage: Stage) -> Progress:
    """Return how far it is, on a terminal."""
    return Progress(
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        TimeElapsedColumn(),
        console=stage.console,
        transient=True,
        disable=not stage.is_watched,
    )


def table_of(orders: Iterable[Order]) -> Table:
    """Return the orders as a table."""
    table = Table(
        title="The same orders through the facade: each provider's word on three axes",
        caption=f"{NOTHING} no claim: the provider does not say (a cart of Croissant's has no status)",
        box=None,
        padding=(0, 1, 0, 0),
        pad_edge=False,
        header_style="bold underline",
    )
    for heading in ("provider", "order", "it says"):
        table.add_column(heading, no_wrap=True)
    for heading in ("lifecycle", "payment", "fulfillment"):
        table.add_column(heading, style="bold", min_width=9)
    table.add_column("total", justify="right", no_wrap=True)
    last = ""
    for order in orders:
        words = dict.fromkeys(entry.word for entry in order.status.evidence)
        claims = (order.status.lifecycle, order.status.payment, order.status.fulfillment)
        cells = [" ".join(words), *(str(claim or "").replace("_", " ") for claim in claims), str(order.total or "")]
        provider = order.ref.account if order.ref.account != last else ""
        table.add_row(provider, short(order.ref.id), *(cell or NOTHING for cell in cells))
        last = order.ref.account
    return table


def stay(stage: Stage, address: str) -> None:
    """Name the page, and wait for Ctrl-C."""
    stage.console.print()
    stage.say(f"The emulator goes on, with all of these orders: open {address}/ in a browser.")
    stage.say("Ctrl-C ends it.")
    with contextlib.suppress(KeyboardInterrupt):
        while True:
            time.sleep(3600)
