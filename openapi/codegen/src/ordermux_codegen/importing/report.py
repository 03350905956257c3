"""Reports of an import and of a comparison, as Markdown."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import groupby

from .comparison import Difference
from .documents import Imported
from .ledger import Entry

_QUOTED = re.compile(r"'[^']*'")


def code(text: str) -> str:
    """Return a text that came from elsewhere as code in one line, so that nothing in it is Markdown."""
    return f"`{' '.join(text.replace('`', ' ').split())}`"


def loss_report(imported: Imported, title: str) -> str:
    """Return what the import weakened and left out, and what it leaves to people."""
    counts, ledger = imported.counts, imported.ledger
    left_out = counts["selected"] - counts["operations"]
    parts = [
        f"# What the import of {_line(title)} lost",
        f"{counts['operations']} operations are imported, {left_out} of those that were asked for are left out.",
        *([f"{counts['events']} events are imported."] if counts["events"] else []),
        f"{counts['fitting']} of {counts['samples']} published examples fit. Written by the import; do not edit.",
        f"## Weaker than published, or left out: {len(ledger.losses)}",
        "\n".join(_counted(ledger.losses)),
        "\n".join(_listed(ledger.losses)) or "Nothing.",
        f"## Left to people: {len(ledger.work)}",
        "\n".join(_listed(ledger.work)) or "Nothing.",
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _counted(entries: list[Entry]) -> Iterator[str]:
    """Yield a table of the reasons, the most frequent first."""
    reasons = Counter(_QUOTED.sub("…", entry.why.partition(" at $")[0]) for entry in entries)
    if len(entries) > len(reasons):
        yield "| times | why |"
        yield "|---:|---|"
        yield from (f"| {count} | {_line(why)} |" for why, count in reasons.most_common())


def _listed(entries: list[Entry]) -> Iterator[str]:
    for place, group in groupby(entries, key=lambda entry: entry.place):
        yield f"- {code(place)}"
        yield from (f"  - {_line(entry.what)}: {_line(entry.why)}" for entry in group)


def _line(text: str) -> str:
    """Return a text in one line, without what Markdown would read as more than a text."""
    return " ".join(text.replace("<", "&lt;").replace("[", "\\[").split())


def difference_report(difference: Difference, name: str) -> str:
    """Return what a newer published document says otherwise."""
    if not difference:
        return f"# {name}\n\nNothing moved.\n"
    sections: list[tuple[str, Iterable[str]]] = [
        ("Operations, fields and words", map(_line, difference.facts)),
        ("Changed", map(code, difference.changed)),
        ("Moved", (f"{code(old)} is {code(new)}" for old, new in difference.moved)),
        ("New", map(code, difference.new)),
        ("Gone", map(code, difference.gone)),
    ]
    parts = [f"# {name}"]
    for title, lines in sections:
        if told := [f"- {line}" for line in lines]:
            parts += [f"## {title}: {len(told)}", "\n".join(told)]
    return "\n\n".join(parts) + "\n"
