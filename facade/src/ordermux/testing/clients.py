"""A client over an emulator of its own, for people's own tests: no credentials, no network but the loopback."""

from __future__ import annotations

from contextlib import ExitStack
from types import TracebackType
from typing import Any

import attrs

from ..client import AsyncOrdermux, Ordermux
from ..emulator.server import Emulator
from ..emulator.world import World


class EmulatedOrdermux(Ordermux):
    """An Ordermux over an emulator of its own."""

    emulator: Emulator
    """Its state, faults, clock and counters."""


class EmulatedAsyncOrdermux(AsyncOrdermux):
    """An AsyncOrdermux over an emulator of its own."""

    emulator: Emulator
    """Its state, faults, clock and counters."""


@attrs.define(eq=False)
class Emulated:
    """What `emulated` returns: a context manager, blocking or awaiting."""

    emulator: Emulator
    options: dict[str, Any]
    _opened: ExitStack = attrs.field(factory=ExitStack, init=False)
    _mux: EmulatedAsyncOrdermux | None = attrs.field(default=None, init=False)

    def __enter__(self) -> EmulatedOrdermux:
        """Start the emulator; return a client over it."""
        with ExitStack() as stack:
            stack.enter_context(self.emulator)
            mux = stack.enter_context(EmulatedOrdermux(*self.emulator.accounts(), **self.options))
            self._opened = stack.pop_all()
        mux.emulator = self.emulator
        return mux

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the client and stop the emulator."""
        self._opened.close()

    async def __aenter__(self) -> EmulatedAsyncOrdermux:
        """Start the emulator; return a client over it."""
        with ExitStack() as stack:
            stack.enter_context(self.emulator)
            self._mux = mux = EmulatedAsyncOrdermux(*self.emulator.accounts(), **self.options)
            self._opened = stack.pop_all()
        mux.emulator = self.emulator
        return mux

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the client and stop the emulator."""
        with self._opened:
            if self._mux is not None:
                await self._mux.close()


def emulated(world: World | None = None, **options: Any) -> Emulated:
    """Return a client of every provider over an emulator of its own, as a context manager.

    with ordermux.emulated() as mux:
        mux.emulator.world.faults.inject("zephyr.createRefund", Fault(kind=FaultKind.RESET, when="after"))
        mux.orders.refund("zephyr:order_01HXY8", full=True)

    `async with` gives an AsyncOrdermux. `world` is the emulator's state, a new one where none is given; `options` are
    those of Ordermux.
    """
    return Emulated(Emulator(world), options)
