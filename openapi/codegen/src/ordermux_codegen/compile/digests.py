"""The digest of a section's text, which a document records in `x-sources`."""

from __future__ import annotations

import hashlib
import re

_DIGITS = 32
DIGEST = re.compile(rf"sha256:[0-9a-f]{{{_DIGITS}}}")


def digest_of(text: str) -> str:
    """Return the digest of a text: the first half of its SHA-256."""
    return f"sha256:{hashlib.sha256(text.encode()).hexdigest()[:_DIGITS]}"


EMPTY = digest_of("")
"""The digest of a heading with nothing below it."""
