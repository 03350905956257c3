"""The command `ordermux-codegen`, also `python -m ordermux_codegen`: one subcommand for each task."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import Protocol, cast

PROGRAM = "ordermux-codegen"
COMMANDS = {
    "new": ("scaffold", "write the skeleton of a provider's document and texts"),
    "generate": ("compile", "compile documents into packages"),
    "drift": ("compile", "fail if the packages are not what the documents give"),
    "lint": ("lint", "check documents by the modelling rules"),
    "basis": ("compile", "print how well sourced each document is"),
    "import": ("importing", "turn a published document into one that compiles, with a report of what was lost"),
    "compare": ("importing", "report what a newer published document says otherwise than the imported one"),
    "sources": ("sources", "report which source pages changed, and which facts depend on them"),
    "changes": ("changes", "report what changed since the last releases, and the lowest valid versions"),
    "build": ("release", "build wheel and sdist of packages, twice, and check them"),
    "publish": ("release", "upload one package to an index"),
}
"""Each command with the subpackage that runs it, and its line of help."""


class _Module(Protocol):
    def run(self, command: str, arguments: Sequence[str]) -> int: ...


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; return its exit code."""
    lines = "\n".join(f"  {name:10}{what}" for name, (_, what) in COMMANDS.items())
    parser = argparse.ArgumentParser(
        prog=PROGRAM,
        description=__doc__,
        epilog=f"commands:\n{lines}\n\n`{PROGRAM} COMMAND --help` shows its options.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("command", metavar="COMMAND", choices=COMMANDS)
    parser.add_argument("arguments", nargs=argparse.REMAINDER, metavar="…")
    given = parser.parse_args(arguments)
    subpackage, _ = COMMANDS[given.command]
    try:
        module = import_module(f".{subpackage}.command", __package__)
    except ModuleNotFoundError as error:
        missing = (error.name or "").partition(".")[0]
        if missing == __package__:
            raise
        parser.error(f"{given.command} needs {missing}: pip install 'ordermux-codegen[{subpackage}]'")
    return cast("_Module", module).run(given.command, given.arguments)


if __name__ == "__main__":
    sys.exit(main())
