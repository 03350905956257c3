"""What is wrong with a request to the emulator over HTTP is told, and changes nothing."""

from __future__ import annotations

import json
import math
import re
from typing import Any

import httpx
import pytest

from ordermux.emulator import Emulator
from ordermux.emulator import control as module
from support.control_requests import ORDER, PROVIDERS, row, send

WRONG: list[tuple[str, Any, int]] = [
    ("transition", {"order": "zephyr:none", "transition": "pay"}, 404),
    ("transition", {"order": "zephir:1", "transition": "pay"}, 404),
    ("transition", {"order": ORDER}, 400),
    ("transition", {"order": ORDER, "transition": "fly"}, 409),
    ("transition", [], 400),
    ("transition", {}, 400),
    ("place", {"account": "zephir"}, 404),
    ("place", {"account": "zephyr", "fields": 7}, 400),
    ("place", {"account": "cryptum", "fields": {"created": "now"}}, 400),
    ("faults", {"operation": "zephyr.fly", "kind": "reset", "when": "after"}, 400),
    ("faults", {"operation": "zephyr.*", "kind": "explode", "when": "after"}, 400),
    ("faults", {"operation": "zephyr.*", "kind": "reset", "when": "after", "colour": "red"}, 400),
    ("faults", {"kind": "reset", "when": "after"}, 400),
    ("clock", {"advance": -1}, 400),
    ("clock", {"advance": "1"}, 400),
    ("clock", {"set": "noon"}, 400),
    ("clock", {"set": math.inf}, 400),
    ("clock", {"stop": True}, 400),
    ("clock", {"freeze": True, "advance": 1}, 400),
    ("webhooks", {"url": "https://example.com/"}, 400),
    ("webhooks", {"url": "ftp://127.0.0.1/"}, 400),
    ("webhooks", {"url": "http://127.0.0.1/", "provider": "zephir"}, 400),
    ("redeliver", {"delivery": 99}, 404),
    ("redeliver", {"delivery": "x"}, 400),
    ("delivery_faults", {"kind": "burn"}, 400),
    ("delivery_faults", {"kind": ["drop"]}, 400),
    ("delivery_faults", {"kind": "drop", "times": 0}, 400),
    ("delivery_faults", {"kind": "drop", "times": 1.5}, 400),
    ("delivery_faults", {"kind": "drop", "times": True}, 400),
    ("faults", {"operation": "zephyr.*", "kind": "reset", "when": "sometimes"}, 400),
    ("faults", {"operation": "zephyr.*", "kind": "reset", "when": "after", "times": 1.5}, 400),
    ("faults", {"operation": "zephyr.*", "kind": "reset", "when": "after", "times": True}, 400),
    ("faults", {"operation": "zephyr.*", "kind": "status", "when": "after", "status": 99}, 400),
    ("faults", {"operation": "zephyr.*", "kind": "status", "when": "after", "status": 600}, 400),
    ("faults", {"operation": "zephyr.*", "kind": "stall", "when": "after", "seconds": -1}, 400),
    ("faults", {"operation": "zephyr.*", "kind": "stall", "when": "after", "seconds": 1e300}, 400),
    ("faults", {"operation": "zephyr.*", "kind": "huge", "when": "after", "size": 1 << 62}, 400),
    ("faults", {"operation": "zephyr.*", "kind": "reset", "when": "after", "headers": {"a": 1}}, 400),
    ("faults", {"operation": "zephyr.*", "kind": "reset", "when": "after", "headers": {"a": "b\r\nc: d"}}, 400),
    ("faults", {"operation": "zephyr.*", "kind": "reset", "when": "after", "headers": {"a b": "c"}}, 400),
    ("clock", {"freeze": False}, 400),
    ("clock", {"advance": True}, 400),
    ("webhooks", {"provider": "zephyr"}, 400),
    ("webhooks", {"callbacks": True, "provider": "zephyr"}, 400),
    ("webhooks", {"url": "http://127.0.0.1/", "provider": "crossmint", "secret": "short"}, 400),
    ("webhooks", {"url": "http://127.0.0.1/", "provider": "zephyr", "secret": ""}, 400),
    ("place", {"account": "zephyr", "fields": {"total_cents": "1"}}, 400),
    ("place", {"account": "crossmint", "fields": {"item": 7}}, 400),
    ("place", {"account": "croissant", "fields": {"amounts": 7}}, 400),
]
MEMBERS: dict[str, Any] = {
    "place": {"account": "zephyr"},
    "transition": {"order": ORDER, "transition": "refund"},
    "faults": {"operation": "zephyr.*", "kind": "reset", "when": "after"},
    "clock": {"advance": 1},
    "webhooks": {"url": "http://127.0.0.1/"},
    "redeliver": {"delivery": 1},
    "delivery_faults": {"kind": "drop"},
    "trigger": {"account": "zephyr", "event": "order.updated"},
}
"""What each POST takes, at the least."""


@pytest.mark.parametrize(("path", "body", "status"), WRONG, ids=[f"{path} {body}" for path, body, _ in WRONG])
def test_what_is_wrong_is_told(emulator: Emulator, path: str, body: Any, status: int) -> None:
    """With a reason, and nothing is changed."""
    before = {name: json.dumps(emulator.state(name).orders) for name in PROVIDERS}
    answer = httpx.post(f"{emulator.address}/_emulator/{path}", content=json.dumps(body))
    assert (status, True) == (answer.status_code, len(answer.json()["error"]) > 5)
    assert before == {name: json.dumps(emulator.state(name).orders) for name in PROVIDERS}
    assert ([], [], []) == (
        emulator.world.faults.waiting,
        emulator.world.outbox.targets,
        emulator.world.outbox.delivery_faults,
    )


@pytest.mark.slow
@pytest.mark.parametrize("path", MEMBERS)
def test_a_member_that_there_is_not_is_told(emulator: Emulator, path: str) -> None:
    """By its name, in the body and in the address; nothing is done."""
    url = f"{emulator.address}/_emulator/{path}"
    answers = [httpx.post(url, json=MEMBERS[path] | {"colour": "red"}), httpx.post(f"{url}?colour=red", json={})]
    assert [400, 400] == [answer.status_code for answer in answers]
    assert "colour" in answers[0].json()["error"]
    assert ([], [], []) == (
        emulator.world.faults.waiting,
        emulator.world.outbox.targets,
        emulator.world.outbox.delivery_faults,
    )
    assert ("paid", []) == (row(emulator, ORDER)["raw_status"], emulator.world.journal.since())


@pytest.mark.parametrize("account", PROVIDERS)
def test_a_field_that_an_order_does_not_have_is_told(emulator: Emulator, account: str) -> None:
    """None of the document's."""
    before = len(emulator.state(account).orders)
    answer = send(emulator, "place", {"account": account, "fields": {"colour": "red"}})
    assert (400, True) == (answer.status_code, "colour" in answer.json()["error"])
    assert before == len(emulator.state(account).orders)


def test_what_is_asked_with_a_post_is_what_is_described() -> None:
    """Each POST of the module has its members above."""
    described = set(re.findall(r"^    POST +/(\w+)", module.__doc__ or "", re.MULTILINE))
    assert described == set(MEMBERS)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", ""),
        ("GET", "state"),
        ("GET", f"timeline?order={ORDER}"),
        ("GET", "faults"),
        ("DELETE", "faults"),
        ("GET", "counters"),
        ("GET", "clock"),
        ("GET", "webhooks"),
        ("DELETE", "webhooks"),
        ("GET", "deliveries"),
        ("GET", "delivery_faults"),
        ("GET", "stream"),
    ],
)
def test_a_parameter_that_there_is_not_is_told(emulator: Emulator, method: str, path: str) -> None:
    """By its name; a slip of the pen is no other question."""
    url = f"{emulator.address}/_emulator/{path}{'&' if '?' in path else '?'}colour=red"
    answer = httpx.request(method, url)
    assert (400, True) == (answer.status_code, "colour" in answer.json()["error"])


@pytest.mark.parametrize("query", ["limit=x", "limit=-1", "limit=1.5", "offset=", "account=zephir"])
def test_a_parameter_that_is_wrong_is_told(emulator: Emulator, query: str) -> None:
    """A count is a whole number."""
    answer = httpx.get(f"{emulator.address}/_emulator/state?{query}")
    assert (404 if "account" in query else 400) == answer.status_code


@pytest.mark.parametrize(
    ("account", "fields", "order"),
    [
        ("zephyr", {"status": "created", "metadata": {"a": "b"}}, "zephyr:"),
        ("crossmint", {"type": "deposit"}, "crossmint:"),
        ("crossmint", {"quote": {}, "payment": None, "phase": None}, "crossmint:"),
        ("cryptum", {"paymentStatus": None, "sessionToken": "eyJ"}, "cryptum:"),
    ],
)
def test_an_order_is_placed_with_what_an_order_has(
    emulator: Emulator, account: str, fields: dict[str, Any], order: str
) -> None:
    """Anything of the document's; null leaves out what may be left out."""
    answer = send(emulator, "place", {"account": account, "fields": fields})
    assert (200, True) == (answer.status_code, f"{account}:{answer.json()['id']}".startswith(order))


@pytest.mark.parametrize("content", [b"", b"{", b"\xff", b"null"])
def test_what_is_no_json_is_told(emulator: Emulator, content: bytes) -> None:
    """As any other mistake."""
    assert 400 == httpx.post(f"{emulator.address}/_emulator/transition", content=content).status_code
