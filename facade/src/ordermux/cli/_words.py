"""`ordermux status-map`: what each provider's words mean."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from typing import Annotated, Any

import attrs
import typer

from ._session import AXES, Session, command

_PROVIDERS = ("croissant", "zephyr", "crossmint", "cryptum")
_LETTERS = {"documented": "D", "implied": "I", "assumed": "A"}
_ANY_OTHER = "any other word"


@attrs.frozen
class Meaning:
    """What one word of a provider's means."""

    provider: str
    field: str
    word: str
    row: Any
    """Its row of the table; None for a word that the table does not have, which leaves `unknown`."""
    unknown: tuple[str, ...]
    page: str

    def fields(self) -> dict[str, Any]:
        """Return it for programs."""
        return {
            "provider": self.provider,
            "field": self.field,
            "word": self.word,
            **{axis: self.cell(axis) for axis in AXES},
            "cancel_reason": self.row.cancel_reason if self.row else None,
            "attention": list(self.row.attention) if self.row else ["unknown_raw"],
            "page": self.page,
        }

    def cell(self, axis: str) -> dict[str, Any] | None:
        """Return what it says on an axis, and on what basis; None for no claim."""
        if self.row is None:
            return {"value": "unknown", "basis": None} if axis in self.unknown else None
        claim = getattr(self.row, axis)
        return claim and {"value": claim.value, "basis": claim.basis}


def meanings(provider: str) -> Iterator[Meaning]:
    """Yield the rows of a provider's tables, events included."""
    from ..accounts import package
    from ..status import Row, Table

    package(provider, f"ordermux_{provider}")
    module = import_module(f"ordermux.providers.{provider}")
    public = {name: value for name, value in vars(module).items() if not name.startswith("_")}
    for table in (value for value in public.values() if isinstance(value, Table)):
        for word, row in table.rows.items():
            yield Meaning(provider, table.field, word, row, (), table.page)
        if table.axes:
            yield Meaning(provider, table.field, _ANY_OTHER, None, table.axes, table.page)
    for name, row in public.items():  # what two fields say together
        if isinstance(row, Row):
            yield Meaning(provider, "status cancelled, and", name.lower().replace("_", " "), row, (), module.PAGE)


def register(app: typer.Typer) -> None:
    """Add the command."""
    command(app, "status-map", "ordermux status-map", "ordermux status-map zephyr", "ordermux status-map --json")(show)


def show(
    session: Session,
    provider: Annotated[
        str | None, typer.Argument(metavar="PROVIDER", help=f"{', '.join(_PROVIDERS)}; all, where none is given.")
    ] = None,
) -> None:
    """Show what each word of a provider's says of an order, and how sure that is."""
    if provider not in {None, *_PROVIDERS}:
        raise typer.BadParameter(f"there is no provider {provider!r}; there are: {', '.join(_PROVIDERS)}")
    for each in [provider] if provider else _PROVIDERS:
        rows = list(meanings(each))
        if session.json:
            from ._say import write

            for meaning in rows:
                write(meaning.fields())
        else:
            _print(each, rows)
    if not session.json:
        from ._say import NOTHING, say

        say(f"D documented, I implied, A assumed; {NOTHING} no claim", style="dim")


def _print(provider: str, rows: list[Meaning]) -> None:
    from rich.text import Text

    from ._say import console, table, word

    made = table(provider, *AXES)
    field = ""
    for meaning in rows:
        if meaning.field != field:
            field = meaning.field
            made.add_row(Text(field, style="italic dim"))
        cells: dict[str, Text] = {}
        for axis in AXES:
            cell = meaning.cell(axis)
            cells[axis] = word(cell and cell["value"])
            if cell and cell["basis"]:
                cells[axis] += Text(f" {_LETTERS[cell['basis']]}", style="dim")
        if meaning.row and meaning.row.cancel_reason:
            cells["lifecycle"] += Text(f"\n{meaning.row.cancel_reason}", style="dim")
        if meaning.row and meaning.row.attention:
            cells["fulfillment"] += Text("\n! " + ", ".join(meaning.row.attention), style="yellow")
        made.add_row(Text(f" {meaning.word}", overflow="fold"), *cells.values())
    out = console()
    out.print(made)
    out.print()
