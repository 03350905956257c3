"""The demo as a program: exit code 0 if everything was as expected, else 1."""

from __future__ import annotations

import sys

from . import Failed, main

_INTERRUPTED = 130

if __name__ == "__main__":
    try:
        main()
    except Failed as failed:
        sys.exit(f"error: {failed}")
    except KeyboardInterrupt:
        sys.exit(_INTERRUPTED)
