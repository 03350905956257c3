"""How the async client grows: `python -m bench.growth [--plot docs/growth.svg]` prints a table, and draws it.

Each row is a process of its own against one server: so many accounts, so many calls in flight, each account's share of
the calls. A time is the processor's for a call; the memory is the highest of the process, less what the import takes.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import resource
import subprocess
import sys
import time
from pathlib import Path

from .__main__ import serving
from .environments import search_path
from .subjects import KEY, ORDER_ID
from .worker import PEAK_UNIT

ACCOUNTS = (1, 10, 100)
IN_FLIGHT = (10, 200, 1000)
CALLS = 20_000
WIDTH, HEIGHT, LEFT, BOTTOM = 640, 300, 60, 250


async def calls(accounts: int, in_flight: int, address: str) -> dict[str, float]:
    """Return what so many calls take."""
    from ordermux import AsyncOrdermux, Zephyr

    def peak() -> float:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * PEAK_UNIT / 1e6

    before = peak()
    names = [f"shop{number}" for number in range(accounts)]
    async with AsyncOrdermux(*(Zephyr(name=name, api_key=KEY, base_url=address) for name in names)) as mux:
        left = iter(range(CALLS))

        async def worker() -> None:
            for number in left:
                await mux.orders.get(f"{names[number % accounts]}:{ORDER_ID}")

        await asyncio.gather(*(mux.orders.get(f"{name}:{ORDER_ID}") for name in names))
        wall, cpu = time.perf_counter(), time.process_time()
        await asyncio.gather(*(worker() for _ in range(in_flight)))
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    return {"cpu": cpu / CALLS * 1e6, "rate": CALLS / wall, "memory": peak() - before}


def measured(accounts: int, in_flight: int, address: str) -> dict[str, float]:
    """Return the same, by a process of its own."""
    command = [sys.executable, "-m", "bench.growth", "--one", str(accounts), str(in_flight), address]
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=search_path())
    told: dict[str, float] = json.loads(done.stdout)
    return told


def plot(rows: dict[tuple[int, int], dict[str, float]]) -> str:
    """Return a drawing: a group of bars for each number in flight, a bar for each number of accounts."""
    highest = max(row["cpu"] for row in rows.values())
    parts = [f'<text x="{LEFT}" y="24" font-size="14">Microseconds of processor time a call</text>']
    for step in range(5):
        value, y = highest * step / 4, BOTTOM - 200 * step / 4
        parts.append(f'<line x1="{LEFT}" x2="{WIDTH - 20}" y1="{y:.0f}" y2="{y:.0f}" stroke="#8888" />')
        parts.append(f'<text x="{LEFT - 8}" y="{y + 4:.0f}" text-anchor="end">{value:.0f}</text>')
    for group, in_flight in enumerate(IN_FLIGHT):
        start = LEFT + 20 + group * 180
        for bar, (accounts, colour) in enumerate(zip(ACCOUNTS, ("#9ec5fe", "#3d8bfd", "#084298"), strict=True)):
            row = rows[accounts, in_flight]
            size, x = 200 * row["cpu"] / highest, start + bar * 50
            parts.append(
                f'<rect x="{x}" y="{BOTTOM - size:.0f}" width="44" height="{size:.0f}" fill="{colour}">'
                f"<title>{accounts} accounts: {row['cpu']:.0f} µs</title></rect>"
            )
            parts.append(f'<text x="{x + 22}" y="{BOTTOM + 16}" text-anchor="middle">{accounts}</text>')
        label = f"{in_flight:,} in flight" if group else f"accounts; {in_flight} in flight"
        parts.append(f'<text x="{start + 72}" y="{BOTTOM + 36}" text-anchor="middle">{label}</text>')
    style = "text{font:12px sans-serif;fill:#667}"
    body = "\n".join(parts)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
        f'aria-label="Processor time of a call by accounts and calls in flight"><style>{style}</style>\n'
        f"{body}\n</svg>\n"
    )


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--plot", type=Path, help="where to draw it")
    parser.add_argument("--one", nargs=3, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        accounts, in_flight, address = options.one
        print(json.dumps(asyncio.run(calls(int(accounts), int(in_flight), address))), flush=True)
        os._exit(0)
    print(
        "| accounts | in flight | µs of processor time a call | calls a second | MB more |\n|---:|---:|---:|---:|---:|"
    )
    rows: dict[tuple[int, int], dict[str, float]] = {}
    with serving() as address:
        for accounts in ACCOUNTS:
            for in_flight in IN_FLIGHT:
                row = rows[accounts, in_flight] = measured(accounts, in_flight, address)
                figures = f"{row['cpu']:.0f} | {row['rate']:,.0f} | {row['memory']:.1f}"
                print(f"| {accounts} | {in_flight:,} | {figures} |", flush=True)
    if options.plot:
        options.plot.write_text(plot(rows), encoding="utf-8")


if __name__ == "__main__":
    main()
