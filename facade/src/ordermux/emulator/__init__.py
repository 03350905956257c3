"""A local server that speaks the four providers' APIs, for trying things and for tests.

    with Emulator() as emulator:
        client = ordermux_zephyr.Client(**emulator.arguments("zephyr"))

It keeps state in memory, checks credentials and follows the rules of the documents in `openapi/`. (Providers call
their own remote test environments sandboxes; this is none.)
"""

from .server import Emulator
from .world import World

__all__ = ["Emulator", "World"]
