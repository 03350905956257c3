"""What can be asked of `control`, as JSON: what a member is, and that there are no others."""

from __future__ import annotations

import datetime
from typing import Annotated, Any, TypeAlias

from msgspec import UNSET, Meta, Struct, UnsetType

from .bounds import MAX_ROWS_UNASKED
from .deliveries import DeliveryFault

Count: TypeAlias = Annotated[int, Meta(ge=0, le=1_000_000_000)]


class ControlRequest(Struct, forbid_unknown_fields=True):
    """A request without members, and the base of all others."""


class ListRequest(ControlRequest):
    """Some rows of a list."""

    limit: Count = MAX_ROWS_UNASKED
    offset: Count = 0


class OrdersRequest(ListRequest):
    """Some orders, of one account where one is named, and those alone whose id or status has a text."""

    account: str | None = None
    search: str = ""


class DeliveriesRequest(ControlRequest):
    """Some deliveries, those after the one of a number."""

    since: Count = 0
    limit: Count = MAX_ROWS_UNASKED


class OrderRequest(ControlRequest):
    """An order."""

    order: str


class TransitionRequest(OrderRequest):
    """An order, and what becomes of it."""

    transition: str


class PlaceRequest(ControlRequest):
    """An account, and what its new order has."""

    account: str
    fields: dict[str, Any] = {}


class TriggerRequest(ControlRequest):
    """An account, and the event that it is to send."""

    account: str
    event: str


class FaultRequest(ControlRequest):
    """A fault."""

    operation: str
    kind: str
    when: str
    times: int | UnsetType = UNSET
    status: int | UnsetType = UNSET
    headers: dict[str, str] | UnsetType = UNSET
    body: Any = UNSET
    seconds: float | UnsetType = UNSET
    size: int | UnsetType = UNSET


class ClockRequest(ControlRequest):
    """What the clock does."""

    advance: float | UnsetType = UNSET
    set: float | datetime.datetime | UnsetType = UNSET
    freeze: bool | UnsetType = UNSET
    run: bool | UnsetType = UNSET


class AddWebhookRequest(ControlRequest):
    """Where events go."""

    url: str | UnsetType = UNSET
    provider: str | UnsetType = UNSET
    secret: str | UnsetType = UNSET
    callbacks: bool | UnsetType = UNSET


class RemoveWebhookRequest(ControlRequest):
    """Where events go no more."""

    url: str | None = None


class RedeliverRequest(ControlRequest):
    """A delivery."""

    delivery: Count


class DeliveryFaultRequest(ControlRequest):
    """What happens to the next events."""

    kind: DeliveryFault
    provider: str = "*"
    times: Annotated[int, Meta(ge=1)] = 1


class StreamRequest(ControlRequest):
    """From where on to tell."""

    since: Count | None = None
    last: Count | None = None


def given(asked: Struct) -> dict[str, Any]:
    """Return the members that were given."""
    values = ((name, getattr(asked, name)) for name in asked.__struct_fields__)
    return {name: value for name, value in values if value is not UNSET}
