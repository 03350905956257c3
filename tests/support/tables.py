"""What the tests that print tables share: either client, something to create at each provider, and the printing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import attrs
import httpx

from ordermux.emulator import Emulator
from support.clients import OPENING, Awaited


def carried_out(
    emulator: Emulator,
    act: Callable[[Any], Any],
    *,
    awaiting: bool,
    accounts: Any = None,
    adapted: bool = False,
    **options: Any,
) -> Any:
    """Return what `act` returns of a client of either kind, over a transport of httpx's if that is adapted.

    It takes no pause before a retry.
    """
    accounts = emulator.accounts() if accounts is None else accounts
    if not adapted:
        with OPENING[awaiting](*accounts, **options) as mux:
            return act(without_pauses(mux))
    transport: Any = httpx.AsyncHTTPTransport() if awaiting else httpx.HTTPTransport()
    with OPENING[awaiting](*accounts, transport=transport, **options) as mux:
        try:
            return act(without_pauses(mux))
        finally:
            if isinstance(mux, Awaited):
                mux.runner.run(transport.aclose())
            else:
                transport.close()


def without_pauses(mux: Any) -> Any:
    """Return a client that sends again at once, unless the provider names a time."""
    for opened, _ in mux._executor.accounts.values():
        opened.policy = attrs.evolve(opened.policy, random=lambda: 0.0)
    return mux
