"""The command `sources`: which pages changed since they were recorded, and what depends on them.

| exit code | meaning |
|---|---|
| 0 | every page was read, and none changed |
| 1 | something changed, or a provider sends what its document does not say |
| 2 | some page could not be read, whatever the others say |
| 3 | nothing is known to have changed, but some page has no digest, or is not in the folder; or all is imported |

With `--record` it is a success to have recorded what was read, unless a section that something depends on is gone.
"""

from __future__ import annotations

import argparse
import asyncio
import datetime
import sys
from collections.abc import Sequence
from pathlib import Path

import attrs

from ..compile.document import Document
from ..options import documents_of, parser_of, workspace_of
from .cache import Cache
from .deviations import deviation_report
from .doubts import doubted, moves
from .fetch import fetch_all
from .pages import Page, imported_of, pages_of
from .record import record
from .report import Findings, report
from .saved import read_folder

SECONDS = 30.0


def run(command: str, arguments: Sequence[str]) -> int:
    """Look at the pages, or at what was logged of production, and report; return the exit code."""
    parser = _parser(command)
    asked = parser.parse_args(arguments)
    workspace = workspace_of(parser, asked.documents)
    asked.cache = asked.cache or workspace.root / ".sources"
    documents = documents_of(parser, workspace, asked.providers)
    today = datetime.datetime.now(datetime.UTC).date()
    if asked.deviations:
        text, code = deviation_report(documents, asked.deviations)
    else:
        text, code = _look(parser, asked, documents, today)
    if asked.output:
        asked.output.write_text(text, "utf-8")
    sys.stdout.write(text)
    return code


def _look(
    parser: argparse.ArgumentParser, asked: argparse.Namespace, documents: list[Document], today: datetime.date
) -> tuple[str, int]:
    pages = list(pages_of(documents))
    try:
        findings = _findings(pages, asked.folder, asked.seconds)
    except OSError as error:
        parser.error(f"{asked.folder}: {error.strerror}")
    if asked.providers:  # the other files may be pages of the others
        findings = attrs.evolve(findings, strangers=[])
    findings = attrs.evolve(findings, imported=imported_of(documents))
    cache = Cache(asked.cache)
    moved = moves(findings.results)
    findings = attrs.evolve(findings, results=list(doubted(findings.results, cache, moved)), moves=moved)
    if asked.record:
        findings = attrs.evolve(findings, recorded=True)
        for document in documents:
            record(document, findings.results, today)
    text = report(findings, cache, today)
    try:
        cache.keep(section for result in findings.results for section in result.sections or ())
    except OSError as error:
        text += f"\nThe texts could not be kept to compare with: {error}.\n"
    return text, findings.exit_code


def _findings(pages: list[Page], folder: Path | None, seconds: float) -> Findings:
    if folder is None:
        return Findings(results=asyncio.run(fetch_all(pages, seconds)))
    found = read_folder(folder, pages)
    return Findings(results=found.results, absent=found.absent, strangers=found.strangers)


def _parser(command: str) -> argparse.ArgumentParser:
    parser = parser_of(command, __doc__)
    add = parser.add_argument
    add("providers", nargs="*", help="the documents' names (default: all)")
    add("--from", dest="folder", type=Path, metavar="DIR", help="read saved pages, <provider>-<page>.html, .md or .txt")
    add("--record", action="store_true", help="write the digests and the day into the documents")
    add("--output", type=Path, metavar="FILE", help="write the report there, too")
    add("--deviations", type=Path, metavar="FILE", help="report what an ordermux.DeviationLog wrote, and no pages")
    add("--seconds", type=float, default=SECONDS, help="how long one page may take (%(default)s)")
    add("--copies", dest="cache", type=Path, metavar="DIR", help="folder of earlier texts (default: .sources)")
    return parser
