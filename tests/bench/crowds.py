"""Subjects that do many calls: at once, in a row that does not end, or from several threads."""

from __future__ import annotations

import asyncio
import itertools
import json
import math
import time
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from .server import PAGE_ORDERS
from .subjects import HEADERS, KEY, ORDER_ID, Run, connected, expect

AT_ONCE = 200
"""How many calls are in flight where they are awaited."""
WORKERS = 8
"""How many products are stored at once, which is the facade's default."""
PRODUCT = {"name": "Leather Tote Bag", "brand": "Your Brand", "price": {"amount": 19900, "currency": "USD"}}
_FOR_LONG = 600.0


def at_once(call: Callable[[], Awaitable[Any]], count: int = AT_ONCE) -> Callable[[int], Coroutine[Any, Any, None]]:
    """Return what does a call so many times, always so many in flight."""

    async def run(calls: int) -> None:
        left = iter(range(calls))

        async def worker() -> None:
            for _ in left:
                await call()

        await asyncio.gather(*(worker() for _ in range(count)))

    return run


def in_loop(open_in_loop: Callable[[], Coroutine[Any, Any, Callable[[int], Coroutine[Any, Any, Any]]]]) -> Run:
    """Return what runs in one event loop that lasts as long as the process."""
    runner = asyncio.Runner()
    run = runner.run(open_in_loop())
    return lambda calls: runner.run(run(calls))


# Many calls in flight.


def async_facade(address: str, count: int = AT_ONCE) -> Run:
    """Read orders by the facade, async, so many in flight."""

    async def opened() -> Callable[[int], Coroutine[Any, Any, None]]:
        from ordermux import AsyncOrdermux, Zephyr

        orders = AsyncOrdermux(Zephyr(api_key=KEY, base_url=address)).orders
        expect(str((await orders.get(f"zephyr:{ORDER_ID}")).total) == "68.20 USD")
        return at_once(lambda: orders.get(f"zephyr:{ORDER_ID}"), count)

    return in_loop(opened)


def async_facade_10(address: str) -> Run:
    """Read orders by the facade, async, 10 in flight."""
    return async_facade(address, 10)


def async_facade_1000(address: str) -> Run:
    """Read orders by the facade, async, 1,000 in flight; 100 of them have a connection."""
    return async_facade(address, 1000)


def _async_httpx(address: str, **options: Any) -> Run:
    async def opened() -> Callable[[int], Coroutine[Any, Any, None]]:
        import httpx

        client = httpx.AsyncClient(timeout=_FOR_LONG, **options)

        async def call() -> bytes:
            return (await client.get(f"{address}/v1/orders/{ORDER_ID}", headers=HEADERS)).content

        expect(b"MUG-1" in await call())
        return at_once(call)

    return in_loop(opened)


def async_httpx(address: str) -> Run:
    """Get orders' bytes by httpx, as it comes: it keeps 20 of its 100 connections."""
    return _async_httpx(address)


def async_httpx_keeping(address: str) -> Run:
    """Get orders' bytes by httpx that keeps all its connections."""
    import httpx

    return _async_httpx(address, limits=httpx.Limits(max_connections=100, max_keepalive_connections=100))


def async_aiohttp(address: str) -> Run:
    """Get orders' bytes by aiohttp."""

    async def opened() -> Callable[[int], Coroutine[Any, Any, None]]:
        import aiohttp

        session = aiohttp.ClientSession()

        async def call() -> bytes:
            async with session.get(f"{address}/v1/orders/{ORDER_ID}", headers=HEADERS) as response:
                return await response.read()

        expect(b"MUG-1" in await call())
        return at_once(call)

    return in_loop(opened)


# Long lists, many products.


def walk_facade(address: str) -> Run:
    """List so many orders by the facade, a page at a time."""

    def run(orders: int) -> None:
        mux = connected(f"{address}/walk/{math.ceil(orders / PAGE_ORDERS)}")
        seen = sum(1 for _ in mux.orders.list("zephyr"))
        expect(seen == PAGE_ORDERS * math.ceil(orders / PAGE_ORDERS))
        mux.close()

    return run


def _products(calls: int) -> Iterator[tuple[str, dict[str, Any]]]:
    """Return so many products, which threads may share: a map is safe for that, and a generator is not."""
    return map(_product, range(calls))


def _product(number: int) -> tuple[str, dict[str, Any]]:
    return f"sku-{number}", {**PRODUCT, "sku": f"sku-{number}"}


def products_facade(address: str) -> Run:
    """Store products by the facade."""
    from ordermux import Croissant, Ordermux

    products = Ordermux(Croissant(client_id="made-up", client_secret=KEY, base_url=address)).products
    return lambda calls: expect(
        (calls, 0) == ((report := products.sync("croissant", _products(calls))).stored, report.failed)
    )


def products_facade_async(address: str) -> Run:
    """Store products by the facade, awaiting."""

    async def opened() -> Callable[[int], Coroutine[Any, Any, None]]:
        from ordermux import AsyncOrdermux, Croissant

        products = AsyncOrdermux(Croissant(client_id="made-up", client_secret=KEY, base_url=address)).products

        async def run(calls: int) -> None:
            report = await products.sync("croissant", _products(calls))
            expect((report.stored, report.failed) == (calls, 0))

        return run

    return in_loop(opened)


def _put(address: str, product: tuple[str, dict[str, Any]]) -> tuple[str, bytes, dict[str, str]]:
    """Return the address, the body and the headers of a request that stores a product."""
    headers = {**HEADERS, "content-type": "application/json", "accept": "application/json"}
    return f"{address}/products/{product[0]}", json.dumps(product[1]).encode(), headers


def _threads(call: Callable[[tuple[str, dict[str, Any]]], object], calls: int) -> None:
    """Store products by as many threads as the facade has."""
    left, done = _products(calls), itertools.count()

    def worker() -> None:
        for product in iter(lambda: next(left, None), None):
            expect(call(product))
            next(done)

    with ThreadPoolExecutor(WORKERS) as pool:
        for future in [pool.submit(worker) for _ in range(WORKERS)]:
            future.result()
    expect(next(done) == calls)


def products_transport(address: str) -> Run:
    """Store products by the facade's own transport and no more: no retries, limits, credentials or decoding."""
    from ordermux.transport.sync import SyncTransport
    from ordermux.transport.wire import RawResponse, WireRequest

    transport = SyncTransport()

    def call(product: tuple[str, dict[str, Any]]) -> bool:
        url, content, headers = _put(address, product)
        request = WireRequest.to_url("PUT", url, headers.items(), content)
        return isinstance(transport.send(request, time.monotonic() + _FOR_LONG, 2**24), RawResponse)

    return lambda calls: _threads(call, calls)


def products_httpx(address: str) -> Run:
    """Store products by `httpx.Client.put`."""
    import httpx

    client = httpx.Client()

    def call(product: tuple[str, dict[str, Any]]) -> bool:
        url, content, headers = _put(address, product)
        return client.put(url, content=content, headers=headers).is_success

    return lambda calls: _threads(call, calls)


def products_transport_async(address: str) -> Run:
    """Store products by the facade's own transport that awaits, and no more."""

    async def opened() -> Callable[[int], Coroutine[Any, Any, None]]:
        from ordermux.transport.aio import AsyncTransport
        from ordermux.transport.wire import RawResponse, WireRequest

        transport = AsyncTransport()

        async def run(calls: int) -> None:
            left = _products(calls)

            async def worker() -> None:
                for product in left:
                    url, content, headers = _put(address, product)
                    request = WireRequest.to_url("PUT", url, headers.items(), content)
                    sent = await transport.send(request, time.monotonic() + _FOR_LONG, 2**24)
                    expect(isinstance(sent, RawResponse))

            await asyncio.gather(*(worker() for _ in range(WORKERS)))

        return run

    return in_loop(opened)
