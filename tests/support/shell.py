"""The command line in a shell, without its being installed."""

from __future__ import annotations

import sys

SHELL = f"""set -e
ordermux() {{ {sys.executable} -m ordermux.cli "$@"; }}
"""
