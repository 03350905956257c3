"""What the server did, and what the caller was told: every changing operation, at every point where it can break.

Run as a script it prints the tables. A cell is what the caller was told, and where that is not "done" the number of
times that the provider carried the operation out: a success is told where that is 1, a failure where it is 0, and
OutcomeUnknown, `?`, where it can be either. A 2 is nowhere.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import attrs
import pytest
from starlette.types import ASGIApp

from ordermux import OrdermuxError, OutcomeUnknown
from ordermux.emulator import Emulator, Fault, FaultKind
from support.document_checker import Checker
from support.effects import CHANGES, Change, told_by
from support.shared_results import measured_once
from support.tables import carried_out
from support.text_table import table

KEYED = "refund zephyr", "refund zephyr, rest", "cancel zephyr"
"""The provider honours a key."""
OWN_ID = ("create croissant",)
"""The id is the caller's own, so that the provider takes a second one for the first."""
_STALL = 0.4
"""How long an attempt may take where the server stalls, in seconds."""
POINTS: dict[str, Fault] = {
    "reset": Fault(kind=FaultKind.RESET, when="before"),
    "500": Fault(kind=FaultKind.STATUS, when="before", status=500),
    "504": Fault(kind=FaultKind.STATUS, when="before", status=504),
    "503 wait 1": Fault(kind=FaultKind.STATUS, when="before", status=503, headers={"Retry-After": "1"}),
    "429": Fault(kind=FaultKind.STATUS, when="before", status=429),
    "reset ": Fault(kind=FaultKind.RESET, when="after"),
    "fin": Fault(kind=FaultKind.EMPTY, when="after"),
    "500 ": Fault(kind=FaultKind.STATUS, when="after", status=500),
    "504 ": Fault(kind=FaultKind.STATUS, when="after", status=504),
    "stall": Fault(kind=FaultKind.STALL, when="after", seconds=30),
    "cut": Fault(kind=FaultKind.TRUNCATED, when="after"),
}
"""Where it breaks: before it was carried out, and, behind the line, after."""

# What shall come, written down before it was measured. "done": carried out once, and told so. "?0", "?1":
# OutcomeUnknown, and the provider carried it out not at all, or once. "no": refused, and not carried out.
ONCE = {
    # the fault strikes        reset 500  504  503  429   reset fin  500  504  stall cut
    "create croissant":       "done  done done done done  done  done done done done  done",
    "create crossmint":       "?0    ?0   ?0   ?0   done  ?1    ?1   ?1   ?1   ?1    ?1",
    "create cryptum":         "?0    ?0   ?0   ?0   done  ?1    ?1   ?1   ?1   ?1    ?1",
    "create cryptum, unique": "?0    ?0   ?0   ?0   done  done  done done done done  done",
    "refund zephyr":          "done  done done done done  done  done done done done  done",
    "refund zephyr, rest":    "done  done done done done  done  done done done done  done",
    "cancel croissant":       "?0    done ?0   ?0   done  ?1    ?1   done ?1   ?1    ?1",
    "cancel zephyr":          "done  done done done done  done  done done done done  done",
    "cancel cryptum":         "?0    ?0   ?0   ?0   done  done  done done done done  done",
    "fulfill croissant":      "?0    done ?0   ?0   done  ?1    ?1   done ?1   ?1    ?1",
    "update zephyr":          "?0    ?0   ?0   ?0   done  done  done done done done  done",
    "update cryptum, status": "?0    ?0   ?0   ?0   done  done  done done done done  done",
    "update cryptum, hash":   "?0    ?0   ?0   ?0   done  ?1    ?1   ?1   ?1   ?1    ?1",
}  # fmt: skip
"""The fault strikes one call."""
ALWAYS = {
    # the fault strikes        reset 500  504  503  429   reset fin  500  504  stall cut
    "create croissant":       "?0    ?0   ?0   ?0   no    done  done done done done  done",
    "create crossmint":       "?0    ?0   ?0   ?0   no    ?1    ?1   ?1   ?1   ?1    ?1",
    "create cryptum":         "?0    ?0   ?0   ?0   no    ?1    ?1   ?1   ?1   ?1    ?1",
    "create cryptum, unique": "?0    ?0   ?0   ?0   no    done  done done done done  done",
    "refund zephyr":          "?0    ?0   ?0   ?0   no    ?1    ?1   ?1   ?1   ?1    ?1",
    "refund zephyr, rest":    "?0    ?0   ?0   ?0   ?0    ?1    ?1   ?1   ?1   ?1    ?1",
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
    "create cryptum, unique": "?0    ?0   ?0   ?0   done  ?1    ?1   ?1   ?1   ?1    ?1",
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
    "create cryptum": "no key; an order of the same id and content may be an older one",
    "create cryptum, unique": "no key; that no order of this id is listed does not prove that none will be",
    "refund zephyr": "after the last attempt nobody knows; the same key finds out",
    "refund zephyr, rest": "as above; and whoever reads the same remainder has the same key, so may have sent it",
    "cancel croissant": "it leaves no trace to look for; the page has a 500 alone sent again",
    "cancel zephyr": "the last attempt may yet be carried out, though the order is not cancelled now",
    "cancel cryptum": "it may yet be carried out, and is sent once alone, since somebody else may have acted",
    "fulfill croissant": "it leaves no trace to look for; the page has a 500 alone sent again",
    "update zephyr": "it may yet be carried out, and is sent once alone, since somebody else may have acted",
    "update cryptum, status": "it may yet be carried out, and is sent once alone, since somebody else may have acted",
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
    adapted: bool = False
    """Whether a transport of httpx's is used, and not the client's own."""

    @property
    def expected(self) -> str:
        """What the table has here."""
        return GRIDS[self.grid][self.name].split()[list(POINTS).index(self.point)]

    def __str__(self) -> str:
        """Return what its test is called."""
        point = ("after" if POINTS[self.point].when == "after" else "before") + "-" + self.point.strip()
        client = ["awaiting" if self.awaiting else "blocking", *(["httpx"] if self.adapted else [])]
        return "-".join([self.grid, *self.name.split(), *point.split(), *client])


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
    Cell(grid, name, point, awaiting, adapted)
    for grid, rows in GRIDS.items()
    for name in rows
    for point in POINTS
    for awaiting in (False, True)
    for adapted in (False, True)
]


def outcome_of(emulator: Emulator, change: Change, cell: Cell, key: str | None = None) -> Any:
    """Return what a call of either client returned or raised."""
    seconds = _STALL if POINTS[cell.point].kind is FaultKind.STALL else 5.0
    try:
        return carried_out(
            emulator,
            lambda mux: change.act(mux.orders, key, None),
            awaiting=cell.awaiting,
            adapted=cell.adapted,
            accounts=change.accounts(emulator),
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
        world.faults.inject(change.endpoint, fault)
        if cell.grid == "blind" and change.look_up:
            world.faults.inject(change.look_up, Fault(kind=FaultKind.STATUS, when="before", status=500, times=99))
        outcome = outcome_of(emulator, change, cell)
        effects, again = world.effects[change.endpoint], None
        if isinstance(outcome, OutcomeUnknown) and outcome.retryable:
            world.faults.clear()
            repeated = outcome_of(emulator, change, cell, outcome.key)
            again = told_by(repeated), world.effects[change.endpoint]
    error = outcome if isinstance(outcome, OrdermuxError) else None
    return Found(told_by(outcome), effects, error, again, tuple(checkers[0].problems))


def measurements() -> dict[Cell, Found]:
    """Measure all cells, some at a time; fewer where an attempt has little time."""
    found: dict[Cell, Found] = {}
    stalling = [cell for cell in CELLS if POINTS[cell.point].kind is FaultKind.STALL]
    for cells, threads in (([cell for cell in CELLS if cell not in stalling], 16), (stalling, 6)):
        with ThreadPoolExecutor(threads) as pool:
            found |= zip(cells, pool.map(measured, cells), strict=True)
    return {cell: found[cell] for cell in CELLS}


@pytest.fixture(scope="session")
def grid(tmp_path_factory: pytest.TempPathFactory) -> dict[Cell, Found]:
    """Give what happened in each cell."""
    return measured_once(tmp_path_factory, "effect-grid", measurements)


@pytest.mark.slow
@pytest.mark.parametrize("cell", CELLS, ids=str)
def test_each_cell_is_as_the_table_has_it(grid: dict[Cell, Found], cell: Cell) -> None:
    """And all that was said is as the documents have it."""
    found = grid[cell]
    assert cell.expected == found.cell, found.error
    assert () == found.problems


def test_nobody_is_told_what_is_not_so(grid: dict[Cell, Found]) -> None:
    """Whatever the tables say: a success is one effect, a failure none, and there are never two."""
    allowed = {"done": {1}, "no": {0}, "failed": {0}, "?": {0, 1}}
    wrong = {str(cell): found for cell, found in grid.items() if found.effects not in allowed[found.told]}
    assert {} == wrong


@pytest.mark.parametrize("name", [*KEYED, *OWN_ID])
def test_one_fault_is_survived_where_it_can_be(grid: dict[Cell, Found], name: str) -> None:
    """What bears a key, or can be looked up for certain, ends done once, told so, in every cell."""
    cells = {found.cell for cell, found in grid.items() if (cell.grid, cell.name) == ("once", name)}
    assert {"done"} == cells


def unknown(grid: dict[Cell, Found]) -> Iterator[tuple[Cell, Found]]:
    """Give the cells that ended in OutcomeUnknown."""
    return ((cell, found) for cell, found in grid.items() if found.told == "?")


def test_the_same_key_finds_out(grid: dict[Cell, Found]) -> None:
    """After an OutcomeUnknown of a keyed operation, the same call with its key ends done once."""
    again = {found.again for cell, found in unknown(grid) if cell.name in KEYED}
    assert {("done", 1)} == again


def test_what_may_be_called_again_does_nothing_twice(grid: dict[Cell, Found]) -> None:
    """Where the error says so; all of it ends done."""
    allowed = {name: {("done", 1)} for name in {*KEYED, *OWN_ID}}
    wrong = {
        str(cell): found.again for cell, found in unknown(grid) if found.again not in allowed.get(cell.name, {None})
    }
    assert {} == wrong


def test_what_may_not_be_called_again_says_so(grid: dict[Cell, Found]) -> None:
    """None: it is to be looked at."""
    retryable = {cell.name: found.error and vars(found.error)["retryable"] for cell, found in unknown(grid)}
    safe = {name: True if name in {*KEYED, *OWN_ID} else None for name in retryable}
    assert safe == retryable


def test_each_unknown_has_its_reason() -> None:
    """Written down beforehand, and none for a row without."""
    assert {cell.name for cell in CELLS if cell.expected.startswith("?")} == set(REASONS)


def printed(grid: str, found: dict[Cell, Found]) -> str:
    """Return a grid as a table; where the clients differ, all of them."""
    before = sum(fault.when == "before" for fault in POINTS.values())

    def row(name: str, cells: list[str]) -> list[str]:
        return [name, *cells[:before], "|", *cells[before:]]

    rows = [row("", list(POINTS))]
    for name in GRIDS[grid]:
        told = [
            [each.cell for cell, each in found.items() if (cell.grid, cell.name, cell.point) == (grid, name, point)]
            for point in POINTS
        ]
        rows.append(row(name, ["/".join(dict.fromkeys(each)) for each in told]))
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
