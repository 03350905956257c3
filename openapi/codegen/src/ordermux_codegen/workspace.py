"""The folders that the commands work on: documents, the packages compiled from them, and what goes with both."""

from __future__ import annotations

from pathlib import Path

import attrs


class WorkspaceError(Exception):
    """There are no documents to work on; the message says where they were looked for."""


@attrs.frozen
class Workspace:
    """A folder of documents and what belongs to it."""

    root: Path
    """The folder that is a git checkout, if any; holds LICENSE and `dist/`."""
    documents: Path
    """Holds `<provider>.yaml`, and each package's own texts in `<provider>/`."""
    generated: Path
    """Holds the compiled packages, one folder each."""

    @classmethod
    def at(cls, root: Path) -> Workspace:
        """Return the workspace of a root folder in the usual layout: `openapi/` and `generated/`."""
        return cls(root, root / "openapi", root / "generated")

    @classmethod
    def find(cls, documents: Path | None = None, generated: Path | None = None) -> Workspace:
        """Return the workspace of a folder of documents, or of the nearest folder upwards with `openapi/*.yaml`.

        Raises WorkspaceError if there is none.
        """
        if documents is None:
            here = Path.cwd()
            root = next((each for each in (here, *here.parents) if any(each.glob("openapi/*.yaml"))), None)
            if root is None:
                raise WorkspaceError(f"no openapi/*.yaml in {here} or above; name the folder by --documents DIR")
            found = cls.at(root)
        elif documents.is_dir():
            documents = documents.resolve()
            found = cls(documents.parent, documents, documents.parent / "generated")
        else:
            raise WorkspaceError(f"{documents} is not a folder")
        return attrs.evolve(found, generated=generated.resolve()) if generated else found

    @property
    def providers(self) -> dict[str, Path]:
        """The documents by provider, in alphabetical order."""
        return {path.stem: path for path in sorted(self.documents.glob("*.yaml"))}


def shown(path: Path) -> str:
    """Return a path as messages show it: relative to the current directory if it is below."""
    try:
        return path.resolve().relative_to(Path.cwd()).as_posix()
    except ValueError:
        return str(path)


def license_file(documents: Path) -> Path | None:
    """Return the text of the packages' licence: the file LICENSE in the folder of the documents, or above."""
    return next((path for folder in (documents, documents.parent) if (path := folder / "LICENSE").is_file()), None)


def task(command: str, *arguments: str) -> str:
    """Return how a user runs a command, as messages show it: by nox in a folder that has a noxfile."""
    if Path("noxfile.py").is_file():
        return " ".join([f"`nox -s {command}", *(["--", *arguments] if arguments else [])]) + "`"
    return " ".join(["`ordermux-codegen", command, *arguments]) + "`"
