"""The emulator beside a bare Starlette handler, and with many orders: `python tests/bench/emulator.py [--quick]`.

Each server is a process of its own; they take turns in one run. The bare handler returns a ready answer as JSON, under
the same uvicorn, so that the ratio is what state, rules, the journal and the choice of a world cost. Memory is what the
kernel says of the emulator's process.
"""

from __future__ import annotations

import argparse
import contextlib
import http.client
import json
import os
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Generator, Sequence
from pathlib import Path
from typing import Any

import attrs
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route
from uvicorn.protocols.http.h11_impl import H11Protocol

sys.path.insert(0, str(Path(__file__).parent.parent))

from ordermux.emulator import Emulator, World
from ordermux.providers.croissant import emulator as croissant
from ordermux.providers.cryptum import emulator as cryptum
from ordermux.providers.zephyr import emulator as zephyr
from support.text_table import table

MEGABYTE = 1 << 20
PAGE = 100
ZEPHYR = {"authorization": f"Bearer {zephyr.CREDENTIALS['api_key']}"}
CROISSANT = {"authorization": "Bearer made-up"}
CRYPTUM = {"x-api-key": cryptum.CREDENTIALS["api_key"]}

Call = tuple[str, str, dict[str, str], Any]
"""A method, a path, headers and what becomes the JSON body."""
CALLS: dict[str, Call] = {
    "zephyr, get": ("GET", f"/zephyr/v1/orders/{zephyr.SAMPLE_ORDER}", ZEPHYR, None),
    "zephyr, list of 100": ("GET", f"/zephyr/v1/orders?limit={PAGE}", ZEPHYR, None),
    "zephyr, update": ("PATCH", f"/zephyr/v1/orders/{zephyr.SAMPLE_ORDER}", ZEPHYR, {"metadata": {"shelf": "4"}}),
    "croissant, get": ("GET", f"/croissant/v0/carts/{croissant.SAMPLE_CART}", CROISSANT, None),
    "cryptum, list of 100": ("GET", f"/cryptum/plugins/orders/?storeId={cryptum.STORE}&limit={PAGE}", CRYPTUM, None),
}


@attrs.frozen
class Server:
    """A server in a process of its own."""

    process: subprocess.Popen[str]
    connection: http.client.HTTPConnection

    @classmethod
    @contextlib.contextmanager
    def of(cls, *arguments: str) -> Generator[Server]:
        """Start this file with arguments; it ends with the context."""
        command = [sys.executable, __file__, *arguments]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            try:
                connection = http.client.HTTPConnection("127.0.0.1", int(process.stdout.readline()))
                yield cls(process, connection)
                connection.close()
            finally:
                process.terminate()

    def ask(self, method: str, path: str, headers: dict[str, str], body: Any) -> bytes:
        """Return the body of an answer, which has to be a success."""
        content = None if body is None else json.dumps(body)
        self.connection.request(method, path, content, {"content-type": "application/json", **headers})
        answer = self.connection.getresponse()
        told = answer.read()
        assert 200 == answer.status, (answer.status, told)
        return told

    def cpu(self) -> float:
        """Return the seconds of the processor that it has used."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def memory(self) -> float:
        """Return its resident memory in MB."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(status.partition("VmRSS:")[2].split()[0]) * 1024 / MEGABYTE


def serve_emulator(orders: int) -> None:
    """Run the emulator until its process is ended."""
    with Emulator(World(extra_orders=orders)) as emulator:
        emulator.state("croissant").tokens["made-up"] = time.time() + 86_400
        print(emulator.address.rpartition(":")[2], flush=True)
        sys.stdin.read()


def serve_bare() -> None:
    """Run a handler that returns the JSON that was put last."""
    kept: list[Any] = []

    async def put(request: Request) -> JSONResponse:
        kept[:] = [json.loads(await request.body())]
        return JSONResponse({})

    async def answer(request: Request) -> JSONResponse:
        await request.body()
        return JSONResponse(kept[0])

    app = Starlette(routes=[Route("/", put, methods=["PUT"]), Route("/{path:path}", answer, methods=["GET", "PATCH"])])
    config = uvicorn.Config(app, log_config=None, access_log=False, lifespan="off", ws="none", http=H11Protocol)
    plug = socket.socket(proto=socket.IPPROTO_TCP)  # as the emulator's, so that asyncio sends small pieces at once
    plug.bind(("127.0.0.1", 0))
    print(plug.getsockname()[1], flush=True)
    uvicorn.Server(config).run([plug])


def rate(server: Server, call: Call, calls: int) -> tuple[float, float]:
    """Return calls a second, and the microseconds of the server's processor that one takes."""
    cpu, start = server.cpu(), time.perf_counter()
    for _ in range(calls):
        server.ask(*call)
    return calls / (time.perf_counter() - start), (server.cpu() - cpu) / calls * 1e6


def speeds(rounds: int, calls: int) -> list[list[str]]:
    """Return a row for each call."""
    rows: list[list[str]] = []
    with Server.of("--serve", "emulator", "--orders", "1000") as emulator, Server.of("--serve", "bare") as bare:
        for name, call in CALLS.items():
            bare.ask("PUT", "/", {}, json.loads(emulator.ask(*call)))
            rounds_of = [(rate(emulator, call, calls), rate(bare, call, calls)) for _ in range(rounds)]
            ours, theirs = zip(*rounds_of, strict=True)
            (speed, cpu), (bare_speed, bare_cpu) = map(_medians, (ours, theirs))
            figures = [f"{speed:,.0f}", f"{bare_speed:,.0f}", f"{speed / bare_speed:.2f}"]
            rows.append([name, *figures, f"{cpu:.0f} us", f"{bare_cpu:.0f} us"])
    return rows


def _medians(rates: Sequence[tuple[float, float]]) -> tuple[float, float]:
    return statistics.median(rate for rate, _ in rates), statistics.median(cpu for _, cpu in rates)


def long_list(orders: int) -> list[list[str]]:
    """Return how the emulator fares while all the orders of a provider are listed."""
    start = time.perf_counter()
    with Server.of("--serve", "emulator", "--orders", str(orders)) as emulator:
        ready, before = time.perf_counter() - start, emulator.memory()
        start, listed, cursor, most = time.perf_counter(), 0, "", before
        while cursor is not None:
            path = f"/zephyr/v1/orders?limit={PAGE}" + (f"&cursor={cursor}" if cursor else "")
            page = json.loads(emulator.ask("GET", path, ZEPHYR, None))
            listed, cursor = listed + len(page["data"]), page["next_cursor"]
            most = max(most, emulator.memory())
        took = time.perf_counter() - start
    figures = [f"{listed:,}", f"{ready:.1f} s", f"{before:.0f} MB", f"+{most - before:.1f} MB", f"{took:.1f} s"]
    return [[f"{orders:,} each", *figures, f"{listed / took:,.0f}"]]


def main() -> None:
    """Print the two tables, or be one of the servers."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer calls")
    parser.add_argument("--serve", choices=["emulator", "bare"], help=argparse.SUPPRESS)
    parser.add_argument("--orders", type=int, default=100_000, help="how many each provider has in the long list")
    given = parser.parse_args()
    if given.serve:
        serve_bare() if given.serve == "bare" else serve_emulator(given.orders)
        return
    rounds, calls = (2, 100) if given.quick else (5, 1000)
    print(f"Calls a second on one kept connection, the median of {rounds} rounds of {calls} in turns:\n")
    head = ["call", "emulator", "bare Starlette", "ratio", "emulator's CPU", "bare CPU"]
    print(table(head, speeds(rounds, calls)))
    print("\nThe emulator with many orders, while all of ZephyrCart's are listed:\n")
    head = ["orders", "listed", "ready after", "memory", "while listing", "took", "orders a second"]
    print(table(head, long_list(given.orders)))


if __name__ == "__main__":
    main()
