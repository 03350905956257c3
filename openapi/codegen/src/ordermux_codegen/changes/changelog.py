"""A draft of what a package's changelog says of a version."""

from __future__ import annotations

import functools
import re
import textwrap

from ..compile.changelog import entry_of
from .compare import Comparison
from .rules import Change
from .verdict import Verdict, Version

WIDTH = 120


def drafted(text: str, version: Version, body: str) -> str:
    """Return a changelog with a draft for a version on top; one that people wrote is left as it is."""
    written = entry_of(text, str(version))
    if written and written.text:
        return text
    if written:
        heading = re.compile(rf"^(## {re.escape(str(version))}(?: [^\n]*)?)\n+", re.MULTILINE)
        return heading.sub(lambda found: f"{found.group(1)}\n\n{body}\n\n", text, count=1).rstrip() + "\n"
    head, first, rest = text.partition("\n## ")
    return f"{head.rstrip()}\n\n## {version} (unreleased)\n\n{body}\n{first}{rest}"


def draft(comparison: Comparison) -> str:
    """Return an entry: a line for each change that users can notice, the weightiest first, and one for the texts."""
    weighed = [(comparison.weight(change), _line(change, comparison), change.text) for change in comparison.changes]
    weighed += [(each.verdict, f"`{each.path}`: {each.what}", False) for each in comparison.others]
    told = sorted((each for each in weighed if each[0] and not each[2]), key=lambda each: -each[0])
    lines = [f"{_mark(verdict)}{line}." for verdict, line, _ in told]
    texts = [str(change).partition(": ")[0] for change in comparison.changes if change.text and change.verdict]
    lines += [f"Texts: {', '.join(dict.fromkeys(texts))}."] if texts else []
    lines = lines or [f"Compiled anew: {', '.join(comparison.files)}."]
    fill = functools.partial(textwrap.fill, subsequent_indent="  ", break_long_words=False, break_on_hyphens=False)
    return "\n".join(fill(f"- {line}", WIDTH) for line in lines)


def _line(change: Change, comparison: Comparison) -> str:
    retyped = [each for each in comparison.python(change) if "→" in each.what]
    python = "; ".join(f"`{each.path}`: `{each.what.replace(' → ', '` → `')}`" for each in retyped)
    return f"{change}{f' ({python})' if python else ''}"


def _mark(verdict: Verdict) -> str:
    return "Breaking: " if verdict is Verdict.MAJOR else ""
