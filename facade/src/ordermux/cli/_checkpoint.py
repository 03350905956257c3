"""The progress of a product file, kept in a small file beside it."""

from __future__ import annotations

import contextlib
import hashlib
import json
from pathlib import Path
from typing import Any

import attrs

from ._exit import CliError

SUFFIX = ".ordermux-resume"


@attrs.define
class Checkpoint:
    """The rows of a file that have an outcome."""

    path: Path
    account: str
    digest: str
    row: int = 0
    """The first row without an outcome."""
    ahead: set[int] = attrs.field(factory=set[int])
    """Later rows that have an outcome."""
    stored: int = 0
    failed: int = 0

    @classmethod
    def begin(cls, file: Path, account: str) -> Checkpoint:
        """Return a checkpoint at the start of a file."""
        return cls(beside(file), account, digest_of(file))

    @classmethod
    def load(cls, file: Path, account: str) -> Checkpoint:
        """Return the saved checkpoint, or one at the start of the file if there is none.

        Raises CliError if it belongs to another account, or the file has changed since.
        """
        start = cls.begin(file, account)
        try:
            saved: dict[str, Any] = json.loads(start.path.read_bytes())
            checkpoint = attrs.evolve(
                start,
                row=int(saved["row"]),
                ahead={int(each) for each in saved["ahead"]},
                stored=int(saved["stored"]),
                failed=int(saved["failed"]),
            )
            account_and_digest = (saved["account"], saved["digest"])
        except FileNotFoundError:
            return start
        except (ValueError, LookupError, TypeError):
            raise CliError(
                f"{start.path}: not a valid checkpoint", "without --resume, the file is sent from its start"
            ) from None
        if account_and_digest[1] != start.digest:
            raise CliError(
                f"{file} has changed since {checkpoint.row} of its rows were sent",
                "restore the old file, or omit --resume to send it from its start",
            )
        if account_and_digest[0] != account:
            raise CliError(f"{start.path} is the checkpoint of account {account_and_digest[0]!r}, not of {account!r}")
        return checkpoint

    def done(self, row: int, *, stored: bool) -> None:
        """Record the outcome of a row."""
        self.ahead.add(row)
        while self.row in self.ahead:
            self.ahead.remove(self.row)
            self.row += 1
        self.stored += stored
        self.failed += not stored

    def has(self, row: int) -> bool:
        """Return whether a row has an outcome."""
        return row < self.row or row in self.ahead

    def save(self) -> None:
        """Save it atomically.

        Raises OSError.
        """
        content = {
            "account": self.account,
            "digest": self.digest,
            "row": self.row,
            "ahead": sorted(self.ahead),
            "stored": self.stored,
            "failed": self.failed,
        }
        beside = self.path.with_name(f"{self.path.name}.new")
        try:
            beside.write_text(json.dumps(content), encoding="utf-8")
            beside.replace(self.path)
        except OSError as error:
            raise OSError(
                error.errno, error.strerror, str(self.path)
            ) from None  # the error of a full disk has no file name

    def forget(self) -> None:
        """Remove the file once all rows are done. If that fails, it lists every row, and resuming sends nothing."""
        with contextlib.suppress(OSError):
            self.path.unlink(missing_ok=True)


def beside(file: Path) -> Path:
    """Return the path of a file's checkpoint."""
    return file.with_name(file.name + SUFFIX)


def digest_of(file: Path) -> str:
    """Return a digest of a file, all of it: a price that was changed in the middle is a change."""
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
