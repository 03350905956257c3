"""An inbox in real processes, some of which are killed: each event has one effect; run as a program, this file is one.

The stores are SQLite and a real Redis, which is held against the table of all stores here too.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Generator, Sequence
from pathlib import Path
from typing import Any, Self

import attrs
import pytest
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from ordermux import Zephyr
from ordermux.webhooks import Delivery, Event, Inbox, WebhookResponse, Webhooks, delivery
from ordermux.webhooks.stores import ClaimResult, RedisStore, SQLiteStore, Store
from support.polling import until
from support.store_contract import BEHAVIOURS, Bench

ACCOUNT = Zephyr(api_key="key", webhook_secrets="whsec_0123456789abcdef")
LEASE = 0.5
ROUNDS, PROCESSES = 20, 8
STORES = pytest.mark.parametrize("kind", ["sqlite", "redis"])
WAYS = pytest.mark.parametrize("way", ["respond", "arespond", "arespond, the handler too"])
POINTS = {
    "once it has the body": 0,
    "within the step that claims": 0,
    "once it has claimed": 0,
    "in the handler, before its effect": 0,
    "in the handler, after its effect": 1,
    "within the step that finishes": 1,
    "once it has finished": 1,
}
"""Where a process is killed, and how many effects there are by then."""
KILLS = [
    (kind, point)
    for point in POINTS
    for kind in ("sqlite", "redis")
    if kind == "sqlite" or "within" not in point  # a step is one command of Redis'
]


# A process.


@attrs.frozen
class Doomed:
    """A store of a process that kills itself at a point."""

    inner: Store
    point: str

    def claim(self, key: str, digest: str, owner: str, lease: float) -> ClaimResult:
        """Claim."""
        self.at("once it has the body")
        seen = self.inner.claim(key, digest, owner, lease)
        self.at("once it has claimed")
        return seen

    def finish(self, key: str, owner: str) -> None:
        """Finish."""
        self.inner.finish(key, owner)
        self.at("once it has finished")

    def release(self, key: str, owner: str) -> None:
        """Release."""
        self.inner.release(key, owner)

    def at(self, point: str) -> None:
        """Kill the process, where this is the point."""
        if point == self.point:
            os.kill(os.getpid(), signal.SIGKILL)


def store_of(kind: str, place: str, point: str = "") -> Store:
    """Return a store, whose transactions kill the process where the point is within one."""
    if kind == "redis":
        return RedisStore(redis.Redis(unix_socket_path=place, socket_timeout=5))
    steps = iter(["within the step that claims", "within the step that finishes"])

    def clock() -> float:  # it is asked within each transaction
        if point and next(steps, "") == point:
            os.kill(os.getpid(), signal.SIGKILL)
        return time.time()

    return SQLiteStore(place, clock=clock)


def main() -> None:
    """Be a process that receives: each line is when to begin and a delivery; each answer is a line with its status."""
    told: dict[str, Any] = json.loads(sys.argv[1])
    store = Doomed(store_of(told["kind"], told["place"], told["point"]), told["point"])
    effects = os.open(told["effects"], os.O_WRONLY | os.O_APPEND)

    def handle(event: Event) -> None:
        store.at("in the handler, before its effect")
        time.sleep(told["seconds"])
        os.write(effects, f"{event.id}\n".encode())
        store.at("in the handler, after its effect")

    async def awaits(event: Event) -> None:
        await asyncio.sleep(0)
        handle(event)

    way: str = told["way"]
    inbox = Inbox(Webhooks.of(ACCOUNT), awaits if "too" in way else handle, store, told["lease"])

    def answer(headers: dict[str, str], body: str) -> WebhookResponse:
        if way == "respond":
            return inbox.respond("zephyr", headers, body.encode())
        return runner.run(inbox.arespond("zephyr", headers, body.encode()))

    def say(word: object) -> None:
        sys.stdout.write(f"{word}\n")
        sys.stdout.flush()

    with asyncio.Runner() as runner:
        say("ready")
        for line in sys.stdin:
            begin, headers, body = json.loads(line)
            while time.monotonic() < begin:
                pass
            say(answer(headers, body).status)


def delivered(event_id: str) -> Delivery:
    """Return a delivery of an event."""
    from support.typed_client_answers import ORDER  # with the documents, which a process that receives need not read

    return delivery(ACCOUNT, {"id": event_id, "type": "order.updated", "livemode": False, "data": ORDER})


class Process:
    """A process that receives, seen from outside."""

    def __init__(self, told: dict[str, Any]) -> None:
        """Start it."""
        self._popen = subprocess.Popen(
            [sys.executable, __file__, json.dumps(told)],
            env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def deliver(self, event_id: str, begin: float = 0.0) -> None:
        """Deliver an event at a moment."""
        assert self._popen.stdin is not None
        made = delivered(event_id)
        print(json.dumps([begin, made.headers, made.body.decode()]), file=self._popen.stdin, flush=True)

    def answer(self) -> str:
        """Return the next line; nothing where the process is gone."""
        assert self._popen.stdout is not None
        return self._popen.stdout.readline().strip()

    def ended(self) -> int:
        """Return what the process ended with, minus the signal that killed it."""
        return self._popen.wait(60)

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """End it."""
        self._popen.kill()
        self._popen.wait()
        for pipe in (self._popen.stdin, self._popen.stdout):
            if pipe is not None:
                with contextlib.suppress(BrokenPipeError):
                    pipe.close()


@attrs.frozen
class Site:
    """Where processes share a store, and write down each effect."""

    kind: str
    place: str
    effects: Path

    @contextlib.contextmanager
    def started(self, count: int, **settings: Any) -> Generator[Sequence[Process]]:
        """Give processes that are ready to receive."""
        told: dict[str, Any] = {"kind": self.kind, "place": self.place, "effects": str(self.effects)}
        told |= {"way": "respond", "lease": 60.0, "point": "", "seconds": 0.0} | settings
        with contextlib.ExitStack() as stack:
            processes = [stack.enter_context(Process(told)) for _ in range(count)]
            assert ["ready"] * count == [process.answer() for process in processes]
            yield processes

    def counted(self) -> Counter[str]:
        """Return how many effects each event had."""
        return Counter(self.effects.read_text().split())


@pytest.fixture
def site(kind: str, redis_socket: Path, tmp_path: Path) -> Site:
    """Give a site that is empty."""
    effects = tmp_path / "effects"
    effects.touch()
    return Site(kind, str(redis_socket if kind == "redis" else tmp_path / "events.db"), effects)


# Killed.


@WAYS
@pytest.mark.parametrize(("kind", "point"), KILLS)
def test_an_event_whose_process_is_killed_is_handled(site: Site, way: str, point: str) -> None:
    """By what is delivered next: at once where nobody had claimed it, else after the lease.

    Whoever is killed between the effect and the mark has the effect again, which no inbox can help.
    """
    answers: list[str] = []
    settings = {"way": way, "lease": LEASE}
    with site.started(1, **settings) as [process], site.started(1, point=point, **settings) as [doomed]:
        doomed.deliver("evt_1")
        assert "" == doomed.answer()
        assert -signal.SIGKILL == doomed.ended()
        assert POINTS[point] == site.counted()["evt_1"]
        end = time.monotonic() + 20
        while "204" not in answers and time.monotonic() < end:
            process.deliver("evt_1")
            answers.append(process.answer())
            time.sleep(0.05)
        for _ in range(3):
            process.deliver("evt_1")
            answers.append(process.answer())
    marked = point == "once it has finished"
    again = POINTS[point] and not marked
    sys.stdout.write(f"{site.kind}, {way}, killed {point}: {dict(Counter(answers))}, {dict(site.counted())}\n")
    assert ["204"] * 4 == [answer for answer in answers if answer != "503"]
    if point in {"once it has the body", "within the step that claims", "once it has finished"}:
        assert "503" not in answers  # nobody had it
    assert {"evt_1": 2 if again else 1} == site.counted()


@STORES
def test_until_the_lease_is_over_nobody_handles_what_a_dead_process_has(site: Site) -> None:
    """It could be alive: so all that come are told to come again, and nothing is done twice."""
    with site.started(1, point="once it has claimed") as [doomed]:
        doomed.deliver("evt_1")
        assert -signal.SIGKILL == doomed.ended()
    with site.started(2) as processes:
        for event_id, expected in (("evt_1", "503"), ("evt_2", "204")):
            for process in processes:
                process.deliver(event_id)
                assert expected == process.answer()
    assert {"evt_2": 1} == site.counted()


@STORES
def test_a_process_that_is_killed_from_outside_is_no_loss(site: Site) -> None:
    """Wherever it is: three are killed amid a hundred events, which are delivered again until all are answered."""
    events = [f"evt_{number}" for number in range(100)]
    for killed in (0.02, 0.05, 0.1):
        with site.started(1, lease=LEASE, seconds=0.002) as [doomed]:
            for event_id in events:
                doomed.deliver(event_id)
            until(lambda: bool(site.counted()))
            time.sleep(killed)
    amid = sum(site.counted().values())
    with site.started(1, lease=LEASE) as [process]:
        left, end = events, time.monotonic() + 20
        while left and time.monotonic() < end:
            for event_id in left:
                process.deliver(event_id)
            left = [event_id for event_id in left if process.answer() != "204"]
    found = site.counted()
    sys.stdout.write(
        f"{site.kind}: {amid} effects before the last kill, {sum(found.values())} of {len(found)} events\n"
    )
    assert 0 < amid < 100 + 3
    assert set(events) == set(found)
    assert sum(found.values()) <= 100 + 3  # each kill may have come between an effect and its mark


# At once.


@STORES
@WAYS
def test_what_many_processes_receive_at_once_has_one_effect(site: Site, way: str) -> None:
    """Eight begin at the same moment, twenty times; the first time there is not even a file."""
    answers: Counter[str] = Counter()
    with site.started(PROCESSES, way=way, seconds=0.005) as processes:
        for number in range(ROUNDS):
            begin = time.monotonic() + 0.02
            for process in processes:
                process.deliver(f"evt_{number}", begin)
            found = [process.answer() for process in processes]
            assert {"204", "503"} >= set(found)
            assert "204" in found
            answers.update(found)
            for process in processes:
                process.deliver(f"evt_{number}")
            assert ["204"] * PROCESSES == [process.answer() for process in processes]
    sys.stdout.write(f"{site.kind}, {way}: {PROCESSES} x {ROUNDS} deliveries at once: {dict(answers)}\n")
    assert {f"evt_{number}": 1 for number in range(ROUNDS)} == site.counted()


# Redis, as a store.


@pytest.mark.parametrize("decode", [False, True])
@pytest.mark.parametrize("behaviour", BEHAVIOURS, ids=lambda behaviour: behaviour.__name__)
def test_redis_behaves(redis_socket: Path, behaviour: Callable[[Bench], None], decode: bool) -> None:  # noqa: FBT001
    """Each line of the table that Memory and SQLite are held against too, whatever the client makes of texts."""
    unit = 0.05
    with redis.Redis(unix_socket_path=str(redis_socket), socket_timeout=10, decode_responses=decode) as client:
        behaviour(Bench(lambda kept: RedisStore(client, kept), lambda units: time.sleep(units * unit), unit))


def test_redis_forgets_what_is_over(redis_socket: Path) -> None:
    """Each mark has an end, whatever becomes of it, so that Redis does not grow for ever."""
    with redis.Redis(unix_socket_path=str(redis_socket), socket_timeout=10) as client:
        store = RedisStore(client, retention=100)
        for key in ("abandoned", "done", "released"):
            store.claim(key, "d", "o", 10)
        store.finish("done", "o")
        store.release("released", "o")
        left: Any = {key: client.pttl(f"ordermux:event:{key}") for key in ("abandoned", "done", "released")}
    assert 10_000 < left["abandoned"] <= 110_000
    assert 10_000 < left["done"] <= 100_000
    assert left["released"] == -2  # it is not there


def test_an_inbox_whose_redis_is_away_handles_nothing(tmp_path: Path) -> None:
    """The delivery is to come again; how long that takes is up to the client of Redis."""
    seen: list[Event] = []
    with redis.Redis(unix_socket_path=str(tmp_path / "none.sock"), retry=Retry(NoBackoff(), 0)) as client:
        inbox = Inbox(Webhooks.of(ACCOUNT), seen.append, RedisStore(client))
        made = delivered("evt_1")
        assert 503 == inbox.respond("zephyr", made.headers, made.body).status
    assert [] == seen


if __name__ == "__main__":
    main()
