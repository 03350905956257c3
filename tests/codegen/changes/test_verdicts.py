"""What each kind of change is for the users of a typed client, and what the stock tools make of it.

The expected verdicts were written before the tool first ran. As a program this prints them beside the given ones:
`PYTHONPATH=tests python tests/codegen/changes/test_verdicts.py`.
"""

from __future__ import annotations

import functools
import json
import re
import sys
import tempfile
from pathlib import Path
from typing import Any

import pytest

from ordermux_codegen.changes import verdict
from ordermux_codegen.changes.changelog import draft
from ordermux_codegen.changes.compare import Comparison, compare
from ordermux_codegen.changes.released import Side
from ordermux_codegen.compile.document import Document
from ordermux_codegen.compile.package import CompileError, compile_package
from support.document_changes import CASES, MAJOR, PATCH, Case, Y, Z, other_answer, swap
from support.document_checker import documents
from support.document_edits import BASIS, Edit, both, drop, put
from support.oasdiff import oasdiff
from support.text_table import table


@functools.cache
def released(provider: str, folder: Path) -> Side:
    """Return the document as it is here, with its package, as what was released."""
    document = documents()[provider]
    compile_package(document, folder / provider)
    return Side(document, folder / provider)


def compared(case: Case, folder: Path) -> Comparison:
    """Return what comes of a case."""
    before = released(case.provider, folder)
    raw: dict[str, Any] = json.loads(json.dumps(before.document.raw))
    case.edit(raw)
    return compare(before, Document(case.provider, before.document.path, raw))


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a folder for the packages that were released."""
    return tmp_path_factory.mktemp("released")


def breaking(comparison: Comparison) -> bool:
    """Return whether griffe finds a breaking change."""
    return any(change.griffe for change in comparison.package)


@pytest.mark.slow
@pytest.mark.parametrize("case", CASES, ids=[case.what for case in CASES])
def test_each_change_has_its_verdict(case: Case, folder: Path) -> None:
    """The verdict is the one that was written down, and the stock tools err where it is written down that they do."""
    given = compared(case, folder)
    assert case.expected == given.verdict, given
    alone = case.expected if case.alone is None else case.alone
    assert alone == max(change.verdict for change in given.changes), "the document alone tells it, too"
    if case.redocly is not None:
        assert case.redocly == given.stock, "Redocly CLI has changed its mind: see whether our rule is needed still"
    if case.griffe is not None:
        assert case.griffe == breaking(given), "griffe has changed its mind: see whether our own look is needed still"


SHARED = [
    (
        put("components > parameters > IdempotencyKey > x-window-seconds", 3600),
        "cancelOrder, createWebhookEndpoint, parameter Idempotency-Key: how long the key is honoured, 86400 → 3600",
    ),
    (put("components > responses > NotFound > description", "X."), "getOrder, updateOrder, cancelOrder, createRefund"),
]


@pytest.mark.slow
@pytest.mark.parametrize(("edit", "told"), SHARED)
def test_every_operation_that_has_a_part_is_named(folder: Path, edit: Edit, told: str) -> None:
    """In one line, in the document's order."""
    given = compared(Case("a shared part", Z, PATCH, edit), folder)
    assert any(str(change).startswith(told) for change in given.changes), given.changes


@pytest.mark.slow
def test_a_server_that_becomes_the_first_is_named(folder: Path) -> None:
    """Whoever gives no address calls it from now on."""
    given = compared(Case("swapped", Y, MAJOR, swap), folder)
    told = "servers: who names none calls https://api-hml.cryptum.io/plugins now (TEST), no longer"
    assert str(given.changes[0]).startswith(told)


@pytest.mark.slow
def test_a_draft_has_the_weightiest_first_and_no_code_of_ours(folder: Path) -> None:
    """What breaks stands on top, by the verdict of document and package; a field's default is said in words."""
    edits = both(swap, put("#OrderUpdate.convertedTotal > description", "Other."), drop("#OrderUpdate.blockchain"))
    text = draft(compared(Case("many", Y, MAJOR, edits), folder))
    lines = re.sub(r"\n  ", " ", text).splitlines()
    assert ["- Breaking", "- Breaking", "- Texts"] == [line.partition(": ")[0] for line in lines]
    assert not re.search(r"field\(|attrs", text)
    assert "`client.Client.base_url`: `Server.PRODUCTION if not given` → `Server.TEST if not given`" in lines[1]


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("a", "b", "a → b"),
        (None, "b", "now b"),
        (7, None, "no longer 7"),
        ("x" * 90 + "one", "x" * 90 + "two", f"…{'x' * 15}one → …{'x' * 15}two"),
        ("a" + "x" * 90, "b" + "x" * 90, f"a{'x' * 58}… → b{'x' * 58}…"),
        ("x" * 90, "x" * 90 + " more", f"…{'x' * 15} → …{'x' * 15} more"),
    ],
)
def test_values_are_cut_so_that_the_difference_is_seen(before: object, after: object, expected: str) -> None:
    """The start that they share is left out."""
    assert expected == verdict.difference(before, after)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("edit", "line", "told"),
    [
        (put("webhooks", None), "webhooks:", "webhooks: None is not of type"),
        (drop("components > parameters > IdempotencyKey"), "IdempotencyKey", "there is no #/components/parameters/"),
        (drop("@cancelOrder > parameters > 0"), "operationId: cancelOrder", "Path parameter 'id' for 'post' operation"),
        (drop("#Refund"), "schemas/Refund", "there is no #/components/schemas/Refund"),
        (put("#Order.cart_id > type", 5), "cart_id:", "Order.properties.cart_id.type: 5 is not valid"),
        (drop("@listOrders > responses"), "operationId: listOrders", "an operation without `responses`"),
    ],
    ids=["no webhooks", "no parameter", "no argument of a path", "no schema", "no type", "no answer"],
)
def test_a_document_that_is_not_right_is_told_with_its_line(folder: Path, edit: Edit, line: str, told: str) -> None:
    """Before anything is compared: the line is near the place, in the file as it is."""
    before = released(Z, folder)
    raw: dict[str, Any] = json.loads(json.dumps(before.document.raw))
    edit(raw)
    with pytest.raises(CompileError) as caught:
        compare(before, Document(Z, before.document.path, raw))
    first = next(each for each in str(caught.value).splitlines() if told in each)
    lines = before.document.path.read_text("utf-8").splitlines()
    number = int(re.findall(r"zephyr\.yaml:(\d+)", first)[0])
    assert any(line in each for each in lines[number - 2 : number + 1]), first


@pytest.mark.slow
def test_all_events_of_an_operation_may_go(folder: Path) -> None:
    """Each is named, and so is each argument of an operation that has none any more."""

    def edit(raw: dict[str, Any]) -> None:
        del raw["paths"]["/orders/checkout"]["post"]["callbacks"]

    changes = compared(Case("all callbacks go", Y, MAJOR, edit), folder).changes
    assert "createOrder, callbacks: orderNotification: the event is gone" in [str(each) for each in changes]


def behind_another_reference(raw: dict[str, Any]) -> None:
    """Let the time of a refund be another component, which is a time or null."""
    schemas, reference = raw["components"]["schemas"], {"$ref": "#/components/schemas/Timestamp"}
    schemas["MadeAt"] = {"description": "When.", **BASIS, "oneOf": [reference, {"type": "null"}]}
    schemas["Refund"]["properties"]["created_at"]["$ref"] = "#/components/schemas/MadeAt"


@pytest.mark.slow
def test_a_union_behind_another_reference_has_its_verdict(folder: Path) -> None:
    """The released document has no such union to hold it against."""
    comparison = compared(Case("a reference to a new union", "zephyr", MAJOR, behind_another_reference), folder)
    assert MAJOR == comparison.verdict
    assert "Refund.created_at: Timestamp → MadeAt" in [str(each) for each in comparison.changes]


@pytest.mark.slow
def test_another_schema_is_one_change(folder: Path) -> None:
    """Redocly goes on to compare the two schemas, which both are as they were."""
    case = next(case for case in CASES if case.edit is other_answer)
    assert ["cancelOrder, status 200: Order → Refund"] == [str(change) for change in compared(case, folder).changes]


@pytest.mark.slow
def test_a_rule_of_oasdiffs_stands_beside_each_change() -> None:
    """Or that none is about it."""
    assert [] == [case.what for case in CASES if case.what not in oasdiff()]


def main() -> None:
    """Print what was expected, what is given, and what the stock tools say."""
    rules = oasdiff()
    rows: list[list[str]] = []
    with tempfile.TemporaryDirectory() as name:
        for case in CASES:
            given = compared(case, Path(name))
            griffe = "breaking" if breaking(given) else "silent"
            verdicts = map(str, (case.expected, given.verdict, given.stock))
            rows.append([case.what, case.provider, *verdicts, rules[case.what], griffe])
    titles = ["change", "provider", "expected", "given", "Redocly", "oasdiff", "griffe"]
    sys.stdout.write(f"{table(titles, rows)}\n\n{len(rows)} changes\n")


if __name__ == "__main__":
    main()
