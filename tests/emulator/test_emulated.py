"""A client over an emulator of its own, in people's own tests."""

from __future__ import annotations

import asyncio
import logging

import httpx
import pytest

import ordermux
from ordermux import Money
from ordermux.emulator import Fault, FaultKind
from ordermux.testing import EmulatedOrdermux

pytest_plugins = ["pytester"]
ORDER = "zephyr:order_01HXY8"


def test_three_lines_give_a_client_of_all_providers() -> None:
    """No credentials, and each provider answers."""
    with ordermux.emulated() as mux:
        assert [6, 6, 7] == [len(list(mux.orders.list(account))) for account in ("zephyr", "crossmint", "cryptum")]


@pytest.mark.slow
def test_its_faults_and_counters_are_at_hand() -> None:
    """A lost answer is sent again with the same key, and the refund is made once."""
    with ordermux.emulated(attempt_timeout=5) as mux:
        mux.emulator.world.faults.inject("zephyr.createRefund", Fault(kind=FaultKind.RESET, when="after"))
        mux.orders.refund(ORDER, Money("1.00", "USD"))
        world = mux.emulator.world
        assert (2, 1) == (world.calls["zephyr.createRefund"], world.effects["zephyr.createRefund"])


def test_the_awaiting_one_is_the_same() -> None:
    """By `async with`."""

    async def total() -> Money | None:
        async with ordermux.emulated() as mux:
            return (await mux.orders.get(ORDER)).total

    assert Money("37.30", "USD") == asyncio.run(total())


def test_each_has_a_world_of_its_own() -> None:
    """What one changes, the other does not see."""
    with ordermux.emulated() as one, ordermux.emulated() as other:
        one.orders.refund(ORDER, full=True)
        assert ["refunded", "paid"] == [mux.orders.get(ORDER).native.status for mux in (one, other)]


@pytest.mark.parametrize("name", ["uvicorn.error", "uvicorn.access"])
def test_the_loggers_of_an_application_in_uvicorn_are_left_alone(
    name: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """They have their level and their handlers, and no line of the emulator."""
    logger = logging.getLogger(name)
    monkeypatch.setattr(logger, "handlers", [caplog.handler])
    monkeypatch.setattr(logger, "propagate", False)
    caplog.set_level(logging.INFO, name)
    with ordermux.emulated() as mux:
        mux.orders.get(ORDER)

    assert ([], [caplog.handler], logging.INFO) == (caplog.messages, logger.handlers, logger.level)


def test_wrong_options_leave_nothing_running() -> None:
    """The emulator is stopped where the client cannot be made."""
    opening = ordermux.emulated(timeout=-1)
    with pytest.raises(ordermux.InvalidArgument), opening:
        pass
    with pytest.raises(httpx.ConnectError):
        httpx.get(opening.emulator.address)


def test_the_fixture_gives_one(emulated_ordermux: EmulatedOrdermux) -> None:
    """It is there without an import, since the package brings it."""
    assert Money("37.30", "USD") == emulated_ordermux.orders.get(ORDER).total


@pytest.mark.slow
def test_the_fixture_is_new_for_each_test(pytester: pytest.Pytester) -> None:
    """Two tests that cancel the same order both succeed."""
    pytester.makepyfile(
        """
        import pytest

        @pytest.mark.parametrize("number", [1, 2])
        def test_cancel(emulated_ordermux, number):
            assert "cancelled" == emulated_ordermux.orders.cancel("zephyr:order_01HXY8").status.lifecycle
        """
    )
    pytester.runpytest_subprocess("-q", "-p", "no:cacheprovider").assert_outcomes(passed=2)
