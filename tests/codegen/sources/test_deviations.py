"""What production sends and a document does not say: from the emulator, by way of the log, to the place in the YAML."""

from __future__ import annotations

import itertools
import json
from pathlib import Path
from typing import Any

import pytest

import ordermux_crossmint
from ordermux import DeviationLog, Ordermux
from ordermux.emulator import Emulator, Fault, FaultKind
from ordermux_codegen.compile.document import Document
from ordermux_codegen.sources.command import run
from ordermux_codegen.sources.deviations import field_at
from support.repository import DOCUMENTS

ORDER = {
    "id": "o",
    "store": "s",
    "sessionToken": "t",
    "ecommerceOrderId": "1",
    "ecommerce": "api",
    "orderTotal": "1.00",
    "orderCurrency": "USD",
    "deliveryInfo": {"firstName": 7},
    "callbackUrl": "https://shop.test/",
}
"""An order of a list, with one field of another type."""


def report_of(log: Path, *arguments: str) -> tuple[int, str]:
    """Return the exit code and the report on a log, which goes to a file beside it too."""
    output = log.with_suffix(".md")
    return run("sources", ["--deviations", str(log), "--output", str(output), *arguments]), output.read_text("utf-8")


def line_below(provider: str, *starts: str) -> int:
    """Return the number of the first line that starts so, below the first one that starts as the word before."""
    rest = iter(enumerate((DOCUMENTS / f"{provider}.yaml").read_text("utf-8").splitlines(), 1))
    return [next(number for number, line in rest if line.startswith(start)) for start in starts][-1]


@pytest.mark.slow
def test_the_emulator_at_fault_shows_at_the_right_field(tmp_path: Path) -> None:
    """A refund's id and a field deep in a list are not of their type: each with its line, its basis and its count."""
    log = tmp_path / "deviations.jsonl"
    page = {"total": 3, "orders": [ORDER, ORDER, ORDER]}
    faults = {
        "zephyr.createRefund": Fault(kind=FaultKind.WRONG_TYPE, when="after"),
        "cryptum.listOrders": Fault(kind=FaultKind.STATUS, when="before", status=200, body=page),
    }
    with Emulator() as emulator, Ordermux(*emulator.accounts(), on_deviation=DeviationLog(log)) as mux:
        for operation, fault in faults.items():
            emulator.world.faults.inject(operation, fault)
        mux.orders.refund("zephyr:order_01HXY8", full=True, reason="duplicate")
        assert 3 == len(list(itertools.islice(mux.orders.list("cryptum"), 3)))
    code, report = report_of(log)
    refund = line_below("zephyr", "    Refund:", "        id:")
    name = line_below("cryptum", "    DeliveryInfo:", "        firstName:")
    basis = "orders#Get Multiple Orders; the single order's sample has name, email and country only"
    told = [line for line in report.splitlines() if line.startswith(("## ", "- where", "- the doc", "- what", "- how"))]
    assert (1, 10) == (code, len(told))
    assert [
        "## cryptum: `DeliveryInfo.firstName` is not what the provider sends",
        f"- where: `openapi/cryptum.yaml`, line {name}",
        f"- the document says: `string`, documented ({basis})",
        "- what came: `int` where `str` was expected, at `$.orders[].deliveryInfo.firstName`",
    ] == told[:4]
    assert [
        "## zephyr: `Refund.id` is not what the provider sends",
        f"- where: `openapi/zephyr.yaml`, line {refund}",
    ] == told[5:7]
    assert told[4].startswith("- how often: 2 times at least, from 20")
    assert "| cryptum | `listOrders` | `$.orders[].deliveryInfo.firstName` | 2 |" in report
    assert 0 == report_of(log, "croissant")[0]


PLACES = [
    ("zephyr", "getOrder", "$.line_items[].quantity", "LineItem.quantity"),
    ("zephyr", "getOrder", "$.metadata[...]", "Order.metadata"),
    ("zephyr", "listOrders", "$.has_more", "OrderPage.has_more"),
    ("zephyr", "onOrderRefunded", "$.type", "OrderRefunded.type"),
    ("zephyr", "getOrder", "$", "Order."),
    ("zephyr", "getOrder", "$.nowhere", None),
    ("zephyr", "getNothing", "$.id", None),
    ("crossmint", "orders.payment.succeeded", "$.data.payment", "CrossmintOrder.payment"),
    ("crossmint", "getOrder", "$.quote.totalPrice.amount", "Price.amount"),
    ("croissant", "getCart", "$.data.products[].id", None),
]


@pytest.mark.parametrize(("provider", "operation", "place", "field"), PLACES)
def test_a_place_is_resolved_to_a_field(provider: str, operation: str, place: str, field: str | None) -> None:
    """Through references, lists, maps and unions; None for one that the document no longer has."""
    found = field_at(Document.load(DOCUMENTS / f"{provider}.yaml"), operation, place)
    assert field == (found and f"{found.schema}.{found.name}")


@pytest.mark.slow
def test_events_are_resolved_too(tmp_path: Path) -> None:
    """Whoever reads an event with the typed client may log what it deviates in, by the event's name."""
    body = json.dumps({"type": "orders.payment.succeeded", "data": {"orderIdentifier": "o", "quote": 7}})
    event, deviations = ordermux_crossmint.events.read_event(body.encode())
    log = DeviationLog(tmp_path / "log")
    for deviation in deviations:
        log("crossmint", event.type, deviation)
    code, report = report_of(tmp_path / "log")
    assert (1, True) == (code, "is not what the provider sends" in report and "nowhere" not in report)


LINE: dict[str, Any] = {
    "time": "2026-11-21T10:00:00+00:00",
    "provider": "zephyr",
    "version": "0.1.0",
    "operation": "getOrder",
    "place": "$.livemode",
    "expected": "bool",
    "got": "str",
    "run": "a",
    "count": 4,
}


@pytest.mark.slow
def test_lines_of_many_runs_become_one_deviation(tmp_path: Path) -> None:
    """The highest count of each run adds up, the times are the first and the last, and all versions are named."""
    log = tmp_path / "log"
    told = [
        LINE,
        LINE | {"count": 2},
        LINE | {"run": "b", "version": "0.2.0", "time": "2026-11-20T09:00:00+00:00"},
        LINE | {"provider": "norbert"},
    ]
    log.write_text("".join(json.dumps(line) + "\n" for line in told))
    code, report = report_of(log)
    assert (1, 1) == (code, report.count("\n## "))
    assert "- how often: 8 times at least, from 2026-11-20T09:00:00+00:00 to 2026-11-21T10:00:00+00:00" in report
    assert "- noticed by: `ordermux-zephyr` 0.1.0, 0.2.0; here is " in report


@pytest.mark.parametrize(
    ("content", "code", "told"),
    [
        ("", 0, "Nothing: no line tells of these providers."),
        (json.dumps(LINE) + '\n{"half": ', 1, "1 lines of log are no deviation and were left out."),
        ("no JSON\n[]\n7\n", 2, "3 lines of log are no deviation and were left out."),
        (json.dumps(LINE | {"count": True}), 2, "1 lines of log are no deviation"),
        (json.dumps(LINE | {"place": "$.`x`|<b>\n# Hi"}), 1, "`$. x /<b> # Hi`"),
        (json.dumps(LINE | {"place": "$.old"}), 1, "- where: nowhere in `openapi/zephyr.yaml` as it is now"),
        (None, 2, "log could not be read: No such file or directory"),
    ],
)
def test_whatever_is_in_a_log(tmp_path: Path, content: str | None, code: int, told: str) -> None:
    """An empty one is good; what is no deviation is told and left out; no file is an error."""
    if content is not None:
        (tmp_path / "log").write_text(content)
    found, report = report_of(tmp_path / "log", "zephyr")
    assert (code, True) == (found, told in report)
