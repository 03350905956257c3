"""The options of the emulator's command, apart from it, since they are shown where it is not installed."""

from __future__ import annotations

import attrs

MAX_WORLDS = 1_000
"""Default maximum number of worlds."""


@attrs.frozen
class Option:
    """An option of the command."""

    name: str
    """As an identifier, such as `max_worlds` for `--max-worlds`."""
    help: str
    default: str | int | bool | tuple[str, ...] | None = None
    """False for a switch, and a tuple for an option that is repeatable."""
    metavar: str | None = None

    @property
    def flag(self) -> str:
        """The option as it is typed."""
        return f"--{self.name.replace('_', '-')}"


OPTIONS = (
    Option("host", "Address to listen on; 0.0.0.0 for all networks, as in a container.", "127.0.0.1", "ADDRESS"),
    Option("port", "Port to listen on; 0 picks a free port.", 8000, "PORT"),
    Option("orders", "Extra orders of each provider.", 0, "N"),
    Option("seed", "Seed of the extra orders.", 0, "N"),
    Option("state", "File that keeps the worlds; its state replaces --orders and --seed.", None, "FILE"),
    Option("deliver_to", "Deliver events to this URL; {provider} is replaced. Repeatable.", (), "URL"),
    Option("callbacks", "Also deliver to the callback URL that an order has.", default=False),
    Option("deliver_anywhere", "Allow deliveries to other machines.", default=False),
    Option("as_documented", "Follow a provider's page if its real API differs.", default=False),
    Option("allow_host", "Accept requests for this host name, besides localhost. Repeatable.", (), "NAME"),
    Option(
        "allow_origin",
        "Accept requests from pages of this origin, such as http://localhost:3000, by CORS. * is any origin, at the"
        " providers' APIs only. Repeatable.",
        (),
        "ORIGIN",
    ),
    Option("any_origin_controls", "Let --allow-origin '*' also hold for /_emulator and the web UI.", default=False),
    Option("max_worlds", "Maximum number of worlds.", MAX_WORLDS, "N"),
)
