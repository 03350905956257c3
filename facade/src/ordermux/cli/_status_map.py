"""`ordermux status-map`: the status that each raw value of a provider, or of a public vocabulary, stands for."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from typing import TYPE_CHECKING, Annotated, Any

import attrs
import typer

from ..status import AXES
from . import _complete
from ._command import command
from ._session import Session

if TYPE_CHECKING:
    from rich.console import Console

    from ..vocabularies import Vocabulary

_LETTERS = {"documented": "D", "implied": "I", "assumed": "A"}
_ANY_OTHER = "any other value"


@attrs.frozen
class Entry:
    """The status that one raw value of a provider or a vocabulary stands for."""

    provider: str
    field: str
    raw_value: str
    row: Any
    """Its `StatusMapping`; None for a raw value without one, whose status is `unknown`."""
    unknown: tuple[str, ...]
    page: str
    lost: str | None = None
    """What our status cannot say of the raw value of a vocabulary."""
    kind: str = "provider"
    """`provider` or `vocabulary`."""

    def fields(self) -> dict[str, Any]:
        """Return the fields for JSON."""
        return {
            self.kind: self.provider,
            "field": self.field,
            "raw_value": self.raw_value,
            **{axis: self.cell(axis) for axis in AXES},
            "cancel_reason": self.row.cancel_reason if self.row else None,
            "holds": self.holds("holds"),
            "ended_holds": self.holds("ended_holds"),
            "attention": list(self.row.attention) if self.row else ["unknown_raw"],
            "page": self.page,
            **({"lost": self.lost} if self.kind == "vocabulary" else {}),
        }

    def cell(self, axis: str) -> dict[str, Any] | None:
        """Return the value and the basis of an axis; None if it is not reported."""
        if self.row is None:
            return {"value": "unknown", "basis": None} if axis in self.unknown else None
        claim = getattr(self.row, axis)
        return claim and {"value": claim.value, "basis": claim.basis}

    def holds(self, name: str) -> list[dict[str, Any]]:
        """Return the value and the basis of each hold, or of each that is over (`ended_holds`)."""
        claims = getattr(self.row, name) if self.row else ()
        return [{"value": claim.value, "basis": claim.basis} for claim in claims]


def entries(provider: str) -> Iterator[Entry]:
    """Yield the entries of a provider's status maps, with those of its events."""
    from ..providers.registry import provider_named
    from ..status import StatusMap, StatusMapping

    module = import_module(provider_named(provider).adapter.__module__)
    public = {name: value for name, value in vars(module).items() if not name.startswith("_")}
    for table in (value for value in public.values() if isinstance(value, StatusMap)):
        for raw_value, row in table.rows.items():
            yield Entry(provider, table.field, raw_value, row, (), table.page)
        if table.axes:
            yield Entry(provider, table.field, _ANY_OTHER, None, table.axes, table.page)
    for name, row in public.items():  # the status of two fields together
        if isinstance(row, StatusMapping):
            yield Entry(
                provider, "status cancelled, and", name.lower().replace("_", " "), row, (), getattr(module, "PAGE", "")
            )


def vocabulary_entries(name: str) -> Iterator[Entry]:
    """Yield the entries of a vocabulary."""
    from ..vocabularies import vocabulary

    for field in vocabulary(name).fields.values():
        for word in field.words.values():
            yield Entry(name, field.name, word.raw_value, word.mapping, (), field.page, word.lost, "vocabulary")


def side_by_side() -> Iterator[tuple[str, str, dict[str, list[str]]]]:
    """Yield each status value with its part, and the words for it by vocabulary; a word that says more ends in `+`."""
    from .. import status
    from ..vocabularies import PARTS, names, vocabulary

    kinds = (status.Lifecycle, status.Payment, status.Fulfillment, status.CancelReason, status.Hold)
    for part, kind in zip(PARTS, kinds, strict=True):
        for value in kind:
            if value not in {"unspecified", "unknown"} or kind is status.Hold:
                yield part, value, {name: _words(vocabulary(name), part, value) for name in names()}


def _words(vocabulary: Vocabulary, part: str, value: str) -> list[str]:
    """Return the words of a vocabulary for a status value, each once, those that say no more first."""
    words = [word for field in vocabulary.fields.values() for word in field.words.values()]
    said = [word for word in words if (part, value) in word.says]
    exact = list(dict.fromkeys(word.raw_value for word in said if not word.lost))
    more = dict.fromkeys(word.raw_value for word in said if word.lost and word.raw_value not in exact)
    return [*exact, *(f"{word}+" for word in more)]


def register(app: typer.Typer) -> None:
    """Add the command."""
    examples = ("status-map", "status-map zephyr", "status-map --json", "status-map --vocabulary shopify")
    command(app, "status-map", *(f"ordermux {example}" for example in examples))(show)


def show(
    session: Session,
    provider: Annotated[
        str | None,
        typer.Argument(
            metavar="PROVIDER",
            help="A provider, such as zephyr (default: all).",
            autocompletion=_complete.provider_names,
        ),
    ] = None,
    vocabulary: Annotated[
        str | None,
        typer.Option(
            metavar="NAME", help="Instead, a public vocabulary, such as shopify; all shows them side by side."
        ),
    ] = None,
) -> None:
    """Show the status that each raw value of a provider or a public vocabulary stands for, and its basis."""
    if provider is not None and vocabulary is not None:
        raise typer.BadParameter("give a provider or a vocabulary, not both")
    if vocabulary == "all" and not session.json:
        _print_side_by_side()
        return
    tables = _providers(session, provider) if vocabulary is None else _vocabularies(vocabulary)
    for each, rows in tables.items():
        if session.json:
            from ._output import write

            for entry in rows:
                write(entry.fields())
        else:
            _print(each, rows)
    if not session.json:
        from ._output import NOTHING, say

        say(f"D documented, I implied, A assumed; {NOTHING} not reported", style="dim")


def _providers(session: Session, provider: str | None) -> dict[str, list[Entry]]:
    from ..errors import UnknownProvider
    from ..providers.registry import provider_named, usable

    if provider is None:
        found, failed = usable(lambda each: list(entries(each.name)))
        session.note_failed(failed.values())
        return found
    try:
        return {provider: list(entries(provider_named(provider).name))}
    except UnknownProvider as error:
        raise typer.BadParameter(str(error)) from None


def _vocabularies(name: str) -> dict[str, list[Entry]]:
    from ..vocabularies import names

    if name not in {"all", *names()}:
        raise typer.BadParameter(f"no vocabulary {name!r}; there are {', '.join(names())}, and all")
    return {each: list(vocabulary_entries(each)) for each in (names() if name == "all" else [name])}


def _print_side_by_side() -> None:
    from rich.text import Text

    from ._output import NOTHING, console, say, status_text, table

    made = table("status value", "vocabulary", "words", whole=2)
    last = ""
    for part, value, words in side_by_side():
        if part != last:
            last = part
            made.add_row(Text(part.replace("_", " "), style="italic dim"))
        said = [(name, ", ".join(each)) for name, each in words.items() if each] or [(NOTHING, NOTHING)]
        for place, (name, each) in enumerate(said):
            first = Text(" ") + status_text(value) if place == 0 else Text()
            made.add_row(first, Text(name, style="dim"), Text(each, overflow="fold"))
    console().print(made)
    say(f"+ says more than the status value; {NOTHING} no word", style="dim")


def _print(provider: str, rows: list[Entry]) -> None:
    from rich.text import Text

    from ._columns import NARROW
    from ._output import console, status_text, table

    out = console()
    if out.width < NARROW:
        _print_narrow(out, provider, rows)
        return
    has_lost = any(entry.lost for entry in rows)
    made = table(provider, *AXES, *(["lost"] if has_lost else []))
    field = ""
    for entry in rows:
        if entry.field != field:
            field = entry.field
            made.add_row(Text(field, style="italic dim"))
        cells: dict[str, Text] = {}
        for axis in AXES:
            cell = entry.cell(axis)
            cells[axis] = status_text(cell and cell["value"])
            if cell and cell["basis"]:
                cells[axis] += Text(f" {_LETTERS[cell['basis']]}", style="dim")
        if entry.row and entry.row.cancel_reason:
            cells["lifecycle"] += Text(f"\n{entry.row.cancel_reason}", style="dim")
        for heading, name in (("hold", "holds"), ("ends hold", "ended_holds")):
            for hold in entry.holds(name):
                cells["lifecycle"] += Text(f"\n{heading} {hold['value']}", style="yellow")
                cells["lifecycle"] += Text(f" {_LETTERS[hold['basis']]}", style="dim")
        if entry.row and entry.row.attention:
            cells["fulfillment"] += Text("\n! " + ", ".join(entry.row.attention), style="yellow")
        lost = [Text(entry.lost or "", style="dim", overflow="fold")] if has_lost else []
        made.add_row(Text(f" {entry.raw_value or repr('')}", overflow="fold"), *cells.values(), *lost)
    out.print(made)
    out.print()


def _print_narrow(out: Console, provider: str, rows: list[Entry]) -> None:
    """Print each raw value with what it stands for below it, where there is no room for a table."""
    from ._columns import print_records
    from ._output import say

    say(provider, style="bold underline")
    field = ""
    for entry in rows:
        if entry.field != field:
            field = entry.field
            say(field, style="italic dim")
        facts = {axis: _worded(cell) for axis in AXES if (cell := entry.cell(axis))}
        if entry.row and entry.row.cancel_reason:
            facts["reason"] = str(entry.row.cancel_reason)
        for heading, name in (("hold", "holds"), ("ends hold", "ended_holds")):
            facts |= {f"{heading}": _worded(hold) for hold in entry.holds(name)}
        if entry.row and entry.row.attention:
            facts["attention"] = ", ".join(entry.row.attention)
        facts |= {"lost:": entry.lost} if entry.lost else {}
        row = [(f" {entry.raw_value or repr('')}", ""), *((text, "") for text in facts.values())]
        print_records(out, list(facts), [row])
    out.print()


def _worded(claim: dict[str, Any]) -> str:
    """Return a value with the letter of its basis."""
    return f"{claim['value']} {_LETTERS[claim['basis']]}" if claim["basis"] else claim["value"]
