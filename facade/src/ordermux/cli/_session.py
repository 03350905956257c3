"""What all commands share: the options that stand anywhere, and how a command ends."""

from __future__ import annotations

import contextlib
import inspect
import os
import shlex
import sys
from collections.abc import Callable, Generator, Sequence
from typing import TYPE_CHECKING, Annotated, Any

import attrs
import typer

if TYPE_CHECKING:
    from .. import Ordermux
    from ..accounts import Account

AXES = ("lifecycle", "payment", "fulfillment")
DONE, FAILED, WRONG, UNKNOWN, SOME_FAILED, INTERRUPTED, GONE = 0, 1, 2, 3, 4, 130, 141
PANEL = "Everywhere"


def _seconds(value: float | None) -> float | None:
    if value is not None and not 0 < value < float("inf"):
        raise typer.BadParameter("the seconds are above 0")
    return value


JSON: Any = typer.Option("--json", help="Print JSON, for programs; lists a line each.", rich_help_panel=PANEL)
EMULATOR: Any = typer.Option(
    "--emulator",
    metavar="URL",
    help="Use the emulator there, with its test credentials [dim](or ORDERMUX_EMULATOR)[/].",
    rich_help_panel=PANEL,
)
TIMEOUT: Any = typer.Option(
    "--timeout", metavar="SECONDS", callback=_seconds, help="For each call in all; 60.", rich_help_panel=PANEL
)


@attrs.define(kw_only=True, eq=False)
class Session:
    """One run of a command."""

    json: bool = False
    emulator: str | None = None
    timeout: float | None = None
    arguments: tuple[str, ...] = ()
    """What it was called with."""
    key: str | None = None
    """The idempotency key of what is about to be sent."""
    look: str | None = None
    """The command that shows what became of it."""

    _accounts: list[Account[Any]] | None = attrs.field(default=None, init=False)

    @property
    def accounts(self) -> list[Account[Any]]:
        """The accounts to work with."""
        if self._accounts is None:
            from ._reach import accounts

            self._accounts = accounts(self.emulator)
        return self._accounts

    def only(self, names: Sequence[str]) -> None:
        """Work with these accounts alone, where any are named.

        Raises UnknownAccount.
        """
        for name in names:
            self.provider(name)
        self._accounts = [each for each in self.accounts if not names or each.name in names]

    def opened(self, **options: Any) -> Ordermux:
        """Return a client of the facade, for a with statement."""
        from .. import Ordermux

        options |= {} if self.timeout is None else {"timeout": self.timeout}
        return Ordermux(*self.accounts, **options)

    def provider(self, account: str) -> str:
        """Return an account's provider.

        Raises UnknownAccount.
        """
        from ..errors import UnknownAccount

        for each in self.accounts:
            if each.name == account:
                return each.provider
        raise UnknownAccount(f"no account is named {account!r}; there are: {', '.join(a.name for a in self.accounts)}")

    def again(self, *more: str) -> str:
        """Return the command as it was typed, with options added that it does not have."""
        pairs = [more[place : place + 2] for place in range(0, len(more), 2)]
        added = [word for pair in pairs if pair[0] not in self.arguments for word in pair]
        return shlex.join(["ordermux", *self.arguments, *added])


@contextlib.contextmanager
def guarded(session: Session) -> Generator[None]:
    """Turn whatever goes wrong into a line or two and an exit code."""
    try:
        yield
        sys.stdout.flush()
    except (typer.Exit, typer.Abort, typer.BadParameter):
        raise
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # else the interpreter complains when it ends
        raise typer.Exit(GONE) from None
    except (Exception, KeyboardInterrupt) as error:
        from ._trouble import report

        code = report(session, error)
        raise typer.Exit(code) from None


def command(app: typer.Typer, name: str, *examples: str, **settings: Any) -> Callable[[Callable[..., None]], Any]:
    """Register a command, with the options that stand anywhere; its function takes the session first.

    The examples are shown in its help, and run by the tests.
    """
    common = {
        "json": Annotated[bool, JSON],
        "emulator": Annotated[str | None, EMULATOR],
        "timeout": Annotated[float | None, TIMEOUT],
    }
    shown = "\n\n".join(["[bold]Examples[/]", *(example.replace("[", r"\[") for example in examples)])

    def register(function: Callable[..., None]) -> Callable[..., None]:
        own = list(inspect.signature(function, eval_str=True).parameters.values())[1:]
        options = [
            inspect.Parameter(each, inspect.Parameter.KEYWORD_ONLY, default=False if each == "json" else None)
            for each in common
        ]
        context = inspect.Parameter("ctx", inspect.Parameter.POSITIONAL_OR_KEYWORD)
        annotations: dict[str, Any] = {"ctx": typer.Context, **{each.name: each.annotation for each in own}, **common}

        def run(
            ctx: typer.Context, *, json: bool, emulator: str | None, timeout: float | None, **arguments: Any
        ) -> None:
            base = ctx.obj if isinstance(ctx.obj, Session) else Session()
            session = attrs.evolve(
                base,
                json=json or base.json,
                emulator=emulator or base.emulator,
                timeout=timeout or base.timeout,
            )
            with guarded(session):
                function(session, **arguments)

        parameters = [each.replace(annotation=annotations[each.name]) for each in (context, *own, *options)]
        run.__doc__ = function.__doc__
        run.__annotations__ = annotations
        vars(run)["__signature__"] = inspect.Signature(parameters)
        app.command(name, epilog=shown, **settings)(run)
        return function

    return register
