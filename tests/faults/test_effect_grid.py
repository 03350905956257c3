"""What the server did, and what the caller was told: every changing operation, at every point where it can break.

Run as a script it prints the tables. A cell is what the caller was told, and where that is not "done" the number of
times that the provider carried the operation out: a success is told where that is 1, a failure where it is 0, and
OutcomeUnknown, `?`, where it can be either. A 2 is nowhere.
"""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import attrs
import pytest
from starlette.types import ASGIApp

from checker import Checker
from ordermux import Money, Order, OrdermuxError, OutcomeUnknown, Refund, Refused
from ordermux.emulator import Emulator, Fault, Kind, croissant, zephyr
from ordermux_cryptum.models import OrderUpdate, SettablePaymentStatus
from ordermux_zephyr.models import OrderStatus
from ordermux_zephyr.models import OrderUpdate as ZephyrUpdate
from tables import DRAFTS, carried_out, table

PENDING = "f701...672e"
"""An order of Cryptum's whose status is not told."""


@attrs.frozen
class Change:
    """An operation at a provider."""

    endpoint: str
    """What the emulator calls it."""
    act: Callable[[Any, str | None], Any]
    """Carries it out with a client's `orders`, and an idempotency key or none."""
    look_up: str | None = None
    """What a look-up asks, where there is one."""


CART, ORDER = f"croissant:{croissant.SAMPLE_CART}", f"zephyr:{zephyr.SAMPLE_ORDER}"
CHANGES: dict[str, Change] = {
    "create croissant": Change(
        "croissant.createCart", lambda orders, _: orders.create("croissant", DRAFTS["croissant"]), "croissant.getCart"
    ),
    "create crossmint": Change(
        "crossmint.createCheckout", lambda orders, _: orders.create("crossmint", DRAFTS["crossmint"])
    ),
    "create cryptum": Change(
        "cryptum.createOrder", lambda orders, _: orders.create("cryptum", DRAFTS["cryptum"]), "cryptum.listOrders"
    ),
    "refund zephyr": Change(
        "zephyr.createRefund", lambda orders, key: orders.refund(ORDER, Money("1.50", "USD"), idempotency_key=key)
    ),
    "cancel croissant": Change("croissant.cancelCart", lambda orders, _: orders.cancel(CART)),
    "cancel zephyr": Change(
        "zephyr.cancelOrder", lambda orders, key: orders.cancel(ORDER, idempotency_key=key), "zephyr.getOrder"
    ),
    "cancel cryptum": Change(
        "cryptum.updateOrder", lambda orders, _: orders.cancel(f"cryptum:{PENDING}"), "cryptum.getOrder"
    ),
    "fulfill croissant": Change("croissant.fulfillCart", lambda orders, _: orders.fulfill(CART)),
    "update zephyr": Change(
        "zephyr.updateOrder",
        lambda orders, _: orders.update(ORDER, ZephyrUpdate(status=OrderStatus.CREATED, metadata={"a": "b"})),
        "zephyr.getOrder",
    ),
    "update cryptum, status": Change(
        "cryptum.updateOrder",
        lambda orders, _: orders.update(f"cryptum:{PENDING}", OrderUpdate(payment_status=SettablePaymentStatus.FAILED)),
        "cryptum.getOrder",
    ),
    "update cryptum, hash": Change(
        "cryptum.updateOrder",
        lambda orders, _: orders.update(f"cryptum:{PENDING}", OrderUpdate(transaction_hash="0x1")),
    ),
}
KEYED = "refund zephyr", "cancel zephyr"
"""The provider honours a key."""
READABLE = "create croissant", "cancel cryptum", "update zephyr", "update cryptum, status"
"""A look-up tells for certain whether it was carried out, and it may be sent again where it was not."""
SETTING = "cancel cryptum", "update zephyr", "update cryptum, status"
"""Sets values, so that the provider may well take it twice: the second time changes nothing."""
_STALL = 0.4
"""How long an attempt may take where the server stalls, in seconds."""
POINTS: dict[str, Fault] = {
    "reset": Fault(kind=Kind.RESET, when="before"),
    "500": Fault(kind=Kind.STATUS, when="before", status=500),
    "504": Fault(kind=Kind.STATUS, when="before", status=504),
    "503 wait 1": Fault(kind=Kind.STATUS, when="before", status=503, headers={"Retry-After": "1"}),
    "429": Fault(kind=Kind.STATUS, when="before", status=429),
    "reset ": Fault(kind=Kind.RESET, when="after"),
    "fin": Fault(kind=Kind.LOST, when="after"),
    "500 ": Fault(kind=Kind.STATUS, when="after", status=500),
    "504 ": Fault(kind=Kind.STATUS, when="after", status=504),
    "stall": Fault(kind=Kind.STALL, when="after", seconds=30),
    "cut": Fault(kind=Kind.CUT, when="after"),
}
"""Where it breaks: before it was carried out, and, behind the line, after."""

# What shall come, written down before it was measured. "done": carried out once, and told so. "?0", "?1":
# OutcomeUnknown, and the provider carried it out not at all, or once. "no": refused, and not carried out.
ONCE = {
    # the fault strikes        reset 500  504  503  429   reset fin  500  504  stall cut
    "create croissant":       "done  done done done done  done  done done done done  done",
    "create crossmint":       "?0    ?0   ?0   ?0   done  ?1    ?1   ?1   ?1   ?1    ?1",
    "create cryptum":         "?0    ?0   ?0   ?0   done  done  done done done done  done",
    "refund zephyr":          "done  done done done done  done  done done done done  done",
    "cancel croissant":       "?0    done ?0   ?0   done  ?1    ?1   done ?1   ?1    ?1",
    "cancel zephyr":          "done  done done done done  done  done done done done  done",
    "cancel cryptum":         "done  done done done done  done  done done done done  done",
    "fulfill croissant":      "?0    done ?0   ?0   done  ?1    ?1   done ?1   ?1    ?1",
    "update zephyr":          "done  done done done done  done  done done done done  done",
    "update cryptum, status": "done  done done done done  done  done done done done  done",
    "update cryptum, hash":   "?0    ?0   ?0   ?0   done  ?1    ?1   ?1   ?1   ?1    ?1",
}  # fmt: skip
"""The fault strikes one call."""
ALWAYS = {
    # the fault strikes        reset 500  504  503  429   reset fin  500  504  stall cut
    "create croissant":       "?0    ?0   ?0   ?0   no    done  done done done done  done",
    "create crossmint":       "?0    ?0   ?0   ?0   no    ?1    ?1   ?1   ?1   ?1    ?1",
    "create cryptum":         "?0    ?0   ?0   ?0   no    done  done done done done  done",
    "refund zephyr":          "?0    ?0   ?0   ?0   no    ?1    ?1   ?1   ?1   ?1    ?1",
    "cancel croissant":       "?0    ?0   ?0   ?0   no    ?1    ?1   ?1   ?1   ?1    ?1",
    "cancel zephyr":          "?0    ?0   ?0   ?0   no    done  done done done done  done",
    "cancel cryptum":         "?0    ?0   ?0   ?0   no    done  done done done done  done",
    "fulfill croissant":      "?0    ?0   ?0   ?0   no    ?1    ?1   ?1   ?1   ?1    ?1",
    "update zephyr":          "?0    ?0   ?0   ?0   no    done  done done done done  done",
    "update cryptum, status": "?0    ?0   ?0   ?0   no    done  done done done done  done",
    "update cryptum, hash":   "?0    ?0   ?0   ?0   no    ?1    ?1   ?1   ?1   ?1    ?1",
}  # fmt: skip
"""The fault strikes every call, and all attempts are used up."""
BLIND = {
    # the fault strikes        reset 500  504  503  429   reset fin  500  504  stall cut
    "create croissant":       "?0    ?0   ?0   ?0   done  ?1    ?1   ?1   ?1   ?1    ?1",
    "create cryptum":         "?0    ?0   ?0   ?0   done  ?1    ?1   ?1   ?1   ?1    ?1",
    "cancel zephyr":          "done  done done done done  done  done done done done  done",
    "cancel cryptum":         "?0    ?0   ?0   ?0   done  ?1    ?1   ?1   ?1   ?1    ?1",
    "update zephyr":          "?0    ?0   ?0   ?0   done  ?1    ?1   ?1   ?1   ?1    ?1",
    "update cryptum, status": "?0    ?0   ?0   ?0   done  ?1    ?1   ?1   ?1   ?1    ?1",
}  # fmt: skip
"""The fault strikes one call, and every look-up fails with 500."""
GRIDS = {"once": ONCE, "always": ALWAYS, "blind": BLIND}
TITLES = {
    "once": "A fault that strikes one call",
    "always": "A fault that strikes every call",
    "blind": "A fault that strikes one call, and every look-up fails",
}
REASONS = {
    "create croissant": "an order that cannot be looked up, or that is not there after the last attempt, may yet come",
    "create crossmint": "a checkout bears no key, and nothing tells one from another",
    "create cryptum": "no key; that no order of this id is listed does not prove that none will be",
    "refund zephyr": "after the last attempt nobody knows; the same key finds out",
    "cancel croissant": "it leaves no trace to look for; the page has a 500 alone sent again",
    "cancel zephyr": "the last attempt may yet be carried out, though the order is not cancelled now",
    "cancel cryptum": "the last attempt may yet be carried out, or the order cannot be read",
    "fulfill croissant": "it leaves no trace to look for; the page has a 500 alone sent again",
    "update zephyr": "the last attempt may yet be carried out, or the order cannot be read",
    "update cryptum, status": "the last attempt may yet be carried out, or the order cannot be read",
    "update cryptum, hash": "no order shows the hash, so that there is nothing to look at",
}
"""Why it is not known, in each row that has a `?`."""


@attrs.frozen
class Cell:
    """One place of a grid, for one of the clients."""

    grid: str
    name: str
    point: str
    awaiting: bool

    @property
    def expected(self) -> str:
        """What the table has here."""
        return GRIDS[self.grid][self.name].split()[list(POINTS).index(self.point)]

    def __str__(self) -> str:
        """Return what its test is called."""
        point = ("after" if POINTS[self.point].when == "after" else "before") + "-" + self.point.strip()
        return "-".join([self.grid, *self.name.split(), *point.split(), "awaiting" if self.awaiting else "blocking"])


@attrs.frozen
class Found:
    """What happened in a cell."""

    told: str
    effects: int
    error: OrdermuxError | None
    again: tuple[str, int] | None
    """What was told, and how many effects there were, after the call that the error allows to be made again."""
    problems: tuple[str, ...]
    """Where a request or an answer was not what the documents say."""

    @property
    def cell(self) -> str:
        """How the table writes it."""
        if self.told == "done" and self.effects == 1:
            return "done"
        return f"{self.told}{'' if (self.told, self.effects) == ('no', 0) else self.effects}"


CELLS = [
    Cell(grid, name, point, awaiting)
    for grid, rows in GRIDS.items()
    for name in rows
    for point in POINTS
    for awaiting in (False, True)
]


def told_by(outcome: Any) -> str:
    """Return the word for what a caller was told."""
    match outcome:
        case Order() | Refund():
            return "done"
        case Refused():
            return "no"
        case OutcomeUnknown():
            return "?"
        case OrdermuxError():
            return "failed"
        case _:
            return repr(outcome)


def outcome_of(emulator: Emulator, change: Change, cell: Cell, key: str | None = None) -> Any:
    """Return what a call of either client returned or raised."""
    seconds = _STALL if POINTS[cell.point].kind is Kind.STALL else 5.0
    try:
        return carried_out(
            emulator,
            lambda mux: change.act(mux.orders, key),
            awaiting=cell.awaiting,
            timeout=10.0,
            attempt_timeout=seconds,
        )
    except OrdermuxError as error:
        return error


def measured(cell: Cell) -> Found:
    """Let an operation break in a world of its own; where it may be called again, call it again without faults."""
    checkers: list[Checker] = []

    def checked(app: ASGIApp) -> ASGIApp:
        checkers.append(Checker(app))
        return checkers[0]

    change, fault = CHANGES[cell.name], attrs.evolve(POINTS[cell.point], times=99 if cell.grid == "always" else 1)
    with Emulator(wrap=checked) as emulator:
        world = emulator.world
        world.faults.order(change.endpoint, fault)
        if cell.grid == "blind" and change.look_up:
            world.faults.order(change.look_up, Fault(kind=Kind.STATUS, when="before", status=500, times=99))
        outcome = outcome_of(emulator, change, cell)
        effects, again = world.effects[change.endpoint], None
        if isinstance(outcome, OutcomeUnknown) and outcome.retryable:
            world.faults.clear()
            repeated = outcome_of(emulator, change, cell, outcome.key)
            again = told_by(repeated), world.effects[change.endpoint]
    error = outcome if isinstance(outcome, OrdermuxError) else None
    return Found(told_by(outcome), effects, error, again, tuple(checkers[0].problems))


@functools.cache
def measurements() -> dict[Cell, Found]:
    """Measure all cells, some at a time."""
    with ThreadPoolExecutor(6) as pool:
        return dict(zip(CELLS, pool.map(measured, CELLS), strict=True))


@pytest.mark.parametrize("cell", CELLS, ids=str)
def test_each_cell_is_as_the_table_has_it(cell: Cell) -> None:
    """And all that was said is as the documents have it."""
    found = measurements()[cell]
    assert cell.expected == found.cell, found.error
    assert () == found.problems


def test_nobody_is_told_what_is_not_so() -> None:
    """Whatever the tables say: a success is one effect, a failure none, and there are never two."""
    allowed = {"done": {1}, "no": {0}, "failed": {0}, "?": {0, 1}}
    wrong = {str(cell): found for cell, found in measurements().items() if found.effects not in allowed[found.told]}
    assert {} == wrong


@pytest.mark.parametrize("name", [*KEYED, *READABLE])
def test_one_fault_is_survived_where_it_can_be(name: str) -> None:
    """What bears a key, or can be looked up for certain, ends done once, told so, in every cell."""
    cells = {found.cell for cell, found in measurements().items() if (cell.grid, cell.name) == ("once", name)}
    assert {"done"} == cells


def unknown() -> Iterator[tuple[Cell, Found]]:
    """Give the cells that ended in OutcomeUnknown."""
    return ((cell, found) for cell, found in measurements().items() if found.told == "?")


def test_the_same_key_finds_out() -> None:
    """After an OutcomeUnknown of a keyed operation, the same call with its key ends done once."""
    again = {found.again for cell, found in unknown() if cell.name in KEYED}
    assert {("done", 1)} == again


def test_what_may_be_called_again_does_nothing_twice() -> None:
    """Where the error says so; all of it ends done."""
    once = {("done", 1)}
    allowed = {name: once | {("done", 2)} if name in SETTING else once for name in {*KEYED, *READABLE}}
    wrong = {str(cell): found.again for cell, found in unknown() if found.again not in allowed.get(cell.name, {None})}
    assert {} == wrong


def test_what_may_not_be_called_again_says_so() -> None:
    """None: it is to be looked at."""
    retryable = {cell.name: found.error and vars(found.error)["retryable"] for cell, found in unknown()}
    safe = {name: True if name in {*KEYED, *READABLE} else None for name in retryable}
    assert safe == retryable


def test_each_unknown_has_its_reason() -> None:
    """Written down beforehand, and none for a row without."""
    assert {cell.name for cell in CELLS if cell.expected.startswith("?")} == set(REASONS)


def printed(grid: str, found: dict[Cell, Found]) -> str:
    """Return a grid as a table; where the clients differ, both."""
    before = sum(fault.when == "before" for fault in POINTS.values())

    def row(name: str, cells: list[str]) -> list[str]:
        return [name, *cells[:before], "|", *cells[before:]]

    rows = [row("", list(POINTS))]
    for name in GRIDS[grid]:
        pairs = [[found[Cell(grid, name, point, awaiting)].cell for awaiting in (False, True)] for point in POINTS]
        rows.append(row(name, ["/".join(dict.fromkeys(pair)) for pair in pairs]))
    return table(rows[0], rows[1:])


def main() -> None:
    """Print the grids."""
    found = measurements()
    lines = [
        f"What the caller was told, in {len(found)} cells, blocking and awaiting alike:",
        "  done    carried out once, and told so",
        "  no      refused, and not carried out",
        "  ?0 ?1   OutcomeUnknown, and the provider carried it out not at all, or once",
        "Left of the line the fault strikes before the provider carries the operation out, right of it after.",
    ]
    for grid, title in TITLES.items():
        lines += ["", title, "", printed(grid, found)]
    lines += ["", "Why it is not known", "", table(["operation", "reason"], sorted(map(list, REASONS.items())))]
    wrong = [f"{cell}: {each.cell}, not {cell.expected}" for cell, each in found.items() if each.cell != cell.expected]
    lines += ["", *(wrong or ["Every cell is as it was written down beforehand."])]
    sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
