"""All commands together."""

from __future__ import annotations

import contextlib
import io
import os
import sys
from importlib.metadata import version
from typing import Annotated

import typer
from typer.core import TyperGroup

from . import _accounts, _events, _orders, _products, _servers, _words
from ._session import EMULATOR, JSON, TIMEOUT, Session

CODES = """[bold]Exit codes[/]

[bold]0[/]  done

[bold]1[/]  failed or refused

[bold]2[/]  wrong usage; nothing was sent

[bold]3[/]  it is not known whether it was carried out: look before you repeat

[bold]4[/]  some products failed, the others are stored

[bold]130[/]  interrupted   [bold]141[/]  whoever read the output has gone

[bold]Accounts[/] come from the environment, such as ORDERMUX_ZEPHYR_API_KEY; ORDERMUX_ACCOUNTS=zephyr,zephyr-eu:zephyr
names them with their providers. Without credentials: run [bold]ordermux emulator[/] elsewhere, and give
[bold]--emulator http://127.0.0.1:8000[/]."""


class _InOrder(TyperGroup):
    def list_commands(self, ctx: object) -> list[str]:
        """Return the commands, what is used most first."""
        del ctx
        return ["orders", "products", "events", "accounts", "status-map", "emulator", "demo"]


app = typer.Typer(
    cls=_InOrder,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,  # they show locals, and so secrets
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog=CODES,
)
for _part in (_orders.app, _products.app, _events.app, _accounts.app):
    app.add_typer(_part)
_words.register(app)
_servers.register(app)


def _version(wanted: bool) -> None:  # noqa: FBT001
    if wanted:
        typer.echo(version("ordermux"))
        raise typer.Exit


@app.callback()
def everywhere(
    ctx: typer.Context,
    *,
    json: Annotated[bool, JSON] = False,
    emulator: Annotated[str | None, EMULATOR] = None,
    timeout: Annotated[float | None, TIMEOUT] = None,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    del version
    arguments = tuple(ctx.obj or ())
    chosen = emulator or os.environ.get("ORDERMUX_EMULATOR")
    ctx.obj = Session(json=json, emulator=chosen, timeout=timeout, arguments=arguments)


everywhere.__doc__ = (
    "Orders of many providers, in one way. Each command has examples: [bold]ordermux orders list -h[/]."
)


def run(arguments: list[str]) -> None:
    """Run the command that the arguments name."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            with contextlib.suppress(ValueError):
                stream.reconfigure(errors="replace")
    app(args=arguments, prog_name="ordermux", obj=arguments)
