"""A file of products, a row at a time: CSV with a column `id`, or an object with a member `id` on each line."""

from __future__ import annotations

import codecs
import contextlib
import csv
import io
import itertools
import json
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any, BinaryIO, NoReturn, cast

import attrs

from ._exit import CliError

_MAX_BYTES = 16 * 1024 * 1024
_START = 4_096
"""The bytes by which the encoding is detected."""
_DELIMITERS = (",", ";", "\t")
_OTHER_ENCODING = "if the file has another encoding, pass it, such as --encoding windows-1252 or utf-16-le"
_LINES = {".jsonl", ".ndjson"}
KINDS = (".csv", *sorted(_LINES))


@attrs.frozen
class Row:
    """One product, or the error of its row."""

    place: int
    """Number of the row, from 0, without empty lines."""
    line: int
    """The last line of the row in the file, from 1."""
    id: str
    product: dict[str, Any] | None
    problem: str = ""


class _InvalidRow(Exception):
    """A row cannot be parsed."""


@attrs.define
class Rows:
    """Reads a file row by row."""

    path: Path
    encoding: str | None = None
    """Of the text; None for UTF-8, or UTF-16 with a byte order mark."""
    read: int = 0
    """The number of bytes read so far."""

    def __iter__(self) -> Iterator[Row]:
        """Yield the rows.

        Raises CliError if the file as a whole is invalid.
        """
        with self.path.open("rb") as stream:
            yield from self._csv(stream) if self.path.suffix.lower() == ".csv" else self._json(stream)

    def check(self) -> None:
        """Read the first row, to validate the file.

        Raises CliError if the file is invalid, OSError if it cannot be read.
        """
        next(iter(self), None)
        self.read = 0

    def _lines(self, stream: BinaryIO) -> Iterator[str]:
        encoding = self.encoding or self._detected(stream)
        text = io.TextIOWrapper(stream, encoding, "surrogateescape", newline="\n")
        try:
            while line := text.readline(_MAX_BYTES):
                self.read = stream.tell()
                yield line
        except UnicodeDecodeError as error:
            raise CliError(f"{self.path}: not valid {encoding}: {error.reason}", _OTHER_ENCODING) from None
        finally:
            with contextlib.suppress(ValueError):  # the stream may be closed before
                text.detach()

    def _detected(self, stream: BinaryIO) -> str:
        """Return the encoding by the byte order mark, UTF-8 without one.

        Raises CliError if it is UTF-16 without one.
        """
        start = stream.read(_START)
        stream.seek(0)
        if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            return "utf-16"
        if b"\0" in start:
            raise CliError(f"{self.path}: not UTF-8; it has zero bytes, as UTF-16 has", _OTHER_ENCODING)
        return "utf-8-sig"

    def _csv(self, stream: BinaryIO) -> Iterator[Row]:
        lines = self._lines(stream)
        first = next(lines, "")
        reader = csv.reader(itertools.chain([first], lines), strict=True, delimiter=_delimiter(first))
        try:
            names = next(reader, list[str]())
        except csv.Error as error:
            raise CliError(f"{self.path}: invalid CSV: {error}") from None
        if names.count("id") != 1 or len(set(names)) != len(names):
            shown = ", ".join(names)[:200]
            raise CliError(f"{self.path}: the first line must name the columns, each once, with `id`; it is: {shown}")
        place = 0
        while True:
            try:
                cells = next(reader, None)
            except csv.Error as error:
                yield Row(place, reader.line_num, "", None, f"invalid CSV: {error}")
            else:
                if cells is None:
                    return
                if not cells:
                    continue
                yield _row(place, reader.line_num, _product, names, cells)
            place += 1

    def _json(self, stream: BinaryIO) -> Iterator[Row]:
        place = 0
        for number, line in enumerate(self._lines(stream), 1):
            if line.strip():
                yield _row(place, number, _object, line)
                place += 1


def _delimiter(line: str) -> str:
    """Return what separates the columns: the first of them by which the line has a column `id`."""
    for delimiter in _DELIMITERS:
        with contextlib.suppress(csv.Error):
            if "id" in next(csv.reader([line], delimiter=delimiter), ()):
                return delimiter
    return _DELIMITERS[0]


def _row(place: int, line: int, make: Any, *arguments: Any) -> Row:
    try:
        product: dict[str, Any] = make(*arguments)
        product_id = product.pop("id", None)
        if not isinstance(product_id, str) or not product_id.strip():
            raise _InvalidRow("the id is empty or not text")  # noqa: TRY301
        json.dumps([product_id, product], default=str, ensure_ascii=False).encode()
    except _InvalidRow as error:
        return Row(place, line, "", None, str(error))
    except UnicodeEncodeError:
        return Row(place, line, "", None, f"invalid text for its encoding; {_OTHER_ENCODING}")
    return Row(place, line, product_id, product)


def _product(names: list[str], cells: list[str]) -> dict[str, Any]:
    if len(cells) != len(names):
        raise _InvalidRow(f"{len(cells)} cells for {len(names)} columns")
    return dict(zip(names, cells, strict=True))


def _object(line: str) -> dict[str, Any]:
    try:
        found: Any = json.loads(line, parse_float=Decimal, parse_constant=_constant)
    except (ValueError, RecursionError) as error:
        raise _InvalidRow(f"invalid JSON: {str(error) or 'nested too deep'}") from None
    if not isinstance(found, dict):
        raise _InvalidRow("not a JSON object")
    return cast("dict[str, Any]", found)


def _constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not allowed in JSON")
