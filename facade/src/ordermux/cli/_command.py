"""How commands are registered: with the global options, errors as messages, and an exit code."""

from __future__ import annotations

import contextlib
import inspect
import logging
from collections.abc import Callable, Generator
from typing import Annotated, Any

import attrs
import typer

from ..validation import MAX_SECONDS
from . import _streams
from ._exit import DONE, FAILED, CliError
from ._schemas import print_schema
from ._session import Session

PANEL = "Global options"
_SILENT = logging.NullHandler()
"""Keeps warnings of the facade out of the output; the errors report the same."""


def _seconds(value: float | None) -> float | None:
    if value is not None and not 0 < value < float("inf"):
        raise typer.BadParameter("must be greater than 0")
    if value is not None and value > MAX_SECONDS:
        raise typer.BadParameter(f"must be at most {MAX_SECONDS:.0f}, a day")
    return value


def _proxy(value: str | None) -> str | None:
    if value is not None and "@" in value:  # other users of the machine and logs see a command line
        raise typer.BadParameter("pass a proxy with a password in ORDERMUX_PROXY")
    return value


JSON: Any = typer.Option("--json", help="Print JSON; lists as JSON lines.", rich_help_panel=PANEL)
JSON_SCHEMA: Any = typer.Option(
    "--json-schema",
    is_eager=True,
    callback=print_schema,
    help="Print the JSON Schema of what --json prints, and exit.",
    rich_help_panel=PANEL,
)
EMULATOR: Any = typer.Option(
    "--emulator",
    metavar="URL",
    help="Use the emulator at this URL, with its test credentials [dim](or ORDERMUX_EMULATOR)[/].",
    rich_help_panel=PANEL,
)
TIMEOUT: Any = typer.Option(
    "--timeout",
    metavar="SECONDS",
    callback=_seconds,
    help="Total timeout of a call in seconds (default: 60).",
    rich_help_panel=PANEL,
)
PROXY: Any = typer.Option(
    "--proxy",
    metavar="URL",
    callback=_proxy,
    help="Use this HTTP proxy [dim](or ORDERMUX_PROXY)[/].",
    rich_help_panel=PANEL,
)


@contextlib.contextmanager
def guarded(session: Session) -> Generator[None]:
    """Turn any error into a message and an exit code."""
    logging.getLogger("ordermux").addHandler(_SILENT)
    code, problem = DONE, None
    try:
        try:
            yield
            session.signals.defer()
        except typer.Exit as ended:
            code = ended.exit_code
        except (typer.Abort, typer.BadParameter):
            raise
        except (Exception, KeyboardInterrupt) as error:
            session.signals.defer()
            from ._errors import outcome

            code, problem = outcome(session, error)
        code = _printed(session, code, problem)
    finally:
        session.signals.ignore()
    if code:
        raise typer.Exit(code)


def _printed(session: Session, code: int, problem: str | None) -> int:
    """Return the exit code, which depends on whether the output could be written.

    A change stays done, and its result is reported on standard error; a read without output has failed.
    """
    from ._errors import report, unprinted

    broken = _streams.flushed()
    if broken:
        problem = problem or broken.strerror or type(broken).__name__
    if problem and session.change and session.change.done:
        unprinted(session, problem)
    elif broken and not code:
        code = _streams.code_of(broken)
        if code == FAILED:
            report(session, CliError(f"the output cannot be written: {problem}"))
    return code


def command(app: typer.Typer, name: str, *examples: str, **settings: Any) -> Callable[[Callable[..., None]], Any]:
    """Register a command with the global options; its function takes the session first.

    The examples are shown in its help, and the tests run them.
    """

    def register(function: Callable[..., None]) -> Callable[..., None]:
        app.command(name, epilog=_epilog(examples), **settings)(_with_session(function))
        return function

    return register


def group_command(app: typer.Typer, *examples: str) -> Callable[[Callable[..., None]], Any]:
    """Register what a group does without one of its commands, as `command` does; its options are no others'."""

    def register(function: Callable[..., None]) -> Callable[..., None]:
        run = _with_session(function, is_group=True)
        app.callback(invoke_without_command=True, epilog=_epilog(examples))(run)
        return function

    return register


def _epilog(examples: tuple[str, ...]) -> str:
    return "\n\n".join(["[bold]Examples[/]", *(example.replace("[", r"\[") for example in examples)])


def _with_session(function: Callable[..., None], *, is_group: bool = False) -> Callable[..., None]:
    """Return a function of the context, its own arguments and the global options, for Typer."""
    common = {
        "json": Annotated[bool, JSON],
        "json_schema": Annotated[bool, JSON_SCHEMA],
        "emulator": Annotated[str | None, EMULATOR],
        "timeout": Annotated[float | None, TIMEOUT],
        "proxy": Annotated[str | None, PROXY],
    }
    own = list(inspect.signature(function, eval_str=True).parameters.values())[1:]
    options = [
        inspect.Parameter(each, inspect.Parameter.KEYWORD_ONLY, default=False if each.startswith("json") else None)
        for each in common
    ]
    context = inspect.Parameter("ctx", inspect.Parameter.POSITIONAL_OR_KEYWORD)
    annotations: dict[str, Any] = {"ctx": typer.Context, **{each.name: each.annotation for each in own}, **common}

    def run(
        ctx: typer.Context,
        *,
        json: bool,
        json_schema: bool,
        emulator: str | None,
        timeout: float | None,
        proxy: str | None,
        **arguments: Any,
    ) -> None:
        del json_schema
        base = ctx.obj if isinstance(ctx.obj, Session) else Session()
        session = attrs.evolve(
            base,
            json=json or base.json,
            emulator=emulator or base.emulator,
            timeout=timeout or base.timeout,
            proxy=proxy or base.proxy,
        )
        if is_group and ctx.invoked_subcommand is not None:
            _refuse_options(ctx, set(common))
            ctx.obj = session
            return
        with guarded(session):
            function(session, **arguments)

    parameters = [each.replace(annotation=annotations[each.name]) for each in (context, *own, *options)]
    run.__doc__ = function.__doc__
    run.__annotations__ = annotations
    vars(run)["__signature__"] = inspect.Signature(parameters)
    return run


def _refuse_options(ctx: typer.Context, shared: set[str]) -> None:
    """Refuse options of a group before one of its commands, which does not have them."""
    for name in ctx.params.keys() - shared:
        source = ctx.get_parameter_source(name)
        if source is not None and source.name == "COMMANDLINE":
            flag = f"--{name.replace('_', '-')}"
            raise typer.BadParameter(f"{flag} is an option of {ctx.command_path}, not of {ctx.invoked_subcommand}")
