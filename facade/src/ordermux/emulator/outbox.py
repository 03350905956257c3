"""What the providers of a world deliver: to which URLs, what waits, what became of it.

- Retries after the times that the provider's emulator has.
- Each attempt is signed anew, by the machine's own time, so that a receiver takes it however far the world's clock was
  put forward (guessed). The clock tells when the next attempt is due, and the time inside an event.
- Any 2xx within 5 seconds is a success (documented: 10 and 15 seconds) unless the document says which, anything else
  is not; redirects are not followed (guessed).
"""

from __future__ import annotations

import heapq
import itertools
import json
import math
import threading
from collections import OrderedDict
from collections.abc import Callable
from fnmatch import fnmatchcase
from typing import Any, Protocol, get_args

from ..webhook_schemes.scheme import WebhookScheme
from .bounds import (
    MAX_ALL_DELIVERY_BYTES,
    MAX_ATTEMPTS,
    MAX_DELIVERIES,
    MAX_SECRET,
    MAX_TARGETS,
    MAX_TEXT,
    MAX_URL,
    MAX_WAITING,
    LimitExceeded,
    MemoryBudget,
    check_pattern,
)
from .deliveries import Delivery, DeliveryFault, DeliveryRules, PlannedDeliveryFault, Target, is_local


def _check_text(name: str, text: str) -> None:
    """Refuse what no request can hold."""
    try:
        text.encode()
    except UnicodeEncodeError:
        raise ValueError(f"{name} cannot be encoded as UTF-8") from None


class OutboxWorld(Protocol):
    """What an outbox needs of its world."""

    name: str
    memory_budget: MemoryBudget

    @property
    def clock(self) -> Callable[[], float]:
        """What gives the world's time, in unix seconds."""
        ...

    def note(self, kind: str, order: str | None = None, **detail: Any) -> None:
        """Put something into the journal."""
        ...

    def ulid(self) -> str:
        """Return an id of 26 characters that sorts by time."""
        ...


class Outbox:
    """The deliveries of a world; for any thread.

    What is to go to a URL stands in a queue of its own, and what is to go later in a heap, so that one more delivery
    costs the same however many there are.
    """

    def __init__(self, world: OutboxWorld) -> None:
        """Begin with none."""
        self._world = world
        self.rules: dict[str, DeliveryRules] = {}
        """How each provider of the world delivers, by the provider's name."""
        self.targets: list[Target] = []
        self.most_deliveries, self.max_bytes = MAX_DELIVERIES, MAX_ALL_DELIVERY_BYTES
        self.delivery_faults: list[PlannedDeliveryFault] = []
        """What happens to the next events."""
        self.callbacks = False
        """Whether Cryptum also delivers to the `callbackUrl` of each order."""
        self.anywhere = False
        """Whether URLs need not be local."""
        self.wake: Callable[[], None] = lambda: None
        """Called when a delivery may be due."""
        self._numbers = itertools.count(1)
        self._deliveries = OrderedDict[int, Delivery]()
        self._size = 0
        self._queues: dict[str, OrderedDict[int, None]] = {}
        """The numbers of what is due, by URL."""
        self._later: list[tuple[float, int]] = []
        """When something is due again, and its number; a heap, in which some may have gone already."""
        self._held: dict[str, OrderedDict[int, None]] = {}
        """The numbers of what waits for the next to its URL."""
        self._ready, self._carried = OrderedDict[str, None](), set[str]()
        """The URLs to which something is due and nobody carries, and those to which somebody does."""
        self._lock = threading.RLock()

    @property
    def deliveries(self) -> list[Delivery]:
        """The last 10,000, oldest first; fewer where they are long, or where there are many worlds."""
        with self._lock:
            return list(self._deliveries.values())

    def update_usage(self) -> None:
        """Report to the world's memory budget to how many URLs events go, and what waits."""
        memory_budget, name = self._world.memory_budget, self._world.name
        sizes = [len(target.url) + len(target.secret) for target in self.targets]
        memory_budget.set_usage((name, "targets"), len(sizes), sum(sizes))
        memory_budget.set_usage((name, "delivery_faults"), len(self.delivery_faults), 0)

    def deliver_to(
        self, url: str, provider: str = "*", *, events: tuple[str, ...] | None = None, secret: str | None = None
    ) -> list[Target]:
        """Have each event from now on delivered to a URL, in which `{provider}` stands for the provider's name.

        They are signed with `secret`, with the provider's own of this world where none is given.

        Raises ValueError if the URL is not local, there is no such provider or the secret is none of the provider's,
        LimitExceeded if there are too many already, MemoryBudgetExceeded if all worlds together keep as much as they
        may.
        """
        if not (self.anywhere or is_local(url.replace("{provider}", "any"))):
            raise ValueError(f"{url:.200}: events are delivered to http and https on the loopback interface only")
        check_pattern(provider)
        wanted = [name for name in self.rules if fnmatchcase(name, provider)]
        if not wanted:
            raise ValueError(f"there is no provider {provider!r}; there are: {', '.join(self.rules)}")
        _check_text("a URL", url)
        _check_text("a secret", secret or "")
        for name in wanted if secret is not None else ():
            self.rules[name].check_secret(secret or "")
        with self._lock:
            self.check_target(url, secret or "", more=len(wanted))
            added: list[Target] = []
            for name in wanted:
                key = self.rules[name].secret(self._world.name) if secret is None else secret
                added.append(Target(url.replace("{provider}", name), name, events, key))
                self.add_target(added[-1])
        self._world.note("webhook", url=url, provider=provider)
        return added

    def add_target(self, target: Target) -> None:
        """Have events go to one more URL.

        Raises LimitExceeded if there are too many already, or it is too long; MemoryBudgetExceeded if all worlds
        together keep as much as they may.
        """
        with self._lock:
            self.check_target(target.url, target.secret)
            self.targets.append(target)
            self.update_usage()

    def check_target(self, url: str, secret: str = "", more: int = 1) -> None:
        """Raise LimitExceeded or MemoryBudgetExceeded where events can go to no more URLs, or one is too long."""
        if len(url) > MAX_URL or len(secret) > MAX_SECRET:
            raise LimitExceeded(f"a URL has at most {MAX_URL:,} characters, a secret {MAX_SECRET:,}")
        if len(self.targets) + more > MAX_TARGETS:
            raise LimitExceeded(f"events would go to more than {MAX_TARGETS:,} URLs; `remove_targets` ends that")
        self._world.memory_budget.check()

    def remove_targets(self, url: str | None = None) -> None:
        """Have events go to a URL no more; to none at all, and to no `callbackUrl`, where none is given."""
        with self._lock:
            self.targets[:] = [each for each in self.targets if url is not None and each.url != url]
            self.callbacks = self.callbacks and url is not None
            self.update_usage()

    def inject(self, fault: DeliveryFault, provider: str = "*", times: int = 1) -> PlannedDeliveryFault:
        """Let something happen to the next events; however many, it waits as one.

        Raises ValueError if there is no such fault or provider, LimitExceeded if there are too many already,
        MemoryBudgetExceeded if all worlds together keep as much as they may.
        """
        check_pattern(provider)
        known = fault in get_args(DeliveryFault) and any(fnmatchcase(name, provider) for name in self.rules)
        if not known or times < 1:
            raise ValueError(
                f"one of {', '.join(get_args(DeliveryFault))}, of {', '.join(self.rules)} or *, not {fault!r}"
            )
        with self._lock:
            if len(self.delivery_faults) >= MAX_WAITING:
                raise LimitExceeded(f"{MAX_WAITING:,} of them wait already; `times` makes one of many")
            self._world.memory_budget.check()
            made = PlannedDeliveryFault(provider, fault, times)
            self.delivery_faults.append(made)
            self.update_usage()
            return made

    def send(self, provider: str, event: str, order: str, *, body: Any, callback: str | None = None) -> None:
        """Put an event on its way to each URL that wants it."""
        content = json.dumps(body, separators=(",", ":")).encode()
        with self._lock:
            targets = list(self.targets)
            if callback and self.callbacks:
                targets.append(Target(callback, provider, None, self.rules[provider].secret(self._world.name)))
            for target in targets:
                if target.provider == provider and (target.events is None or event in target.events):
                    self._post(target, event, order, content)
        self.wake()

    def _post(self, target: Target, event: str, order: str, content: bytes) -> None:
        fault = self._fault(target.provider)
        delivery = self._delivery(target, f"msg_{self._world.ulid()}", event, order, content)
        delivery.state = {"drop": "dropped", "reorder": "held"}.get(fault or "", "waiting")  # type: ignore[assignment]
        if not (self.anywhere or is_local(delivery.url)):
            delivery.state = "blocked"
        followed = self._held.pop(delivery.url, ()) if delivery.state == "waiting" else ()
        self._take(delivery)
        if fault == "duplicate":
            self._take(self._delivery(target, delivery.id, event, order, content))
        for number in followed:
            each = self._deliveries[number]
            self._deliveries.move_to_end(number)
            each.state = "waiting"
            self._queue(each)
        self._trim()

    def _take(self, delivery: Delivery) -> None:
        """Keep a delivery, and put it where it waits."""
        self._deliveries[delivery.number] = delivery
        self._size += delivery.weight()
        if delivery.state == "held":
            self._held.setdefault(delivery.url, OrderedDict())[delivery.number] = None
        elif delivery.state == "waiting":
            self._queue(delivery)

    def _queue(self, delivery: Delivery) -> None:
        """Have a delivery that waits go when it is due."""
        if math.isfinite(delivery.due):
            heapq.heappush(self._later, (delivery.due, delivery.number))
            if len(self._later) > 2 * len(self._deliveries):  # most of them have gone, or are forgotten
                waiting = (each for each in self._deliveries.values() if each.state == "waiting")
                self._later = [(each.due, each.number) for each in waiting if math.isfinite(each.due)]
                heapq.heapify(self._later)
        else:
            self._queues.setdefault(delivery.url, OrderedDict())[delivery.number] = None
            if delivery.url not in self._carried:
                self._ready[delivery.url] = None

    def _unqueue(self, delivery: Delivery) -> None:
        """Have a delivery wait no more."""
        for waiting in (self._queues, self._held):
            numbers = waiting.get(delivery.url)
            if numbers is not None and delivery.number in numbers:
                del numbers[delivery.number]
                if not numbers:
                    del waiting[delivery.url]
        if delivery.url not in self._queues:
            self._ready.pop(delivery.url, None)

    def trim(self, deliveries: int, size: int) -> None:
        """Keep no more deliveries, and no more bytes of them, from now on."""
        with self._lock:
            self.most_deliveries, self.max_bytes = deliveries, size
            self._trim()

    def _trim(self) -> None:
        """Forget the oldest deliveries, but never the last one."""
        while len(self._deliveries) > 1 and (
            len(self._deliveries) > self.most_deliveries or self._size > self.max_bytes
        ):
            _, delivery = self._deliveries.popitem(last=False)
            self._size -= delivery.weight()
            self._unqueue(delivery)

    def _delivery(self, target: Target, name: str, event: str, order: str, content: bytes) -> Delivery:
        return Delivery(next(self._numbers), name, target.provider, event, order, target.url, content, target.secret)

    def _fault(self, provider: str) -> DeliveryFault | None:
        found = next((each for each in self.delivery_faults if fnmatchcase(provider, each.provider)), None)
        if found is None:
            return None
        found.times -= 1
        if not found.times:
            self.delivery_faults.remove(found)
            self.update_usage()
        return found.kind

    def restore(self, deliveries: list[Delivery]) -> None:
        """Go on with what was on its way before a restart."""
        with self._lock:
            for delivery in deliveries:
                self._take(delivery)
            self._trim()
            self._numbers = itertools.count(1 + max((delivery.number for delivery in deliveries), default=0))

    def page(self, since: int, limit: int, size: int) -> tuple[list[Delivery], bool]:
        """Return deliveries that came after the one of a number, oldest first, and whether there are more.

        There are so many at most, and no more once their bodies have so many bytes.
        """
        with self._lock:
            after = sorted(number for number in self._deliveries if number > since)
            found: list[Delivery] = []
            for number in after[:limit]:
                if size <= 0:
                    break
                found.append(self._deliveries[number])
                size -= len(found[-1].body)
        return found, len(found) < len(after)

    def redeliver(self, number: int) -> Delivery:
        """Have a delivery delivered once more at once, whatever became of it; return it.

        Raises LookupError where there is none of this number, ValueError where its URL is not local.
        """
        with self._lock:
            delivery = self._deliveries.get(number)
            if delivery is None:
                raise LookupError(f"there is no delivery {number}")
            if delivery.state == "blocked":
                raise ValueError(f"{delivery.url} is not local")
            self._unqueue(delivery)
            delivery.state, delivery.due = "waiting", -math.inf
            self._queue(delivery)
        self.wake()
        return delivery

    def acquire_target(self) -> str | None:
        """Return a URL to which something is due that nobody carries yet, for the caller to carry; None for none."""
        with self._lock:
            self._move_due()
            if not self._ready:
                return None
            url, _ = self._ready.popitem(last=False)
            self._carried.add(url)
            return url

    def next_delivery(self, url: str) -> Delivery | None:
        """Return what is to go to a URL now, until it was tried; None where there is no more, which ends the carrying.

        What was queued first goes first.
        """
        with self._lock:
            number = next(iter(self._queues.get(url, ())), None)
            if number is None:
                self._carried.discard(url)
                return None
            return self._deliveries[number]

    def release_target(self, url: str) -> None:
        """Carry no more to a URL, whatever is still to go there."""
        with self._lock:
            if url in self._carried:
                self._carried.discard(url)
                if url in self._queues:
                    self._ready[url] = None

    def next_due(self) -> float:
        """Return when something is due that is not yet, by the world's clock; infinite where nothing is."""
        with self._lock:
            return self._later[0][0] if self._later else math.inf

    def _move_due(self) -> None:
        """Queue what has become due."""
        now = self._world.clock()
        while self._later and self._later[0][0] <= now:
            due, number = heapq.heappop(self._later)
            delivery = self._deliveries.get(number)
            if delivery is not None and delivery.state == "waiting" and delivery.due == due:
                delivery.due = -math.inf
                self._queue(delivery)

    def is_idle(self) -> bool:
        """Return whether nothing is due that was not tried."""
        with self._lock:
            self._move_due()
            return not (self._queues or self._carried)

    def record_attempt(self, delivery: Delivery, status: int | None, problem: str | None) -> None:
        """Note what came of an attempt, and when the next is."""
        now = self._world.clock()
        rules = self.rules.get(delivery.provider)  # None if it came from a file, and its provider is gone
        retries = rules.retries if rules else ()
        received = (rules or WebhookScheme).received_statuses
        problem = problem and problem[:MAX_TEXT]
        with self._lock:
            before = delivery.weight()
            delivery.attempts.append({"at": now, "status": status, "problem": problem})
            del delivery.attempts[:-MAX_ATTEMPTS]
            self._unqueue(delivery)
            if status is not None and status in received:
                delivery.state = "delivered"
            elif not (self.anywhere or is_local(delivery.url)):
                delivery.state = "blocked"
            elif len(delivery.attempts) <= len(retries):
                delivery.due = now + retries[len(delivery.attempts) - 1]
            else:
                delivery.state = "failed"
            if delivery.number in self._deliveries:
                self._size += delivery.weight() - before
                if delivery.state == "waiting":
                    self._queue(delivery)
                self._trim()
        fields = {
            "event": delivery.event,
            "url": delivery.url,
            "attempt": len(delivery.attempts),
            "state": delivery.state,
        }
        self._world.note("delivery", delivery.order, number=delivery.number, status=status, problem=problem, **fields)
