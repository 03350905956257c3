"""TLS beside its peers: `python -m bench.tls` prints handshakes and reads a second, each client in turn, five rounds.

One private authority, one server in a process of its own, one call at a time. A handshake is a read on a new
connection.
The peers are bare: they get the bytes and decode nothing, where the facade gives an order.
"""

from __future__ import annotations

import asyncio
import contextlib
import ssl
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Coroutine, Generator
from pathlib import Path
from typing import Any

from .environments import search_path
from .server import Canned
from .subjects import HEADERS, KEY, ORDER_ID

ROUNDS, HANDSHAKES, READS = 5, 100, 1000
PATH = f"/v1/orders/{ORDER_ID}"


async def serve(folder: Path) -> None:
    """Serve until the standard input ends."""
    import trustme

    authority = trustme.CA()
    authority.cert_pem.write_to_path(folder / "authority.pem")
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    certificate: Any = authority.issue_cert("127.0.0.1")
    certificate.configure_cert(context)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(Canned, "127.0.0.1", 0, ssl=context)
    print(server.sockets[0].getsockname()[1], flush=True)
    await loop.run_in_executor(None, sys.stdin.read)
    server.close()


@contextlib.contextmanager
def serving() -> Generator[tuple[str, ssl.SSLContext]]:
    """Give the address of such a server, and a context that trusts it."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "bench.tls", folder]
        with subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=search_path()
        ) as process:
            assert process.stdout
            address = f"https://127.0.0.1:{int(process.stdout.readline())}"
            yield address, ssl.create_default_context(cafile=str(Path(folder) / "authority.pem"))
            process.communicate()


def facade(address: str, context: ssl.SSLContext, opened: int, reads: int) -> None:
    """Read orders by Ordermux."""
    from ordermux import Ordermux, Zephyr

    for _ in range(opened):
        with Ordermux(Zephyr(api_key=KEY, base_url=f"{address}"), ssl_context=context) as mux:
            for _ in range(reads):
                mux.orders.get(f"zephyr:{ORDER_ID}")


def bare_httpx(address: str, context: ssl.SSLContext, opened: int, reads: int) -> None:
    """Get bytes by httpx."""
    import httpx

    for _ in range(opened):
        with httpx.Client(verify=context) as client:
            for _ in range(reads):
                assert client.get(address + PATH, headers=HEADERS).content


async def async_facade(address: str, context: ssl.SSLContext, opened: int, reads: int) -> None:
    """Read orders by AsyncOrdermux."""
    from ordermux import AsyncOrdermux, Zephyr

    for _ in range(opened):
        async with AsyncOrdermux(Zephyr(api_key=KEY, base_url=address), ssl_context=context) as mux:
            for _ in range(reads):
                await mux.orders.get(f"zephyr:{ORDER_ID}")


async def bare_aiohttp(address: str, context: ssl.SSLContext, opened: int, reads: int) -> None:
    """Get bytes by aiohttp."""
    import aiohttp

    for _ in range(opened):
        async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=context)) as session:
            for _ in range(reads):
                async with session.get(address + PATH, headers=HEADERS) as response:
                    assert await response.read()


def _sync(run: Callable[..., Coroutine[Any, Any, None]]) -> Callable[..., None]:
    return lambda *arguments: asyncio.run(run(*arguments))


CLIENTS: dict[str, Callable[..., None]] = {
    "Ordermux": facade,
    "httpx.Client": bare_httpx,
    "AsyncOrdermux": _sync(async_facade),
    "aiohttp": _sync(bare_aiohttp),
}


def main() -> None:
    """Print the table."""
    took: dict[tuple[str, str], list[float]] = {}
    with serving() as (address, context):
        for _ in range(ROUNDS):
            for name, run in CLIENTS.items():
                for what, opened, reads in (("handshakes", HANDSHAKES, 1), ("reads", 1, READS)):
                    began = time.perf_counter()
                    run(address, context, opened, reads)
                    took.setdefault((name, what), []).append(opened * reads / (time.perf_counter() - began))
    print("| client | handshakes a second | reads a second |\n|---|---:|---:|")
    for name in CLIENTS:
        figures = (
            f"{statistics.median(took[name, what]):,.0f} ({min(took[name, what]):,.0f}\N{EN DASH}"
            f"{max(took[name, what]):,.0f})"
            for what in ("handshakes", "reads")
        )
        print(f"| {name} | {' | '.join(figures)} |")


if __name__ == "__main__":
    if sys.argv[1:]:
        asyncio.run(serve(Path(sys.argv[1])))
    else:
        main()
