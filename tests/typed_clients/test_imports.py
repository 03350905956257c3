"""What importing a package costs, and what is public in it."""

from __future__ import annotations

import subprocess
import sys
import warnings
from importlib import import_module

import httpx
import pytest

from ordermux_zephyr import Client, models
from ordermux_zephyr.api.orders import list_orders
from support.document_checker import documents
from support.mock_answers import MockAnswers
from support.raw_server import Server
from support.raw_server import answering as answering_with
from support.typed_client_answers import ORDER

PROVIDERS = sorted(documents())


@pytest.mark.parametrize("provider", PROVIDERS)
def test_importing_a_package_imports_nothing_else(provider: str) -> None:
    """Neither httpx nor the models, until they are used."""
    heavy = f"('ordermux_{provider}.', 'httpx', 'msgspec', 'attr')"
    code = f"import sys, ordermux_{provider}; print([name for name in sys.modules if name.startswith({heavy})])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "[]\n" == done.stdout


CALLS = """
import asyncio, sys
from ordermux import AsyncOrdermux, Ordermux, Zephyr

account = Zephyr(api_key="k", base_url=sys.argv[1])
with Ordermux(account) as mux:
    mux.orders.get("zephyr:" + sys.argv[2])

async def main():
    async with AsyncOrdermux(account) as mux:
        await mux.orders.get("zephyr:" + sys.argv[2])

asyncio.run(main())
print([name for name in sys.modules if name.split(".")[0] in ("httpx", "httpcore", "aiohttp")])
"""


@pytest.mark.slow
def test_calls_of_the_facade_import_no_library_for_http() -> None:
    """The transports of its own are enough; httpx takes longer to import than a first call takes."""
    content = httpx.Response(200, json=ORDER).content
    with Server(answering_with(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(content), content))) as server:
        command = [sys.executable, "-c", CALLS, server.url, ORDER["id"]]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert "[]\n" == done.stdout
    assert 2 == len(server.requests)


@pytest.mark.parametrize("provider", PROVIDERS)
def test_each_public_name_is_there(provider: str) -> None:
    """Those of `__all__` and the modules, and another one is an AttributeError."""
    package = import_module(f"ordermux_{provider}")
    modules = ["client", "codec", "errors", "events", "models", "types"]
    assert [] == [name for name in [*package.__all__, *modules] if not hasattr(package, name)]
    assert sorted([*package.__all__, *modules, "api"]) == dir(package)
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = package.nothing


def test_a_listing_is_typed_by_what_came() -> None:
    """The union of an envelope and a bare array gives the one or the other."""
    with Client(api_key="key", transport=MockAnswers(httpx.Response(200, json=[ORDER]))) as client:
        assert [ORDER["id"]] == [order.id for order in list_orders.sync(client=client)]  # type: ignore[union-attr]


def test_nothing_is_deprecated_in_what_is_not() -> None:
    """A request without the deprecated field does not warn."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        models.RefundRequest(amount_cents=1)
