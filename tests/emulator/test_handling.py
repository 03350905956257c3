"""What the handlers of several providers do alike: credentials by the document, and pages."""

from __future__ import annotations

import asyncio
import base64
import copy
from typing import Any

import pytest
from starlette.requests import Request

from ordermux.emulator.documented import DocumentedEmulator
from ordermux.emulator.handling import has_credentials, page_of
from ordermux.emulator.registry import emulators
from ordermux.emulator.world import WORLD, ErrorAnswer, Object, World
from ordermux.providers import registry
from ordermux.providers.crossmint.emulator import CREDENTIALS as COOKIES
from ordermux.providers.cryptum.emulator import CREDENTIALS as KEY
from ordermux.providers.zephyr.emulator import CREDENTIALS as BEARER

PASSWORD = f"Basic {base64.b64encode(BEARER['api_key'].encode()).decode()}"


class Documented(DocumentedEmulator[Any]):
    """An emulator by ZephyrCart's document, without operations of its own."""

    provider = "zephyr"

    def empty_state(self, world: World) -> Any:
        """Return nothing."""

    def add_samples(self, world: World, state: Any) -> None:
        """Add nothing."""

    def add_generated_order(self, generator: Any, state: Any) -> None:
        """Make nothing."""

    def error_of(self, code: str, message: str) -> Object:
        """Return the error of the other helpers."""
        return {"code": code, "message": message}


def request(query: str = "", **headers: str) -> Request:
    """Return a request with headers, underscores in whose names stand for hyphens."""
    raw = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    return Request({"type": "http", "method": "GET", "path": "/", "query_string": query.encode(), "headers": raw})


def refuse(status: int, code: str, message: str) -> ErrorAnswer:
    """Return an error."""
    return ErrorAnswer(status, {"code": code, "message": message})


@pytest.mark.parametrize(
    ("provider", "headers"),
    [
        ("zephyr", {"authorization": f"Bearer {BEARER['api_key']}"}),
        ("cryptum", {"x_api_key": KEY["api_key"]}),
        ("crossmint", {"cookie": f"crossmint-jwt={COOKIES['jwt']}"}),
    ],
)
def test_credentials_are_where_the_document_has_them(provider: str, headers: dict[str, str]) -> None:
    """And are the emulator's own."""
    assert has_credentials(request(**headers), provider)
    assert not has_credentials(request(**{name: f"{value}x" for name, value in headers.items()}), provider)
    assert not has_credentials(request(), provider)


@pytest.mark.parametrize(
    ("scheme", "query", "headers"),
    [
        ({"type": "http", "scheme": "basic"}, "", {"authorization": PASSWORD}),
        ({"type": "apiKey", "in": "query", "name": "key"}, f"key={BEARER['api_key']}", {}),
        ({"type": "oauth2"}, "", {"authorization": f"Bearer {BEARER['api_key']}"}),
    ],
)
def test_each_scheme_has_its_form(
    scheme: dict[str, str], query: str, headers: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Basic, a key in the query, an access token."""
    stated: dict[str, Any] = copy.deepcopy(registry.provider_named("zephyr").document)
    stated["components"]["securitySchemes"]["apiKey"] = {**scheme, "x-client-argument": "api_key"}

    def document(package: str) -> dict[str, Any]:
        del package
        return stated

    monkeypatch.setattr(registry, "_document", document)
    assert has_credentials(request(query, **headers), "zephyr")
    assert not has_credentials(request(), "zephyr")


def test_a_provider_without_lasting_credentials_lets_nobody_in() -> None:
    """Its tokens are its own to look at."""
    assert {} == dict(emulators()["croissant"].credentials)
    assert not has_credentials(request(authorization="Bearer "), "croissant")


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", [0, 1, 2, 3]),
        ("page[size]=2", [0, 1]),
        ("page[number]=2&page[size]=3", [3, 4, 5]),
        ("page[number]=2&page[size]=99", [4, 5, 6, 7]),
        ("page[number]=9", []),
    ],
)
def test_a_page_is_cut(query: str, expected: list[int]) -> None:
    """By its number and its size, which has a most."""
    names = {"number": "page[number]", "size": "page[size]"}
    assert expected == list(page_of(range(10), request(query), refuse, **names, most=4))


@pytest.mark.parametrize("query", ["number=0", "size=-1", "size=two", "number="])
def test_a_page_that_is_none_is_refused(query: str) -> None:
    """With a 422."""
    with pytest.raises(ErrorAnswer) as caught:
        page_of(range(10), request(query), refuse, number="number", size="size", most=4)
    assert 422 == caught.value.response.status_code


@pytest.mark.parametrize(("header", "times"), [("Idempotency-Token", 1), ("Idempotency-Key", 2)])
def test_a_key_is_in_the_header_that_the_document_names(
    header: str, times: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the key in another one, the same request is carried out again."""
    stated: dict[str, Any] = copy.deepcopy(registry.provider_named("zephyr").document)
    stated["components"]["parameters"]["IdempotencyKey"]["name"] = "Idempotency-Token"

    def document(package: str) -> dict[str, Any]:
        del package
        return stated

    monkeypatch.setattr(registry, "_document", document)
    emulator, world, done = Documented(), World(), list[int]()
    world.states["zephyr"] = emulators()["zephyr"].empty_state(world)

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"{}"}

    async def cancel() -> dict[str, Any]:
        done.append(1)
        return {}

    for _ in range(2):
        asked = request(authorization=f"Bearer {BEARER['api_key']}", **{header.lower(): "key_1"})
        scope = {**asked.scope, WORLD: world, "operation": "zephyr.cancelOrder"}
        asyncio.run(emulator.respond_idempotently(Request(scope, receive), cancel))
    assert (times, "Idempotency-Token") == (len(done), emulator.key_header("cancelOrder"))
