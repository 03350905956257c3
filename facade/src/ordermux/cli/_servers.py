"""`ordermux emulator` and `ordermux demo`; neither needs credentials."""

from __future__ import annotations

import inspect
from typing import Annotated, Any

import typer

from ..emulator_options import OPTIONS
from ._command import command, group_command
from ._exit import CliError
from ._session import Session

app = typer.Typer(name="emulator")


def register(root: typer.Typer) -> None:
    """Add the commands."""
    _declare_options()
    group_command(
        app, "ordermux emulator", "ordermux emulator --port 0 --callbacks", "ordermux emulator --state shop.db"
    )(emulator)
    root.add_typer(app)
    command(root, "demo", "ordermux demo")(demo)


def emulator(session: Session, **given: Any) -> None:
    """Run a local server that emulates every provider's API, until Ctrl-C."""
    del session
    try:
        from ..emulator.command import CannotStart, serve
    except ImportError as error:
        raise CliError(str(error)) from None
    try:
        serve({option.name: option.default if given[option.name] is None else given[option.name] for option in OPTIONS})
    except CannotStart as error:
        raise CliError(str(error)) from None


def _declare_options() -> None:
    """Give `emulator` the options of the emulator's command as its parameters."""
    kinds: dict[type, Any] = {bool: bool, int: int, str: str, tuple: list[str] | None, type(None): str | None}
    parameters = [
        inspect.Parameter(
            option.name,
            inspect.Parameter.KEYWORD_ONLY,
            default=None if option.default == () else option.default,
            annotation=Annotated[
                kinds[type(option.default)], typer.Option(option.flag, metavar=option.metavar, help=option.help)
            ],
        )
        for option in OPTIONS
    ]
    session = inspect.Parameter("session", inspect.Parameter.POSITIONAL_OR_KEYWORD, annotation=Session)
    vars(emulator)["__signature__"] = inspect.Signature([session, *parameters])


def demo(session: Session) -> None:
    """Run a scenario with orders of each provider, with injected faults; on a terminal, until Ctrl-C."""
    del session
    try:
        from ..demo import main
    except ImportError as error:
        raise CliError(str(error)) from None
    main()
