"""What tests of the typed clients share: an order, and a traceback as an error handler would show it."""

from __future__ import annotations

import traceback
from typing import Any

from support.document_checker import documents

ORDER: dict[str, Any] = documents()["zephyr"].schemas["Order"]["examples"][0]
"""An order of ZephyrCart's, the document's own example."""
CANARY = "canary-3f9a"
"""A secret that is looked for where none may be."""


def traced(error: Exception) -> str:
    """Return an error's traceback with the locals of all frames but the test's own."""
    own = error.__traceback__.tb_next if error.__traceback__ else None
    return "".join(traceback.TracebackException(type(error), error, own, capture_locals=True).format())
