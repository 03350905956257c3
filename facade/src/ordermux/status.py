"""An order's status: lifecycle, payment and fulfillment, each of which a provider may or may not report, and holds.

None means that the provider does not report it; `unknown` means that its raw value is not in our status map. Each
provider's status map is in its module below `providers`; those of public standards and shop systems are in
`vocabularies`.
"""

from __future__ import annotations

import enum
from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Any, Generic, Literal, TypeAlias, TypeVar

import attrs

from .serialization import JsonReady

if TYPE_CHECKING:
    from .vocabularies import Translation

AXES = ("lifecycle", "payment", "fulfillment")
"""The parts of a status."""

V = TypeVar("V", bound=enum.StrEnum)


class Lifecycle(enum.StrEnum):
    """How far an order is."""

    PENDING = "pending"
    """Placed, but not confirmed yet."""
    OPEN = "open"
    """Confirmed, and in progress."""
    COMPLETED = "completed"
    """Nothing is left to do."""
    CANCELLED = "cancelled"
    """Cancelled; `cancel_reason` may say why."""
    UNKNOWN = "unknown"
    """The provider's raw value is not in our status map."""


class Payment(enum.StrEnum):
    """The state of an order's payment."""

    PENDING = "pending"
    """Nothing has been paid yet."""
    PROCESSING = "processing"
    """A payment is in progress."""
    AUTHORIZED = "authorized"
    """The money is reserved, and not captured."""
    PARTIALLY_PAID = "partially_paid"
    """Part of the money was captured; the rest is due."""
    PAID = "paid"
    """The money was captured."""
    OVERPAID = "overpaid"
    """More money was captured than the order costs."""
    PARTIALLY_REFUNDED = "partially_refunded"
    """Part of the money was refunded."""
    REFUNDED = "refunded"
    """All of the money was refunded."""
    VOIDED = "voided"
    """The payment was cancelled before the money was captured."""
    EXPIRED = "expired"
    """The time for capturing the money ended before it was captured."""
    FAILED = "failed"
    """The payment failed."""
    UNKNOWN = "unknown"
    """The provider's raw value is not in our status map."""


class Fulfillment(enum.StrEnum):
    """The state of an order's delivery."""

    UNFULFILLED = "unfulfilled"
    """Nothing was shipped."""
    IN_PROGRESS = "in_progress"
    """The merchant is preparing or shipping the order."""
    PARTIALLY_FULFILLED = "partially_fulfilled"
    """Part of the order was shipped or handed over."""
    FULFILLED = "fulfilled"
    """Everything was shipped or handed over."""
    DELIVERED = "delivered"
    """Everything arrived."""
    FAILED = "failed"
    """The delivery failed."""
    PARTIALLY_RETURNED = "partially_returned"
    """Part of the goods was returned."""
    RETURNED = "returned"
    """The goods were returned."""
    UNKNOWN = "unknown"
    """The provider's raw value is not in our status map."""


LifecycleValue: TypeAlias = Literal["pending", "open", "completed", "cancelled", "unknown"]
PaymentValue: TypeAlias = Literal[
    "pending",
    "processing",
    "authorized",
    "partially_paid",
    "paid",
    "overpaid",
    "partially_refunded",
    "refunded",
    "voided",
    "expired",
    "failed",
    "unknown",
]
FulfillmentValue: TypeAlias = Literal[
    "unfulfilled",
    "in_progress",
    "partially_fulfilled",
    "fulfilled",
    "delivered",
    "failed",
    "partially_returned",
    "returned",
    "unknown",
]


class CancelReason(enum.StrEnum):
    """Why an order was cancelled."""

    PAYMENT_FAILED = "payment_failed"
    """Its payment failed."""
    DELIVERY_FAILED = "delivery_failed"
    """Its delivery failed."""
    EXPIRED = "expired"
    """It was not completed or paid in time."""
    OUT_OF_STOCK = "out_of_stock"
    """Goods were not in stock."""
    FRAUD = "fraud"
    """It was fraudulent."""
    REQUESTED = "requested"
    """Somebody requested it."""
    UNSPECIFIED = "unspecified"
    """The provider does not say."""


class Hold(enum.StrEnum):
    """Whom or what an order waits for, beside its lifecycle, payment and fulfillment status.

    It is not a card's authorization, which is `Payment.AUTHORIZED`.
    """

    PAYMENT_ACTION = "payment_action"
    """The customer must act to pay, such as authenticate."""
    REVIEW = "review"
    """Somebody must review it, such as for fraud."""
    STOCK = "stock"
    """Goods are not in stock."""
    DISPUTE = "dispute"
    """The customer disputes the payment."""
    MERCHANT = "merchant"
    """The merchant must act, such as approve it."""
    UNKNOWN = "unknown"
    """It is held; the provider does not say why."""


class Attention(enum.StrEnum):
    """A reason for a person to look at an order."""

    UNKNOWN_RAW = "unknown_raw"
    """The provider's raw value is not in our status map."""
    REFUND_EXPECTED = "refund_expected"
    """The order was paid and will not be delivered."""
    AXIS_CONFLICT = "axis_conflict"
    """Two parts of the status contradict each other, such as cancelled and delivered. Rely on neither until somebody
    has looked."""
    PAID_AFTER_CANCEL = "paid_after_cancel"
    """The order was cancelled, but it is paid."""
    SNAPSHOT_REGRESSED = "snapshot_regressed"
    """A read reports an earlier state than the one that was known."""
    EVENT_IDENTITY_CONFLICT = "event_identity_conflict"
    """Two events have the same id and different content."""
    LEDGER_CONFLICT = "ledger_conflict"
    """The ledger contradicts itself or the provider's own status, such as refunds above what was captured. The evidence
    has what each says."""
    UNREADABLE = "unreadable"
    """A required field of the order deviates from the provider's document. The fields that cannot be read are None or
    `unknown`. `order.deviations` lists them, and `order.raw` is the whole order. No list filter hides such an order."""


class Basis(enum.StrEnum):
    """How well a mapping of the status map is sourced."""

    DOCUMENTED = "documented"
    """The provider's page states it."""
    IMPLIED = "implied"
    """It follows from what the page says."""
    ASSUMED = "assumed"
    """No page states it; it is likely."""


@attrs.frozen
class Claim(Generic[V]):
    """One of our status values, and its basis."""

    value: V
    basis: Basis


def documented(value: V) -> Claim[V]:
    """Return a claim that the provider's page states."""
    return Claim(value, Basis.DOCUMENTED)


def implied(value: V) -> Claim[V]:
    """Return a claim that follows from the provider's page."""
    return Claim(value, Basis.IMPLIED)


def assumed(value: V) -> Claim[V]:
    """Return a claim that is only likely."""
    return Claim(value, Basis.ASSUMED)


@attrs.frozen(kw_only=True)
class StatusMapping:
    """The status that one raw value stands for; None for a part that it does not report."""

    lifecycle: Claim[Lifecycle] | None = None
    payment: Claim[Payment] | None = None
    fulfillment: Claim[Fulfillment] | None = None
    cancel_reason: CancelReason | None = None
    attention: tuple[Attention, ...] = ()
    holds: tuple[Claim[Hold], ...] = ()
    """The holds that it reports."""
    ended_holds: tuple[Claim[Hold], ...] = ()
    """The holds that it reports to be over."""

    @property
    def claims(self) -> dict[str, Claim[Any]]:
        """The claims, by axis (`lifecycle`, `payment`, `fulfillment`)."""
        claims = {"lifecycle": self.lifecycle, "payment": self.payment, "fulfillment": self.fulfillment}
        return {axis: claim for axis, claim in claims.items() if claim}


@attrs.frozen
class Evidence(JsonReady):
    """The raw value that a part of the status was set from."""

    axis: str
    """`lifecycle`, `payment`, `fulfillment`, `hold` or `ended_hold`."""
    value: str
    field: str
    """The field of the provider's order that has the raw value."""
    raw_value: str
    """What the provider wrote there."""
    basis: Basis | None
    """How well the mapping is sourced; None if the raw value is not in our status map."""

    def __str__(self) -> str:
        """Return one line."""
        basis = self.basis or "not in our status map"
        return f"{self.axis.replace('_', ' ')} is {self.value}: {self.field} says {self.raw_value!r} ({basis})"


EVENT_FIELD = "event"
"""The field of the status maps of events, whose raw values are the names of the events."""
_HOLD_AXES = frozenset({"hold", "ended_hold"})


def in_order(holds: Collection[Hold]) -> tuple[Hold, ...]:
    """Return holds in the order of `Hold`."""
    return tuple(hold for hold in Hold if hold in holds) if holds else ()


@attrs.frozen(kw_only=True)
class Status(JsonReady):
    """Lifecycle, payment and fulfillment, each None if the provider does not report it, with the evidence for each.

    `holds` are empty if the provider reports none; JSON has an empty list then.
    """

    lifecycle: Lifecycle | None = None
    payment: Payment | None = None
    fulfillment: Fulfillment | None = None
    cancel_reason: CancelReason | None = None
    holds: tuple[Hold, ...] = ()
    """Whom or what the order waits for, in the order of `Hold`. Many providers cannot report any."""
    ended_holds: tuple[Hold, ...] = ()
    """The holds that are reported to be over, such as a dispute that was won. An event that arrives late does not
    reopen them."""
    attention: tuple[Attention, ...] = ()
    evidence: tuple[Evidence, ...] = ()

    def __str__(self) -> str:
        """Return what is reported on one line, such as `lifecycle open, payment paid`."""
        axes = [f"{axis} {value}" for axis in AXES if (value := getattr(self, axis)) is not None]
        holds = [f"waits for {', '.join(self.holds)}"] if self.holds else []
        return ", ".join((*axes, *holds)).replace("_", " ") or "not reported"

    def merged_over(self, weaker: Status) -> Status:
        """Return both combined; this one's value wins on an axis that both report, and a hold that it ends is over."""
        if self is NOT_REPORTED:
            return weaker
        holds = {*self.holds, *weaker.holds}.difference(self.ended_holds)
        ended = {*self.ended_holds, *weaker.ended_holds} - holds
        mine = {entry.axis for entry in self.evidence} - _HOLD_AXES
        evidence = (*self.evidence, *(entry for entry in weaker.evidence if entry.axis not in mine))
        return Status(
            lifecycle=self.lifecycle or weaker.lifecycle,
            payment=self.payment or weaker.payment,
            fulfillment=self.fulfillment or weaker.fulfillment,
            cancel_reason=self.cancel_reason or weaker.cancel_reason,
            holds=in_order(holds),
            ended_holds=in_order(ended),
            attention=tuple(dict.fromkeys((*self.attention, *weaker.attention))),
            evidence=hold_evidence(evidence, holds, ended) if holds or ended else evidence,
        )

    def to(self, vocabulary: str) -> Translation:
        """Return the raw values of another vocabulary that say this status, and what they cannot say.

        `vocabulary` is a name of `ordermux.vocabularies.names()`, such as `schema.org`.

        Raises InvalidArgument for any other name.
        """
        from .vocabularies import vocabulary as named

        return named(vocabulary).translate(self)


def hold_evidence(
    evidence: tuple[Evidence, ...], holds: Collection[Hold], ended: Collection[Hold]
) -> tuple[Evidence, ...]:
    """Return the evidence of the axes, with the first of each of these holds, and of each that is over."""
    kept: dict[tuple[str, str], Evidence] = {}
    wanted = {"hold": holds, "ended_hold": ended}
    for entry in evidence:
        if entry.axis not in wanted or entry.value in wanted[entry.axis]:
            kept.setdefault((entry.axis, entry.value), entry)
    return tuple(kept.values())


NOT_REPORTED = Status()


@attrs.frozen(kw_only=True)
class StatusMap:
    """The raw values of one field of a provider's order, and the status that each stands for."""

    page: str
    """The address of the page that documents the raw values."""
    field: str
    axes: tuple[str, ...]
    """The axes that are `unknown` for a raw value that has no row."""
    rows: Mapping[str, StatusMapping]
    _statuses: dict[str, Status] = attrs.field(factory=dict[str, "Status"], init=False, eq=False, repr=False)
    """The statuses that were looked up before, by raw value."""

    @property
    def possible_values(self) -> dict[str, frozenset[str]]:
        """The status values that it can return, by axis."""
        found: dict[str, set[str]] = {axis: {"unknown"} for axis in self.axes}
        for row in self.rows.values():
            for axis, claim in row.claims.items():
                found.setdefault(axis, set()).add(claim.value)
        return {axis: frozenset(values) for axis, values in found.items()}

    def raw_values(self, filter: Mapping[str, str]) -> list[str]:  # noqa: A002 - the word of the lists
        """Return the raw values whose status has all the values of a filter, by axis."""
        values = {raw: {axis: claim.value for axis, claim in row.claims.items()} for raw, row in self.rows.items()}
        return [raw for raw, found in values.items() if filter.items() <= found.items()]

    def lookup(self, raw_value: str | None) -> Status:
        """Return the status of a raw value, `NOT_REPORTED` for None. It never raises."""
        if raw_value is None:
            return NOT_REPORTED
        status = self._statuses.get(raw_value)
        if status is None:
            raw_value = str(raw_value)  # it may be a word of the typed client's
            if raw_value not in self.rows:
                return self.unknown(raw_value)
            status = self._statuses[raw_value] = self.status(raw_value, self.rows[raw_value])
        return status

    def status(self, raw_value: str, row: StatusMapping) -> Status:
        """Return the status of a row, with `raw_value` as its evidence."""
        return Status(
            lifecycle=row.lifecycle.value if row.lifecycle else None,
            payment=row.payment.value if row.payment else None,
            fulfillment=row.fulfillment.value if row.fulfillment else None,
            cancel_reason=row.cancel_reason,
            holds=in_order({claim.value for claim in row.holds}),
            ended_holds=in_order({claim.value for claim in row.ended_holds}),
            attention=row.attention,
            evidence=tuple(
                Evidence(axis, claim.value, self.field, raw_value, claim.basis)
                for axis, claim in (
                    *row.claims.items(),
                    *(("hold", claim) for claim in row.holds),
                    *(("ended_hold", claim) for claim in row.ended_holds),
                )
            ),
        )

    def unknown(self, raw_value: str) -> Status:
        """Return the status of a raw value that has no row, or of a field that holds no text: `unknown`."""
        return Status(
            lifecycle=Lifecycle.UNKNOWN if "lifecycle" in self.axes else None,
            payment=Payment.UNKNOWN if "payment" in self.axes else None,
            fulfillment=Fulfillment.UNKNOWN if "fulfillment" in self.axes else None,
            attention=(Attention.UNKNOWN_RAW,),
            evidence=tuple(Evidence(axis, "unknown", self.field, raw_value, None) for axis in self.axes),
        )
