"""Where a program runs: under gevent and trio, in a process that is frozen, in a notebook."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from typing import Any

import ordermux
from ordermux import Ordermux
from ordermux.emulator import Emulator
from support.ports import kept_port
from support.processes import Process

ORDER = "zephyr:order_01HXY8"
GEVENT = """
from gevent import monkey, pool
monkey.patch_all()
import ordermux
with ordermux.emulated() as mux:
    found = pool.Pool(10).map(mux.orders.get, ["zephyr:order_01HXY8"] * 50)
    print({str(order.total) for order in found}, len(list(mux.orders.list("zephyr"))))
"""
TRIO = """
import trio
from ordermux import AsyncOrdermux, Zephyr
async def main():
    mux = AsyncOrdermux(Zephyr(api_key="key", base_url="http://127.0.0.1:9"))
    for use in (mux.__aenter__, lambda: mux.orders.get("zephyr:order_1"), mux.close):
        try:
            await use()
        except Exception as error:
            print(type(error).__name__, error)
trio.run(main)
"""
TRIO_THREAD = """
import sys, trio
from ordermux import Ordermux, Zephyr
async def main():
    with Ordermux(Zephyr(api_key=sys.argv[1], base_url=sys.argv[2])) as mux:
        order = await trio.to_thread.run_sync(mux.orders.get, "zephyr:order_01HXY8")
    print(order.total)
trio.run(main)
"""
FROZEN = """
import sys
from ordermux import Ordermux, Zephyr
mux = Ordermux(Zephyr(api_key=sys.argv[1], base_url=sys.argv[2]))
for line in sys.stdin:
    print(mux.orders.get("zephyr:order_01HXY8").total, flush=True)
"""


def run(program: str, *arguments: str) -> str:
    """Return what a program prints."""
    command = [sys.executable, "-c", program, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert 0 == done.returncode, done.stderr
    return done.stdout


def settings(emulator: Emulator) -> list[str]:
    """Return the arguments of a program with an account."""
    known: dict[str, Any] = emulator.client_kwargs("zephyr")
    return [known["api_key"], known["base_url"]]


def test_under_gevent_greenlets_share_a_client_and_an_emulator() -> None:
    """With its patches applied first."""
    assert "{'37.30 USD'} 6\n" == run(GEVENT)


def test_under_trio_the_async_client_says_what_to_use() -> None:
    """Whatever is called first."""
    lines = run(TRIO).splitlines()
    assert 3 == len(lines)
    assert 1 == len(set(lines))
    assert lines[0].startswith("InvalidArgument an AsyncOrdermux runs in an event loop of asyncio, and there is none")


def test_under_trio_the_sync_client_works_in_a_thread(emulator: Emulator) -> None:
    """As the error says."""
    assert "37.30 USD\n" == run(TRIO_THREAD, *settings(emulator))


def test_a_frozen_process_makes_its_next_call_on_a_new_connection() -> None:
    """As a Lambda's between two events: meanwhile the server has closed the connection, and is another one."""
    with kept_port() as port, Emulator(port=port) as emulator:
        arguments = settings(emulator)
        pipes: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
        with Process([sys.executable, "-c", FROZEN, *arguments], **pipes) as process:
            assert process.stdin is not None
            assert process.stdout is not None
            process.stdin.write("\n")
            process.stdin.flush()
            assert "37.30 USD\n" == process.stdout.readline()
            os.kill(process.pid, signal.SIGSTOP)
            emulator.__exit__(None, None, None)
            with Emulator(port=port):
                os.kill(process.pid, signal.SIGCONT)
                out, _ = process.communicate("\n", timeout=60)
                assert ("37.30 USD\n", 0) == (out, process.returncode)


def test_in_a_notebook_both_clients_work_in_its_running_loop(emulator: Emulator) -> None:
    """Cells run in an event loop: the sync client blocks it, the async one is awaited."""

    async def cells() -> list[str]:
        with Ordermux(*emulator.accounts()) as mux:
            blocking = mux.orders.get(ORDER)
        async with ordermux.AsyncOrdermux(*emulator.accounts()) as async_mux:
            awaited = await async_mux.orders.get(ORDER)
        return [str(blocking.total), str(awaited.total)]

    assert ["37.30 USD"] * 2 == asyncio.run(cells())


def test_a_client_is_used_in_one_loop_after_another(emulator: Emulator) -> None:
    """As by a function that calls `asyncio.run` for each event."""
    mux = ordermux.AsyncOrdermux(*emulator.accounts())

    async def event() -> str:
        try:
            return str((await mux.orders.get(ORDER)).total)
        finally:
            await mux.close()

    assert ["37.30 USD"] * 2 == [asyncio.run(event()) for _ in range(2)]
