"""`ordermux emulator` and `ordermux demo`: no credentials are needed for either."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from ._session import Session, command
from ._trouble import Plain


def register(app: typer.Typer) -> None:
    """Add the commands."""
    command(app, "emulator", "ordermux emulator", "ordermux emulator --port 0")(emulator)
    command(app, "demo", "ordermux demo")(demo)


def emulator(session: Session, *, port: Annotated[int, typer.Option(help="0 takes any free one.")] = 8000) -> None:
    """Run a local server that speaks every provider's API, until Ctrl-C."""
    del session
    try:
        from ..emulator.__main__ import main
    except ImportError as error:
        raise Plain(str(error)) from None
    before = sys.argv
    sys.argv = ["ordermux emulator", "--port", str(port)]
    try:
        main()
    except SystemExit as ended:
        if isinstance(ended.code, str):
            raise Plain(ended.code) from None
        raise typer.Exit(int(ended.code or 0)) from None
    finally:
        sys.argv = before


def demo(session: Session) -> None:
    """Walk an order of each provider through its life, and see what goes wrong; on a terminal, until Ctrl-C."""
    del session
    try:
        from ..demo import main
    except ImportError as error:
        raise Plain(str(error)) from None
    main()
