"""What the commands have in common: options, the documents that they name, and the reporting of problems."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

from ruamel.yaml.error import YAMLError

from .compile.document import Document
from .workspace import Workspace, WorkspaceError


def parser_of(command: str, description: str | None = None) -> argparse.ArgumentParser:
    """Return a command's parser, with the option that every command has."""
    parser = argparse.ArgumentParser(
        prog=f"ordermux-codegen {command}",
        description=description,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--documents", type=Path, metavar="DIR", help="folder of the documents (default: the nearest openapi/)"
    )
    return parser


def workspace_of(parser: argparse.ArgumentParser, documents: Path | None, generated: Path | None = None) -> Workspace:
    """Return the workspace that is asked for; end with a usage error if there is none."""
    try:
        return Workspace.find(documents, generated)
    except WorkspaceError as error:
        parser.error(str(error))


def documents_of(parser: argparse.ArgumentParser, workspace: Workspace, names: Sequence[str]) -> list[Document]:
    """Return the documents of these names, or all; end with an error if one is unknown or is not YAML."""
    known = check_names(parser, workspace, names)
    try:
        return [Document.load(known[name]) for name in names or known]
    except YAMLError as error:
        print(error, file=sys.stderr)
        sys.exit(1)


def check_names(parser: argparse.ArgumentParser, workspace: Workspace, names: Iterable[str]) -> dict[str, Path]:
    """Return the workspace's documents by name; end with a usage error if a name is unknown."""
    known = workspace.providers
    if unknown := set(names) - set(known):
        parser.error(f"no such provider: {', '.join(sorted(unknown))}; there are {', '.join(known)}")
    return known


def report(problems: Iterable[str]) -> int:
    """Print problems to stderr; return the exit code: 1 if there are any."""
    lines = list(problems)
    for line in lines:
        print(line, file=sys.stderr)
    return 1 if lines else 0
