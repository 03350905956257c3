"""A place to work on copies of the documents: saved pages beside them, and what a run over both prints."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Self

import attrs

from compiler.document import Document
from manuals import FORMS, Manual, Paragraph, documents_in
from sources.__main__ import main

CONTRACT_PAGES = [
    ("croissant", "order-lifecycle"),
    ("croissant", "direct-api-integrations"),
    ("crossmint", "orders"),
    ("cryptum", "orders"),
    ("zephyr", "orders"),
]


@attrs.frozen
class Desk:
    """Copies of documents, a folder of saved pages, and what a run prints."""

    root: Path
    read: Callable[[], str]

    @property
    def documents(self) -> Path:
        """The folder of the documents."""
        return self.root / "documents"

    @property
    def saved(self) -> Path:
        """The folder of the saved pages."""
        return self.root / "saved"

    def document(self, provider: str) -> Document:
        """Return a document as it is now."""
        return Document.load(self.documents / f"{provider}.yaml")

    def take(self, provider: str) -> Self:
        """Copy one document, with the texts beside it, to work on."""
        documents_in(self.documents, provider)
        return self

    def run(self, *arguments: str) -> tuple[int, str]:
        """Return the exit code and the report."""
        places = {"--from": self.saved, "--documents": self.documents, "--copies": self.root / "copies"}
        code = main([*arguments, *(str(word) for place in places.items() for word in place)])
        return code, self.read()

    def save(self, name: str, manual: Manual, form: str = "text") -> None:
        """Save a page."""
        ending, write = FORMS[form]
        (self.saved / f"{name}{ending}").write_text(write(manual), "utf-8")


def made_up(desk: Desk, provider: str, page: str) -> dict[str, list[Paragraph]]:
    """Return a page that has the sections on record, with text of our own."""
    names = desk.take(provider).document(provider).sources[page]["sections"]
    return {name: [Paragraph(f"Nothing in particular, number {count}.")] for count, name in enumerate(names)}


def chapter(report: str, heading: str) -> list[str]:
    """Return the lines of one `###` of a report."""
    return report.partition(f"### {heading}\n\n")[2].partition("\n\n#")[0].splitlines()
