"""The status vocabularies of public standards and shop systems, as data: what each raw value means in our status.

Each is a TOML file beside this module, and is read at its first use. A word is mapped, or `lost` says what our status
cannot say of it. The other way round, `Status.to` returns the words for a status and what they cannot say.
"""

from __future__ import annotations

import functools
import tomllib
from collections.abc import Iterator, Mapping
from importlib import resources
from typing import Any

import attrs

from ..errors import InvalidArgument
from ..serialization import JsonReady
from ..status import (
    AXES,
    Basis,
    CancelReason,
    Claim,
    Fulfillment,
    Hold,
    Lifecycle,
    Payment,
    Status,
    StatusMap,
    StatusMapping,
)
from ..status_merge import merge_fields

PARTS = (*AXES, "cancel_reason", "hold")
"""The parts of a status that a word can say."""
_IMPLIED = {
    ("fulfillment", "delivered"): "fulfilled",
    ("fulfillment", "returned"): "partially_returned",
    ("payment", "overpaid"): "paid",
}
"""Values that imply a less precise one, for vocabularies without a word for them."""
_WEIGHTS = {"hold": 8}
"""A field with one word for all says first what an order waits for; any other part weighs 2."""
_SUFFIX = ".toml"


@attrs.frozen(slots=False)  # help() of Python 3.13 fails at what attrs makes of a cached property in slots
class Word:
    """A raw value of a vocabulary, and its meaning."""

    raw_value: str
    mapping: StatusMapping
    """The status that it stands for; it reports nothing if the word cannot be mapped."""
    lost: str | None = None
    """What our status cannot say of the word; None if nothing."""
    any_hold: bool = False
    """Whether it stands for each kind of hold, such as `OrderProblem`."""

    @property
    def mapped(self) -> bool:
        """Whether it stands for a status."""
        return self.mapping != StatusMapping()

    @functools.cached_property
    def says(self) -> frozenset[tuple[str, str]]:
        """The parts of a status that it says, with their values. An unspecified cancel reason is none."""
        said = {(axis, str(claim.value)) for axis, claim in self.mapping.claims.items()}
        said |= {("hold", str(claim.value)) for claim in self.mapping.holds}
        if self.mapping.cancel_reason not in {None, CancelReason.UNSPECIFIED}:
            said.add(("cancel_reason", str(self.mapping.cancel_reason)))
        return frozenset(said)


@attrs.frozen(slots=False)  # help() of Python 3.13 fails at what attrs makes of a cached property in slots
class Field:
    """A field of a vocabulary, and its raw values."""

    name: str
    """Its path from the order, such as `order.line_items[].status`."""
    of: str
    """Whose status it is: an order's, or that of a part such as a line. The mapping of a part's word is the order's
    status if all parts say so; one is enough for a hold, and for a value that begins with `partially`."""
    page: str
    """The address of the page that documents the raw values."""
    words: Mapping[str, Word] = attrs.field(hash=False)
    """By raw value; of two that say the same, `translate` takes the first."""

    @functools.cached_property
    def status_map(self) -> StatusMap:
        """The status map of the field, for an adapter."""
        rows = {raw: word.mapping for raw, word in self.words.items()}
        axes = tuple(axis for axis in AXES if any(axis in row.claims for row in rows.values()))
        return StatusMap(page=self.page, field=self.name, axes=axes, rows=rows)


@attrs.frozen
class Lost(JsonReady):
    """A part of a status that the words of a vocabulary do not say, or not precisely."""

    part: str
    """`lifecycle`, `payment`, `fulfillment`, `cancel_reason` or `hold`."""
    value: str
    reason: str

    def __str__(self) -> str:
        """Return one line."""
        return f"{self.part} {self.value}: {self.reason}"


@attrs.frozen(kw_only=True)
class Translation(JsonReady):
    """A status in the words of another vocabulary."""

    vocabulary: str
    words: Mapping[str, str] = attrs.field(hash=False)
    """The raw values by field, such as `{"displayFinancialStatus": "PAID"}`. The word of a part, such as a line, is
    that of all of them."""
    lost: tuple[Lost, ...] = ()
    """What the words do not say, with the reason for each."""


@attrs.frozen(kw_only=True)
class Vocabulary:
    """The status words of one public standard or shop system."""

    name: str
    """Its name here, such as `schema.org`."""
    title: str
    fields: Mapping[str, Field] = attrs.field(hash=False, repr=False)
    unsaid: Mapping[str, str] = attrs.field(hash=False, repr=False)
    """Why it has no word for a value, by part (`payment`) or value (`fulfillment.returned`)."""

    def map(self, field: str) -> StatusMap:
        """Return the status map of a field, such as `displayFinancialStatus`.

        Raises InvalidArgument if the vocabulary does not have the field.
        """
        if field not in self.fields:
            raise InvalidArgument(f"{self.name} has no field {field!r}; it has {', '.join(self.fields)}")
        return self.fields[field].status_map

    def read(self, words: Mapping[str, str | None]) -> Status:
        """Return the status that raw values, by field, stand for together; the furthest along wins on each axis.

        Raises InvalidArgument if the vocabulary does not have a field.
        """
        maps = {field: self.map(field) for field in words}
        return merge_fields([maps[field].lookup(words[field]) for field in self.fields if field in maps])

    def translate(self, status: Status) -> Translation:
        """Return the raw values that say a status.

        No word is taken that says anything else: each field has the word that says most of the status, or none.
        """
        parts = _parts(status)
        chosen = {name: word for name, field in self.fields.items() if (word := _best(field, status, parts))}
        said = frozenset[tuple[str, str]]().union(*(word.says for word in chosen.values()))
        return Translation(
            vocabulary=self.name,
            words={name: word.raw_value for name, word in chosen.items()},
            lost=tuple(Lost(*part, self._reason(part, status, chosen, said)) for part in parts if part not in said),
        )

    def words_for(self, part: str, value: str) -> Iterator[tuple[Field, Word]]:
        """Yield the words that say a value and no more than our status does, with their fields."""
        for field in self.fields.values():
            for word in field.words.values():
                if word.lost is None and (part, value) in word.says:
                    yield field, word

    def _reason(
        self, part: tuple[str, str], status: Status, chosen: Mapping[str, Word], said: frozenset[tuple[str, str]]
    ) -> str:
        """Return why a part of a status is not said."""
        axis, value = part
        if value == "unknown" and axis != "hold":
            return "it is not known here either"
        nearest = _IMPLIED.get(part)
        if nearest and (axis, nearest) in said:
            return f"said as {nearest}"
        for name, word in chosen.items():
            if axis == "hold" and word.any_hold:
                return f"{name} {word.raw_value!r} does not say which"
        words = [*self.words_for(axis, value)]
        for field, word in words:
            if _weight(word, status, _parts(status)):
                return f"{field.name} says {chosen[field.name].raw_value!r} instead of {word.raw_value!r}"
        for field, word in words:
            more = ", ".join(" ".join(each) for each in sorted(word.says - {*_parts(status)}))
            return f"{field.name} {word.raw_value!r} says more: {more}"
        return self.unsaid.get(f"{axis}.{value}") or self.unsaid.get(axis) or "it has no word for it"


def _parts(status: Status) -> list[tuple[str, str]]:
    """Return the parts of a status that a word could say, with their values."""
    axes = [(axis, getattr(status, axis)) for axis in AXES]
    parts = [(axis, str(value)) for axis, value in axes if value is not None]
    if status.cancel_reason not in {None, CancelReason.UNSPECIFIED}:
        parts.append(("cancel_reason", str(status.cancel_reason)))
    return [*parts, *(("hold", str(hold)) for hold in status.holds)]


def _best(field: Field, status: Status, parts: list[tuple[str, str]]) -> Word | None:
    """Return the word of a field that says most of a status, the first of equals."""
    best, most = None, 0
    for word in field.words.values():
        weight = _weight(word, status, parts) if word.lost is None else 0
        if weight > most:
            best, most = word, weight
    return best


def _weight(word: Word, status: Status, parts: list[tuple[str, str]]) -> int:
    """Return how much of a status a word says, 0 if it says anything else."""
    weight = 0
    for axis, value in word.says:
        if (axis, value) in parts:
            weight += _WEIGHTS.get(axis, 2)
        elif any(_IMPLIED.get(part) == value and part[0] == axis for part in parts) or (
            axis == "hold" and word.any_hold and status.holds
        ):
            weight += 1
        else:
            return 0
    return weight


def names() -> list[str]:
    """Return the names of the vocabularies, such as `schema.org`."""
    files = (each.name for each in resources.files(__name__).iterdir())
    return sorted(name.removesuffix(_SUFFIX) for name in files if name.endswith(_SUFFIX))


@functools.cache
def vocabulary(name: str) -> Vocabulary:
    """Return a vocabulary by its name, such as `shopify`.

    Raises InvalidArgument for a name that is not among `names()`.
    """
    if name not in names():
        raise InvalidArgument(f"no vocabulary {name!r}; there are {', '.join(names())}")
    table = tomllib.loads((resources.files(__name__) / f"{name}{_SUFFIX}").read_text("utf-8"))
    return Vocabulary(
        name=name,
        title=table["title"],
        fields={field: _field(field, facts) for field, facts in table["fields"].items()},
        unsaid=table["unsaid"],
    )


def _field(name: str, facts: Mapping[str, Any]) -> Field:
    words = {
        raw: Word(raw, _mapping(entry), entry.get("lost"), entry.get("any_hold", False))
        for raw, entry in facts["words"].items()
    }
    return Field(name, facts.get("of", "order"), facts["page"], words)


def _mapping(entry: Mapping[str, Any]) -> StatusMapping:
    """Return the status mapping of a word, whose claims the table has by their basis."""
    by_part = {
        part: [(value, basis) for value in ([said] if isinstance(said, str) else said)]
        for basis in Basis
        for part, said in entry.get(basis, {}).items()
    }

    def claim(part: str, kind: Any) -> Claim[Any] | None:
        return Claim(kind(by_part[part][0][0]), by_part[part][0][1]) if part in by_part else None

    def holds(part: str) -> tuple[Claim[Hold], ...]:
        return tuple(Claim(Hold(value), basis) for value, basis in by_part.get(part, ()))

    reason = claim("cancel_reason", CancelReason)  # has no basis of its own
    return StatusMapping(
        lifecycle=claim("lifecycle", Lifecycle),
        payment=claim("payment", Payment),
        fulfillment=claim("fulfillment", Fulfillment),
        cancel_reason=reason.value if reason else None,
        holds=holds("hold"),
        ended_holds=holds("ends"),
    )
