"""The command `lint`."""

from __future__ import annotations

from collections.abc import Sequence

from ..options import documents_of, parser_of, report, workspace_of
from .rules import lint


def run(command: str, arguments: Sequence[str]) -> int:
    """Check documents by the modelling rules; return 0, or 1 if one breaks a rule."""
    parser = parser_of(command)
    parser.add_argument("providers", nargs="*", help="the documents' names (default: all)")
    given = parser.parse_args(arguments)
    documents = documents_of(parser, workspace_of(parser, given.documents), given.providers)
    return report(problem for document in documents for problem in lint(document))
