"""A client over an emulator of its own, for people's own tests: no credentials, no network but the loopback."""

from __future__ import annotations

from contextlib import ExitStack
from types import TracebackType
from typing import Any

import attrs

from ..client import AsyncOrdermux, Ordermux
from ..emulator.server import Emulator


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
