"""`ordermux accounts`: list the accounts and check their credentials."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import attrs
import typer

from ._command import command
from ._exit import FAILED
from ._session import Session

if TYPE_CHECKING:
    from .. import Attempt, Ordermux

app = typer.Typer(name="accounts", no_args_is_help=True, help="List the accounts and check their credentials.")

_MISSING_ORDER = "ordermux-accounts-check"
"""An id that no order has."""


@attrs.frozen
class Check:
    """The result of checking an account."""

    account: str
    provider: str
    host: str
    works: bool
    problem: str | None
    operations: tuple[str, ...]
    filters: dict[str, str]
    """What each filter of its list costs."""


@command(app, "check", "ordermux accounts check", "ordermux accounts check --json")
def check(session: Session) -> None:
    """Check the credentials of each account by a read, and list its operations."""
    from ._columns import NARROW, print_records
    from ._output import console, say, table, write

    attempts: list[Attempt] = []
    with session.opened(on_attempt=attempts.append) as mux:
        checks = [_checked(session, mux, account, attempts) for account in session.accounts]
    if session.json:
        for each in checks:
            write(attrs.asdict(each))
    else:
        from rich.text import Text

        headings = ("account", "status", "host", "operations")
        cells = [_cells(each) for each in checks]
        out = console()
        if out.width < NARROW:
            print_records(out, headings[1:], cells)
        else:
            rows = table(*headings)
            for row in cells:
                rows.add_row(*(Text(text, style=style, overflow="fold") for text, style in row))
            out.print(rows)
        for each in checks:
            if each.problem:
                say(f"{each.account}: {each.problem}", err=True, style="red")
    if not all(each.works for each in checks):
        raise typer.Exit(FAILED)


def _cells(each: Check) -> list[tuple[str, str]]:
    """Return the cells of an account: its name, whether it works, its host and its operations."""
    from ._output import status_cell

    named = each.account if each.account == each.provider else f"{each.account} ({each.provider})"
    status = ("ok", "green") if each.works else ("failed", "bold red")
    return [status_cell(named), status, status_cell(each.host), status_cell(", ".join(each.operations))]


def _checked(session: Session, mux: Ordermux, account: Any, attempts: list[Attempt]) -> Check:
    """Return the result of one account."""
    from ..errors import OrdermuxError
    from ..providers.adapter import Operation
    from ._errors import hint_of, message_of

    supported = mux.capabilities(account.name)
    problem = None
    attempts.clear()
    try:
        if Operation.LIST in supported:
            name: str = account.name  # which tells the list of one account from that of several
            next(mux.orders.list(name), None)
        else:
            _token(mux, account.name, attempts)
    except OrdermuxError as error:
        message, hint = message_of(error).removeprefix(f"{account.name}: "), hint_of(session, error)
        problem = f"{message}; {hint}" if hint else message
    host = urlsplit(str(mux.client(account.name).base_url)).netloc.rpartition("@")[2]
    operations = tuple(str(each) for each in Operation if each in supported)
    costs = {name: str(cost) for name, cost in mux.filters(account.name).items()}
    return Check(account.name, account.provider, host, problem is None, problem, operations, costs)


def _token(mux: Ordermux, account: str, attempts: list[Attempt]) -> None:
    """Request a token, by reading an order that does not exist.

    Raises OrdermuxError if there is no token.
    """
    from ..errors import NotFound

    try:
        mux.orders.get(f"{account}:{_MISSING_ORDER}")
    except NotFound:
        if attempts[-1].endpoint == "createToken":  # the token was not found, not the order
            raise
