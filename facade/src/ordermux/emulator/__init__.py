"""A local server that speaks the four providers' APIs, for trying things and for tests.

    with Emulator() as emulator:
        client = ordermux_zephyr.Client(**emulator.arguments("zephyr"))

`python -m ordermux.emulator` starts it on its own, until Ctrl-C.

Its world counts what really happened, and has the switch for what shall go wrong:

    emulator.world.faults.order("zephyr.createRefund", Fault(kind="reset", when="after"))
    emulator.world.effects["zephyr.createRefund"]

It keeps state in memory, checks credentials and follows the rules of the documents in `openapi/`. (Providers call
their own remote test environments sandboxes; this is none.)
"""

try:
    from .faults import Fault, Faults, Kind
    from .server import Emulator
    from .world import World
except ModuleNotFoundError as error:
    raise ImportError(f"{error}; run: pip install 'ordermux[emulator]'", name=error.name) from None

__all__ = ["Emulator", "Fault", "Faults", "Kind", "World"]
