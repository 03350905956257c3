"""Test orders and live orders: an account that declares its mode refuses a write to an order of the other one."""

# pyright: reportUnknownLambdaType=false, reportUnknownMemberType=false, reportUnknownArgumentType=false, reportUnknownVariableType=false
from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from ordermux import Croissant, Crossmint, Cryptum, InvalidArgument, LivemodeMismatch, Money, Order, Refund, Zephyr
from ordermux.emulator import Emulator
from ordermux.providers.zephyr import emulator as zephyr
from ordermux_zephyr.models import OrderUpdate
from support.clients import Opening, both

ORDER = f"zephyr:{zephyr.SAMPLE_ORDER}"
WRITES: dict[str, Callable[[Any], Any]] = {
    "createRefund": lambda orders: orders.refund(ORDER, Money("1.00", "USD")),
    "cancelOrder": lambda orders: orders.cancel(ORDER),
    "updateOrder": lambda orders: orders.update(ORDER, OrderUpdate(metadata={"a": "b"})),
}


def account(emulator: Emulator, livemode: Any) -> Zephyr:
    """Return an account of the emulator's shop, whose orders are test orders."""
    return Zephyr(livemode=livemode, **emulator.client_kwargs("zephyr"))


@both
@pytest.mark.parametrize("endpoint", WRITES)
def test_a_write_to_an_order_of_the_other_mode_is_not_sent(opening: Opening, endpoint: str) -> None:
    """Nothing of it reaches the provider."""
    with Emulator() as emulator, opening(account(emulator, livemode=True)) as mux:
        with pytest.raises(LivemodeMismatch, match="is a test order, and the account has livemode=True"):
            WRITES[endpoint](mux.orders)
        assert 0 == emulator.world.calls[f"zephyr.{endpoint}"]


@both
@pytest.mark.parametrize("livemode", [False, None, "false", "0"])
@pytest.mark.parametrize("endpoint", WRITES)
def test_a_write_to_an_order_of_its_own_mode_is_sent(opening: Opening, endpoint: str, livemode: Any) -> None:
    """Or to any, if the account declares none; the setting may come from the environment."""
    with Emulator() as emulator, opening(account(emulator, livemode)) as mux:
        assert isinstance(WRITES[endpoint](mux.orders), Order | Refund)


@both
def test_a_read_is_of_either_mode(opening: Opening) -> None:
    """It changes nothing."""
    with Emulator() as emulator, opening(account(emulator, livemode=True)) as mux:
        assert mux.orders.get(ORDER).livemode is False


@pytest.mark.parametrize(
    "make",
    [
        lambda livemode: Croissant(client_id="c", client_secret="s", livemode=livemode),
        lambda livemode: Crossmint(base_url="http://shop.test", jwt="j", livemode=livemode),
        lambda livemode: Cryptum(api_key="k", store="s", livemode=livemode),
    ],
    ids=["croissant", "crossmint", "cryptum"],
)
@pytest.mark.parametrize("livemode", [True, False])
def test_a_provider_that_does_not_show_the_mode_takes_no_setting(
    make: Callable[[bool], Any], *, livemode: bool
) -> None:
    """It could not be kept to."""
    with pytest.raises(InvalidArgument, match="does not show if an order is live"):
        make(livemode)


@pytest.mark.parametrize("livemode", ["yes", "", 1, "live"])
def test_what_is_no_truth_value_is_refused(livemode: Any) -> None:
    """By its name."""
    with pytest.raises(InvalidArgument, match="livemode is true or false"):
        Zephyr(api_key="k", livemode=livemode)
