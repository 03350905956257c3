"""Pages from a folder of saved ones, `<provider>-<page>.<ext>`; the page by its key, or by its title's words."""

from __future__ import annotations

import re
from pathlib import Path

import attrs

from .html_text import Form
from .pages import Copy, Page, Result, UnreadableError, read

FORMS: dict[str, Form] = {
    ".html": "html",
    ".htm": "html",
    ".md": "markdown",
    ".markdown": "markdown",
    ".mdx": "markdown",
    ".txt": "text",
}


@attrs.frozen
class Folder:
    """A folder of saved pages, against the pages that the documents name."""

    results: list[Result]
    absent: list[Page]
    """The pages that are not in it."""
    strangers: list[str]
    """The files that are named as no page."""


def read_folder(folder: Path, pages: list[Page]) -> Folder:
    """Read the pages that are in the folder.

    Raises OSError if there is no such folder.
    """
    names = _names(pages)
    files: dict[str, list[Path]] = {page.name: [] for page in pages}
    strangers: list[str] = []
    for path in sorted(folder.iterdir()):
        name = names.get(path.stem.lower())
        if name:
            files[name].append(path)
        elif not path.name.startswith("."):
            strangers.append(path.name)
    results = [_result(page, files[page.name]) for page in pages if files[page.name]]
    return Folder(results, [page for page in pages if not files[page.name]], strangers)


def _names(pages: list[Page]) -> dict[str, str]:
    """Return each stem that a file may have, with its page's name; a key goes before another page's title."""
    by_title = {f"{page.document.provider}-{_slug(page.title)}": page.name for page in pages}
    return by_title | {page.name: page.name for page in pages}


def _slug(title: str) -> str:
    return "-".join(re.findall(r"[a-z0-9]+", title.lower()))


def _result(page: Page, paths: list[Path]) -> Result:
    try:
        return Result(page=page, sections=read(page, _copy(paths)))
    except UnreadableError as error:
        return Result(page=page, problem=error.problem, advice=error.advice)


def _copy(paths: list[Path]) -> Copy:
    if len(paths) > 1:
        told = " and ".join(path.name for path in paths)
        raise UnreadableError(f"{told} are the same page", "leave one of them in the folder")
    path = paths[0]
    if path.suffix.lower() not in FORMS:
        raise UnreadableError(f"{path.name} is none of {', '.join(FORMS)}", "save it as one of them")
    try:
        return Copy(path.read_bytes(), FORMS[path.suffix.lower()])
    except OSError as error:
        raise UnreadableError(f"{path.name}: {error.strerror}", "look at the file") from None
