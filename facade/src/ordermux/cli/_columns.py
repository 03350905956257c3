"""Rows in columns, each on one line if the output is wide enough: Rich takes ten times as long for a long list."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TypeAlias

from rich.cells import cell_len
from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from ._output import HEADER_STYLE

Cell: TypeAlias = tuple[str, str]
"""A text without control characters, and its style."""

NARROW = 60
"""The width below which a table of many words is printed by `print_records`."""


def print_columns(
    out: Console, headings: Sequence[str], rows: Sequence[Sequence[Cell]], *, right: str, optional: Sequence[str] = ()
) -> tuple[str, ...]:
    """Print rows below their headings, as `table` does; the column `right` is aligned so. Return what was left out.

    If the output is too narrow, columns are left out, in the order of `optional`; if that is not enough, the rows are
    printed by `print_records`.
    """
    titles = [(heading, HEADER_STYLE) for heading in headings]
    widths = dict(zip(headings, (max(map(_width, column)) for column in zip(titles, *rows, strict=True)), strict=True))
    shown = list(headings)
    for heading in optional:
        if _total(widths, shown) > out.width:
            shown.remove(heading)
    if _total(widths, shown) > out.width or out.legacy_windows:
        print_records(out, headings[1:], rows)
        return ()
    places = [headings.index(heading) for heading in shown]
    at_right = [heading == right for heading in shown]

    @functools.cache
    def mark(style: str) -> tuple[str, str]:
        return _marks(out, style)

    kept = [widths[heading] for heading in shown]
    lines = [_line([row[place] for place in places], kept, at_right, mark) for row in (titles, *rows)]
    out.file.write("".join(lines))
    out.file.flush()
    return tuple(heading for heading in headings if heading not in shown)


def _total(widths: Mapping[str, int], shown: Sequence[str]) -> int:
    return sum(widths[heading] for heading in shown) + len(shown) - 1


def print_records(out: Console, names: Sequence[str], rows: Iterable[Sequence[Cell]]) -> None:
    """Print each row below its first cell, which is always whole: the names and values of the others, wrapped."""
    for (first, style), *others in rows:
        out.print(Text(first, style=style), soft_wrap=True)
        lines = [Text()]
        for name, cell in zip(names, others, strict=True):
            part = Text.assemble((f"{name} ", "dim"), cell)
            if lines[-1] and lines[-1].cell_len + part.cell_len + 4 > out.width:
                lines.append(Text())
            lines[-1] += Text("  ") + part if lines[-1] else part
        for line in lines:
            out.print(Padding(line, (0, 0, 0, 2), expand=False))


def _width(cell: Cell) -> int:
    return len(cell[0]) if cell[0].isascii() else cell_len(cell[0])


def _marks(out: Console, style: str) -> tuple[str, str]:
    """Return what the console writes before and after a text in a style."""
    with out.capture() as captured:
        out.print(Text("-", style=style), end="")
    before, _, after = captured.get().partition("-")
    return before, after


def _line(
    row: Sequence[Cell],
    widths: Sequence[int],
    at_right: Sequence[bool],
    mark: Callable[[str], tuple[str, str]],
) -> str:
    cells: list[str] = []
    for cell, width, is_right in zip(row, widths, at_right, strict=True):
        text, style = cell
        space = " " * (width - _width(cell))
        before, after = mark(style) if style else ("", "")
        cells.append(f"{space}{before}{text}{after}" if is_right else f"{before}{text}{after}{space}")
    return " ".join(cells) + "\n"
