"""What was measured, as a table, as JSON and as bars."""

from __future__ import annotations

import json
from collections.abc import Sequence
from html import escape
from itertools import groupby
from pathlib import Path

from .figures import FACADE, Row

_BAR, _GAP, _LEFT, _WIDTH = 18, 30, 270, 860
_LONGEST = 400


def shown(value: float | None, unit: str = "s") -> str:
    """Return a number with three digits and a unit that fits it."""
    if value is None:
        return ""
    if unit != "s":
        return f"{value:.3g} {unit}"
    for factor, name in ((1, "s"), (1e3, "ms")):
        if value * factor >= 1:
            return f"{value * factor:.3g} {name}"
    return f"{value * 1e6:.3g} µs"


def cells(row: Row) -> tuple[str, ...]:
    """Return a row's cells."""
    verdict = {True: "reached", False: "MISSED", None: ""}[row.reached]
    goal = "" if row.goal is None else f"{'≥' if row.many else '≤'} {row.goal:g}"
    if row.theirs is None:
        return row.title, shown(row.ours, row.unit), "", "", "", f"{goal} {row.unit}", verdict
    meant = "times its calls" if row.many else "of its time"
    ratio = f"{row.ratio:.2f} {meant} ({row.least:.2f} to {row.most:.2f})"
    return row.title, shown(row.ours), row.peer, shown(row.theirs), ratio, goal, verdict


HEADS = ("what", "ordermux", "peer", "the peer's", "ours beside it (least to most)", "goal", "")


def markdown(rows: Sequence[Row], notes: Sequence[str]) -> str:
    """Return a table, aligned, with notes below it."""
    lines = [HEADS, *map(cells, rows)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    table = [f"| {' | '.join(cell.ljust(width) for cell, width in zip(line, widths, strict=True))} |" for line in lines]
    table.insert(1, f"|{'|'.join('-' * (width + 2) for width in widths)}|")
    return "\n".join([*table, "", *notes]) + "\n"


def as_json(rows: Sequence[Row], notes: Sequence[str]) -> str:
    """Return everything, each round included."""
    told = [{**row._asdict(), "reached": row.reached} for row in rows]
    return json.dumps({"rows": told, "notes": list(notes)}, indent=2, ensure_ascii=False) + "\n"


def svg(rows: Sequence[Row]) -> str:
    """Return bars, a group for each figure: ours first, each as long as its time beside the group's longest."""
    drawn, y = [""], 10
    for title, group in groupby([row for row in rows if row.theirs is not None], lambda row: row.title):
        peers = list(group)
        bars = [(FACADE, peers[0].ours), *((row.peer, row.theirs or 0.0) for row in peers)]
        longest = max(seconds for _, seconds in bars)
        y += _GAP
        drawn.append(f'<text x="10" y="{y}" class="title">{escape(title)}</text>')
        for name, seconds in bars:
            y += _BAR + 4
            length = max(1.0, seconds / longest * _LONGEST)
            kind = "ours" if name == FACADE else "peer"
            drawn.append(f'<text x="{_LEFT - 8}" y="{y - 4}" class="name">{escape(name)}</text>')
            bar = f'x="{_LEFT}" y="{y - _BAR}" width="{length:.1f}" height="{_BAR}"'
            drawn.append(f'<rect {bar} class="{kind}"/>')
            drawn.append(f'<text x="{_LEFT + length + 6:.1f}" y="{y - 4}">{shown(seconds)}</text>')
    style = (
        "text{font:13px sans-serif;fill:#333}.title{font-weight:bold}.name{text-anchor:end}"
        ".ours{fill:#2b6cb0}.peer{fill:#b8c0cc}"
    )
    height = y + 20
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" role="img">'
    label = "<title>Time a call, ordermux beside its peers; shorter is better</title>"
    back = f'<rect width="{_WIDTH}" height="{height}" fill="#fff"/>'
    return "\n".join([head, label, f"<style>{style}</style>", back, *drawn[1:], "</svg>"]) + "\n"


def write(folder: Path, rows: Sequence[Row], notes: Sequence[str]) -> None:
    """Write the three into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "bench.md").write_text(markdown(rows, notes), encoding="utf-8")
    (folder / "bench.json").write_text(as_json(rows, notes), encoding="utf-8")
    (folder / "bench.svg").write_text(svg(rows), encoding="utf-8")
