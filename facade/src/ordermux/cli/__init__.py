"""The command line `ordermux`; see `ordermux --help` and docs/command-line.md."""

from __future__ import annotations

import sys
from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> None:
    """Run a command, and exit with its code."""
    try:
        from ._app import run

        run(list(sys.argv[1:] if arguments is None else arguments))
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in {"typer", "rich"}:
            raise
        sys.exit(f"error: {error.name} is not installed; run: pip install 'ordermux[cli]'")
    except KeyboardInterrupt:  # before the command has started
        sys.exit(130)
