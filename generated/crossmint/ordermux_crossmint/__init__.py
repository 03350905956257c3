# Compiled from crossmint.yaml by `ordermux-codegen generate crossmint`. Do not edit.

"""Crossmint shop API: a typed client.

Orders, checkout and webhooks of a shop (Mersi) that sells through Crossmint.

`Client` holds the address, the credentials and the connections. Each operation is a module below `api`, with
`sync`, `sync_detailed`, `asyncio` and `asyncio_detailed`, and its pure half, `build_request` and `read_response`.
Every error is `CrossmintError` or a subclass of it.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from . import api as api
    from . import client as client
    from . import codec as codec
    from . import errors as errors
    from . import events as events
    from . import models as models
    from . import types as types
    from .client import Client as Client
    from .client import Server as Server
    from .errors import CrossmintError as CrossmintError
    from .types import UNSET as UNSET
    from .types import Deviation as Deviation
    from .types import PreparedRequest as PreparedRequest
    from .types import Request as Request
    from .types import Response as Response
    from .types import Secret as Secret

__version__ = "0.1.0"

_HOME = {
    "Client": "client",
    "Server": "client",
    "CrossmintError": "errors",
    "UNSET": "types",
    "Deviation": "types",
    "PreparedRequest": "types",
    "Request": "types",
    "Response": "types",
    "Secret": "types",
}

_MODULES = ("api", "client", "codec", "errors", "events", "models", "types")

__all__ = [  # noqa: PLE0604
    "UNSET",
    "Client",
    "Deviation",
    "PreparedRequest",
    "Request",
    "Response",
    "Secret",
    "Server",
    "CrossmintError",
    "__version__",
]


if not TYPE_CHECKING:  # a checker that saw it would take any name

    def __getattr__(name: str) -> Any:
        """Import what is asked for when it is first asked for, so that importing the package costs next to nothing."""
        if name in _HOME:
            return getattr(import_module(f".{_HOME[name]}", __name__), name)
        if name in _MODULES:
            return import_module(f".{name}", __name__)
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    """Return what is public."""
    return sorted([*__all__, *_MODULES])
