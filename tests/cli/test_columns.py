"""Rows in columns look as Rich prints them, which takes ten times as long."""

from __future__ import annotations

import io
from collections.abc import Sequence

import pytest
from rich.console import Console
from rich.text import Text

from ordermux.cli._columns import Cell, print_columns
from ordermux.cli._output import NOTHING, table

HEADINGS = ("id", "payment", "total", "placed (UTC)")
ROWS: list[list[Cell]] = [
    [("order_1", ""), ("paid", "green"), ("37.30 USD", ""), ("2026-05-30 12:00", "")],
    [("注文_2", ""), ("partially refunded", "magenta"), ("1187.10 usdxm", ""), (NOTHING, "dim")],
    [("order_é", ""), (NOTHING, "dim"), (NOTHING, "dim"), ("2026-05-30 12:00", "")],
]


def console(width: int, *, colours: bool) -> Console:
    """Return a console that writes to memory."""
    return Console(
        file=io.StringIO(),
        width=width,
        force_terminal=colours,
        color_system="standard" if colours else None,
        highlight=False,
        legacy_windows=False,
    )


def written(out: Console) -> str:
    """Return what was written to it."""
    assert isinstance(out.file, io.StringIO)
    return out.file.getvalue()


def as_rich_prints(width: int, rows: Sequence[Sequence[Cell]], *, colours: bool) -> str:
    """Return the same rows, printed by Rich."""
    out = console(width, colours=colours)
    made = table(*HEADINGS, whole=1, right="total")
    for row in rows:
        made.add_row(*(Text(text, style=style, overflow="fold") for text, style in row))
    out.print(made)
    return written(out)


def printed(width: int, rows: Sequence[Sequence[Cell]], *, colours: bool) -> str:
    """Return the rows in columns."""
    out = console(width, colours=colours)
    print_columns(out, HEADINGS, rows, right="total")
    return written(out)


def styles(text: str) -> list[list[tuple[str, str]]]:
    """Return each character that can be seen, with its style, by lines."""
    lines: list[list[tuple[str, str]]] = []
    for line in Text.from_ansi(text).split("\n"):
        plain = line.plain
        found = [(plain[place], str(line.get_style_at_offset(Console(), place))) for place in range(len(plain))]
        lines.append([(character, style) for character, style in found if character != " "])
    return lines


@pytest.mark.parametrize("width", [57, 80, 400])
def test_wide_enough_output_has_the_text_that_rich_prints(width: int) -> None:
    """Wide characters are two columns."""
    assert printed(width, ROWS, colours=False) == as_rich_prints(width, ROWS, colours=False)


def test_each_character_has_the_style_that_rich_gives_it() -> None:
    """A status is in its colour."""
    ours, richs = printed(80, ROWS, colours=True), as_rich_prints(80, ROWS, colours=True)
    assert styles(ours) == styles(richs)
    assert "\x1b[32mpaid\x1b[0m" in ours


@pytest.mark.parametrize("width", [30, 40, 56])
def test_each_row_stands_below_its_first_cell_where_there_is_no_room(width: int) -> None:
    """Nothing is cut, and every value has its name."""
    shown = printed(width, ROWS, colours=False)
    assert all(len(line.rstrip()) <= width for line in shown.splitlines())
    assert [row[0][0] for row in ROWS] == [line.rstrip() for line in shown.splitlines() if not line.startswith(" ")]
    text = " ".join(shown.split())
    assert all(f"{name} {cell[0]}" in text for row in ROWS for name, cell in zip(HEADINGS[1:], row[1:], strict=True))


@pytest.mark.parametrize(("width", "left_out"), [(57, ()), (56, ("payment",)), (37, ("payment", "placed (UTC)"))])
def test_optional_columns_are_left_out_one_by_one(width: int, left_out: tuple[str, ...]) -> None:
    """The least important first, as long as the others do not fit."""
    out = console(width, colours=False)
    optional = ("payment", "placed (UTC)")
    assert left_out == print_columns(out, HEADINGS, ROWS, right="total", optional=optional)
    assert [each for each in HEADINGS if each not in left_out] == [
        each for each in HEADINGS if each in written(out).splitlines()[0]
    ]


def test_a_table_without_rows_has_its_headings() -> None:
    """Nothing else is printed."""
    assert printed(80, [], colours=False).split() == ["id", "payment", "total", "placed", "(UTC)"]
