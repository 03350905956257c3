"""The public vocabularies: each word is mapped or lost with a reason, and each status has an answer in each of them.

docs/vocabularies.md and docs/status.md have the tables that are printed here. `RECORD=1` in the environment writes them
anew; look at the difference.
"""

from __future__ import annotations

import ast
import enum
import functools
import inspect
import itertools
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ordermux import (
    CancelReason,
    Fulfillment,
    Hold,
    InvalidArgument,
    Lifecycle,
    Payment,
    Status,
    Vocabulary,
    status,
    vocabulary,
)
from ordermux.cli._output import NOTHING
from ordermux.cli._status_map import entries, side_by_side
from ordermux.providers.registry import providers
from ordermux.status import Attention, in_order
from ordermux.vocabularies import PARTS, names
from support import ledger_table
from support.recorded import held, marks, table, with_parts

L, P, F, C, H = Lifecycle, Payment, Fulfillment, CancelReason, Hold
KINDS: dict[str, type[enum.StrEnum]] = dict(zip(PARTS, (L, P, F, C, H), strict=True))
IMPLIED: dict[str, str] = {F.DELIVERED: F.FULFILLED, F.RETURNED: F.PARTIALLY_RETURNED, P.OVERPAID: P.PAID}
DOCS = Path(__file__).parents[2] / "docs"
PAGES = ("status.md", "vocabularies.md")

# Counted by hand, on the pages of the vocabularies.
WORDS = {
    "acp": {
        "checkout_session.status": 11,
        "order.status": 7,
        "order.line_items[].status": 4,
        "order.fulfillments[].status": 9,
        "order.fulfillments[].events[].type": 10,
        "order.adjustments[].type": 7,
        "order.adjustments[].status": 3,
    },
    "ucp": {
        "checkout.status": 6,
        "order.line_items[].status": 4,
        "order.fulfillment.events[].type": 8,
        "order.adjustments[].type": 6,
        "order.adjustments[].status": 3,
    },
    "shopify": {
        "displayFinancialStatus": 8,
        "displayFulfillmentStatus": 11,
        "cancelReason": 6,
        "returnStatus": 6,
    },
    "commercetools": {
        "orderState": 4,
        "paymentState": 5,
        "shipmentState": 8,
        "returnInfo[].items[].shipmentState": 4,
        "returnInfo[].items[].paymentState": 4,
        "payments[].transactions[].type": 5,
        "payments[].transactions[].state": 4,
    },
    "medusa": {"status": 6, "payment_status": 10, "fulfillment_status": 8},
    "saleor": {"status": 9, "chargeStatus": 4, "authorizeStatus": 3, "fulfillments[].status": 7},
    "bigcommerce": {"status": 15, "payment_status": 12},
    "schema.org": {"orderStatus": 8, "partOfInvoice.paymentStatus": 5},
    "apideck": {"status": 6, "payment_status": 8, "fulfillment_status": 7},
}
each_vocabulary = pytest.mark.parametrize("name", sorted(WORDS))


def some(name: str) -> Iterator[Status]:
    """Yield each combination of the axes, each cancel reason, and each hold with each value."""
    for lifecycle, payment, fulfillment in itertools.product((None, *L), (None, *P), (None, *F)):
        yield Status(lifecycle=lifecycle, payment=payment, fulfillment=fulfillment)
    for reason, payment in itertools.product(C, (None, *P)):
        yield Status(lifecycle=L.CANCELLED, cancel_reason=reason, payment=payment)
    for each in ({hold} for hold in H):
        holds = in_order(each)
        yield from (Status(lifecycle=value, holds=holds) for value in (None, *L))
        yield from (Status(lifecycle=L.OPEN, payment=value, holds=holds) for value in P)
        yield from (Status(lifecycle=L.OPEN, payment=P.PAID, fulfillment=value, holds=holds) for value in F)
    for word in (word for field in vocabulary(name).fields.values() for word in field.words):
        yield from (field.status_map.lookup(word) for field in vocabulary(name).fields.values() if word in field.words)


def parts(found: Status) -> set[tuple[str, str]]:
    """Return the parts of a status with their values, but for an unspecified reason."""
    said = {(part, getattr(found, part)) for part in PARTS[:4]} | {("hold", hold) for hold in found.holds}
    return {(part, value) for part, value in said if value not in {None, C.UNSPECIFIED}}


def test_these_are_the_vocabularies() -> None:
    """Each by its name."""
    assert sorted(WORDS) == names()


@each_vocabulary
def test_each_published_word_is_there(name: str) -> None:
    """As many as its pages have."""
    assert WORDS[name] == {field.name: len(field.words) for field in vocabulary(name).fields.values()}


@each_vocabulary
def test_each_word_is_mapped_or_lost_with_a_reason(name: str) -> None:
    """None silently, and each field has its page."""
    for field in vocabulary(name).fields.values():
        assert re.fullmatch(r"https://[\w./#-]+", field.page)
        for word in field.words.values():
            assert word.mapped or word.lost, f"{field.name} {word.raw_value}"


@each_vocabulary
def test_each_value_of_ours_has_a_word_or_a_reason(name: str) -> None:
    """And no reason is left over for values that have words."""
    found = vocabulary(name)
    unsaid = {
        f"{part}.{value}": part
        for part, kind in KINDS.items()
        for value in map(str, kind)
        if (value != "unknown" or part == "hold") and value != "unspecified" and not any(found.words_for(part, value))
    }
    assert [] == [value for value, part in unsaid.items() if value not in found.unsaid and part not in found.unsaid]
    assert set(found.unsaid) <= {*unsaid, *unsaid.values()}


@each_vocabulary
def test_a_translation_says_nothing_else_and_loses_nothing_silently(name: str) -> None:
    """What is read from the words is part of the status, and each other part is lost with a reason."""
    for told in some(name):
        made = told.to(name)
        read, wanted = parts(vocabulary(name).read(made.words)), parts(told)
        allowed = wanted | {(part, IMPLIED[value]) for part, value in wanted if value in IMPLIED}
        allowed |= {("hold", H.UNKNOWN)} if told.holds else set()
        assert read <= allowed, (told, made)
        assert wanted - read <= {(lost.part, lost.value) for lost in made.lost} <= wanted, (told, made)
        assert all(lost.reason for lost in made.lost)


@each_vocabulary
def test_a_translation_that_is_read_is_translated_the_same(name: str) -> None:
    """There and back is stable."""
    for told in some(name):
        words = told.to(name).words
        assert words == vocabulary(name).read(words).to(name).words, told


@each_vocabulary
def test_a_word_that_loses_nothing_comes_back_as_the_same_status(name: str) -> None:
    """Read, translated and read again."""
    for field in vocabulary(name).fields.values():
        for word in field.words.values():
            told = vocabulary(name).read({field.name: word.raw_value})
            if word.lost is None:
                assert parts(told) == parts(vocabulary(name).read(told.to(name).words)), (field.name, word.raw_value)


READ: list[tuple[str, dict[str, str | None], Status]] = [
    ("acp", {"order.status": "manual_review"}, Status(lifecycle=L.PENDING, holds=(H.REVIEW,))),
    ("acp", {"checkout_session.status": "expired"}, Status(lifecycle=L.CANCELLED, cancel_reason=C.EXPIRED)),
    (
        "acp",
        {"checkout_session.status": "completed", "order.status": "shipped"},
        Status(lifecycle=L.OPEN, fulfillment=F.FULFILLED),
    ),
    (
        "ucp",
        {"order.fulfillment.events[].type": "returned_to_sender", "order.adjustments[].type": "dispute"},
        Status(fulfillment=F.RETURNED, holds=(H.DISPUTE,)),
    ),
    (
        "shopify",
        {"displayFinancialStatus": "PARTIALLY_PAID", "displayFulfillmentStatus": "ON_HOLD"},
        Status(payment=P.PARTIALLY_PAID, holds=(H.UNKNOWN,)),
    ),
    (
        "shopify",
        {"displayFinancialStatus": "EXPIRED", "cancelReason": "FRAUD", "returnStatus": None},
        Status(lifecycle=L.CANCELLED, cancel_reason=C.FRAUD, payment=P.EXPIRED),
    ),
    ("commercetools", {"shipmentState": "Backorder"}, Status(fulfillment=F.UNFULFILLED, holds=(H.STOCK,))),
    ("commercetools", {"paymentState": "CreditOwed"}, Status()),
    (
        "medusa",
        {"payment_status": "requires_action", "fulfillment_status": "fulfilled"},
        Status(payment=P.PENDING, fulfillment=F.IN_PROGRESS, holds=(H.PAYMENT_ACTION,)),
    ),
    (
        "saleor",
        {"status": "PARTIALLY_RETURNED", "chargeStatus": "OVERCHARGED", "authorizeStatus": "FULL"},
        Status(payment=P.OVERPAID, fulfillment=F.PARTIALLY_RETURNED),
    ),
    (
        "saleor",
        {"chargeStatus": "NONE", "authorizeStatus": "FULL"},
        Status(payment=P.AUTHORIZED),
    ),
    ("bigcommerce", {"status": "Disputed"}, Status(holds=(H.DISPUTE,))),
    ("schema.org", {"orderStatus": "OrderReturned"}, Status(fulfillment=F.RETURNED)),
    ("apideck", {"payment_status": "partial"}, Status(payment=P.PARTIALLY_PAID)),
]


@pytest.mark.parametrize(("name", "words", "expected"), READ)
def test_words_are_read(name: str, words: dict[str, str | None], expected: Status) -> None:
    """Those of several fields together; the furthest along wins."""
    assert parts(expected) == parts(vocabulary(name).read(words))


SAID: list[tuple[Status, str, dict[str, str], list[str]]] = [
    (
        Status(lifecycle=L.OPEN, payment=P.PAID, fulfillment=F.IN_PROGRESS),
        "schema.org",
        {"orderStatus": "OrderProcessing", "partOfInvoice.paymentStatus": "PaymentComplete"},
        ["fulfillment in_progress: only the way, the arrival and the return of the whole order have words"],
    ),
    (
        Status(payment=P.PAID, holds=(H.DISPUTE,)),
        "schema.org",
        {"orderStatus": "OrderProblem", "partOfInvoice.paymentStatus": "PaymentComplete"},
        ["hold dispute: orderStatus 'OrderProblem' does not say which"],
    ),
    (
        Status(payment=P.PAID, holds=(H.DISPUTE,)),
        "ucp",
        {"order.adjustments[].type": "dispute"},
        ["payment paid: an order has no payment word; its refunds are adjustments with amounts"],
    ),
    (
        Status(lifecycle=L.CANCELLED, cancel_reason=C.PAYMENT_FAILED, payment=P.VOIDED),
        "shopify",
        {"displayFinancialStatus": "VOIDED", "cancelReason": "DECLINED"},
        [],
    ),
    (
        Status(payment=P.PAID),
        "bigcommerce",
        {"payment_status": "paid"},
        [],
    ),
    (
        Status(lifecycle=L.UNKNOWN, payment=P.UNKNOWN),
        "apideck",
        {},
        ["lifecycle unknown: it is not known here either", "payment unknown: it is not known here either"],
    ),
    (
        Status(fulfillment=F.UNFULFILLED, payment=P.PARTIALLY_PAID),
        "saleor",
        {"chargeStatus": "PARTIAL"},
        ["fulfillment unfulfilled: status 'UNFULFILLED' says more: lifecycle open"],
    ),
    (
        Status(lifecycle=L.OPEN, fulfillment=F.FULFILLED, holds=(H.DISPUTE,)),
        "bigcommerce",
        {"status": "Disputed"},
        [
            "lifecycle open: status says 'Disputed' instead of 'Shipped'",
            "fulfillment fulfilled: status says 'Disputed' instead of 'Shipped'",
        ],
    ),
]


@pytest.mark.parametrize(("told", "name", "words", "lost"), SAID)
def test_a_status_is_translated(told: Status, name: str, words: dict[str, str], lost: list[str]) -> None:
    """With what the words do not say, and why."""
    made = told.to(name)
    assert (words, lost) == (made.words, [str(each) for each in made.lost])
    assert {"vocabulary": name, "words": words}.items() <= made.to_dict().items()


@each_vocabulary
def test_a_word_that_is_not_published_is_unknown(name: str) -> None:
    """On the axes of its field, never anything plausible."""
    for field in vocabulary(name).fields.values():
        told = vocabulary(name).read({field.name: "not-a-word"})
        assert {(axis, "unknown") for axis in field.status_map.axes} == parts(told)
        assert (Attention.UNKNOWN_RAW,) == told.attention


@pytest.mark.parametrize(
    "act",
    [
        lambda: vocabulary("magento"),
        lambda: vocabulary("../pyproject"),
        lambda: Status().to("magento"),
        lambda: vocabulary("shopify").map("state"),
        lambda: vocabulary("shopify").read({"state": "PAID"}),
    ],
)
def test_a_wrong_name_is_an_error(act: Callable[[], object]) -> None:
    """Of a vocabulary or a field."""
    with pytest.raises(InvalidArgument, match=r"no vocabulary|no field"):
        act()


def test_no_vocabulary_is_read_before_it_is_needed() -> None:
    """A status is read without any."""
    code = "import ordermux, sys; ordermux.Status(); print({'tomllib', 'ordermux.vocabularies'} & set(sys.modules))"
    assert "set()\n" == subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout


# The tables of the pages.


def meanings() -> dict[tuple[str, str], str]:
    """Return the meaning of each value, by part: the text below it in the source."""
    found: dict[tuple[str, str], str] = {}
    classes = {kind.__name__: part for part, kind in KINDS.items()}
    for node in ast.parse(inspect.getsource(status)).body:
        if isinstance(node, ast.ClassDef) and node.name in classes:
            for said, text in itertools.pairwise(node.body):
                if isinstance(said, ast.Assign) and isinstance(text, ast.Expr):
                    value, meaning = ast.literal_eval(said.value), ast.literal_eval(text.value)
                    found[classes[node.name], value] = meaning
    return found


def sources(part: str, value: str) -> list[str]:
    """Return the vocabularies that have a word for a value, and the providers whose status map has it."""
    words = next(
        (words for each, said, words in side_by_side() if (each, said) == (part, value)), dict[str, list[str]]()
    )
    rows = {name: [entry.row for entry in entries(name) if entry.row] for name in providers()}
    claims = {
        name: {str(row.cancel_reason) if part == "cancel_reason" else "" for row in found}
        | {str(claim.value) for row in found if (claim := row.claims.get(part))}
        | {str(claim.value) for row in found if part == "hold" for claim in row.holds}
        for name, found in rows.items()
    }
    return [*(name for name, each in words.items() if each), *(name for name in claims if value in claims[name])]


def values() -> list[list[str]]:
    """Return each status value, its meaning and who says it."""
    said = meanings()
    return [
        [part.replace("_", " "), f"`{value}`", said[part, value].removesuffix("."), ", ".join(sources(part, value))]
        for part, kind in KINDS.items()
        for value in kind
        if value not in {"unknown", "unspecified"} or part == "hold"
    ]


def counts() -> list[list[str]]:
    """Return how many words each vocabulary has, and how many are mapped, in part, or lost."""
    rows: list[list[str]] = []
    total = [0, 0, 0, 0]
    for name in names():
        found = vocabulary(name)
        words = [word for field in found.fields.values() for word in field.words.values()]
        mapped = [word for word in words if word.mapped]
        whole = sum(word.lost is None for word in mapped)
        numbers = [len(words), whole, len(mapped) - whole, len(words) - len(mapped)]
        total = [before + more for before, more in zip(total, numbers, strict=True)]
        pages = dict.fromkeys(field.page for field in found.fields.values())
        links = ", ".join(f"[{place}]({page})" for place, page in enumerate(pages, 1))
        rows.append([f"`{name}`", found.title, *map(str, numbers), links])
    return [*rows, ["", "all", *map(str, total), ""]]


def beside() -> list[list[str]]:
    """Return each status value, and its word in each vocabulary."""
    return [
        [f"{part.replace('_', ' ')} `{value}`", *("<br>".join(each) or NOTHING for each in words.values())]
        for part, value, words in side_by_side()
    ]


def lost() -> list[list[str]]:
    """Return what is lost of the words of each vocabulary, with the words that lose the same together."""
    rows: list[list[str]] = []
    for name in names():
        found: dict[tuple[str, str], list[str]] = {}
        for field in vocabulary(name).fields.values():
            for word in field.words.values():
                if word.lost:
                    shown = word.raw_value or "(empty)"
                    found.setdefault((field.name, word.lost), []).append(shown if word.mapped else f"*{shown}*")
        rows += [[f"`{name}`", f"`{field}`", ", ".join(words), why] for (field, why), words in found.items()]
    return rows


def unsaid() -> list[list[str]]:
    """Return the values that each vocabulary has no word for, and why."""
    rows: list[list[str]] = []
    for name in names():
        found = vocabulary(name)
        for key, reason in found.unsaid.items():
            part, _, value = key.partition(".")
            missing = [value] if value else _missing(found, part)
            rows.append([f"`{name}`", part.replace("_", " "), ", ".join(missing), reason])
    return rows


def _missing(found: Vocabulary, part: str) -> list[str]:
    return [
        str(value)
        for value in KINDS[part]
        if not any(found.words_for(part, value))
        and value not in {"unspecified", *(() if part == "hold" else ("unknown",))}
        and f"{part}.{value}" not in found.unsaid
    ]


TABLES: dict[str, tuple[list[str], Callable[[], list[list[str]]]]] = {
    "values": (["part", "value", "meaning", "said by"], values),
    "counts": (["name", "vocabulary", "words", "mapped", "in part", "lost", "pages"], counts),
    "side by side": (["value", *names()], beside),
    "lost": (["vocabulary", "field", "words", "lost"], lost),
    "unsaid": (["vocabulary", "part", "values without a word", "why"], unsaid),
    "ledger": (["part", "field", *ledger_table.PROVIDERS], ledger_table.rows),
}


def test_each_value_has_a_meaning_and_a_source() -> None:
    """One line, and at least one vocabulary or provider."""
    for part, value, meaning, said_by in values():
        assert meaning, value
        assert "\n\n" not in meaning
        assert said_by, f"{part} {value}"


def test_each_table_is_on_a_page() -> None:
    """Once."""
    assert sorted(TABLES) == sorted(mark for page in PAGES for mark in marks(DOCS / page))


@pytest.mark.parametrize("page", PAGES)
def test_a_page_has_the_tables_of_the_data(page: str) -> None:
    """Each between its marks."""

    def printed(name: str) -> str:
        headings, rows = TABLES[name]
        return table(headings, rows())

    parts = {name: functools.partial(printed, name) for name in TABLES}
    held(DOCS / page, with_parts(DOCS / page, parts), "tests/facade/test_vocabularies.py")
