"""What the facade makes of a provider's words, by the page that its tables rest on."""

from __future__ import annotations

from importlib import import_module

from ordermux.status import Table

from .pages import Page


def status_words(page: Page) -> dict[str, str]:
    """Return each word that the facade's tables of this page know, with the claims that it makes."""
    name = f"ordermux.providers.{page.document.provider}"
    try:
        module = import_module(name)
    except ModuleNotFoundError as error:
        if error.name != name:
            raise
        return {}  # the facade does not know the provider yet
    tables = [table for table in vars(module).values() if isinstance(table, Table) and table.page == page.url]
    found: dict[str, list[str]] = {}
    for table in tables:
        for word, row in table.rows.items():
            claims = found.setdefault(word, [])
            claims += [told for axis, cell in row.cells.items() if (told := f"{axis} {cell.value}") not in claims]
    return {word: ", ".join(claims) for word, claims in found.items()}
