"""Names in Python for what a document names."""

from __future__ import annotations

import keyword
import re

from openapi_python_client import strings


def module_name(tag: str) -> str:
    """Return a tag as the name of a module, empty if it cannot be one."""
    return str(strings.PythonIdentifier(tag, prefix="tag")) if strings.snake_case(tag) else ""


def python_name(name: str) -> str:
    """Return a parameter's name as a Python identifier."""
    python = str(strings.PythonIdentifier(re.sub(r"[^0-9A-Za-z_.\- ]", "_", name), prefix="field_"))
    return f"{python}_" if keyword.iskeyword(python) else python
