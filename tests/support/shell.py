"""The command lines in a shell, without their being installed."""

from __future__ import annotations

import sys

SHELL = f"""set -e
ordermux() {{ {sys.executable} -m ordermux.cli "$@"; }}
ordermux-codegen() {{ {sys.executable} -m ordermux_codegen "$@"; }}
"""
