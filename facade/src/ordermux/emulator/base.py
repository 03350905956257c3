"""What a provider writes of its emulator: its state, what may become of an order, and what answers its operations.

The rest is the emulator's: worlds, faults, the journal, deliveries, the page and the reference. Each provider answers
below a prefix of its own, its name, so that two that have the same paths do not meet.
"""

from __future__ import annotations

import abc
from collections.abc import Mapping, MutableMapping
from typing import TYPE_CHECKING, Any, ClassVar, Generic, Protocol, TypeVar

if TYPE_CHECKING:
    from .sample_data import SampleGenerator
    from .world import Handler, Object, Routes, World

KEY_HEADER = "Idempotency-Key"
"""The usual header of an idempotency key."""


class State(Protocol):
    """What a provider remembers in a world; orders are JSON objects as its API has them."""

    @property
    def orders(self) -> MutableMapping[str, Object]:
        """The orders by id, the newest last."""
        ...

    def place(self, **fields: Any) -> Object:
        """Let a customer order, with any field as given; return what is delivered or read of it."""
        ...

    def transitions(self, order_id: str) -> list[str]:
        """Return what may become of an order now. Raises KeyError if there is no such order."""
        ...

    def transition(self, order_id: str, transition: str) -> Object:
        """Let something become of an order, and return it.

        Raises InvalidTransition if that cannot be now, KeyError if there is no such order.
        """
        ...

    def summary(self, order_id: str) -> Object:
        """Return the raw status, the total as text and the time of an order: `raw_status`, `total` and `created`."""
        ...


S = TypeVar("S", bound=State)


class ProviderEmulator(abc.ABC, Generic[S]):
    """One provider's emulator; an instance is `EMULATOR` in its module `emulator`."""

    base_path: ClassVar[str] = ""
    """The path of the API's base URL."""
    credentials: ClassVar[Mapping[str, str]] = {}
    """The credentials that the typed client takes here, by its arguments."""
    account_settings: ClassVar[Mapping[str, str]] = {}
    """What an account needs here beside the credentials."""
    retries: ClassVar[tuple[float, ...]] = ()
    """The seconds between a delivery that failed and the next attempt; empty if there is none."""
    callback_field: ClassVar[str | None] = None
    """The field in which each order says where its own events go; None if it does not."""
    order_model: ClassVar[str | None] = None
    """The document's schema of an order as it is read; None if no answer has a status."""
    placed_model: ClassVar[str]
    """The schema of what `State.place` returns."""
    placed_id: ClassVar[str] = "id"
    """The member of it that is the order's id."""
    nullable: ClassVar[frozenset[str] | None] = frozenset()
    """The fields that may be placed as null, which leaves them out; None for all of them."""
    other_operations: ClassVar[frozenset[str]] = frozenset()
    """The operations whose path has the id of something that is not an order."""
    example_replacements: ClassVar[Mapping[str, str]] = {}
    """What the document's examples have, and what does something here, for the reference's curl lines."""

    @property
    @abc.abstractmethod
    def routes(self) -> Routes:
        """The operations: the document's id, the method, the path below the prefix, and what answers."""

    @abc.abstractmethod
    def empty_state(self, world: World) -> S:
        """Return a state without orders."""

    @abc.abstractmethod
    def add_samples(self, world: World, state: S) -> None:
        """Add the orders that are always there, the document's own examples among them."""

    @abc.abstractmethod
    def add_generated_order(self, generator: SampleGenerator, state: S) -> None:
        """Add one of many orders, as shops have them."""

    @abc.abstractmethod
    def error_body(self, status: int) -> Object:
        """Return the body of an error with a status, as the provider writes it."""

    def wrong_method(self) -> Handler | None:
        """Return what answers a method that a path does not have, None if that is not known."""
        return None

    def key_header(self, operation: str) -> str:
        """Return the name of the header that has the idempotency key of an operation, by the document's id."""
        del operation
        return KEY_HEADER

    def webhook_secret(self, key: str) -> str:
        """Return a webhook secret in the provider's form; `key` is the base64 of 24 bytes."""
        return f"whsec_{key}"

    def delivery_headers(self, signed: Mapping[str, str], attempt: int, *, as_documented: bool) -> Mapping[str, str]:
        """Return the headers of an attempt to deliver, from 1; `signed` are those that its scheme makes."""
        del attempt, as_documented
        return signed
