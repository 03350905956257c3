"""What was found, as Markdown that reads well in a terminal and as an issue."""

from __future__ import annotations

import datetime
import re
from collections import Counter
from collections.abc import Iterator
from itertools import chain

import attrs

from ..compile.facts import dependent_facts
from ..status_map import StatusMapError, status_map
from ..workspace import shown, task
from .cache import Cache, shortened
from .doubts import Move
from .pages import Page, Result
from .text import Section


@attrs.frozen(kw_only=True)
class Findings:
    """What a run found."""

    results: list[Result]
    absent: list[Page] = attrs.field(factory=list[Page])
    strangers: list[str] = attrs.field(factory=list[str])
    moves: list[Move] = attrs.field(factory=list[Move])
    imported: list[str] = attrs.field(factory=list[str])
    """The providers whose documents were imported, of which no page is read."""
    recorded: bool = False
    """Whether what was found has been recorded."""

    @property
    def unrecorded(self) -> list[Page]:
        """The pages that were read and have no digest to be held against."""
        read = [result.page for result in self.results if not result.problem]
        return [] if self.recorded else [page for page in read if not page.digests]

    @property
    def exit_code(self) -> int:
        """The exit code, as `ordermux-codegen sources --help` lists it."""
        if not self.results and self.imported and not self.absent:
            return 3
        if not self.results or any(result.problem for result in self.results):
            return 2
        if any(result.gone if self.recorded else result.moved for result in self.results):
            return 1
        return 3 if not self.recorded and (self.unrecorded or self.absent) else 0

    def moved_to(self, page: Page, section: str) -> str:
        """Return where a section that went is now, empty if nobody knows."""
        return next((move.place for move in self.moves if (move.before, move.old) == (page, section)), "")


def report(findings: Findings, cache: Cache, today: datetime.date) -> str:
    """Return the report."""
    moved = [result for result in findings.results if result.moved]
    parts = [
        "# The providers' pages",
        f"Looked at on {today}: {_summary(findings)}.",
        "\n".join(_table(findings)) if findings.results else "",
        *chain.from_iterable(_page(result, cache, findings) for result in moved),
        *_unreadable([result for result in findings.results if result.problem]),
        *_left_over(findings),
        *_next(findings),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def code(text: str) -> str:
    """Return a text that came from elsewhere as code in one line, so that nothing in it is Markdown."""
    return f"`{' '.join(text.replace('`', ' ').replace('|', '/').split())}`"


def _summary(findings: Findings) -> str:
    counts = Counter(_state(result, findings) for result in findings.results)
    counts.update({"not in the folder": len(findings.absent)} if findings.absent else {})
    told = [f"{count} {what}" for what, count in counts.items()]
    return ", ".join(told if findings.results else ["no page was read", *told])


def _state(result: Result, findings: Findings) -> str:
    if result.problem:
        return "could not be read"
    if result.moved:
        return "changed"
    if result.page.digests:
        return "unchanged"
    return "recorded for the first time" if findings.recorded else "without a digest on record"


def _table(findings: Findings) -> Iterator[str]:
    yield "| provider | page | found |"
    yield "|---|---|---|"
    for result in sorted(findings.results, key=_urgency):
        page = result.page
        yield f"| {page.document.provider} | [{page.key}]({page.url}) | {_found(result, findings)} |"


def _urgency(result: Result) -> tuple[int, str]:
    return 0 if result.moved else 1 if result.problem else 2, result.page.name


def _found(result: Result, findings: Findings) -> str:
    state = _state(result, findings)
    if state != "changed":
        return f"**{state}**" if result.problem else state
    moved = {name: found for name in result.gone if (found := findings.moved_to(result.page, name))}
    come = {move.new for move in findings.moves if move.after is result.page}
    kinds = {
        "changed": [section.name for section in result.changed],
        "moved": [f"{name} → {now}" for name, now in moved.items()],
        "new": [section.name for section in result.new if section.name not in come],
        "gone": [name for name in result.gone if name not in moved],
    }
    return "; ".join(f"**{kind}**: {', '.join(map(code, names))}" for kind, names in kinds.items() if names)


def _page(result: Result, cache: Cache, findings: Findings) -> Iterator[str]:
    page = result.page
    yield f"## {page.document.provider}: {page.title}"
    if findings.recorded:
        yield f"Recorded in `{shown(page.document.path)}`; go on with {task('lint')}."
    else:
        yield f"Change what has to change in `{shown(page.document.path)}`, then run this again with `--record`."
    for section in result.changed:
        digest = page.digests[section.name] or ""
        yield f"### Changed: {code(section.name)}"
        yield _dependents(page, section.name, cache.changed(digest, section))
        yield _difference(cache, digest, section)
    come = {move.new: move for move in findings.moves if move.after is page}
    for section in (each for each in result.new if each.name not in come):
        yield from (f"### New: {code(section.name)}", f"It has {len(section.lines)} lines; nothing depends on it yet.")
        yield _fenced(shortened(section.lines), "text")
    for name in result.gone:
        if now := findings.moved_to(page, name):
            yield from (f"### Moved: {code(name)}", f"The same text is {code(now)} now.", _dependents(page, name, []))
            yield "Give what depends on it the new place; then take its line out of `x-sources` by hand."
        else:
            yield from (f"### Gone: {code(name)}", _dependents(page, name, []))
            yield "What depends on it needs another `x-basis`; then take its line out of `x-sources` by hand."


def _dependents(page: Page, section: str, changed: list[str]) -> str:
    """Return what depends on a section, first what stands in the lines that changed."""
    facts = dependent_facts(page.document, page.key, section)
    if not facts:
        return "Nothing in the document depends on it."
    near = {kind: [name for name in names if _stands_in(page, kind, name, changed)] for kind, names in facts.items()}
    near = {kind: names for kind, names in near.items() if names}
    rest = {kind: [name for name in names if name not in near.get(kind, ())] for kind, names in facts.items()}
    parts = [_listed(page, near, "In the lines that changed:")] if near else []
    title = "What else depends on it:" if near else "What depends on it:"
    return "\n\n".join([*parts, *([_listed(page, rest, title)] if any(rest.values()) else [])])


def _stands_in(page: Page, kind: str, name: str, lines: list[str]) -> bool:
    """Return whether a fact is named in one of some lines: by the last part of its name, an operation by its path."""
    if kind == "operations":
        path = next(each.path for each in page.document.operations if each.operation_id == name)
        sought = r"[^/\s]+".join(re.escape(part) for part in re.split(r"\{[^}]*\}", path)) + r"(?![\w/])"
    else:
        last = name.partition(".")[2] if kind == "enum values" else re.split("[. ]", name)[-1]
        sought = rf"(?<![\w.-]){re.escape(last)}(?![\w-])"
    return any(re.search(sought, line) for line in lines)


def _listed(page: Page, facts: dict[str, list[str]], title: str) -> str:
    table = _status_values(page)
    lines: list[str] = []
    for kind, names in facts.items():
        said = [name for name in names if name.partition(".")[2] in table] if kind == "enum values" else []
        rest = [name for name in names if name not in said]
        if said:
            lines.append("- status values: " + "; ".join(_status_value(name, table) for name in said))
        if rest:
            lines.append(f"- {kind}: {', '.join(map(code, rest))}")
    return "\n".join([title, "", *lines])


def _status_values(page: Page) -> dict[str, str]:
    """Return each raw value that the facade's status map takes from a page, with what it means."""
    try:
        rows = [row for row in status_map() if (row.provider, row.page) == (page.document.provider, page.url)]
    except StatusMapError:
        return {}  # which the report says once
    found: dict[str, list[str]] = {}
    for row in rows:
        claims = found.setdefault(row.value, [])
        claims += [claim for part, value in row.claims if (claim := f"{part} {value}") not in claims]
    return {value: ", ".join(claims) for value, claims in found.items()}


def _status_value(name: str, table: dict[str, str]) -> str:
    told = table[name.partition(".")[2]]
    return f"{code(name)} ({told})" if told else code(name)


def _difference(cache: Cache, digest: str, section: Section) -> str:
    lines = cache.difference(digest, section)
    if lines is None:
        return "There is no earlier copy here to compare it with; one comes of running this over the page as it was."
    return _fenced(lines, "diff")


def _fenced(lines: list[str], kind: str) -> str:
    runs = re.findall("`+", "\n".join(lines))
    fence = "`" * max([3, *(len(run) + 1 for run in runs)])
    return "\n".join([f"{fence}{kind}", *lines, fence])


def _unreadable(results: list[Result]) -> Iterator[str]:
    if results:
        yield "## Could not be read"
        yield "Nothing is known of these pages: they may have changed or not."
        told = ((f"{each.page.document.provider} {each.page.key}", each) for each in results)
        yield "\n".join(f"- **{name}**, <{it.page.url}>: {code(it.problem)}; {it.advice}." for name, it in told)


def _left_over(findings: Findings) -> Iterator[str]:
    if findings.absent:
        yield f"Not in the folder: {', '.join(code(page.name) for page in findings.absent)}."
    for provider in findings.imported:
        compare = task("compare", provider, "SPEC")
        yield f"{code(provider)} was imported: {compare} tells what is published otherwise now."
    if findings.strangers:
        yield f"Named as no page is: {', '.join(map(code, findings.strangers))}."
    if any(result.moved for result in findings.results):
        try:
            status_map()
        except StatusMapError as error:
            yield f"Which status values depend on what changed is not known, since the facade does not load: {error}."
    if findings.unrecorded:
        names = ", ".join(code(page.name) for page in findings.unrecorded)
        yield f"No digest on record: {names}; whether they changed is not known. `--record` takes them."


def _next(findings: Findings) -> Iterator[str]:
    """Yield what a maintainer does now, in its order."""
    moved = [result.page.document for result in findings.results if result.moved]
    documents = list({document.provider: document for document in moved}.values())
    names = [document.provider for document in documents]
    steps: list[str] = []
    if unread := next((result.page.name for result in findings.results if result.problem), None):
        steps.append(
            "Read the pages above that could not be read. One that no program can reach is saved from a browser, as "
            f"`{unread}.html`, and its folder read by `--from DIR`."
        )
    if names and not findings.recorded:
        steps.append(f"Write down what changed, in {', '.join(f'`{shown(each.path)}`' for each in documents)}.")
        steps.append(f"{task('sources', *names, '--record')} (with the same `--from`, if any).")
    if any(result.gone for result in findings.results):
        steps.append("Give another `x-basis` to what depends on what is gone or moved, and take those lines out.")
    if findings.unrecorded:
        unrecorded = dict.fromkeys(page.document.provider for page in findings.unrecorded)
        steps.append(
            f"{task('sources', *unrecorded, '--record')}, so that a change of these pages is seen from now on."
        )
    if names:
        steps.append(f"{task('lint')}, {task('generate', *names)}, {task('changes', *names)}.")
    if steps:
        yield "## What to do next"
        yield "\n".join(f"{number}. {step}" for number, step in enumerate(steps, 1))
