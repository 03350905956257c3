"""`python -m sources [provider …]`: which pages changed since they were recorded, and what rests on them.

| exit code | meaning |
|---|---|
| 0 | every page was read, and none changed |
| 1 | something changed, or a provider sends what its document does not say |
| 2 | some page could not be read, whatever the others say |
"""

from __future__ import annotations

import argparse
import asyncio
import datetime
import sys
from pathlib import Path

import attrs

from compiler.document import OPENAPI, Document

from .copies import Copies
from .deviations import deviation_report
from .fetch import fetch_all
from .pages import Page, pages_of
from .record import record
from .report import Findings, report
from .saved import read_folder

SECONDS = 30.0


def main(arguments: list[str] | None = None) -> int:
    """Look at the pages, or at what was logged of production, and report; return the exit code."""
    parser = _parser()
    asked = parser.parse_args(arguments)
    known = {path.stem: path for path in sorted(asked.documents.glob("*.yaml"))}
    if unknown := set(asked.providers) - set(known):
        parser.error(f"no such provider: {', '.join(sorted(unknown))}; there are {', '.join(known)}")
    documents = [Document.load(path) for name, path in known.items() if name in (asked.providers or known)]
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
    copies = Copies(asked.copies)
    if asked.record:
        findings = attrs.evolve(findings, recorded=True)
        for document in documents:
            record(document, findings.results, today)
    text = report(findings, copies, today)
    try:
        copies.keep(section for result in findings.results for section in result.sections or ())
    except OSError as error:
        text += f"\nThe texts could not be kept to compare with: {error}.\n"
    return text, findings.exit_code


def _findings(pages: list[Page], folder: Path | None, seconds: float) -> Findings:
    if folder is None:
        return Findings(results=asyncio.run(fetch_all(pages, seconds)))
    found = read_folder(folder, pages)
    return Findings(results=found.results, absent=found.absent, strangers=found.strangers)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="sources", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = parser.add_argument
    add("providers", nargs="*", help="all, where none is named")
    add("--from", dest="folder", type=Path, metavar="DIR", help="read saved pages, <provider>-<page>.html, .md or .txt")
    add("--record", action="store_true", help="write the digests and the day into the documents")
    add("--output", type=Path, metavar="FILE", help="write the report there, too")
    add("--deviations", type=Path, metavar="FILE", help="report what an ordermux.DeviationLog wrote, and no pages")
    add("--seconds", type=float, default=SECONDS, help="how long one page may take (%(default)s)")
    add("--copies", type=Path, metavar="DIR", default=OPENAPI.parent / ".sources", help="where earlier texts are kept")
    add("--documents", type=Path, metavar="DIR", default=OPENAPI, help="where the documents lie")
    return parser


if __name__ == "__main__":
    sys.exit(main())
