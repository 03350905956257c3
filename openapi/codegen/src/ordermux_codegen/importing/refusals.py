"""What the compiler refuses of a document: the only part of the import that asks it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from ..compile.constructs.finding import Finding
from ..compile.constructs.operations import OWN_HEADERS, operation_findings
from ..compile.constructs.schemas import RESERVED, schema_findings
from ..compile.constructs.servers import CLIENT_NAMES, is_argument, security_findings, server_findings
from ..compile.document import Document
from ..compile.media import PARTS, RAW, answer_media, request_media
from ..lint.rules import SOUNDS_SECRET, lint

__all__ = [
    "CLIENT_NAMES",
    "OWN_HEADERS",
    "PARTS",
    "RAW",
    "RESERVED",
    "SOUNDS_SECRET",
    "Document",
    "Finding",
    "answer_media",
    "is_argument",
    "lint",
    "refused",
    "request_media",
]


def refused(provider: str, raw: Mapping[str, Any]) -> Iterator[Finding]:
    """Yield what the compiler would not take of a document that has no file yet."""
    document = Document(provider, Path(f"{provider}.yaml"), raw)
    yield from server_findings(document)
    yield from security_findings(document)
    yield from schema_findings(document)
    yield from operation_findings(document)
