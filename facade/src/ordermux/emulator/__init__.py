"""A local server that speaks the four providers' APIs, for trying things and for tests.

    with Emulator() as emulator:
        client = ordermux_zephyr.Client(**emulator.arguments("zephyr"))

`python -m ordermux.emulator` starts it on its own, until Ctrl-C.

Its world counts what really happened, has the switch for what shall go wrong, and a clock of its own:

    emulator.world.faults.inject("zephyr.createRefund", Fault(kind="reset", when="after"))
    emulator.world.effects["zephyr.createRefund"]
    emulator.world.clock.advance(3600)

`emulator.world_named("x")` is another world, for which `emulator.accounts("x")` are; `World(orders=10_000)` has so many
orders of each provider. `emulator.deliver_to(url)` has webhooks delivered, and `emulator.state("zephyr").transition(id,
"pay")` lets something happen to an order. All of it can be done over HTTP as well: see `control`.

`with ordermux.emulated() as mux` gives a client of all four providers over an emulator of its own; the pytest fixture
`emulated_ordermux` does so for a test.

It keeps state in memory, or in a file (`Emulator(state="shop.db")`), checks credentials and follows the rules of the
documents in `openapi/`. (Providers call their own remote test environments sandboxes; this is none.)
"""

try:
    from .clock import Clock
    from .faults import Fault, FaultKind, Faults
    from .server import Emulator
    from .store import StateFileError
    from .world import InvalidTransition, World
except ModuleNotFoundError as error:
    raise ImportError(f"{error}; run: pip install 'ordermux[emulator]'", name=error.name) from None

__all__ = [
    "Clock",
    "Emulator",
    "Fault",
    "FaultKind",
    "Faults",
    "InvalidTransition",
    "StateFileError",
    "World",
]
