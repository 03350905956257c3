"""The command `new`: the skeleton of a provider's document and of its package's texts, and of its adapter.

What is there already is left as it is, so that the texts for a document that exists are written too. `sources
--record`, `lint` and `generate` run on the skeleton at once; `lint` lists what is still to be written.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Sequence
from pathlib import Path

from ..options import parser_of
from ..workspace import Workspace, WorkspaceError, shown, task
from .skeleton import Skeleton, is_name


def run(command: str, arguments: Sequence[str]) -> int:
    """Write the skeleton; return 0."""
    parser = parser_of(command, __doc__)
    parser.add_argument("provider", help="its name: one lower-case word")
    parser.add_argument("--title", help="its name for people (default: the name with a capital)")
    parser.add_argument("--server", metavar="URL", help="base URL of its API")
    parser.add_argument("--page", metavar="URL", help="address of the page that documents it")
    parser.add_argument("--adapter", metavar="DIR", type=Path, help="folder for the package that maps it to the facade")
    given = parser.parse_args(arguments)
    name = given.provider
    if not is_name(name):
        parser.error(f"{name}: a provider's name is one lower-case word, such as shop")
    skeleton = Skeleton(
        provider=name,
        title=given.title or name.capitalize(),
        server=given.server or f"https://api.{name}.example",
        page=given.page or f"https://docs.{name}.example",
        today=datetime.datetime.now(datetime.UTC).date().isoformat(),
    )
    folder = _documents(given.documents)
    _write(folder, skeleton.files("documents"))
    if given.adapter is not None:
        _write(given.adapter, skeleton.files("adapter"))
    where = () if given.documents is None else ("--documents", str(given.documents))
    steps = [("sources", name, "--record", *where), ("lint", name, *where), ("generate", name, *where)]
    print(f"next: {', '.join(task(*step) for step in steps)}")
    return 0


def _write(folder: Path, files: Iterable[tuple[Path, str]]) -> None:
    """Write what is not there yet."""
    for path, text in files:
        target = folder / path
        if target.exists():
            print(f"{shown(target)}: kept as it is")
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, "utf-8")
        print(f"{shown(target)}: written")


def _documents(given: Path | None) -> Path:
    """Return the folder of documents, which may not be there yet: `openapi/` here, if none is found or given."""
    try:
        return given or Workspace.find().documents
    except WorkspaceError:
        return Workspace.at(Path.cwd()).documents
