"""The demo, from start to end."""

from __future__ import annotations

import contextlib
import sys
import time
from collections.abc import Iterable
from types import ModuleType

from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from ..emulator import InvalidTransition
from ..emulator.registry import emulators
from ..errors import OrdermuxError
from ..order import Order
from ..providers.registry import with_part
from ..testing import emulated
from ._code import short
from ._receiver import receiving
from ._reporter import NOTHING, Failed, Reporter
from ._scenario import Scenario

WELCOME = """\
A scenario for each provider, with injected faults: responses are lost after the provider has carried out the call, \
calls are rejected with a 429, webhooks are delivered twice. Calls and effects are the counters of the emulator: the \
requests that arrived, and the changes that it made.

A status is lifecycle / payment / fulfillment; \N{EN DASH} is not reported.\
"""
_WIDE = 77
"""The terminal width from which the table of the orders has their totals."""


def main() -> None:
    """Run the scenarios and print the resulting orders; on a terminal, wait for Ctrl-C.

    Raises Failed if anything is not as expected.
    """
    if (reconfigure := getattr(sys.stdout, "reconfigure", None)) is not None:
        reconfigure(errors="replace")  # not every terminal knows a check mark
    reporter = Reporter.make()
    with emulated(on_attempt=reporter.attempt) as mux:
        try:
            with receiving(mux.webhooks, reporter) as receiver:
                run(Scenario(mux, reporter, receiver))
        except Failed:
            raise
        except (OrdermuxError, OSError, InvalidTransition) as error:
            raise Failed(f"{type(error).__name__}: {error}") from error
        if reporter.is_watched:
            wait(reporter, mux.emulator.address)


def scenarios() -> dict[str, ModuleType]:
    """Return the scenarios by provider."""
    return with_part("scenario", lambda each: each.scenario, "the demo")


def run(scenario: Scenario) -> None:
    """Run the scenarios one after another and print the table."""
    reporter, outbox, began = scenario.reporter, scenario.world.outbox, time.monotonic()
    reporter.head(f"Ordermux, against an emulator of four providers at {scenario.mux.emulator.address}")
    reporter.say(WELCOME)
    modules = scenarios()
    for provider in modules:
        if emulators()[provider].callback_field is None:  # else it delivers to the callback URL of each order
            outbox.deliver_to(f"{scenario.receiver.url}/{provider}", provider)
    with bar(reporter) as progress:
        task = progress.add_task("", total=len(modules))
        for place, (provider, module) in enumerate(modules.items(), 1):
            progress.update(task, description=f"{provider}, {place} of {len(modules)}", completed=place - 1)
            reporter.start(provider, f"{place} of {len(modules)}", module.ABOUT)
            module.run(scenario)
            scenario.ended(provider)
        reporter.quiet = True
        shown = table_of(map(scenario.mux.orders.get, scenario.orders), reporter.console.width)
    outbox.targets.clear()
    reporter.console.print()
    reporter.console.print(shown)
    reporter.console.print()
    faults = ", ".join(f"{count} {what}" for what, count in scenario.faults.items())
    reporter.say(f"Injected in {time.monotonic() - began:.1f} s: {faults}. Every change was made exactly once.")


def bar(reporter: Reporter) -> Progress:
    """Return the progress bar of a terminal."""
    return Progress(
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        TimeElapsedColumn(),
        console=reporter.console,
        transient=True,
        disable=not reporter.is_watched,
    )


def table_of(orders: Iterable[Order], width: int) -> Table:
    """Return the orders as a table; without their totals, and with folded words, where the terminal is too narrow."""
    totals = width >= _WIDE
    table = Table(
        title="The orders in the facade: raw status, lifecycle, payment, fulfillment",
        caption=f"{NOTHING} not reported (Croissant has no status)",
        box=None,
        padding=(0, 1, 0, 0),
        pad_edge=False,
        header_style="bold underline",
    )
    for heading in ("provider", "order"):
        table.add_column(heading, no_wrap=True)
    table.add_column("raw status", no_wrap=totals, overflow="fold", min_width=10)
    for heading in ("lifecycle", "payment", "fulfillment"):
        table.add_column(heading, style="bold", min_width=9)
    if totals:
        table.add_column("total", justify="right", no_wrap=True)
    last = ""
    for order in orders:
        raw_values = dict.fromkeys(entry.raw_value for entry in order.status.evidence)
        claims = (order.status.lifecycle, order.status.payment, order.status.fulfillment)
        cells = [
            " ".join(raw_values),
            *(str(claim or "").replace("_", " ") for claim in claims),
            *([str(order.total or "")] if totals else []),
        ]
        provider = order.ref.account if order.ref.account != last else ""
        table.add_row(provider, short(order.ref.id), *(cell or NOTHING for cell in cells))
        last = order.ref.account
    return table


def wait(reporter: Reporter, address: str) -> None:
    """Print the address of the web UI and wait for Ctrl-C."""
    reporter.console.print()
    reporter.say(f"The emulator keeps running with these orders: open {address}/ in a browser.")
    with contextlib.suppress(KeyboardInterrupt):
        reporter.say("Press Ctrl-C to stop.")
        while True:
            time.sleep(3600)
