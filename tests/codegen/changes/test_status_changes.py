"""What `changes` says of the status values, whatever part of a status they are."""

from __future__ import annotations

import copy

from ordermux_codegen.changes.status_changes import status_changes
from ordermux_codegen.compile.document import Document
from ordermux_codegen.status_map import StatusRow
from support.document_checker import documents

ROWS = [
    StatusRow("zephyr", "status", word, claims, "")
    for word, claims in {
        "created": (("lifecycle", "open"),),
        "paid": (("payment", "paid"),),
        "partially_refunded": (("hold", "review"),),
        "refunded": (),
        "cancelled": (("hold", "review"), ("ended hold", "dispute")),
    }.items()
]
WORDS = ["created", "paid", "partially_refunded", "refunded", "cancelled"]


def document(*without: str) -> Document:
    """Return ZephyrCart's document with fewer status values."""
    raw = copy.deepcopy(documents()["zephyr"].raw)
    raw["components"]["schemas"]["OrderStatus"]["enum"] = [word for word in WORDS if word not in without]
    return Document("zephyr", documents()["zephyr"].path, raw)


def test_a_hold_that_gains_a_source_is_told() -> None:
    """So is one that is over."""
    assert [
        "status says 'cancelled': hold 'review' gains a source",
        "status says 'cancelled': ended hold 'dispute' gains a source",
    ] == list(status_changes(document("cancelled"), document(), ROWS))


def test_a_hold_that_loses_a_source_is_told() -> None:
    """With the values that it still comes from."""
    assert [
        "status no longer says 'partially_refunded': hold 'review' loses a source, it has 'cancelled' still"
    ] == list(status_changes(document(), document("partially_refunded"), ROWS))


def test_a_value_whose_row_says_nothing_is_told() -> None:
    """Nobody takes its row for a status."""
    assert ["status says 'refunded', of which none of our words comes"] == list(
        status_changes(document("refunded"), document(), ROWS)
    )
