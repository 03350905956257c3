"""The counters of the emulator: what is an effect, with and without a fault, seen over real sockets."""

from __future__ import annotations

import contextlib
import http.client

import httpx
import pytest

from ordermux.emulator import Emulator, FaultKind
from ordermux.emulator.registry import emulators, operations
from support.document_checker import documents
from support.fault_calls import AUTH, BOTH, CALLS, CHANGES, READS, REFUND, WITH_BODY, When, call, order

pytestmark = pytest.mark.usefixtures("token")

PROVIDERS = emulators()
OPERATIONS = operations()


# What there is.


def test_operations_are_the_documents() -> None:
    """Each has the name of its document, and no operation is missing."""
    found = {
        name: (method, bool(pattern.match(CALLS[name][1].partition("?")[0])))
        for name, (method, pattern) in OPERATIONS.items()
    }
    assert found == {
        f"{provider}.{operation.operation_id}": (operation.method, True)
        for provider in PROVIDERS
        for operation in documents()[provider].operations
    }


@pytest.mark.slow
def test_every_operation_is_called_here() -> None:
    """So that what follows holds for all of them."""
    assert set(OPERATIONS) == set(CALLS)


# The counters.


@pytest.mark.parametrize("operation", CHANGES)
def test_a_change_is_an_effect(emulator: Emulator, operation: str) -> None:
    """One call that is carried out counts once, and nothing else does."""
    assert 300 > call(emulator, operation).status
    assert ({operation: 1}, {operation: 1}) == (emulator.world.effects, emulator.world.calls)


@pytest.mark.parametrize("operation", READS)
def test_a_read_is_no_effect(emulator: Emulator, operation: str) -> None:
    """It is a call all the same."""
    assert 200 == call(emulator, operation).status
    assert ({}, {operation: 1}) == (emulator.world.effects, emulator.world.calls)


@pytest.mark.parametrize("operation", CHANGES)
def test_a_refusal_is_no_effect(emulator: Emulator, operation: str) -> None:
    """Whoever has no credentials changes nothing."""
    wrong = {name.replace("-", "_"): "wrong" for name in AUTH[operation.partition(".")[0]]}
    body = {"clientId": "nobody", "clientSecret": "wrong"} if operation == "croissant.createToken" else None
    assert 401 == call(emulator, operation, body=body, **wrong).status
    assert ({}, {operation: 1}) == (emulator.world.effects, emulator.world.calls)


@pytest.mark.parametrize(
    "operation", sorted(set(CHANGES) - {"croissant.fulfillCart", "croissant.cancelCart", "zephyr.cancelOrder"})
)
def test_an_invalid_body_is_no_effect(emulator: Emulator, operation: str) -> None:
    """A body that no operation takes changes nothing."""
    assert call(emulator, operation, body=["wrong"]).status in {400, 422}
    assert {} == emulator.world.effects


@pytest.mark.parametrize(
    "operation", [name for name, (method, *_) in CHANGES.items() if name[0] == "z" and method == "POST"]
)
def test_a_replay_is_no_effect(emulator: Emulator, operation: str) -> None:
    """The second call with a key gets the first one's answer."""
    first, second = (call(emulator, operation, idempotency_key="key-1") for _ in range(2))
    assert first.body == second.body
    assert (1, 2) == (emulator.world.effects[operation], emulator.world.calls[operation])


def test_a_key_with_another_body_is_no_effect(emulator: Emulator) -> None:
    """It is refused."""
    call(emulator, REFUND, idempotency_key="key-1")
    assert 409 == call(emulator, REFUND, body={"amount_cents": 11}, idempotency_key="key-1").status
    assert 1 == emulator.world.effects[REFUND]


@pytest.mark.parametrize("operation", ["croissant.createCart", "croissant.fulfillCart", "croissant.cancelCart"])
def test_a_repetition_that_changes_nothing_is_no_effect(emulator: Emulator, operation: str) -> None:
    """The same cart registered, or closed in the same way, again."""
    assert call(emulator, operation).status == call(emulator, operation).status
    assert (1, 2) == (emulator.world.effects[operation], emulator.world.calls[operation])


def test_a_refused_end_of_a_cart_is_no_effect(emulator: Emulator) -> None:
    """A cart that is fulfilled is not cancelled."""
    call(emulator, "croissant.fulfillCart")
    assert 422 == call(emulator, "croissant.cancelCart").status
    assert {"croissant.fulfillCart": 1} == emulator.world.effects


@pytest.mark.parametrize(
    "operation",
    sorted(
        set(CHANGES) - {"croissant.createCart", "croissant.fulfillCart", "croissant.cancelCart", "zephyr.cancelOrder"}
    ),
)
def test_what_is_carried_out_again_counts_again(emulator: Emulator, operation: str) -> None:
    """Without a key, twice is twice."""
    assert call(emulator, operation).status < 300 > call(emulator, operation).status
    assert 2 == emulator.world.effects[operation]


@pytest.mark.slow
def test_what_no_document_has_is_no_call(emulator: Emulator) -> None:
    """A path that leads nowhere counts for no operation."""
    assert 404 == httpx.get(f"{emulator.address}/nowhere").status_code
    assert {} == emulator.world.calls


# Each kind, before and after the call is carried out.


@pytest.mark.slow
@pytest.mark.parametrize("when", BOTH)
@pytest.mark.parametrize(
    "kind",
    [
        FaultKind.STATUS,
        FaultKind.HTML,
        FaultKind.MALFORMED,
        FaultKind.HUGE,
        FaultKind.RESET,
        FaultKind.EMPTY,
        FaultKind.STALL,
    ],
)
@pytest.mark.parametrize("operation", CHANGES)
def test_the_effect_stands_after_and_only_after(
    emulator: Emulator, operation: str, kind: FaultKind, when: When
) -> None:
    """Whatever is answered: `before` nothing has happened, `after` it has, once."""
    order(emulator, operation, kind, when, seconds=0.01, size=100)
    with contextlib.suppress(OSError, http.client.HTTPException):
        call(emulator, operation)
    assert ({"before": 0, "after": 1}[when], 1) == (emulator.world.effects[operation], emulator.world.calls[operation])


@pytest.mark.slow
@pytest.mark.parametrize(
    "kind",
    [
        FaultKind.TRUNCATED,
        FaultKind.DRIP,
        FaultKind.HEADER_DRIP,
        FaultKind.DELAY,
        FaultKind.WRONG_TYPE,
        FaultKind.EXTRA_FIELD,
    ],
)
@pytest.mark.parametrize("operation", sorted(set(CHANGES) & set(WITH_BODY)))
def test_the_effect_stands_where_the_right_answer_is_spoilt(
    emulator: Emulator, operation: str, kind: FaultKind
) -> None:
    """There is no right answer to spoil without it."""
    order(emulator, operation, kind, seconds=0)
    with contextlib.suppress(OSError, http.client.HTTPException):
        call(emulator, operation)
    assert {operation: 1} == emulator.world.effects
