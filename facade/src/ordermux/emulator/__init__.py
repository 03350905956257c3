"""A local server that speaks the four providers' APIs, for trying things and for tests.

    with Emulator() as emulator:
        client = ordermux_zephyr.Client(**emulator.arguments("zephyr"))

`python -m ordermux.emulator` starts it on its own, until Ctrl-C.

It keeps state in memory, checks credentials and follows the rules of the documents in `openapi/`. (Providers call
their own remote test environments sandboxes; this is none.)
"""

try:
    from .server import Emulator
    from .world import World
except ModuleNotFoundError as error:
    raise ImportError(f"{error}; run: pip install 'ordermux[emulator]'", name=error.name) from None

__all__ = ["Emulator", "World"]
