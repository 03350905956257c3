"""`ordermux accounts`: which there are, and whether they work."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import attrs
import typer

from ._session import FAILED, Session, command

if TYPE_CHECKING:
    from .. import Attempt, Ordermux

app = typer.Typer(name="accounts", no_args_is_help=True, help="See which accounts there are, and whether they work.")

_NOWHERE = "ordermux-accounts-check"
"""An id that no order has."""


@attrs.frozen
class Check:
    """What was found out about an account."""

    account: str
    provider: str
    host: str
    works: bool
    problem: str | None
    operations: tuple[str, ...]


@command(app, "check", "ordermux accounts check", "ordermux accounts check --json")
def check(session: Session) -> None:
    """Tell of each account whether its credentials work, by a harmless read, and what can be done with it."""
    from ._say import console, say, table, word, write

    attempts: list[Attempt] = []
    with session.opened(on_attempt=attempts.append) as mux:
        found = [_checked(session, mux, account, attempts) for account in session.accounts]
    if session.json:
        for each in found:
            write(attrs.asdict(each))
    else:
        from rich.text import Text

        made = table("account", "works", "at", "it has")
        for each in found:
            works = Text("yes", style="green") if each.works else Text("no", style="bold red")
            named = each.account if each.account == each.provider else f"{each.account} ({each.provider})"
            made.add_row(word(named), works, word(each.host), ", ".join(each.operations))
        console().print(made)
        for each in found:
            if each.problem:
                say(f"{each.account}: {each.problem}", err=True, style="red")
    if not all(each.works for each in found):
        raise typer.Exit(FAILED)


def _checked(session: Session, mux: Ordermux, account: Any, attempts: list[Attempt]) -> Check:
    """Find out about one account."""
    from ..errors import OrdermuxError
    from ..providers import Operation
    from ._trouble import advice, told

    has = mux.capabilities(account.name)
    problem = None
    attempts.clear()
    try:
        if Operation.LIST in has:
            next(mux.orders.list(account.name), None)
        else:
            _token(mux, account.name, attempts)
    except OrdermuxError as error:
        said, hint = told(error).removeprefix(f"{account.name}: "), advice(session, error)
        problem = f"{said}; {hint}" if hint else said
    host = urlsplit(str(mux.client(account.name).base_url)).netloc.rpartition("@")[2]
    operations = tuple(str(each) for each in Operation if each in has)
    return Check(account.name, account.provider, host, problem is None, problem, operations)


def _token(mux: Ordermux, account: str, attempts: list[Attempt]) -> None:
    """Get a token, on the way to an order that there is not.

    Raises OrdermuxError where there is none.
    """
    from ..errors import NotFound

    try:
        mux.orders.get(f"{account}:{_NOWHERE}")
    except NotFound:
        if attempts[-1].endpoint == "createToken":  # it is the token that is not found there
            raise
