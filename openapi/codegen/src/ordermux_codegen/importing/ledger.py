"""What an import weakens, leaves out, makes up, and leaves to people."""

from __future__ import annotations

import attrs

from .nodes import MARK, pointer


@attrs.frozen(order=True)
class Entry:
    """One place of the published document, and what was done there."""

    place: str
    """A JSON pointer, with the file in front where it is not the document itself."""
    what: str
    why: str


@attrs.frozen
class Ledger:
    """Collects the entries; one that is told twice counts once."""

    _losses: dict[Entry, None] = attrs.field(factory=dict[Entry, None], init=False)
    _work: dict[Entry, None] = attrs.field(factory=dict[Entry, None], init=False)

    @property
    def losses(self) -> list[Entry]:
        """What the document says and the result does not, by place."""
        return sorted(self._losses)

    @property
    def work(self) -> list[Entry]:
        """What only a person can do, by place."""
        return sorted(self._work)

    def lose(self, at: str, what: str, why: str) -> None:
        """Say that something of the published document is weaker, or gone."""
        self._losses[Entry(place(at), what, why)] = None

    def ask(self, at: str, what: str, why: str) -> None:
        """Say that something is left to people."""
        self._work[Entry(place(at), what, why)] = None


def place(at: str) -> str:
    """Return the place in the published document that an address, or what was made of it, comes from."""
    base, _, mark = at.partition(MARK)
    return pointer(base) or ("every error" if mark.startswith("error") else "/")
