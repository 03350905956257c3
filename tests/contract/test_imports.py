"""What importing a package costs, and what is public in it."""

from __future__ import annotations

import subprocess
import sys
import warnings
from importlib import import_module

import httpx
import pytest

from answers import ORDER, answering
from checker import documents
from ordermux_zephyr import Client, models
from ordermux_zephyr.api.orders import list_orders

PROVIDERS = sorted(documents())


@pytest.mark.parametrize("provider", PROVIDERS)
def test_importing_a_package_imports_nothing_else(provider: str) -> None:
    """Neither httpx nor the models, until they are used."""
    heavy = f"('ordermux_{provider}.', 'httpx', 'msgspec', 'attr')"
    code = f"import sys, ordermux_{provider}; print([name for name in sys.modules if name.startswith({heavy})])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "[]\n" == done.stdout


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
    with Client(api_key="key", transport=answering(httpx.Response(200, json=[ORDER]))) as client:
        assert [ORDER["id"]] == [order.id for order in list_orders.sync(client=client)]  # type: ignore[union-attr]


def test_nothing_is_deprecated_in_what_is_not() -> None:
    """A request without the deprecated field does not warn."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        models.RefundRequest(amount_cents=1)
