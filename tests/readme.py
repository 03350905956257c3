"""Runs the examples of a package's README against the emulator: `python readme.py zephyr README.md`.

The examples are run as they are printed, one after another in one namespace. Only the address differs: the running
emulator's stands in place of the one that `python -m ordermux.emulator` has.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

from ordermux.emulator import Emulator

ADDRESS = "http://127.0.0.1:8000"
_BLOCK = r"^```python\n(.*?)^```$"
_OUTPUT = r"(?:\n\nprints(?: `([^`\n]*)`|\n\n```text\n(.*?)^```$))?"


def examples(text: str) -> list[str]:
    """Return the Python blocks of a Markdown text."""
    return re.findall(_BLOCK, text, re.DOTALL | re.MULTILINE)


def examples_with_output(text: str) -> list[tuple[str, str]]:
    """Return the Python blocks of a Markdown text, each with what the text says that it prints; empty for nothing."""
    found = re.findall(_BLOCK + _OUTPUT, text, re.DOTALL | re.MULTILINE)
    return [(block, line or lines.rstrip()) for block, line, lines in found]


def run_examples(provider: str, text: str, emulator: Emulator) -> int:
    """Run the blocks of a README; return how many there were."""
    blocks = examples(text)
    namespace: dict[str, object] = {"__name__": "readme"}
    for number, block in enumerate(blocks, 1):
        addressed = block.replace(ADDRESS, emulator.address)
        exec(compile(addressed, f"{provider} README, example {number}", "exec"), namespace)
    return len(blocks)


if __name__ == "__main__":
    with Emulator() as started:
        count = run_examples(sys.argv[1], Path(sys.argv[2]).read_text(encoding="utf-8"), started)
    print(f"{sys.argv[1]}: {count} examples ran")
