"""A published document's files: read from a folder or from one origin, and from nowhere else."""

from __future__ import annotations

import json
import posixpath
from http import HTTPStatus
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import unquote, urljoin, urlsplit

import httpx
from ruamel.yaml import YAML
from ruamel.yaml.constructor import SafeConstructor
from ruamel.yaml.error import YAMLError

from .nodes import Node, PublishedError, tree

MAX_BYTES = 40_000_000
"""How large all files of a document may be together."""
MAX_FILES = 2_000
SECONDS = 60.0


class Source(Protocol):
    """Where the files of a document are."""

    @property
    def main(self) -> str:
        """The name of the file that was given."""
        ...

    def named(self, base: str, reference: str) -> str:
        """Return the name of the file that a reference in the file `base` leads to.

        Raises PublishedError where it leads out of what may be read.
        """
        ...

    def read(self, name: str) -> bytes:
        """Return the bytes of a file."""
        ...


class Folder:
    """The folder of a file and what is below it."""

    def __init__(self, path: Path) -> None:
        """Take the file that the others are named relative to."""
        self.path = path.resolve()
        self.main = self.path.name

    def named(self, base: str, reference: str) -> str:
        """Return the name of a file relative to the folder."""
        parts = urlsplit(reference)
        if parts.scheme or parts.netloc:
            raise PublishedError(f"the reference {reference!r} leads out of the folder of the document")
        name = posixpath.normpath(posixpath.join(posixpath.dirname(base), unquote(parts.path)))
        if not (self.path.parent / name).resolve().is_relative_to(self.path.parent):
            raise PublishedError(f"the reference {reference!r} leads out of the folder of the document")
        return name

    def read(self, name: str) -> bytes:
        """Return the bytes of a file."""
        path = self.path.parent / name
        try:
            if path.stat().st_size > MAX_BYTES:
                raise PublishedError(f"{name}: has more than {MAX_BYTES} bytes")
            return path.read_bytes()
        except OSError as error:
            raise PublishedError(f"{name}: {error.strerror}") from error


class Origin:
    """An address and what else has its scheme, host and port."""

    def __init__(self, url: str) -> None:
        """Take the address of the document."""
        self.main = url

    def named(self, base: str, reference: str) -> str:
        """Return the address of a file."""
        target = urljoin(base, reference.partition("#")[0])
        if _place(target) != _place(self.main):
            raise PublishedError(f"the reference {reference!r} leads to another host than the document's")
        return target

    def read(self, name: str) -> bytes:
        """Return the bytes of a file; a redirect to another origin is not followed."""
        try:
            for _ in range(5):
                with httpx.stream("GET", name, timeout=SECONDS) as answer:
                    if not answer.has_redirect_location:
                        return _content(answer, name)
                    name = self.named(name, answer.headers["location"])
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise PublishedError(f"{name}: {str(error) or type(error).__name__}") from error
        raise PublishedError(f"{name}: redirects without an end")


def _content(answer: httpx.Response, name: str) -> bytes:
    if answer.status_code != HTTPStatus.OK:
        raise PublishedError(f"{name}: the server answers {answer.status_code}")
    content = bytearray()
    for piece in answer.iter_bytes():
        content += piece
        if len(content) > MAX_BYTES:
            raise PublishedError(f"{name}: has more than {MAX_BYTES} bytes")
    return bytes(content)


def _place(url: str) -> tuple[str, str | None, int | None]:
    parts = urlsplit(url)
    return parts.scheme, parts.hostname, parts.port


def source_of(spec: str) -> Source:
    """Return where a document is, by its path or its address."""
    if spec.startswith(("https://", "http://")):
        return Origin(spec)
    return Folder(Path(spec))


class Files:
    """The files of a document, each read once."""

    def __init__(self, source: Source) -> None:
        """Read none yet."""
        self.source = source
        self._files: dict[str, Any] = {}
        self._bytes = 0

    def document(self) -> Node:
        """Return the document itself.

        Raises PublishedError where it cannot be read, or is no OpenAPI 3.
        """
        document = self.file("")
        if not isinstance(document, Node):
            raise PublishedError(f"{self.source.main}: is no mapping")
        version = str(document.get("openapi", ""))
        if not version.startswith(("3.0", "3.1")):
            told = f"OpenAPI {version}" if version else f"Swagger {document.get('swagger', 'without a version')}"
            raise PublishedError(f"{self.source.main}: is {told}; 3.0 and 3.1 can be imported")
        return document

    def file(self, name: str) -> Any:
        """Return what a file holds; the document itself has no name."""
        if name not in self._files:
            self._files[name] = self._read(name)
        return self._files[name]

    def replace(self, document: Node) -> None:
        """Take another document in place of the one that was read."""
        self._files[""] = document

    def named(self, base: str, reference: str) -> str:
        """Return the name of the file that a reference in the file `base` leads to."""
        name = self.source.named(base or self.source.main, reference)
        return "" if name == self.source.main else name

    def _read(self, name: str) -> Any:
        if len(self._files) >= MAX_FILES:
            raise PublishedError(f"the document has more than {MAX_FILES} files")
        shown = name or self.source.main
        content = self.source.read(shown)
        self._bytes += len(content)
        if self._bytes > MAX_BYTES:
            raise PublishedError(f"{shown}: the document's files have more than {MAX_BYTES} bytes together")
        return tree(parsed(content, shown), f"{name}#")


class _Constructor(SafeConstructor):
    """A reader of YAML that leaves what looks like a date a text, as JSON would."""


_reader: Any = _Constructor
_reader.add_constructor("tag:yaml.org,2002:timestamp", _reader.construct_yaml_str)


def parsed(content: bytes, name: str) -> Any:
    """Return what JSON or YAML says.

    Raises PublishedError where it is neither.
    """
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise PublishedError(f"{name}: is not UTF-8") from error
    if text.lstrip().startswith(("{", "[")):
        try:
            return json.loads(text)
        except ValueError:
            pass  # braces are YAML, too
    yaml: Any = YAML(typ="safe", pure=True)
    yaml.Constructor = _Constructor
    try:
        return yaml.load(text)
    except (YAMLError, RecursionError, ValueError) as error:
        told = " ".join(str(error).replace('in "<unicode string>", ', "at ").split())[:300]
        raise PublishedError(f"{name}: is neither JSON nor YAML: {told}") from error
