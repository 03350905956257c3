"""A place to work on copies of the documents: saved pages beside them, and what a run over both prints."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Self

import attrs

from ordermux_codegen.compile.document import Document
from ordermux_codegen.sources.command import run
from support.sample_pages import FORMS, Paragraph, SamplePage, documents_in

CONTRACT_PAGES = [
    ("croissant", "order-lifecycle"),
    ("croissant", "direct-api-integrations"),
    ("crossmint", "orders"),
    ("cryptum", "orders"),
    ("zephyr", "orders"),
]


@attrs.frozen
class SourceWorkspace:
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
        code = run("sources", [*arguments, *(str(word) for place in places.items() for word in place)])
        return code, self.read()

    def save(self, name: str, page_text: SamplePage, form: str = "text") -> None:
        """Save a page."""
        ending, write = FORMS[form]
        (self.saved / f"{name}{ending}").write_text(write(page_text), "utf-8")


def made_up(workspace: SourceWorkspace, provider: str, page: str) -> dict[str, list[Paragraph]]:
    """Return a page that has the sections on record, with text of our own."""
    names = workspace.take(provider).document(provider).sources[page]["sections"]
    return {name: [Paragraph(f"Nothing in particular, number {count}.")] for count, name in enumerate(names)}


def chapter(report: str, heading: str) -> list[str]:
    """Return the lines of one `###` of a report."""
    return report.partition(f"### {heading}\n\n")[2].partition("\n\n#")[0].splitlines()
