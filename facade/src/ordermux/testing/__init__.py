"""For people's own tests: a client over an emulator of its own, without credentials; and the proof of a provider."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from ..errors import MissingDependency

if TYPE_CHECKING:
    from ..emulator.world import World
    from .clients import Emulated, EmulatedAsyncOrdermux, EmulatedOrdermux
    from .conformance import ProviderConformance, ProviderFacts

__all__ = [
    "Emulated",
    "EmulatedAsyncOrdermux",
    "EmulatedOrdermux",
    "ProviderConformance",
    "ProviderFacts",
    "emulated",
]
_HOME = {
    "Emulated": "clients",
    "EmulatedAsyncOrdermux": "clients",
    "EmulatedOrdermux": "clients",
    "ProviderConformance": "conformance",
    "ProviderFacts": "conformance",
}


def emulated(world: World | None = None, **options: Any) -> Emulated:
    """Return a client of every provider over an emulator of its own, as a context manager.

        with ordermux.emulated() as mux:
            mux.emulator.world.faults.inject("zephyr.createRefund", Fault(kind=FaultKind.RESET, when="after"))
            mux.orders.refund("zephyr:order_01HXY8", full=True)

    `async with` gives an AsyncOrdermux. `world` is the emulator's state, a new one where none is given; `options` are
    those of Ordermux.

    Raises MissingDependency without the extra `emulator`.
    """
    try:
        from ..emulator.server import Emulator
        from .clients import Emulated
    except ImportError as error:
        raise MissingDependency(str(error)) from error
    return Emulated(Emulator(world), options)


if not TYPE_CHECKING:  # a checker that saw it would take any name

    def __getattr__(name: str) -> Any:
        """Import what is asked for: the clients need the extra `emulator`, the conformance kit needs pytest."""
        if name in _HOME:
            return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
