"""What is refused before anything is sent shows no secret: constructors, the environment, deliveries; nor does help."""

# pyright: reportUnknownLambdaType=false, reportUnknownMemberType=false, reportUnknownArgumentType=false, reportUnknownVariableType=false
from __future__ import annotations

import base64
import importlib
import inspect
import pickle
import pydoc
from collections.abc import Callable
from typing import Any

import attrs
import pytest

import ordermux
from ordermux import AsyncOrdermux, Croissant, Crossmint, Cryptum, Ordermux, Zephyr, from_env
from ordermux import privacy as _privacy
from ordermux.providers.crossmint import webhooks as crossmint
from ordermux.providers.cryptum import webhooks as cryptum
from ordermux.providers.zephyr import webhooks as zephyr
from ordermux.webhooks import Webhooks, delivery
from support.secret_search import CANARIES, PROVIDERS, Search

KEY, SECRET, JWT = CANARIES["api_key"], CANARIES["client_secret"], CANARIES["jwt"]
SIGNING = "whsec_" + base64.b64encode(CANARIES["signing_secret"].encode()).decode()
SHOP = "http://shop.test"
WRONG: Any = Zephyr, Croissant, Ordermux, zephyr.SCHEME.sign, cryptum.SCHEME.sign
"""What takes anything here."""
_zephyr, _croissant, _ordermux, _sign_zephyr, _sign_cryptum = WRONG
PACKAGES: dict[str, Any] = {provider: importlib.import_module(f"ordermux_{provider}") for provider in PROVIDERS}
ZEPHYR = {"ORDERMUX_ZEPHYR_API_KEY": KEY, "PASSWORD": SECRET}
CRYPTUM = {"ORDERMUX_CRYPTUM_API_KEY": CANARIES["cryptum_key"]}
HOOKED = {"on_rotation": lambda *_: None}

REFUSED: dict[str, Callable[[], Any]] = {
    "a name": lambda: Zephyr(api_key=KEY, name="a:b"),
    "a key in a list": lambda: _zephyr(api_key=[KEY]),
    "a key in bytes": lambda: _zephyr(api_key=KEY.encode()),
    "a key with a line's end": lambda: Zephyr(api_key=f"{KEY}\n"),
    "a key with a blank": lambda: Cryptum(api_key=f" {KEY}", store="s"),
    "a secret with NUL": lambda: Croissant(client_id="c", client_secret=f"{SECRET}\0"),
    "an argument that is missing": lambda: _croissant(client_secret=SECRET),
    "an argument that is not known": lambda: _zephyr(api_key=KEY, secret=SECRET),
    "an argument without its name": lambda: _zephyr(KEY),
    "a limit": lambda: Crossmint(
        base_url=SHOP, jwt=JWT, refresh_token=CANARIES["refresh_token"], requests_per_minute=0
    ),
    "an address": lambda: Crossmint(base_url=f"https://user:{SECRET}@shop.test", jwt=JWT),
    "an address with a query": lambda: Zephyr(api_key=KEY, base_url=f"{SHOP}?key={SECRET}"),
    "words of ours": lambda: Zephyr(api_key=KEY, fulfilment={"sent": "gone"}),
    "a webhook secret": lambda: Crossmint(base_url=SHOP, jwt=JWT, webhook_secrets=f"whsec_!{JWT}"),
    "a webhook secret in bytes": lambda: Zephyr(api_key=KEY, webhook_secrets=[SIGNING, SIGNING.encode()]),
    "an environment of the provider's": lambda: Ordermux(
        Croissant(client_id="c", client_secret=SECRET, environment="mars")
    ),
    "two accounts of a name": lambda: AsyncOrdermux(Zephyr(api_key=KEY), Zephyr(api_key=SECRET)),
    "a key in place of an account": lambda: _ordermux(KEY),
    "a number": lambda: Ordermux(Zephyr(api_key=KEY), timeout=-1),
    "a variable that is missing": lambda: Cryptum.from_env(environ=CRYPTUM),
    "a variable of any account": lambda: from_env({**CRYPTUM, **ZEPHYR}),
    "a variable that is wrong": lambda: Zephyr.from_env(environ={**ZEPHYR, "ORDERMUX_ZEPHYR_API_KEY": f"{KEY}\n"}),
    "an environment without an account": lambda: from_env({"PASSWORD": SECRET}),
    "the process' own environment": lambda: Cryptum.from_env("shop"),
    "a pickle of an account": lambda: pickle.dumps(Crossmint(base_url=SHOP, jwt=JWT, **HOOKED)),  # type: ignore[arg-type]
    "a change of an account": lambda: attrs.evolve(Zephyr(api_key=KEY), name=""),
    "a typed client's number": lambda: PACKAGES["zephyr"].Client(api_key=KEY, timeout=-1),
    "a typed client's key": lambda: PACKAGES["cryptum"].Client(api_key=KEY.encode()),
    "a typed client's cookie": lambda: PACKAGES["crossmint"].Client(base_url=SHOP, jwt=JWT, refresh_token=[JWT]),
    "a typed client's address": lambda: PACKAGES["croissant"].Client(token=SECRET, base_url=f"http://{SECRET}@x.test"),
    "a typed client's headers": lambda: PACKAGES["zephyr"].Client(api_key=KEY, headers=[KEY]),
    "a key that is set": lambda: setattr(PACKAGES["zephyr"].Client(api_key=KEY), "api_key", KEY.encode()),
    "a cookie that is set": lambda: setattr(PACKAGES["crossmint"].Client(base_url=SHOP), "jwt", [JWT]),
    "a secret for Svix": lambda: crossmint.SCHEME.sign(f"whsec_!{JWT}", b"{}", "id", "0"),
    "a secret for Zephyr": lambda: _sign_zephyr([JWT], "0", b"{}"),
    "a secret for Cryptum": lambda: _sign_cryptum([JWT], b"{}"),
    "a delivery that has no form": lambda: delivery(Crossmint(base_url=SHOP, webhook_secrets=SIGNING), {1j}),
    "a delivery of another's": lambda: receive(Crossmint(base_url=SHOP, webhook_secrets=SIGNING)),
}
"""What is refused, or cannot be done, with secrets at hand."""


def receive(account: Any) -> Any:
    """Receive a delivery that another secret signed."""
    other = crossmint.SCHEME.sign("whsec_b3RoZXJvdGhlcm90aGVy", b"{}", "id", "0")
    headers = {"svix-id": "id", "svix-timestamp": "0", "svix-signature": other}
    return attrs.evolve(Webhooks.of(account), clock=lambda: 0.0).receive("crossmint", headers, b"{}")


def refusal(do: Callable[[], Any]) -> Exception:
    """Return what it raises."""
    with pytest.raises(Exception) as raised:  # noqa: PT011 - of any kind
        do()
    return raised.value


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_refused_shows_no_secret(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """Neither the error nor any frame of ours, or of a library's, whatever the process' environment holds."""
    monkeypatch.setenv("PASSWORD", SECRET)
    search = Search()
    error = refusal(REFUSED[name])
    search.thing(name, error)
    search.frames(name, error)
    assert set() == search.found


SEEN = ["a name", "a variable that is missing", "a typed client's number", "a secret for Svix"]


@pytest.mark.parametrize("name", SEEN)
def test_the_search_sees_what_constructors_hold(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """Where their frames are left as they are."""
    for module in (_privacy, importlib.import_module("ordermux_zephyr.privacy")):
        monkeypatch.setattr(module, "_clear_locals", lambda *_: None)
    search = Search()
    search.frames(name, refusal(REFUSED[name]))
    assert search.found


def test_the_arguments_of_constructors_are_told_as_they_are() -> None:
    """To editors, help and signature(), though something stands before them."""
    settings = {"name", "livemode", "webhook_secrets", "api_key", "base_url", "fulfilment"}
    assert settings == set(inspect.signature(Zephyr).parameters)
    assert "api_key" in inspect.signature(PACKAGES["zephyr"].Client).parameters
    assert ["name", "environ"] == list(inspect.signature(Zephyr.from_env).parameters)


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name in dir(ordermux) if not name.startswith("_")])
def test_help_shows_no_variable_of_the_environment(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """Neither a class' nor a function's: what a default argument holds is printed."""
    monkeypatch.setenv("PASSWORD", SECRET)
    search = Search()
    search.text(f"help({name})", pydoc.render_doc(getattr(ordermux, name)))
    assert set() == search.found


def test_an_account_as_a_dictionary_shows_no_secret() -> None:
    """Nor as a tuple, which is how people log settings."""
    search = Search()
    for account in (Zephyr(api_key=KEY, webhook_secrets=SIGNING), Croissant(client_id="c", client_secret=SECRET)):
        search.thing("asdict", attrs.asdict(account))
        search.thing("astuple", attrs.astuple(account))
    assert set() == search.found
