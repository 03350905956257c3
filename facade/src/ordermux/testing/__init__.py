"""For people's own tests: a client over an emulator of its own, without credentials; and the proof of a provider."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

try:
    from .clients import Emulated, EmulatedAsyncOrdermux, EmulatedOrdermux, emulated
except ModuleNotFoundError as error:
    raise ImportError(f"{error}; run: pip install 'ordermux[emulator]'", name=error.name) from None

if TYPE_CHECKING:
    from .conformance import ProviderConformance, ProviderFacts

__all__ = [
    "Emulated",
    "EmulatedAsyncOrdermux",
    "EmulatedOrdermux",
    "ProviderConformance",
    "ProviderFacts",
    "emulated",
]

if not TYPE_CHECKING:  # a checker that saw it would take any name

    def __getattr__(name: str) -> Any:
        """Import the conformance kit when it is asked for: it needs pytest."""
        if name in {"ProviderConformance", "ProviderFacts"}:
            return getattr(import_module(f"{__name__}.conformance"), name)
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
