"""`ordermux emulator`, with what asks a running one, and `ordermux demo`; none needs credentials."""

from __future__ import annotations

import inspect
import json
from typing import Annotated, Any

import typer

from ..emulator_options import OPTIONS
from ..status import AXES
from . import _complete
from ._command import command, group_command
from ._control import DEFAULT_URL, Control
from ._exit import CliError
from ._session import Session

app = typer.Typer(name="emulator")


def register(root: typer.Typer) -> None:
    """Add the commands."""
    _declare_options()
    group_command(
        app, "ordermux emulator", "ordermux emulator --port 0 --callbacks", "ordermux emulator --state shop.db"
    )(emulator)
    command(
        app,
        "place",
        "ordermux emulator place zephyr",
        """ordermux emulator place zephyr --fields '{"currency": "EUR"}' --json""",
    )(place)
    command(
        app,
        "transition",
        "ordermux emulator transition zephyr:order_01HXY8",
        "ordermux emulator transition zephyr:order_01HXY8 cancel",
    )(transition)
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


def place(
    session: Session,
    account: Annotated[
        str,
        typer.Argument(
            metavar="ACCOUNT", help="Provider of the emulator, such as zephyr.", autocompletion=_complete.provider_names
        ),
    ],
    *,
    fields: Annotated[
        str | None, typer.Option(metavar="JSON", help="Members of the order, in the provider's format.")
    ] = None,
) -> None:
    """Place an order at a running emulator, as a customer does; at Croissant, pay for a cart.

    Without --emulator, the emulator at http://127.0.0.1:8000 is asked.
    """
    try:
        members: Any = json.loads(fields or "{}")
    except ValueError as error:
        raise typer.BadParameter(f"invalid --fields: {error}") from None
    made = _control(session).ask("POST", "/place", {"account": account, "fields": members})
    _show(session, made)


def transition(
    session: Session,
    ref: Annotated[str, typer.Argument(metavar="REF", help="Order reference, such as zephyr:order_01HXY8.")],
    name: Annotated[
        str | None, typer.Argument(metavar="TRANSITION", help="Transition, such as pay (default: show the order).")
    ] = None,
) -> None:
    """Move an order of a running emulator to another state; without TRANSITION, show which ones it can make.

    Without --emulator, the emulator at http://127.0.0.1:8000 is asked.
    """
    control = _control(session)
    if name is not None:
        _show(session, control.ask("POST", "/transition", {"order": ref, "transition": name}))
    elif (order := control.ask("GET", "/timeline", order=ref)["order"]) is None:
        raise CliError(f"the emulator has no order {ref}")
    else:
        _show(session, {name: value for name, value in order.items() if name != "ledger"})


def _control(session: Session) -> Control:
    return Control(session.emulator or DEFAULT_URL)


def _show(session: Session, made: dict[str, Any]) -> None:
    """Print an order as the emulator has it; what Croissant's customer pays for is an event."""
    from ._output import Result, status_text

    if "transitions" not in made:
        session.show(Result(made, tuple((name, str(value)) for name, value in made.items())))
        return
    rows: list[tuple[str, object]] = [("order", f"{made['account']}:{made['id']}"), ("raw status", made["raw_status"])]
    rows += [(axis, status_text(made[axis])) for axis in AXES]
    rows += [("hold", hold) for hold in made["holds"]]
    rows += [("total", made["total"])] if made["total"] else []
    rows += [("transitions", ", ".join(made["transitions"]) or "none")]
    session.show(Result(made, tuple(rows)))


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
