"""The application: every command, and the global options."""

from __future__ import annotations

import os
import sys
from importlib.metadata import version
from typing import Annotated

import typer
from typer.core import TyperGroup

from . import _accounts, _events, _orders, _products, _servers, _status_map, _streams
from ._command import EMULATOR, JSON, PROXY, TIMEOUT
from ._session import Session

CODES = """[bold]Exit codes[/]

[bold]0[/]  success, also if the result of a change could not be printed

[bold]1[/]  failed or rejected; or the output of a read cannot be written

[bold]2[/]  usage error; nothing was sent

[bold]3[/]  outcome unknown: check before you retry

[bold]4[/]  some products failed; the others are stored

[bold]129[/]  stopped by SIGHUP   [bold]130[/]  by Ctrl-C   [bold]143[/]  by SIGTERM

[bold]141[/]  the reader of the output closed it; never for a change

[bold]Accounts[/] come from the environment, such as ORDERMUX_ZEPHYR_API_KEY. For several accounts of a provider, set
ORDERMUX_ACCOUNTS=zephyr,zephyr-eu:zephyr. Without credentials, run [bold]ordermux emulator[/] in another terminal and
pass [bold]--emulator http://127.0.0.1:8000[/]."""


class _InOrder(TyperGroup):
    def list_commands(self, ctx: object) -> list[str]:
        """Return the commands, the most used first."""
        del ctx
        return ["orders", "products", "events", "accounts", "status-map", "emulator", "demo"]


app = typer.Typer(
    cls=_InOrder,
    no_args_is_help=True,
    pretty_exceptions_enable=False,  # they show local variables, and so secrets
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog=CODES,
)
for _group in (_orders.app, _products.app, _events.app, _accounts.app):
    app.add_typer(_group)
_status_map.register(app)
_servers.register(app)


def _version(wanted: bool) -> None:  # noqa: FBT001
    if wanted:
        typer.echo(version("ordermux"))
        raise typer.Exit


@app.callback()
def global_options(
    ctx: typer.Context,
    *,
    json: Annotated[bool, JSON] = False,
    emulator: Annotated[str | None, EMULATOR] = None,
    timeout: Annotated[float | None, TIMEOUT] = None,
    proxy: Annotated[str | None, PROXY] = None,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    del version
    arguments = tuple(ctx.obj or ())
    chosen = emulator or os.environ.get("ORDERMUX_EMULATOR")
    ctx.obj = Session(json=json, emulator=chosen, timeout=timeout, proxy=proxy, arguments=arguments)


global_options.__doc__ = (
    "Work with orders of many providers. The help of each command has examples: [bold]ordermux orders list -h[/]."
)


def run(arguments: list[str]) -> None:
    """Run the command that the arguments name, and exit with its code."""
    _streams.claim()
    try:
        app(args=arguments, prog_name="ordermux", obj=arguments)
    except SystemExit as ended:
        code, broken = ended.code, _streams.flushed()
        sys.exit(_streams.code_of(broken) if broken and not code else code)
