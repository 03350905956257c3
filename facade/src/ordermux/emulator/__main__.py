"""The emulator on its own: `python -m ordermux.emulator [--port 8000]`."""

from __future__ import annotations

import argparse
import contextlib
import sys
import time

import attrs

from . import Emulator


def main() -> None:
    """Run it until Ctrl-C, and print what each provider's client takes."""
    parser = argparse.ArgumentParser(prog="python -m ordermux.emulator", description=__doc__)
    parser.add_argument("--port", type=int, default=8000, help="default: 8000; 0 takes any free one")
    port = parser.parse_args().port
    try:
        emulator = Emulator(port=port)
    except (OSError, OverflowError) as error:
        sys.exit(f"port {port}: {getattr(error, 'strerror', None) or error}; --port takes another")
    with contextlib.suppress(KeyboardInterrupt), emulator:
        print(f"The emulator speaks the providers' APIs at {emulator.address}. Each takes:")
        for account in emulator.accounts():
            print(f"\n{account.provider}")
            for argument, value in attrs.asdict(account).items():
                shown = value if isinstance(value, str) else getattr(value, "reveal", str)()
                if shown and argument not in {"name", "environment"}:
                    print(f"    {argument:<14} {shown}")
        print("\nCtrl-C stops it.", flush=True)
        while True:
            time.sleep(3600)


if __name__ == "__main__":
    main()
