"""What the pyproject.toml of every compiled package says beside its document: `package.toml` among the documents."""

from __future__ import annotations

import tomllib
from pathlib import Path

import msgspec

FILE = "package.toml"


class Author(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An author of the packages."""

    name: str
    email: str = ""


class PackageSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The licence, as an SPDX expression, the authors and the addresses of the packages; empty if none are given."""

    license: str = ""
    authors: tuple[Author, ...] = ()
    urls: dict[str, str] = {}
    """The project's addresses by their labels, such as `Homepage`."""

    @classmethod
    def load(cls, documents: Path) -> PackageSettings:
        """Read the file among the documents; nothing is set if there is none.

        Raises ValueError if it says what a package cannot have.
        """
        path = documents / FILE
        try:
            return msgspec.convert(tomllib.loads(path.read_text("utf-8")), cls) if path.is_file() else cls()
        except (tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
            raise ValueError(f"{FILE}: {error}") from None
