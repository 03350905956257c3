"""The commands `import` and `compare`.

| exit code | meaning |
|---|---|
| 0 | the document is imported; or nothing moved |
| 1 | what was imported breaks a rule; or something moved |
| 2 | the document could not be read or imported |
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ..options import parser_of
from .comparison import compared, moved_facts
from .documents import Imported, Options, import_document, recorded, selection
from .nodes import PublishedError
from .reading import Files, source_of
from .refusals import Document, lint
from .report import difference_report
from .writing import Place


def run(command: str, arguments: Sequence[str]) -> int:
    """Run one command; return the exit code."""
    options = _parser(command).parse_args(arguments)
    options.task = command
    if not re.fullmatch(r"[a-z][a-z0-9]*", options.provider):
        return _failed("a provider's name is one lower-case word")
    place = Place(options.documents or Path("openapi"), options.provider)
    try:
        previous = place.previous()
        imported = _imported(options, place, previous)
        if options.task == "compare":
            return _compare(options, previous, imported)
        place.write(imported)
    except PublishedError as error:
        return _failed(str(error))
    counts, ledger = imported.counts, imported.ledger
    print(
        f"openapi/{options.provider}.yaml: {counts['operations']} of {counts['selected']} operations,"
        f" {counts['events']} events, {len(imported.raw['components']['schemas'])} schemas; {len(ledger.losses)} losses"
        f" and {len(ledger.work)} things left to people, in openapi/{options.provider}/losses.md"
    )
    problems = lint(Document.load(place.document))
    for problem in problems:
        print(problem, file=sys.stderr)
    return 1 if problems else 0


def _imported(options: argparse.Namespace, place: Place, previous: dict[str, Any]) -> Imported:
    source = recorded(previous)
    if previous and not source:
        raise PublishedError(f"{place.document.name} is written by hand: it is not imported over")
    if options.task == "compare" and not source:
        raise PublishedError(f"{place.document.name} is not there: import it first")
    chosen = bool(options.tag or options.operation)
    address = options.url or (options.spec if options.spec.startswith("http") else str(source.get("url", "")))
    wanted = Options(
        provider=options.provider,
        tags=tuple(options.tag) if chosen else selection(source, "tags"),
        operations=tuple(options.operation) if chosen else selection(source, "operations"),
        address=address if address.startswith("http") else "",
        server=options.server or str(source.get("server", "")),
        trusted=options.trust_required or bool(source.get("required-is-trusted")),
    )
    version = str(previous.get("info", {}).get("version", "0.1.0"))
    files = Files(source_of(options.spec))
    return import_document(files, wanted, place.names(), place.corrections(), version)


def _compare(options: argparse.Namespace, previous: dict[str, Any], imported: Imported) -> int:
    before, after = recorded(previous), recorded(imported.raw)
    facts = moved_facts(previous, imported.raw)
    difference = compared(before["pointers"], after["pointers"], facts)
    print(difference_report(difference, options.provider), end="")
    return 1 if difference else 0


def _failed(told: str) -> int:
    print(told, file=sys.stderr)
    return 2


def _parser(command: str) -> argparse.ArgumentParser:
    parser = parser_of(command, __doc__)
    add = parser.add_argument
    add("provider", help="the provider's name")
    add("spec", metavar="SPEC", help="the published document: a file or an address")
    add("--tag", action="append", default=[], help="import the operations of this tag; several times for several")
    add(
        "--operation",
        action="append",
        default=[],
        metavar="ID",
        help="import this operation or event, by its operationId or a webhook's name; `*` stands for any letters",
    )
    add("--url", default="", help="where a document that is read from a file is published")
    add("--server", default="", metavar="URL", help="the API's address, where the document does not name it")
    add("--trust-required", action="store_true", help="believe what the document requires of answers")
    return parser
