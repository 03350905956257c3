"""Rows in columns, each on one line if the output is wide enough: Rich takes ten times as long for a long list."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import TypeAlias

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from ._output import HEADER_STYLE, table

Cell: TypeAlias = tuple[str, str]
"""A text without control characters, and its style."""


def print_columns(out: Console, headings: Sequence[str], rows: Sequence[Sequence[Cell]], *, right: str) -> None:
    """Print rows below their headings, as `table` does, whose first column is whole; the column `right` is aligned so.

    Rich prints the rows if one does not fit on a line, which it folds.
    """
    titles = [(heading, HEADER_STYLE) for heading in headings]
    widths = [max(map(_width, column)) for column in zip(titles, *rows, strict=True)]
    if sum(widths) + len(widths) - 1 > out.width or out.legacy_windows:
        made = table(*headings, whole=1, right=right)
        for row in rows:
            made.add_row(*(Text(text, style=style, overflow="fold") for text, style in row))
        out.print(made)
        return
    at_right = [heading == right for heading in headings]

    @functools.cache
    def mark(style: str) -> tuple[str, str]:
        return _marks(out, style)

    lines = [_line(row, widths, at_right, mark) for row in (titles, *rows)]
    out.file.write("".join(lines))
    out.file.flush()


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
