"""The tour as a program: exit code 0 once all of it was as it says, 1 where it was not."""

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
