"""The emulator on its own: `python -m ordermux.emulator`, which has the options of `ordermux emulator`."""

from __future__ import annotations

import sys

from .command import CannotStart, parser, serve


def main() -> None:
    """Run it until Ctrl-C or another signal to end."""
    given = vars(parser().parse_args())
    try:
        serve(given)
    except CannotStart as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
