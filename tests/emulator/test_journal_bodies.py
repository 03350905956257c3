"""Bodies in the journal, the search of orders, and the document as a file."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from ordermux.emulator import Emulator, Fault, FaultKind
from ordermux.emulator.bounds import MAX_BODY_TEXT
from ordermux.providers.croissant import emulator as croissant
from ordermux.providers.registry import provider_named
from ordermux.providers.zephyr import emulator as zephyr
from support.control_requests import get
from support.polling import until

KEY = {"Authorization": f"Bearer {zephyr.CREDENTIALS['api_key']}"}
ORDER = f"/zephyr/v1/orders/{zephyr.SAMPLE_ORDER}"


def last_call(emulator: Emulator) -> dict[str, Any]:
    """Return what the journal has of the last call."""
    return next(entry.detail for entry in reversed(emulator.world.journal.since()) if entry.kind == "call")


def test_a_call_is_noted_with_both_bodies(emulator: Emulator) -> None:
    """As JSON, and None where there is none."""
    answer = httpx.patch(emulator.address + ORDER, json={"metadata": {"n": "1"}}, headers=KEY)
    noted = last_call(emulator)
    assert '{"metadata":{"n":"1"}}' == noted["request_body"]
    assert answer.json()["id"] in noted["response_body"]
    httpx.get(emulator.address + ORDER, headers=KEY)
    assert last_call(emulator)["request_body"] is None


def test_secrets_of_bodies_are_masked(emulator: Emulator) -> None:
    """Those that the document marks: here the client's secret, and the token."""
    given = {"clientId": croissant.CLIENT_ID, "clientSecret": croissant.CLIENT_SECRET}
    answer = httpx.post(f"{emulator.address}/croissant/v0/token", json=given)
    noted = last_call(emulator)
    assert 200 == answer.status_code
    assert "**********" in noted["request_body"]
    assert "**********" in noted["response_body"]
    shown = f"{emulator.world.journal.since()}"
    assert croissant.CLIENT_SECRET not in shown
    assert answer.text.partition('access_token":"')[2].partition('"')[0] not in shown


@pytest.mark.parametrize("kind", [FaultKind.RESET, FaultKind.STATUS, FaultKind.MALFORMED])
def test_the_body_of_a_fault_is_noted_as_it_was_answered(emulator: Emulator, kind: FaultKind) -> None:
    """None where there was none, and only the length of what is no JSON."""
    emulator.world.faults.inject("zephyr.getOrder", Fault(kind=kind, when="after"))
    content = b""
    try:
        content = httpx.get(emulator.address + ORDER, headers=KEY).content
    except httpx.TransportError:
        assert FaultKind.RESET == kind
    until(lambda: any(entry.kind == "call" for entry in emulator.world.journal.since()), seconds=30)
    noted = last_call(emulator)["response_body"]
    if kind is FaultKind.STATUS:
        assert json.loads(content) == json.loads(noted)
    else:
        assert (None if kind is FaultKind.RESET else f"<{len(content)} bytes>") == noted


def test_a_long_body_is_cut(emulator: Emulator) -> None:
    """As the table of bounds says."""
    httpx.patch(emulator.address + ORDER, json={"metadata": {"n": "x" * 10_000}}, headers=KEY)
    assert MAX_BODY_TEXT == len(last_call(emulator)["request_body"])


@pytest.mark.parametrize(
    ("text", "provider", "expected"),
    [
        ("01HXY8", "zephyr", 1),
        ("order_", "zephyr", 6),
        ("cancel", "zephyr", 1),
        ("refunded", "zephyr", 1),
        ("x y", "zephyr", 0),
    ],
)
def test_the_state_is_searched_by_id_and_status(emulator: Emulator, text: str, provider: str, expected: int) -> None:
    """The total is that of what was found."""
    found = get(emulator, "state", account=provider, search=text)
    assert (expected, expected) == (found["total"][provider], len(found["orders"]))


def test_a_page_of_what_was_found_is_returned(emulator: Emulator) -> None:
    """As without a search."""
    found = get(emulator, "state", account="zephyr", search="order_", limit=2, offset=5)
    assert (6, ["order_01HXY8"]) == (found["total"]["zephyr"], [each["id"] for each in found["orders"]])


@pytest.mark.parametrize("world", ["", "/w/x"])
def test_a_providers_document_is_downloaded(emulator: Emulator, world: str) -> None:
    """As a file, with all that is in it."""
    answer = httpx.get(f"{emulator.address}{world}/reference/zephyr/openapi.json")
    assert 'attachment; filename="zephyr-openapi.json"' == answer.headers["content-disposition"]
    assert provider_named("zephyr").document == answer.json()
    assert 404 == httpx.get(f"{emulator.address}/reference/shop/openapi.json").status_code
