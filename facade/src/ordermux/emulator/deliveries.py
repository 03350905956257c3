"""What the providers of a world deliver, where to, and what of it depends on the provider."""

from __future__ import annotations

import ipaddress
import math
from typing import Any, Literal, Protocol
from urllib.parse import urlsplit

import attrs
import msgspec

_LETTER_BYTES, _ATTEMPT_BYTES = 1_000, 400
"""What a delivery takes beside its texts, and an attempt, about."""
DeliveryFault = Literal["drop", "duplicate", "reorder"]
"""What happens to an event on its way: it never comes, it comes twice, or after the next one to the same URL."""


def is_local(url: str) -> bool:
    """Return whether a URL is http or https, and on the loopback interface."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
        return parts.scheme in {"http", "https"} and (host == "localhost" or ipaddress.ip_address(host).is_loopback)
    except ValueError:
        return False


class DeliveryRules(Protocol):
    """How one provider delivers its events."""

    @property
    def retries(self) -> tuple[float, ...]:
        """The seconds between a delivery that failed and the next attempt; empty if there is none."""
        ...

    @property
    def received_statuses(self) -> frozenset[int]:
        """The statuses by which the provider takes a delivery for received."""
        ...

    def secret(self, world: str) -> str:
        """Return what the provider signs with in a world, always the same; empty if it signs nothing."""
        ...

    def check_secret(self, secret: str) -> None:
        """Raise ValueError if the provider cannot sign with a secret."""
        ...


@attrs.frozen
class Target:
    """Where events go."""

    url: str
    provider: str
    events: tuple[str, ...] | None
    """Only these; all, where None."""
    secret: str = attrs.field(repr=False)


@attrs.define(eq=False)
class PlannedDeliveryFault:
    """What happens to the next events of a provider."""

    provider: str
    kind: DeliveryFault
    times: int


@attrs.define(eq=False)
class Delivery:
    """One event on its way to one URL."""

    number: int
    id: str
    """The provider's id of the delivery, the same at each attempt."""
    provider: str
    event: str
    order: str
    url: str
    body: bytes = attrs.field(repr=False)
    secret: str = attrs.field(repr=False)
    state: Literal["waiting", "held", "delivered", "failed", "dropped", "blocked"] = "waiting"
    """`held` until the next one has gone; `blocked` where the URL is not local."""
    due: float = -math.inf
    """When the next attempt is, by the world's clock."""
    attempts: list[dict[str, Any]] = attrs.field(factory=list[dict[str, Any]])
    """The last hundred, each with its time, and the `status` or the `problem`."""

    def shown(self) -> dict[str, Any]:
        """Return it for msgspec to write as JSON; the body is JSON already, and is not read."""
        names = ("number", "id", "provider", "event", "order", "url", "state", "attempts")
        due = self.due if self.state == "waiting" and math.isfinite(self.due) else None
        return {**{name: getattr(self, name) for name in names}, "due": due, "body": msgspec.Raw(self.body)}

    def weight(self) -> int:
        """Return how many bytes it takes, about."""
        texts = (self.id, self.event, self.order, self.url, self.secret)
        attempts = sum(_ATTEMPT_BYTES + len(attempt["problem"] or "") for attempt in self.attempts)
        return _LETTER_BYTES + len(self.body) + sum(map(len, texts)) + attempts
