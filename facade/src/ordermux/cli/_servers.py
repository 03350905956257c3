"""`ordermux emulator` and `ordermux demo`; neither needs credentials."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from ._command import command
from ._exit import CliError
from ._session import Session


def register(app: typer.Typer) -> None:
    """Add the commands."""
    command(app, "emulator", "ordermux emulator", "ordermux emulator --port 0")(emulator)
    command(app, "demo", "ordermux demo")(demo)


def emulator(
    session: Session, *, port: Annotated[int, typer.Option(help="Port to listen on; 0 picks a free port.")] = 8000
) -> None:
    """Run a local server that emulates every provider's API, until Ctrl-C."""
    del session
    try:
        from ..emulator.__main__ import main
    except ImportError as error:
        raise CliError(str(error)) from None
    before = sys.argv
    sys.argv = ["ordermux emulator", "--port", str(port)]
    try:
        main()
    except SystemExit as ended:
        if isinstance(ended.code, str):
            raise CliError(ended.code) from None
        raise typer.Exit(int(ended.code or 0)) from None
    finally:
        sys.argv = before


def demo(session: Session) -> None:
    """Run a scenario with orders of each provider, with injected faults; on a terminal, until Ctrl-C."""
    del session
    try:
        from ..demo import main
    except ImportError as error:
        raise CliError(str(error)) from None
    main()
