"""The reference of the command line, as Markdown, from the application itself."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import typer.main

from ordermux.cli._app import app
from ordermux.cli._command import PANEL
from support.recorded import table


def commands() -> Iterator[tuple[str, Any]]:
    """Yield each command by what is typed, in the order of the help."""

    def below(command: Any, typed: str) -> Iterator[tuple[str, Any]]:
        if not hasattr(command, "commands"):
            yield typed, command
            return
        if command.invoke_without_command and typed != "ordermux":
            yield typed, command  # what the group does by itself
        for name in command.list_commands(None):
            if not command.commands[name].hidden:
                yield from below(command.commands[name], f"{typed} {name}")

    yield from below(typer.main.get_command(app), "ordermux")


def command_reference() -> str:
    """Return a section for each command."""
    return "\n\n".join(_section(typed, command) for typed, command in commands())


def global_options() -> str:
    """Return the table of the options that every command has."""
    command: Any = next(command for _, command in commands())
    return _options(each for each in command.params if _is_global(each))


def _is_global(parameter: Any) -> bool:
    return getattr(parameter, "rich_help_panel", None) == PANEL


def _plain(text: str | None) -> str:
    """Return a text of the help without the marks of its style, on one line in a cell."""
    plain = re.sub(r"(?<!\\)\[/?(?:bold|dim)?\]", "", text or "").replace(r"\[", "[")
    return re.sub(r"\s*\n\s*", " ", plain).replace("|", r"\|")


def _section(typed: str, command: Any) -> str:
    own = [each for each in command.params if not _is_global(each)]
    arguments = [each for each in own if each.param_type_name == "argument"]
    options = [each for each in own if each.param_type_name == "option"]
    usage = " ".join([typed, *(_usage(each) for each in arguments), *(["[OPTIONS]"] if options else [])])
    parts = [f"## {typed}", "\n\n".join(map(_plain, (command.help or "").split("\n\n"))), f"```text\n{usage}\n```"]
    if arguments:
        parts.append(table(["argument", "meaning"], [[f"`{_name(each)}`", _plain(each.help)] for each in arguments]))
    if options:
        parts.append(_options(options))
    examples = [line.replace(r"\[", "[") for line in (command.epilog or "").split("\n\n")[1:]]
    return "\n\n".join([*parts, "```sh\n" + "\n".join(examples) + "\n```"])


def _name(argument: Any) -> str:
    name = str(argument.metavar or argument.name.upper())
    return name.removesuffix("...").strip("[]")


def _usage(argument: Any) -> str:
    name = _name(argument) + ("..." if argument.nargs == -1 else "")
    return name if argument.required else f"[{name}]"


def _options(options: Any) -> str:
    return table(["option", "meaning"], [[_spelling(each), _meaning(each)] for each in options])


def _spelling(option: Any) -> str:
    spelled = [*option.opts, *option.secondary_opts]
    return ", ".join(f"`{each}`" if option.is_flag else f"`{each} {_metavar(option)}`" for each in spelled)


def _metavar(option: Any) -> str:
    if option.metavar:
        return str(option.metavar)
    return "N" if "int" in str(getattr(option.type, "name", "")) else "NAME"


def _meaning(option: Any) -> str:
    told, choices = _plain(option.help), [str(each) for each in getattr(option.type, "choices", ())]
    if choices and told == ", ".join(choices):
        return "One of " + ", ".join(f"`{each}`" for each in choices) + "."
    if choices:
        told += " One of " + ", ".join(f"`{each}`" for each in choices) + "."
    if option.is_flag or option.default in {None, ""} or callable(option.default) or "default:" in told:
        return told
    return f"{told} Default: `{option.default}`."
