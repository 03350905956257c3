"""x"""
from collections.abc import Iterator
from .document import Document
def lint(document: Document) -> Iterator[str]:
    yield from ()
