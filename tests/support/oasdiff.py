"""What oasdiff's published rules say of a change, to stand beside our verdicts: `codegen/changes/oasdiff.yaml`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

RULES = Path(__file__).parents[1] / "codegen" / "changes" / "oasdiff.yaml"
NO_RULE = "no rule"


def oasdiff() -> dict[str, str]:
    """Return the level and the rule of each change, by its words; `no rule` where none is about it."""
    yaml: Any = YAML(typ="safe", pure=True)
    rules: dict[str, list[str]] = yaml.load(RULES)
    silent = dict.fromkeys(rules.pop(NO_RULE), NO_RULE)
    return silent | {what: f"{level} {rule}" for rule, (level, *changes) in rules.items() for what in changes}
