"""What was found, as Markdown that reads well in a terminal and as an issue."""

from __future__ import annotations

import datetime
import re
from collections import Counter
from collections.abc import Iterator
from itertools import chain

import attrs

from compiler.basis import resting

from .copies import Copies
from .pages import Page, Result
from .text import Section
from .words import status_words


@attrs.frozen(kw_only=True)
class Findings:
    """What a run found."""

    results: list[Result]
    absent: list[Page] = attrs.field(factory=list[Page])
    strangers: list[str] = attrs.field(factory=list[str])
    recorded: bool = False
    """Whether what was found has been recorded."""

    @property
    def exit_code(self) -> int:
        """0 where everything was read and nothing moved, 1 where something moved, 2 where something was not read."""
        if not self.results or any(result.problem for result in self.results):
            return 2
        return int(any(result.gone if self.recorded else result.moved for result in self.results))


def report(findings: Findings, copies: Copies, today: datetime.date) -> str:
    """Return the report."""
    moved = [result for result in findings.results if result.moved]
    parts = [
        "# The providers' pages",
        f"Looked at on {today}: {_summary(findings)}.",
        "\n".join(_table(findings.results)) if findings.results else "",
        *chain.from_iterable(_page(result, copies, recorded=findings.recorded) for result in moved),
        *_unreadable([result for result in findings.results if result.problem]),
        *_left_over(findings),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def code(text: str) -> str:
    """Return a text that came from elsewhere as code in one line, so that nothing in it is Markdown."""
    return f"`{' '.join(text.replace('`', ' ').replace('|', '/').split())}`"


def _summary(findings: Findings) -> str:
    counts = Counter(_state(result) for result in findings.results)
    return ", ".join(f"{count} {what}" for what, count in counts.items()) or "no page was read"


def _state(result: Result) -> str:
    if result.problem:
        return "could not be read"
    if result.moved:
        return "changed"
    return "unchanged" if result.page.digests else "without a digest on record"


def _table(results: list[Result]) -> Iterator[str]:
    yield "| provider | page | found |"
    yield "|---|---|---|"
    for result in sorted(results, key=_urgency):
        page = result.page
        yield f"| {page.document.provider} | [{page.key}]({page.url}) | {_found(result)} |"


def _urgency(result: Result) -> tuple[int, str]:
    return 0 if result.moved else 1 if result.problem else 2, result.page.name


def _found(result: Result) -> str:
    state = _state(result)
    if state != "changed":
        return f"**{state}**" if result.problem else state
    kinds = {
        "changed": [section.name for section in result.changed],
        "new": [section.name for section in result.new],
        "gone": result.gone,
    }
    return "; ".join(f"**{kind}**: {', '.join(map(code, names))}" for kind, names in kinds.items() if names)


def _page(result: Result, copies: Copies, *, recorded: bool) -> Iterator[str]:
    page = result.page
    yield f"## {page.document.provider}: {page.title}"
    if recorded:
        yield f"Recorded in `openapi/{page.document.path.name}`; go on with `nox -s lint`."
    else:
        yield f"Change what has to change in `openapi/{page.document.path.name}`, then run this again with `--record`."
    for section in result.changed:
        yield from (f"### Changed: {code(section.name)}", _resting(page, section.name))
        yield _difference(copies, page.digests[section.name] or "", section)
    for section in result.new:
        yield from (f"### New: {code(section.name)}", f"It has {len(section.lines)} lines; nothing rests on it yet.")
    for name in result.gone:
        yield from (f"### Gone: {code(name)}", _resting(page, name))
        yield "What rests on it needs another `x-basis`; then take its line out of `x-sources` by hand."


def _resting(page: Page, section: str) -> str:
    facts = resting(page.document, page.key, section)
    if not facts:
        return "Nothing in the document rests on it."
    table = status_words(page)
    lines: list[str] = []
    for kind, names in facts.items():
        said = [name for name in names if name.partition(".")[2] in table] if kind == "enum values" else []
        rest = [name for name in names if name not in said]
        if said:
            lines.append("- status words: " + "; ".join(_status_word(name, table) for name in said))
        if rest:
            lines.append(f"- {kind}: {', '.join(map(code, rest))}")
    return "\n".join(["What rests on it:", "", *lines])


def _status_word(name: str, table: dict[str, str]) -> str:
    told = table[name.partition(".")[2]]
    return f"{code(name)} ({told})" if told else code(name)


def _difference(copies: Copies, digest: str, section: Section) -> str:
    lines = copies.difference(digest, section)
    if lines is None:
        return "There is no earlier copy here to compare it with; one comes of running this over the page as it was."
    runs = re.findall("`+", "\n".join(lines))
    fence = "`" * max([3, *(len(run) + 1 for run in runs)])
    return "\n".join([f"{fence}diff", *lines, fence])


def _unreadable(results: list[Result]) -> Iterator[str]:
    if results:
        yield "## Could not be read"
        yield "Nothing is known of these pages: they may have changed or not."
        told = ((f"{each.page.document.provider} {each.page.key}", each) for each in results)
        yield "\n".join(f"- **{name}**, <{it.page.url}>: {code(it.problem)}; {it.advice}." for name, it in told)


def _left_over(findings: Findings) -> Iterator[str]:
    if findings.absent:
        yield f"Not in the folder: {', '.join(code(page.name) for page in findings.absent)}."
    if findings.strangers:
        yield f"Named as no page is: {', '.join(map(code, findings.strangers))}."
    unrecorded = [result.page for result in findings.results if not (result.problem or result.page.digests)]
    if unrecorded and not findings.recorded:
        yield f"No digest on record: {', '.join(code(page.name) for page in unrecorded)}; `--record` takes them."
