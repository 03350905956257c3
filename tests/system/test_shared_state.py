"""Processes that share a limit and a token through a real Redis; run as a program, this file is one of them."""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Generator
from http import HTTPStatus
from pathlib import Path
from typing import Any, Self

import pytest
import redis
import redis.asyncio
from redis.asyncio.retry import Retry as AsyncRetry
from redis.backoff import NoBackoff
from redis.retry import Retry

from ordermux import (
    Attempt,
    Croissant,
    Crossmint,
    DeadlineExceeded,
    Order,
    OrdermuxError,
    RateLimited,
    SharedStateError,
)
from ordermux.emulator import Emulator, FaultKind
from ordermux.engine.rate_limit import RateLimiter
from ordermux.providers.croissant import emulator as croissant
from ordermux.providers.zephyr import emulator as zephyr
from ordermux_crossmint import errors
from ordermux_crossmint.api.orders import get_order
from support.concurrency import Crowd, inject_fault, most_at_once, reading
from support.polling import until
from support.ports import kept_port
from support.raw_server import Peer, Server

CART = f"croissant:{croissant.SAMPLE_CART}"
ORDER_ID = "d1e2f3a4-b5c6-7890-defg-234567890123"
ORDER = f"crossmint:{ORDER_ID}"
read = reading(CART)
TOKEN, GET = "croissant.createToken", "croissant.getCart"
PROCESSES, EACH = 4, 16
KINDS = pytest.mark.parametrize("awaiting", [False, True], ids=["blocking", "awaiting"])


def client_of_redis(*, awaiting: bool, **options: Any) -> Any:
    """Return a client of Redis that gives up at its timeout, and does not try again by itself."""
    kind: Any = redis.asyncio.Redis if awaiting else redis.Redis
    retry: Any = (AsyncRetry if awaiting else Retry)(NoBackoff(), 0)
    return kind(**{"socket_timeout": 5, "retry": retry, **options})


@contextlib.contextmanager
def administering(redis_socket: Path) -> Generator[Any]:
    """Give a client of Redis for the tests themselves."""
    admin: Any = redis.Redis(unix_socket_path=str(redis_socket), decode_responses=True)
    with admin:
        yield admin


# A process.


attempts: list[Attempt] = []


def main() -> None:
    """Be a process that shares: do what each line says, and answer each with a line."""
    told: dict[str, Any] = json.loads(sys.argv[1])
    if told["behind"]:
        true_time, behind = time.time, float(told["behind"])
        time.time = lambda: true_time() - behind
    shared = client_of_redis(
        awaiting=told["awaiting"], unix_socket_path=told["socket"], decode_responses=told["decode"]
    )
    accounts = (
        Croissant(client_id=croissant.CLIENT_ID, client_secret=croissant.CLIENT_SECRET, **told["croissant"]),
        Crossmint(**told["crossmint"]),
    )
    options = told["options"] | {"timeout": 30, "on_attempt": attempts.append}
    with Crowd(*accounts, awaiting=told["awaiting"], redis=shared, **options) as crowd:
        for order in itertools.chain(["ready"], sys.stdin):
            word, *numbers = order.split()
            sys.stdout.write(json.dumps(ACTS[word](crowd, *map(float, numbers))) + "\n")
            sys.stdout.flush()


def tell(results: list[Any]) -> dict[str, int]:
    """Return how often what came out, and how often the provider said that it was too often."""
    refused = sum(attempt.status == HTTPStatus.TOO_MANY_REQUESTS for attempt in attempts)
    return Counter(type(result).__name__ for result in results) + Counter({"429": refused})


def ready(crowd: Crowd) -> dict[str, int]:
    """Tell that it is up."""
    del crowd
    return {}


def read_all(crowd: Crowd, count: float) -> dict[str, int]:
    """Read a cart so often at once."""
    return tell(crowd.all(*[read] * int(count)))


def saturate(crowd: Crowd, most: float, seconds: float, until: float) -> dict[str, int]:
    """Read an order of the shop as often as its limit lets one, until a moment."""
    limit = crowd.side("crossmint").limit
    assert isinstance(limit, RateLimiter)
    limit.max_requests, limit.seconds = int(most), seconds
    results: list[Any] = []
    waits = True
    while waits and (left := until - time.monotonic()) > 0:
        found = crowd.all(*[reading(ORDER, left + seconds / 10)] * EACH)
        waits = {type(each) for each in found} != {RateLimited}  # then nothing more comes in time
        results += found
    return tell(results)


ACTS: dict[str, Callable[..., dict[str, int]]] = {
    "ready": ready,
    "read": read_all,
    "saturate": saturate,
}


class Process:
    """A process that shares, seen from outside."""

    def __init__(
        self,
        emulator: Emulator,
        redis_socket: Path,
        *,
        awaiting: bool,
        decode: bool = False,
        behind: float = 0.0,
        **options: Any,
    ) -> None:
        """Start it, with a wall clock that is so many seconds behind."""
        told = {"socket": str(redis_socket), "awaiting": awaiting, "decode": decode, "behind": behind}
        told |= {name: emulator.client_kwargs(name) for name in ("croissant", "crossmint")} | {"options": options}
        self._popen = subprocess.Popen(
            [sys.executable, __file__, json.dumps(told)],
            env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def order(self, *words: object) -> None:
        """Tell it what to do."""
        assert self._popen.stdin is not None
        print(*words, file=self._popen.stdin, flush=True)

    def result(self) -> dict[str, int]:
        """Return what came of the eldest order that is not answered; the first answer tells that it is up."""
        assert self._popen.stdout is not None
        told: dict[str, int] = json.loads(self._popen.stdout.readline())
        return told

    def kill(self) -> None:
        """End it without a chance to tidy up."""
        self._popen.send_signal(signal.SIGKILL)
        self._popen.wait()

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """End it."""
        self.kill()
        for pipe in (self._popen.stdin, self._popen.stdout):
            if pipe is not None:
                with contextlib.suppress(BrokenPipeError):
                    pipe.close()


@contextlib.contextmanager
def started(emulator: Emulator, redis_socket: Path, *settings: dict[str, Any]) -> Generator[list[Process]]:
    """Give processes that are ready to go."""
    with contextlib.ExitStack() as stack:
        processes = [stack.enter_context(Process(emulator, redis_socket, **each)) for each in settings]
        for process in processes:
            process.result()
        yield processes


def all_do(processes: list[Process], *words: object) -> dict[str, int]:
    """Have all of them do something at once; return how often what came out."""
    for process in processes:
        process.order(*words)
    return dict(sum((Counter(process.result()) for process in processes), Counter[str]()))


# The limit.


SHARING = pytest.mark.parametrize(
    "settings",
    [
        [{"awaiting": False}] * PROCESSES,
        [{"awaiting": True}] * PROCESSES,
        [{"awaiting": awaiting, "decode": decode} for awaiting in (False, True) for decode in (False, True)],
    ],
    ids=["blocking", "awaiting", "mixed"],
)


def check_saturated(emulator: Emulator, results: dict[str, int], most: int, seconds: float) -> None:
    """Check what reached the shop: hardly less than the limit, never more; and nobody was refused by the shop."""
    arrivals: list[float] = emulator.state("crossmint").arrivals
    found = most_at_once(arrivals, seconds)
    sys.stdout.write(f"{len(arrivals)} arrivals, at most {found} in {seconds:g} s; {results}\n")
    assert "429" not in results
    assert results["Order"] <= len(arrivals) <= results["Order"] + results.get("DeadlineExceeded", 0)
    assert most - 1 <= found <= most


def test_a_minute_has_thirty_requests_of_all_processes(emulator: Emulator, redis_socket: Path) -> None:
    """The shop's own limit, in its own minute."""
    settings = [{"awaiting": awaiting} for awaiting in (False, True) * 2]
    with started(emulator, redis_socket, *settings) as processes:
        results = all_do(processes, "saturate", 30, 60, time.monotonic() + 65)
    check_saturated(emulator, results, 30, 60)
    assert 59 <= len(emulator.state("crossmint").arrivals) <= 60


@SHARING
def test_the_limit_is_kept_over_many_windows(
    emulator: Emulator, redis_socket: Path, settings: list[dict[str, Any]]
) -> None:
    """Each window is full, and none is over-full."""
    state = emulator.state("crossmint")
    state.requests_a_minute, state.window_seconds = 10, 1
    with started(emulator, redis_socket, *settings) as processes:
        results = all_do(processes, "saturate", 10, 1, time.monotonic() + 6)
    check_saturated(emulator, results, 10, 1)
    assert len(state.arrivals) > 30  # of 60, on a slow machine


@KINDS
def test_clocks_that_differ_do_not_break_the_limit(emulator: Emulator, redis_socket: Path, *, awaiting: bool) -> None:
    """The window is kept by Redis' own clock."""
    state = emulator.state("crossmint")
    state.requests_a_minute, state.window_seconds = 10, 1
    settings = [{"awaiting": awaiting, "behind": behind} for behind in (0, 0, 20, -20)]
    with started(emulator, redis_socket, *settings) as processes:
        results = all_do(processes, "saturate", 10, 1, time.monotonic() + 4)
    check_saturated(emulator, results, 10, 1)


# The token.


@SHARING
def test_a_cold_start_of_all_processes_makes_one_token_call(
    emulator: Emulator, redis_socket: Path, settings: list[dict[str, Any]]
) -> None:
    """The others wait for it, and use it."""
    inject_fault(emulator, TOKEN, FaultKind.DELAY, seconds=0.3, times=99)
    with started(emulator, redis_socket, *settings) as processes:
        assert {"Order": PROCESSES * EACH} == all_do(processes, "read", EACH)
    assert {TOKEN: 1, GET: PROCESSES * EACH} == emulator.world.calls


@SHARING
def test_a_token_that_is_revoked_under_all_processes_is_replaced_once(
    emulator: Emulator, redis_socket: Path, settings: list[dict[str, Any]]
) -> None:
    """All calls of all processes were refused with the old one."""
    with started(emulator, redis_socket, *settings) as processes:
        assert {"Order": PROCESSES} == all_do(processes, "read", 1)
        for again in range(3):
            # The last has sent its call with the old token before the first is told that it is refused.
            inject_fault(emulator, GET, FaultKind.DELAY, seconds=2, times=PROCESSES * EACH)
            emulator.world.calls.clear()
            emulator.state("croissant").revoke()
            assert {"Order": PROCESSES * EACH} == all_do(processes, "read", EACH), again
            assert {TOKEN: 1, GET: 2 * PROCESSES * EACH} == emulator.world.calls


@KINDS
def test_a_process_that_dies_with_the_lock_keeps_the_others_waiting_for_its_life(
    emulator: Emulator, redis_socket: Path, *, awaiting: bool
) -> None:
    """Which is as long as a request may take; then another makes the call."""
    inject_fault(emulator, TOKEN, FaultKind.STALL, seconds=60)
    settings = [{"awaiting": awaiting, "attempt_timeout": 2.0}] * 3
    with started(emulator, redis_socket, *settings) as [first, *others]:
        start = time.monotonic()
        first.order("read", 1)
        until(lambda: emulator.world.calls[TOKEN] > 0)
        first.kill()
        assert {"Order": 2 * EACH} == all_do(others, "read", EACH)
        took = time.monotonic() - start
    assert 2 == emulator.world.calls[TOKEN]
    assert 1.9 < took < 2 + 3  # they wait for 15 where they do not see the lock end


def test_a_process_that_dies_with_a_slot_gives_it_back(emulator: Emulator, redis_socket: Path) -> None:
    """A window after the last moment at which its request could have arrived."""
    inject_fault(emulator, "crossmint.getOrder", FaultKind.STALL, seconds=60)
    settings = [{"awaiting": False, "attempt_timeout": 2.0}] * 2
    with started(emulator, redis_socket, *settings) as [first, second]:
        first.order("saturate", 1, 0.5, time.monotonic() + 30)
        until(lambda: emulator.world.calls["crossmint.getOrder"] > 0)
        first.kill()
        second.order("saturate", 1, 0.5, time.monotonic() + 5)
        assert second.result()["Order"] >= 1
    dead, alive, *_ = emulator.state("crossmint").arrivals
    assert 1 < alive - dead < 5.5  # 2.5; were it given back a window after it was taken, 0.5


# A Redis that is no help.


def calls(crowd: Crowd, timeout: float) -> dict[str, Any]:
    """Return what comes of a call that needs a token, of one that needs a slot, and of one that needs nothing."""
    references = {"token": CART, "slot": ORDER, "nothing": f"zephyr:{zephyr.SAMPLE_ORDER}"}
    found: dict[str, Any] = {}
    for name, reference in references.items():
        start = time.monotonic()
        try:
            result = crowd.call(reading(reference, timeout))
        except OrdermuxError as error:
            result = error
        found[name] = type(result), time.monotonic() - start
    return found


@contextlib.contextmanager
def nobody() -> Generator[int]:
    """Give a port on which nobody listens."""
    with kept_port() as port:
        yield port


@contextlib.contextmanager
def silent() -> Generator[int]:
    """Give a port on which somebody takes connections, and says nothing."""
    with Server(Peer.stall) as server:
        yield server.port


@KINDS
@pytest.mark.parametrize("trouble", [nobody, silent])
def test_without_redis_nothing_is_sent(
    emulator: Emulator, trouble: Callable[[], contextlib.AbstractContextManager[int]], *, awaiting: bool
) -> None:
    """It is told in time: by the deadline where one awaits, by Redis' client's own timeout where one blocks."""
    timeout, own = (2.0, None) if awaiting else (5.0, 0.5)
    with trouble() as port:
        shared = client_of_redis(
            awaiting=awaiting, host="127.0.0.1", port=port, socket_timeout=own, socket_connect_timeout=own
        )
        with Crowd(*emulator.accounts(), awaiting=awaiting, redis=shared) as crowd:
            found = calls(crowd, timeout)
    assert {"token": SharedStateError, "slot": SharedStateError, "nothing": Order} == {
        name: kind for name, (kind, _) in found.items()
    }
    assert {"zephyr.getOrder": 1} == emulator.world.calls
    assert max(seconds for _, seconds in found.values()) < (own or timeout) + 2


def test_without_redis_the_typed_client_says_so(emulator: Emulator) -> None:
    """With its own error, and nothing is sent."""
    with nobody() as port:
        shared = client_of_redis(awaiting=False, host="127.0.0.1", port=port)
        with Crowd(*emulator.accounts(), awaiting=False, redis=shared) as crowd:
            with pytest.raises(errors.CrossmintError, match="Redis did not answer"):
                get_order.sync(ORDER_ID, client=crowd.mux.client("crossmint"))
    assert {} == emulator.world.calls


@KINDS
def test_an_answer_of_redis_that_comes_too_late_is_nobody_elses(
    emulator: Emulator, redis_socket: Path, *, awaiting: bool
) -> None:
    """Who gave up waiting leaves no answer behind for the next command."""
    shared = client_of_redis(awaiting=awaiting, unix_socket_path=str(redis_socket), socket_timeout=1.5)
    with Crowd(*emulator.accounts(), awaiting=awaiting, redis=shared) as crowd:
        crowd.call(read)
        with administering(redis_socket) as admin:
            admin.client_pause(6_000)
            emulator.state("croissant").revoke()
            asked = [reading(at, 1.5) for at in (ORDER, CART) * 5]
            refused = crowd.all(*asked)
            kinds: set[type[Any]] = {type(result) for result in refused}
            assert SharedStateError in kinds
            assert {SharedStateError, DeadlineExceeded} >= kinds  # who waited for the one who asked for a token
            admin.ping()  # is answered once the pause is over, after all that was asked before
        results = crowd.all(*[reading(at) for at in (ORDER, CART) * 8])
    assert [("crossmint", ORDER_ID), ("croissant", croissant.SAMPLE_CART)] * 8 == [
        (result.ref.account, result.ref.id) for result in results
    ]


@KINDS
@pytest.mark.parametrize("decode", [False, True])
def test_what_redis_holds_is_named_for_us_and_ends(
    emulator: Emulator, redis_socket: Path, *, awaiting: bool, decode: bool
) -> None:
    """Only tokens and windows are there, and not for ever."""
    shared = client_of_redis(awaiting=awaiting, unix_socket_path=str(redis_socket), decode_responses=decode)
    with Crowd(*emulator.accounts(), awaiting=awaiting, redis=shared) as crowd:
        crowd.all(read, reading(ORDER))
    with administering(redis_socket) as admin:
        names = admin.keys()
        lives = [admin.ttl(name) for name in names]
    assert 2 == len(names)
    assert [True, True] == [name.startswith("ordermux:") for name in names]
    assert [True, True] == [isinstance(life, int) and 0 < life <= 3600 for life in lives]


def test_who_waits_in_vain_for_others_slots_is_told(emulator: Emulator, redis_socket: Path) -> None:
    """At once, with the seconds to wait."""
    with contextlib.ExitStack() as stack:
        first, second = (
            stack.enter_context(Crowd(*emulator.accounts(), awaiting=False, redis=shared))
            for shared in [client_of_redis(awaiting=False, unix_socket_path=str(redis_socket)) for _ in range(2)]
        )
        first.all(*[reading(ORDER)] * 30)
        with pytest.raises(RateLimited) as told:
            second.call(reading(ORDER, 20))
    assert told.value.retry_after is not None
    assert 50 < told.value.retry_after <= 60
    assert 30 == len(emulator.state("crossmint").arrivals)


if __name__ == "__main__":
    main()
