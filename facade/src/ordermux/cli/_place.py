"""How far a file of products was sent, kept in a small file beside it."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import attrs

from ._trouble import Plain

SUFFIX = ".ordermux-resume"
_ENDS = 1024 * 1024


@attrs.define
class Place:
    """Which rows of a file have an outcome."""

    path: Path
    account: str
    digest: str
    row: int = 0
    """The first that has none."""
    ahead: set[int] = attrs.field(factory=set[int])
    """Those after it that have one."""
    stored: int = 0
    failed: int = 0

    @classmethod
    def begin(cls, file: Path, account: str) -> Place:
        """Return the beginning of a file."""
        return cls(beside(file), account, digest_of(file))

    @classmethod
    def kept(cls, file: Path, account: str) -> Place:
        """Return the place that was kept, the beginning where none was.

        Raises Plain where it is of another account, or the file was changed since.
        """
        begun = cls.begin(file, account)
        try:
            told: dict[str, Any] = json.loads(begun.path.read_bytes())
            place = attrs.evolve(
                begun,
                row=int(told["row"]),
                ahead={int(each) for each in told["ahead"]},
                stored=int(told["stored"]),
                failed=int(told["failed"]),
            )
            known = (told["account"], told["digest"])
        except FileNotFoundError:
            return begun
        except (ValueError, LookupError, TypeError):
            raise Plain(
                f"{begun.path}: it holds no place", "without --resume the file is sent from its start"
            ) from None
        if known[1] != begun.digest:
            raise Plain(
                f"{file} was changed since {place.row} of its rows were sent",
                "put the old file back, or leave --resume out: it is then sent from its start",
            )
        if known[0] != account:
            raise Plain(f"{begun.path} is the place of account {known[0]!r}, not of {account!r}")
        return place

    def done(self, row: int, *, stored: bool) -> None:
        """Mark a row."""
        self.ahead.add(row)
        while self.row in self.ahead:
            self.ahead.remove(self.row)
            self.row += 1
        self.stored += stored
        self.failed += not stored

    def has(self, row: int) -> bool:
        """Tell whether a row has an outcome."""
        return row < self.row or row in self.ahead

    def save(self) -> None:
        """Keep it, whole or not at all."""
        told = {
            "account": self.account,
            "digest": self.digest,
            "row": self.row,
            "ahead": sorted(self.ahead),
            "stored": self.stored,
            "failed": self.failed,
        }
        beside = self.path.with_name(f"{self.path.name}.new")
        beside.write_text(json.dumps(told), encoding="utf-8")
        beside.replace(self.path)

    def forget(self) -> None:
        """Remove it: all is done."""
        self.path.unlink(missing_ok=True)


def beside(file: Path) -> Path:
    """Return where the place of a file is kept."""
    return file.with_name(file.name + SUFFIX)


def digest_of(file: Path) -> str:
    """Return a digest of a file's size, its first and its last MiB."""
    with file.open("rb") as stream:
        size = stream.seek(0, 2)
        digest = hashlib.sha256(b"%d." % size)
        stream.seek(0)
        digest.update(stream.read(_ENDS))
        stream.seek(max(0, size - _ENDS))
        digest.update(stream.read(_ENDS))
    return digest.hexdigest()
