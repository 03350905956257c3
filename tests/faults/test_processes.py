"""Processes that are killed or forked, threads on one client, and tasks that are cancelled: nothing is mixed up."""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from ordermux import AsyncOrdermux, Ordermux, ProviderError
from ordermux.emulator import Emulator, Fault, FaultKind
from ordermux.providers.zephyr import emulator as zephyr

KEY = "refund-of-the-caller-1"
REFUND = "zephyr.createRefund"
_REFUND_BLOCKING = """
import sys
from ordermux import Money, Ordermux, Zephyr

address, api_key, order, key = sys.argv[1:]
with Ordermux(Zephyr(api_key=api_key, base_url=address)) as mux:
    print(mux.orders.refund(order, Money("1.50", "USD"), idempotency_key=key).id)
"""
_REFUND_AWAITING = """
import asyncio, sys
from ordermux import AsyncOrdermux, Money, Zephyr

address, api_key, order, key = sys.argv[1:]

async def main():
    async with AsyncOrdermux(Zephyr(api_key=api_key, base_url=address)) as mux:
        print((await mux.orders.refund(order, Money("1.50", "USD"), idempotency_key=key)).id)

asyncio.run(main())
"""
# Prints how many calls failed or gave another order: the parent's, and the child's as its exit status. It is forked
# while its connections are idle, which both would take up, or in use, so that locks are held by threads that the child
# does not have.
_FORK = """
import os, sys, threading, warnings
from ordermux import Ordermux, Zephyr

warnings.filterwarnings("ignore", ".*is multi-threaded", DeprecationWarning)  # Python 3.12's, and so it is
when, address, api_key, calls, *orders = sys.argv[1:]
half = len(orders) // 2

def read(mux, mine, wrong):
    for number in range(int(calls)):
        wanted = "zephyr:" + mine[number % len(mine)]
        try:
            wrong += [wanted] * (str(mux.orders.get(wanted).ref) != wanted)
        except Exception as error:
            wrong.append(repr(error))

def reading(mux, mine):
    wrong = []
    threads = [threading.Thread(target=read, args=(mux, mine[part::4], wrong)) for part in range(4)]
    for thread in threads:
        thread.start()
    return threads, wrong

def ended(threads, wrong):
    for thread in threads:
        thread.join()
    print(wrong[:3], file=sys.stderr) if wrong else None
    return min(100, len(wrong))

with Ordermux(Zephyr(api_key=api_key, base_url=address)) as mux:
    parents = reading(mux, orders[:half])
    failed = ended(*parents)
    parents = reading(mux, orders[:half]) if when == "in use" else None
    child = os.fork()
    if child == 0:
        os._exit(ended(*reading(mux, orders[half:])))
    failed += ended(*(parents or reading(mux, orders[:half])))
    _, status = os.waitpid(child, 0)
    print(failed, os.waitstatus_to_exitcode(status))
"""


def started(script: str, *arguments: str) -> subprocess.Popen[str]:
    """Start a program of another process."""
    command = [sys.executable, "-c", script, *arguments]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True)


def ended(process: subprocess.Popen[str]) -> tuple[int, str, str]:
    """Wait for a program, and return its exit status and what it printed."""
    try:
        out, err = process.communicate(timeout=60)
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)  # a child that hangs, too
    return process.returncode, out.strip(), err.strip()


@pytest.mark.slow
@pytest.mark.parametrize("script", [_REFUND_BLOCKING, _REFUND_AWAITING], ids=["blocking", "awaiting"])
def test_a_process_that_is_killed_and_started_again_refunds_once(emulator: Emulator, script: str) -> None:
    """The refund was carried out, nobody was told; the second run has the same key, and is told of the first."""
    emulator.world.faults.inject(REFUND, Fault(kind=FaultKind.STALL, when="after", seconds=60))
    arguments = (f"{emulator.address}/zephyr", zephyr.CREDENTIALS["api_key"], f"zephyr:{zephyr.SAMPLE_ORDER}", KEY)
    process = started(script, *arguments)
    try:
        end = time.monotonic() + 30
        while emulator.world.effects[REFUND] < 1 and process.poll() is None and time.monotonic() < end:
            time.sleep(0.01)
    finally:
        process.kill()
    assert (-signal.SIGKILL, "", "") == ended(process)
    assert 1 == emulator.world.effects[REFUND]
    status, told, errors = ended(started(script, *arguments))
    _, _, _, answer = emulator.state("zephyr").answers[KEY]
    assert (0, answer["id"], "") == (status, told, errors)
    assert (2, 1) == (emulator.world.calls[REFUND], emulator.world.effects[REFUND])
    assert 150 == emulator.state("zephyr").refunded[zephyr.SAMPLE_ORDER]


@pytest.mark.slow
@pytest.mark.parametrize("when", ["idle", "in use"])
def test_a_forked_process_gets_its_own_orders(emulator: Emulator, when: str) -> None:
    """Of a client that is warm, in four threads each: neither parent nor child is given an answer of the other's."""
    slow = Fault(kind=FaultKind.DELAY, when="before", seconds=0.02, times=1000)
    emulator.world.faults.inject("zephyr.getOrder", slow)  # so that both have questions out all the time
    orders = [emulator.state("zephyr").add(emulator.world)["id"] for _ in range(40)]
    process = started(_FORK, when, f"{emulator.address}/zephyr", zephyr.CREDENTIALS["api_key"], "25", *orders)
    assert (0, "0 0", "") == ended(process)
    assert 3 * 4 * 25 == emulator.world.calls["zephyr.getOrder"]


def orders_of_three(emulator: Emulator, count: int) -> list[str]:
    """Add orders to three providers in turn, and return their references."""
    kinds = [("zephyr", "id"), ("croissant", "id"), ("cryptum", "id")]
    turns = [kinds[number % len(kinds)] for number in range(count)]
    return [f"{name}:{emulator.state(name).add(emulator.world)[field]}" for name, field in turns]


@pytest.mark.slow
def test_64_threads_on_one_client_get_their_own_orders(emulator: Emulator) -> None:
    """All at once, ten times each; one token is got for all of them."""
    references = orders_of_three(emulator, 64)
    at_once = threading.Barrier(64)
    with Ordermux(*emulator.accounts()) as mux, ThreadPoolExecutor(64) as pool:

        def read(reference: str) -> list[tuple[str, str]]:
            at_once.wait()
            orders = [mux.orders.get(reference) for _ in range(10)]
            return [(str(order.ref), order.native.id) for order in orders]

        found = list(pool.map(read, references))
    assert [[(reference, reference.partition(":")[2])] * 10 for reference in references] == found
    assert 1 == emulator.world.effects["croissant.createToken"]


@pytest.mark.slow
def test_a_client_whose_calls_were_cancelled_still_serves(emulator: Emulator) -> None:
    """200 and more at random points, tokens being got among them, over four connections; then 100 get their orders.

    How many calls end before they are cancelled depends on the machine: it goes on until 50 did not.
    """
    chance = random.Random(7)
    references = orders_of_three(emulator, 100)

    async def main() -> list[str]:
        async with AsyncOrdermux(*emulator.accounts(), connections=4) as mux:

            async def cancelled(reference: str) -> bool:
                call = asyncio.create_task(mux.orders.get(reference))
                await asyncio.sleep(chance.uniform(0, 0.03))
                call.cancel()
                return isinstance((await asyncio.gather(call, return_exceptions=True))[0], asyncio.CancelledError)

            called, count = 0, 0
            async with asyncio.timeout(60):
                while called < 200 or count < 50:
                    emulator.state("croissant").revoke()
                    some = chance.sample(references, 10)
                    count += sum(await asyncio.gather(*map(cancelled, some)))
                    called += len(some)
            async with asyncio.timeout(30):
                orders = await asyncio.gather(*map(mux.orders.get, references))
        return [str(order.ref) for order in orders]

    assert references == asyncio.run(main())


def test_a_client_whose_calls_ran_out_of_time_still_serves(emulator: Emulator) -> None:
    """The same where the deadline cuts them, blocking: no connection is lost with them."""
    references = orders_of_three(emulator, 30)
    emulator.world.faults.inject("*", Fault(kind=FaultKind.STALL, when="before", seconds=60, times=30))
    with Ordermux(*emulator.accounts()) as mux, ThreadPoolExecutor(30) as pool:

        def fail(reference: str) -> str:
            with pytest.raises(ProviderError) as caught:
                mux.orders.get(reference, timeout=0.3)
            return type(caught.value).__name__

        assert {"DeadlineExceeded"} == set(pool.map(fail, references))
        emulator.world.faults.clear()
        assert references == [str(order.ref) for order in pool.map(mux.orders.get, references)]
