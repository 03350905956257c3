"""Defects to plant into a provider, of its events, limits, state, emulator and ledgers, and what notes any defect."""

# What is put in place of a method takes its arguments, whatever it does with them.
# ruff: noqa: ARG001, ARG005
# pyright: reportUnknownLambdaType=false, reportUnknownArgumentType=false, reportUnknownMemberType=false, reportUnknownVariableType=false
from __future__ import annotations

import datetime
import itertools
from collections.abc import Callable, Generator
from typing import Any, cast

import attrs
import pytest
from conformance import test_crossmint, test_cryptum, test_zephyr

from ordermux import Adjustment, AdjustmentKind, CancelReason, EntryState, FulfillmentEntry, Lifecycle, Money, Order
from ordermux.engine.rate_limit import RateLimiter
from ordermux.event import EventKind
from ordermux.providers import recovery
from ordermux.providers.adapter import Operation
from ordermux.providers.crossmint.account import Crossmint
from ordermux.providers.cryptum import adapter as cryptum_adapter
from ordermux.providers.zephyr import adapter, emulator, webhooks
from ordermux.status import NOT_REPORTED, StatusMap, StatusMapping, implied
from ordermux.testing import ProviderFacts

ZEPHYR, CROSSMINT = test_zephyr.TestZephyr.facts, test_crossmint.TestCrossmint.facts
CRYPTUM = test_cryptum.TestCryptum.facts
Plant = Callable[[pytest.MonkeyPatch], ProviderFacts | None]
"""Plants a defect; returns the facts if they are others than ZephyrCart's."""
PLANTED: dict[str, tuple[str, str, Plant]] = {}
"""The check that finds it, a part of its message, and the defect."""


def planted(defect: str, check: str, message: str) -> Callable[[Plant], Plant]:
    """Note a defect, the check that finds it, and a part of what that tells of it."""

    def note(plant: Plant) -> Plant:
        PLANTED[defect] = check, message, plant
        return plant

    return note


def adapt(patch: pytest.MonkeyPatch, **members: Any) -> None:
    """Put an adapter with other members in place of ZephyrCart's."""
    patch.setattr(adapter, "Adapter", type("Adapter", (adapter.Adapter,), members))


def deliver(patch: pytest.MonkeyPatch, **members: Any) -> None:
    """Put a scheme with other members in place of ZephyrCart's."""
    patch.setattr(webhooks, "SCHEME", type("Scheme", (type(webhooks.SCHEME),), members)())


def without(table: StatusMap, *words: str) -> StatusMap:
    """Return a table without some rows."""
    return attrs.evolve(table, rows={word: row for word, row in table.rows.items() if word not in words})


def _noting(place: Callable[..., Any], seen: dict[int, Any]) -> Callable[..., Any]:
    """Return a method that notes what it was called on, and keeps it, so that nothing else gets its id."""

    def placed(self: Any, **fields: Any) -> Any:
        seen[id(self)] = self
        return place(self, **fields)

    return placed


@planted("The adapter has a slip", "results", "has no attribute 'get'\"), at planted_defects.py:")
def _slip(patch: pytest.MonkeyPatch) -> None:
    adapt(patch, get=lambda self, call, order_id: order_id.get())


@planted("A redelivery is another event", "events accepted", "a redelivery has another id")
def _changing_id(patch: pytest.MonkeyPatch) -> None:
    numbers = itertools.count()
    facts = type(webhooks.SCHEME).facts
    deliver(patch, facts=lambda self, event: attrs.evolve(facts(self, event), id=f"event_{next(numbers)}"))


@planted("An event of a kind that is not known is taken for another", "unknown events", "is taken for order_updated")
def _guessed_event(patch: pytest.MonkeyPatch) -> None:
    class Kinds(dict[str, Any]):
        def get(self, key: str, default: Any = None) -> Any:
            del default
            return super().get(key, self["order.updated"])

    deliver(patch, kinds=Kinds(webhooks.SCHEME.kinds))


@planted(
    "Two events claim the same in different ways, so that the first one stands",
    "event order",
    "by the order in which they come",
)
def _order_matters(patch: pytest.MonkeyPatch) -> None:
    early = StatusMapping(lifecycle=implied(Lifecycle.CANCELLED), cancel_reason=CancelReason.REQUESTED)
    patch.setattr(
        webhooks, "EVENTS", attrs.evolve(adapter.EVENTS, rows={**adapter.EVENTS.rows, "order.created": early})
    )


@planted("An amount that is no number breaks the order", "readings", "for an amount that is no number")
def _unread_amount(patch: pytest.MonkeyPatch) -> ProviderFacts:
    patch.setattr(Money, "from_text", Money)
    return CROSSMINT


@planted("An amount that is no number breaks a list by offsets", "readings", "list raised ValueError")
def _unread_amount_in_list(patch: pytest.MonkeyPatch) -> ProviderFacts:
    patch.setattr(Money, "from_text", Money)
    return CRYPTUM


@planted("One order hides all others of a list by offsets", "unreadable orders", "raised UnexpectedResponse")
def _strict_list(patch: pytest.MonkeyPatch) -> ProviderFacts:
    patch.setattr(cryptum_adapter, "lenient_reader", lambda provider, read, kind, *needed: read)
    return CRYPTUM


@planted("An order without a readable id hides all others of a list", "unreadable orders", "misses")
def _no_row_without_id(patch: pytest.MonkeyPatch) -> ProviderFacts:
    def whole_only(*given: Any, **options: Any) -> list[Any]:
        rows = recovery.rows_of(*given, **options)
        return rows if all(isinstance(row, Order) for row in rows) else []

    patch.setattr(cryptum_adapter, "rows_of", whole_only)
    return CRYPTUM


@planted("The account's limit is not the document's", "rate limit", "the document's is 30 in 60 s")
def _limit(patch: pytest.MonkeyPatch) -> ProviderFacts:
    patch.setattr(Crossmint, "limit", lambda self, clock, *, shared: RateLimiter(300, 60.0, clock))
    return CROSSMINT


@planted("The limit is there and is not kept", "limits", "requests arrived within")
def _unkept_limit(patch: pytest.MonkeyPatch) -> ProviderFacts:
    def at_once(self: Any, call: Any) -> Generator[Any, Any, str]:
        yield from ()
        return "slot"

    patch.setattr(RateLimiter, "acquire", at_once)
    return CROSSMINT


@planted(
    "The adapter takes a key for good for another time than the document says",
    "idempotency",
    "idempotency_window is 3600 s",
)
def _window(patch: pytest.MonkeyPatch) -> None:
    adapt(patch, idempotency_window=3600.0)


@planted("The adapter makes no use of a key that the document has", "idempotency", "is not in idempotent_operations")
def _unused_key(patch: pytest.MonkeyPatch) -> None:
    adapt(patch, idempotent_operations=frozenset({Operation.REFUND}))


@planted("A part of the emulator's state cannot be kept", "state file", "the state cannot be kept")
def _unkept_state(patch: pytest.MonkeyPatch) -> None:
    made = attrs.make_class("State", {"seen": attrs.field(factory=set)}, bases=(emulator.State,))
    patch.setattr(type(emulator.EMULATOR), "empty_state", lambda self, world: made(world))


@planted("Another part of the emulator's state is forgotten", "state file", "the state that was kept is another")
def _forgotten_state(patch: pytest.MonkeyPatch) -> None:
    possible = emulator.State.transitions
    fresh = dict[int, Any]()
    patch.setattr(emulator.State, "place", _noting(emulator.State.place, fresh))
    patch.setattr(emulator.State, "transitions", lambda self, name: possible(self, name) if id(self) in fresh else [])


@planted("The emulator does not have an operation of the document", "routes", "no route for cancelOrder")
def _missing_route(patch: pytest.MonkeyPatch) -> None:
    routes = [route for route in emulator.EMULATOR.routes if route[0] != "cancelOrder"]
    patch.setattr(type(emulator.EMULATOR), "routes", property(lambda _: routes))


@planted("The emulator has another base path than the document", "access", "base_path is '/v9'")
def _base_path(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(type(emulator.EMULATOR), "base_path", "/v9")


@planted("The emulator lets anybody in", "errors", "not AuthenticationFailed")
def _open_door(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(emulator, "has_credentials", lambda request, provider: True)


@planted("An operation is carried out that the capabilities do not have", "unsupported", "not Unsupported")
def _hidden_operation(patch: pytest.MonkeyPatch) -> None:
    has = adapter.Adapter.capabilities() - {Operation.UPDATE}
    adapt(patch, capabilities=classmethod(lambda _: has))


@planted("An operation returns an order without its status", "results", "the status is")
def _wrong_result(patch: pytest.MonkeyPatch) -> None:
    order: Any = vars(adapter.Adapter)["_order_at"]
    adapt(patch, _order_at=lambda self, *given: attrs.evolve(order(self, *given), status=NOT_REPORTED))


@planted(
    "No fact covers an operation",
    "facts",
    "the provider has refund, and no fact says how to call it: give ProviderFacts(refund=…)",
)
def _missing_fact(patch: pytest.MonkeyPatch) -> ProviderFacts:
    del patch
    return attrs.evolve(ZEPHYR, refund=None)


@planted("An event has no example", "facts", "no example of the event order.returned")
def _missing_example(patch: pytest.MonkeyPatch) -> None:
    deliver(patch, kinds={**webhooks.SCHEME.kinds, "order.returned": EventKind.ORDER_UPDATED})


@planted("No fact covers a status that an operation returns", "results", "give ProviderFacts(statuses={'get'")
def _missing_status(patch: pytest.MonkeyPatch) -> ProviderFacts:
    del patch
    return attrs.evolve(ZEPHYR, statuses={})


def ledger(patch: pytest.MonkeyPatch, **members: Any) -> None:
    """Let each order's ledger have other members."""
    read = adapter.Reader.ledger
    patch.setattr(adapter.Reader, "ledger", lambda self, *order: attrs.evolve(read(self, *order), **members))


@planted("A ledger says that there are no refunds, which it cannot know", "ledgers", "refunded_total goes from 0")
def _no_refunds(patch: pytest.MonkeyPatch) -> None:
    ledger(patch, adjustments=(), refunded=None)


@planted("A refund is counted twice", "ledgers", "is a refund counted twice?")
def _counted_twice(patch: pytest.MonkeyPatch) -> None:
    read = adapter.Reader.ledger

    def twice(self: Any, native: Any, lines: Any) -> Any:
        found = read(self, native, lines)
        total = self.total(native)
        doubled = Money(2 * total.amount, total.currency) if native.status.value == "refunded" else found.refunded
        return attrs.evolve(found, refunded=doubled)

    patch.setattr(adapter.Reader, "ledger", twice)


@planted("One refund is listed twice", "ledgers", "2 times as completed")
def _listed_twice(patch: pytest.MonkeyPatch) -> None:
    entry = Adjustment(kind=AdjustmentKind.REFUND, id="refund_1", state=EntryState.COMPLETED)
    ledger(patch, adjustments=(entry, entry))


@planted("An event's ledger counts for all that there is", "ledgers", "has no is_partial=True")
def _whole_event(patch: pytest.MonkeyPatch) -> None:
    made = adapter.event_ledger
    patch.setattr(webhooks, "event_ledger", lambda *event: attrs.evolve(made(*event), is_partial=False))


@planted("A refund is an amount below 0", "ledgers", "amounts are above 0")
def _negative(patch: pytest.MonkeyPatch) -> None:
    ledger(patch, adjustments=(Adjustment(kind=AdjustmentKind.REFUND, amount=Money("-1.50", "USD")),))


@planted("An order has a time of another zone", "ledgers", "use parse_timestamp or utc")
def _other_zone(patch: pytest.MonkeyPatch) -> None:
    moment = datetime.datetime(2026, 5, 30, tzinfo=datetime.timezone(datetime.timedelta(hours=2)))
    ledger(patch, fulfillments=(FulfillmentEntry(occurred_at=moment),))


@planted("A quantity is a float", "ledgers", "neither an int nor a Decimal")
def _float_quantity(patch: pytest.MonkeyPatch) -> None:
    read, half = adapter.Reader.line_items, cast("Any", 1.5)
    patch.setattr(
        adapter.Reader,
        "line_items",
        lambda self, native: tuple(attrs.evolve(line, quantity=half) for line in read(self, native)),
    )
