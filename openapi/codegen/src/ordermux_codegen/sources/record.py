"""Digests and dates written into a document, every other byte of which stays as it is."""

from __future__ import annotations

import datetime
import json
from collections.abc import Iterator, Mapping

import attrs
from ruamel.yaml.error import YAMLError

from ..compile.document import Document
from ..compile.yaml_positions import Entry, reader
from .pages import Result


@attrs.frozen
class _Edit:
    """Some text in place of what stands between two offsets."""

    start: int
    end: int
    text: str


def record(document: Document, results: list[Result], today: datetime.date) -> None:
    """Write the digests of the pages that were read, and the day, into the document's file.

    A section that is gone stays: what depends on it needs another basis first.
    """
    text = document.path.read_bytes().decode()
    sources = Entry.of(text).at("x-sources")
    edits: list[_Edit] = []
    for result in results:
        if result.page.document is document and result.sections is not None:
            edits += _edits(text, sources.at(result.page.key), result, today)
    for edit in sorted(edits, key=lambda edit: edit.start, reverse=True):
        text = text[: edit.start] + edit.text + text[edit.end :]
    document.path.write_bytes(text.encode())


def _edits(text: str, page: Entry, result: Result, today: datetime.date) -> Iterator[_Edit]:
    read = page.at("read")
    yield _Edit(read.start, read.end, f'"{today}"')
    digests = {section.name: section.digest for section in result.sections or ()}
    if "sections" not in page.members:
        inner = _braced(digests) if page.in_braces else "".join(f"\n  {line}" for line in _lines(digests))
        yield _added(text, page, read, ["sections:" + (f" {inner}" if page.in_braces else inner)])
        return
    sections = page.at("sections")
    known = sections.members
    for name, entry in known.items():
        if digests.get(name, entry.text) != entry.text:
            yield _Edit(entry.start, entry.end, digests[name] if entry.start < entry.end else f" {digests[name]}")
    fresh = {name: digest for name, digest in digests.items() if name not in known}
    if fresh and known:
        yield _added(text, sections, list(known.values())[-1], _lines(fresh))
    elif fresh:
        yield _Edit(sections.start, sections.end, _braced(fresh))


def _added(text: str, mapping: Entry, after: Entry, lines: list[str]) -> _Edit:
    """Return what puts members behind one of a mapping's, as the mapping is written."""
    if mapping.in_braces:
        return _Edit(after.end, after.end, "".join(f", {line}" for line in lines))
    end = (text + "\n").index("\n", after.end)  # behind a comment, too
    indent = "\n" + " " * after.column
    return _Edit(end, end, indent + indent.join("\n".join(lines).splitlines()))


def _lines(digests: Mapping[str, str]) -> list[str]:
    return [f"{_key(name)}: {digest}" for name, digest in digests.items()]


def _braced(digests: Mapping[str, str]) -> str:
    return f"{{{', '.join(_lines(digests))}}}"


def _key(name: str) -> str:
    """Return a key as YAML, in quotes where it would not come back as it is."""
    try:
        plain = reader().load(f"{{{name}: 1}}") == {name: 1} == reader().load(f"{name}: 1")
    except YAMLError:
        plain = False
    return name if plain else json.dumps(name, ensure_ascii=False)
