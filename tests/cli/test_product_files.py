"""Files of products as spreadsheets write them: separators, encodings, and ids that occur twice."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ordermux.emulator import Emulator

TEXT = "id{0}name\nmug-1{0}Gr\u00fcne Tasse\nmug-2{0}\u201eTasse\u201c\n"
NAMES = ["Gr\u00fcne Tasse", "\u201eTasse\u201c"]


def names(emulator: Emulator) -> list[str]:
    """Return the names of the products that were stored."""
    products = emulator.state("croissant").products
    return [products[each]["name"] for each in ("mug-1", "mug-2")]


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_spreadsheets_file_is_read_as_it_is(
    emulated: Any, emulator: Emulator, folder: Path, separator: str, encoding: str
) -> None:
    """Without an option, if it has UTF-8 or a byte order mark."""
    (folder / "sheet.csv").write_bytes(TEXT.format(separator).encode(encoding))
    ran = emulated("products", "sync", "croissant", "sheet.csv")
    assert (0, "2 stored, 0 failed\n", NAMES) == (ran.code, ran.out, names(emulator))


@pytest.mark.parametrize("encoding", ["windows-1252", "utf-16-le", "utf-16-be"])
def test_another_encoding_is_told_and_named(emulated: Any, emulator: Emulator, folder: Path, encoding: str) -> None:
    """What cannot be detected is refused with the option, and is read by it."""
    (folder / "sheet.csv").write_bytes(TEXT.format(";").encode(encoding))
    refused = emulated("products", "sync", "croissant", "sheet.csv")
    assert (True, True) == (refused.code != 0, "--encoding windows-1252" in refused.err)
    ran = emulated("products", "sync", "croissant", "sheet.csv", "--encoding", encoding)
    assert (0, NAMES) == (ran.code, names(emulator))


def test_bytes_that_are_none_of_the_encoding_are_told(emulated: Any, folder: Path) -> None:
    """A file of half a character."""
    (folder / "sheet.csv").write_bytes(TEXT.format(";").encode("utf-16") + b"\x01")
    ran = emulated("products", "sync", "croissant", "sheet.csv")
    assert (1, True) == (ran.code, "--encoding" in ran.err)


def test_an_unknown_encoding_is_a_usage_error(emulated: Any, emulator: Emulator) -> None:
    """Before anything is sent."""
    ran = emulated("products", "sync", "croissant", "products.csv", "--encoding", "klingon")
    assert (2, True, 0) == (ran.code, "unknown encoding" in ran.err, emulator.world.calls.total())


@pytest.mark.parametrize("file", ["twice.csv", "twice.jsonl"])
def test_an_id_that_occurs_twice_is_noticed_with_both_lines(
    emulated: Any, emulator: Emulator, folder: Path, file: str
) -> None:
    """The first is stored, and the other is not sent, since either could win."""
    rows = [("a", "first"), ("b", "other"), ("a", "second")]
    lines = [json.dumps({"id": each, "name": name}) for each, name in rows]
    if file.endswith(".csv"):
        lines = ["id;name", *(f"{each};{name}" for each, name in rows)]
    (folder / file).write_text("\n".join(lines) + "\n", encoding="utf-8")
    ran = emulated("products", "sync", "croissant", file, "--json")
    first = 2 if file.endswith(".csv") else 1
    [failure] = json.loads(ran.out)["failures"]
    assert (4, first + 2, "a") == (ran.code, failure["line"], failure["id"])
    assert f"the id is on line {first} already; not sent" == failure["problem"]
    assert "first" == emulator.state("croissant").products["a"]["name"]
