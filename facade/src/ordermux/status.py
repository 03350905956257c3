"""An order's status: three claims, each of which a provider may or may not make.

None means that the provider makes no claim on the axis; `unknown` means that it said a word that we do not know.
Each provider's table, from its words to ours, stands in its module below `providers`.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from typing import Any, Generic, TypeVar

import attrs

V = TypeVar("V", bound=enum.StrEnum)


class Lifecycle(enum.StrEnum):
    """Whether the order is still under way."""

    PENDING = "pending"
    """Placed, and not certain yet."""
    OPEN = "open"
    """Certain, and under way."""
    COMPLETED = "completed"
    """Everything was done."""
    CANCELLED = "cancelled"
    """It will not be carried out; `cancel_reason` may say why."""
    UNKNOWN = "unknown"
    """The provider said a word that we do not know."""


class Payment(enum.StrEnum):
    """Where the money is."""

    PENDING = "pending"
    """Nothing was paid yet."""
    PROCESSING = "processing"
    """A payment is under way."""
    AUTHORIZED = "authorized"
    """The money is reserved. No provider's table yields it yet."""
    PAID = "paid"
    """The money was taken."""
    PARTIALLY_REFUNDED = "partially_refunded"
    """A part of it was given back."""
    REFUNDED = "refunded"
    """All of it was given back."""
    VOIDED = "voided"
    """The payment was called off before the money was taken."""
    FAILED = "failed"
    """The payment failed."""
    UNKNOWN = "unknown"
    """The provider said a word that we do not know."""


class Fulfillment(enum.StrEnum):
    """Where the goods are."""

    UNFULFILLED = "unfulfilled"
    """Nothing was sent."""
    IN_PROGRESS = "in_progress"
    """The merchant is at work on it."""
    PARTIALLY_FULFILLED = "partially_fulfilled"
    """A part was sent. No provider's table yields it yet."""
    FULFILLED = "fulfilled"
    """Everything was sent or handed over."""
    DELIVERED = "delivered"
    """Everything arrived."""
    FAILED = "failed"
    """The goods did not get there."""
    RETURNED = "returned"
    """The goods came back. No provider's table yields it yet."""
    UNKNOWN = "unknown"
    """The provider said a word that we do not know."""


class CancelReason(enum.StrEnum):
    """Why an order was cancelled."""

    PAYMENT_FAILED = "payment_failed"
    """Its payment failed."""
    DELIVERY_FAILED = "delivery_failed"
    """Its delivery failed."""
    REQUESTED = "requested"
    """Somebody asked for it."""
    UNSPECIFIED = "unspecified"
    """The provider does not say."""


class Attention(enum.StrEnum):
    """What a person should look at."""

    UNKNOWN_RAW = "unknown_raw"
    """The provider said a word that we do not know."""
    REFUND_EXPECTED = "refund_expected"
    """The order was paid and will not be delivered."""
    AXIS_CONFLICT = "axis_conflict"
    """Two claims contradict each other, such as cancelled and delivered: neither is a fact until somebody looks."""
    PAID_AFTER_CANCEL = "paid_after_cancel"
    """The order was cancelled, and yet it is paid."""
    SNAPSHOT_REGRESSED = "snapshot_regressed"
    """A read says less than what was known before."""
    EVENT_IDENTITY_CONFLICT = "event_identity_conflict"
    """Two events bear one id and are not the same."""


class Basis(enum.StrEnum):
    """How sure a cell of a table is."""

    DOCUMENTED = "documented"
    """The provider's page says so."""
    IMPLIED = "implied"
    """It follows from what the page says."""
    ASSUMED = "assumed"
    """Nobody says so; it is likely."""


@attrs.frozen
class Claim(Generic[V]):
    """One cell of a table: our word, and how sure it is."""

    value: V
    basis: Basis


def documented(value: V) -> Claim[V]:
    """Return a cell that the provider's page states."""
    return Claim(value, Basis.DOCUMENTED)


def implied(value: V) -> Claim[V]:
    """Return a cell that follows from the provider's page."""
    return Claim(value, Basis.IMPLIED)


def assumed(value: V) -> Claim[V]:
    """Return a cell that is only likely."""
    return Claim(value, Basis.ASSUMED)


@attrs.frozen(kw_only=True)
class Row:
    """What one of the provider's words says of an order; None where it makes no claim."""

    lifecycle: Claim[Lifecycle] | None = None
    payment: Claim[Payment] | None = None
    fulfillment: Claim[Fulfillment] | None = None
    cancel_reason: CancelReason | None = None
    attention: tuple[Attention, ...] = ()

    @property
    def cells(self) -> dict[str, Claim[Any]]:
        """The claims that it makes, by axis."""
        cells = {"lifecycle": self.lifecycle, "payment": self.payment, "fulfillment": self.fulfillment}
        return {axis: cell for axis, cell in cells.items() if cell}


@attrs.frozen
class Evidence:
    """Which of the provider's words set an axis."""

    axis: str
    value: str
    field: str
    """Where the word stands in the provider's order."""
    word: str
    """The provider's word."""
    basis: Basis | None
    """How sure it is; None for a word that we do not know."""

    def __str__(self) -> str:
        """Return one line."""
        return f"{self.axis} is {self.value}: {self.field} says {self.word!r} ({self.basis or 'not in our table'})"


@attrs.frozen(kw_only=True)
class Status:
    """The three claims, why it was cancelled, what needs attention, and where each claim comes from."""

    lifecycle: Lifecycle | None = None
    payment: Payment | None = None
    fulfillment: Fulfillment | None = None
    cancel_reason: CancelReason | None = None
    attention: tuple[Attention, ...] = ()
    evidence: tuple[Evidence, ...] = ()

    def over(self, weaker: Status) -> Status:
        """Return both together; on an axis where both make a claim, this one's stands."""
        if self is NO_CLAIM:
            return weaker
        mine = {entry.axis for entry in self.evidence}
        return Status(
            lifecycle=self.lifecycle or weaker.lifecycle,
            payment=self.payment or weaker.payment,
            fulfillment=self.fulfillment or weaker.fulfillment,
            cancel_reason=self.cancel_reason or weaker.cancel_reason,
            attention=tuple(dict.fromkeys((*self.attention, *weaker.attention))),
            evidence=(*self.evidence, *(entry for entry in weaker.evidence if entry.axis not in mine)),
        )


NO_CLAIM = Status()


@attrs.frozen(kw_only=True)
class Table:
    """One field's words, theirs to ours."""

    page: str
    """The address of the page that the rows rest on."""
    field: str
    axes: tuple[str, ...]
    """The axes that an unknown word leaves unknown."""
    rows: Mapping[str, Row]
    _told: dict[str, Status] = attrs.field(factory=dict[str, "Status"], init=False, eq=False, repr=False)
    """What the rows say, once it was asked for."""

    @property
    def yields(self) -> dict[str, frozenset[str]]:
        """What can come of it, by axis."""
        found: dict[str, set[str]] = {axis: {"unknown"} for axis in self.axes}
        for row in self.rows.values():
            for axis, cell in row.cells.items():
                found.setdefault(axis, set()).add(cell.value)
        return {axis: frozenset(values) for axis, values in found.items()}

    def words(self, wanted: Mapping[str, str]) -> list[str]:
        """Return the words whose rows make all the claims wanted, by axis."""
        told = {word: {axis: cell.value for axis, cell in row.cells.items()} for word, row in self.rows.items()}
        return [word for word, claims in told.items() if wanted.items() <= claims.items()]

    def read(self, word: str | None) -> Status:
        """Return what a word says; None, a word that is not there, says nothing. It never raises."""
        if word is None:
            return NO_CLAIM
        told = self._told.get(word)
        if told is None:
            if word not in self.rows:
                return self.unknown(word)
            told = self._told[word] = self.status(word, self.rows[word])
        return told

    def status(self, word: str, row: Row) -> Status:
        """Return what a row says, with `word` as its evidence."""
        return Status(
            lifecycle=row.lifecycle.value if row.lifecycle else None,
            payment=row.payment.value if row.payment else None,
            fulfillment=row.fulfillment.value if row.fulfillment else None,
            cancel_reason=row.cancel_reason,
            attention=row.attention,
            evidence=tuple(
                Evidence(axis, cell.value, self.field, word, cell.basis) for axis, cell in row.cells.items()
            ),
        )

    def unknown(self, word: str) -> Status:
        """Return what a word says that is not in the table, or a field that is there and holds no word: unknown."""
        return Status(
            lifecycle=Lifecycle.UNKNOWN if "lifecycle" in self.axes else None,
            payment=Payment.UNKNOWN if "payment" in self.axes else None,
            fulfillment=Fulfillment.UNKNOWN if "fulfillment" in self.axes else None,
            attention=(Attention.UNKNOWN_RAW,),
            evidence=tuple(Evidence(axis, "unknown", self.field, word, None) for axis in self.axes),
        )
