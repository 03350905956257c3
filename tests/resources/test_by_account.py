"""Orders of an account that is given by itself, and not by its name."""

from __future__ import annotations

import attrs

from ordermux import Croissant, Cryptum, Order, Ordermux, OrderRef
from ordermux.emulator import Emulator
from ordermux.testing import emulated
from ordermux_cryptum.models import OrderUpdate, SettablePaymentStatus
from support.drafts import DRAFTS


def test_an_order_is_created_by_the_account_itself(emulator: Emulator) -> None:
    """Under the account's name, which may be another than the provider's."""
    given = next(each for each in emulator.accounts() if isinstance(each, Croissant))
    account = attrs.evolve(given, name="croissant-eu")
    with Ordermux(account) as mux:
        order = mux.orders.create(account, DRAFTS["croissant"])
    assert ("croissant-eu", True) == (order.ref.account, isinstance(order, Order))


def test_a_reference_of_an_account_has_its_name() -> None:
    """And is a reference as any other."""
    with emulated() as mux:
        account = next(each for each in mux.emulator.accounts() if isinstance(each, Cryptum))
        reference = account.ref("f701...672e")
        changes = OrderUpdate(payment_status=SettablePaymentStatus.FAILED)
        assert OrderRef("cryptum", "f701...672e") == reference == mux.orders.update(reference, changes).ref
