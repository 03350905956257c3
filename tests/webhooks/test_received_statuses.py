"""Which HTTP statuses tell a provider that a delivery was received: at the inbox, and at the emulator."""

from __future__ import annotations

import json

import pytest

from ordermux import Zephyr
from ordermux.emulator.registry import populate
from ordermux.emulator.world import World
from ordermux.providers.zephyr import webhooks
from ordermux.webhook_schemes.scheme import member_at
from ordermux.webhooks import Inbox, Webhooks, delivery
from ordermux.webhooks.stores import MemoryStore

ACCOUNT = Zephyr(api_key="key", webhook_secrets="whsec_of-this-test-and-long")
BODY = json.dumps({"id": "evt_1", "type": "order.made"}).encode()


def statuses_are(monkeypatch: pytest.MonkeyPatch, *statuses: int) -> None:
    """Let the document say that these alone count."""
    monkeypatch.setattr(webhooks.SCHEME, "received_statuses", frozenset(statuses))


@pytest.mark.parametrize(("statuses", "expected"), [((200,), 200), ((202, 200), 200), ((200, 204), 204)])
def test_the_inbox_answers_what_counts_as_received(
    statuses: tuple[int, ...], expected: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first time and the second."""
    statuses_are(monkeypatch, *statuses)
    inbox, made = Inbox(Webhooks.of(ACCOUNT), lambda _: None, MemoryStore()), delivery(ACCOUNT, BODY)
    answers = [inbox.respond("zephyr", made.headers, made.body).status for _ in range(2)]
    assert [expected, expected] == answers


@pytest.mark.parametrize(("status", "state"), [(200, "delivered"), (204, "waiting"), (500, "waiting")])
def test_the_emulator_delivers_again_what_was_not_received(
    status: int, state: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If the provider takes 200 alone."""
    statuses_are(monkeypatch, 200)
    world = populate(World())
    world.outbox.deliver_to("http://127.0.0.1/", "zephyr")
    world.states["zephyr"].place()
    [made] = world.outbox.deliveries
    world.outbox.record_attempt(made, status, None)
    assert state == made.state


@pytest.mark.parametrize(("path", "expected"), [("a.b", 1), ("a", {"b": 1}), ("a.b.c", None), ("x", None), ("", None)])
def test_a_member_is_found_by_its_path(path: str, expected: object) -> None:
    """None where nothing stands."""
    assert expected == member_at({"a": {"b": 1}}, path)
