"""The log of deviations: what it keeps, what it never keeps, and that it neither breaks a call nor fills a disk."""

from __future__ import annotations

import datetime
import importlib.metadata
import json
import logging
import multiprocessing
import os
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import attrs
import pytest

import ordermux_cryptum
import ordermux_zephyr
from ordermux import DeviationLog, Money, Ordermux, deviations
from ordermux.emulator import Emulator, Fault, FaultKind
from ordermux_cryptum import codec, models

WRONG = ordermux_cryptum.Deviation("$.orders[3].marketRates", "expected str, got float")


def lines(path: Path) -> list[dict[str, Any]]:
    """Return what a log holds."""
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Give a place for a log."""
    return tmp_path / "deviations.jsonl"


def test_a_line_tells_what_and_where_and_when(path: Path) -> None:
    """The provider and the package's version, whatever the account is called; the place without indexes."""
    DeviationLog(path)("shop-eu", "listOrders", WRONG)
    (line,) = lines(path)
    told = datetime.datetime.fromisoformat(line.pop("time"))
    assert abs(datetime.datetime.now(datetime.UTC) - told) < datetime.timedelta(hours=1)
    assert 16 == len(line.pop("run"))
    expected = {
        "provider": "cryptum",
        "version": importlib.metadata.version("ordermux-cryptum"),
        "operation": "listOrders",
        "place": "$.orders[].marketRates",
        "expected": "str",
        "got": "float",
        "count": 1,
    }
    assert expected == line


def test_it_is_a_hook_of_both_worlds(path: Path) -> None:
    """Given as `on_deviation`, it hears of what the emulator sends wrongly."""
    fault = Fault(kind=FaultKind.WRONG_TYPE, when="after")
    with Emulator() as emulator, Ordermux(*emulator.accounts(), on_deviation=DeviationLog(path)) as mux:
        emulator.world.faults.inject("zephyr.createRefund", fault)
        mux.orders.refund("zephyr:order_01HXY8", full=True, reason="duplicate")
    told = [(line["provider"], line["operation"], line["place"], line["expected"], line["got"]) for line in lines(path)]
    assert [("zephyr", "createRefund", "$.id", "str", "int")] == told


CANARY = "canary-4f1c9e"
BODIES: list[tuple[Any, Any]] = [
    (models.OrderList, {"orders": [], "total": CANARY}),
    (models.DeliveryInfo, {"city": {CANARY: CANARY}, CANARY: 1}),
    (models.Store, {"id": [CANARY]}),
    (models.OrderNotification, {"orderId": CANARY, "updatedProducts": CANARY, "transactions": [{"hash": [CANARY]}]}),
]


@pytest.mark.parametrize(("kind", "body"), BODIES)
def test_nothing_of_a_body_is_kept(path: Path, kind: Any, body: Any) -> None:
    """Whatever decoding complains of: no value, no key that the document does not have."""
    found: list[Any] = []
    try:
        found += codec.decode(json.dumps(body).encode(), kind)[1]
    except ordermux_cryptum.errors.DecodeError as error:
        found.append(error)
    log = DeviationLog(path)
    for deviation in found:
        log("cryptum", "any", deviation)
    assert (len(found), 0) == (len(lines(path)), path.read_text("utf-8").count(CANARY))


@pytest.mark.parametrize(
    ("problem", "expected", "got"),
    [
        ("expected str | null, got int", "str | null", "int"),
        ("object missing required field cart_id", "the field cart_id", "nothing"),
        ("expected int >= 1", "what the document says", "expected int"),
        ("invalid value 'canary'", "what the document says", "invalid value"),
        ('invalid value "canary"', "what the document says", "invalid value"),
        ("expected str, got canary", "what the document says", "expected str"),
        ("invalid datetime: canary", "what the document says", "invalid datetime"),
        ("4111 1111 1111 1111", "what the document says", "something else"),
    ],
)
def test_the_words_of_a_problem_are_kept_without_values(path: Path, problem: str, expected: str, got: str) -> None:
    """Types and field names come from the document; what stands in quotes came from the body."""
    DeviationLog(path)("cryptum", "getOrder", attrs.evolve(WRONG, problem=problem))
    assert [(expected, got)] == [(line["expected"], line["got"]) for line in lines(path)]


def test_a_deviation_that_keeps_coming_takes_few_lines(path: Path) -> None:
    """Its first, second, fourth … time; another one, another operation or another provider counts for itself."""
    log = DeviationLog(path)
    for index in range(100):
        log("cryptum", "listOrders", attrs.evolve(WRONG, path=f"$.orders[{index}].marketRates"))
    log("cryptum", "getOrder", WRONG)
    log("zephyr", "listOrders", ordermux_zephyr.Deviation(WRONG.path, WRONG.problem))
    assert [1, 2, 4, 8, 16, 32, 64, 1, 1] == [line["count"] for line in lines(path)]


def test_a_process_tells_only_so_many_kinds_apart(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its memory is bounded, and those that it knows go on counting; a name that is none is not kept."""
    monkeypatch.setattr(deviations, "MAX_KINDS", 3)
    log = DeviationLog(path)
    for name in ("order.paid", "4111 1111", "x" * 101, "a", "b", "a"):
        log("cryptum", name, WRONG)
    told = [(line["operation"], line["count"]) for line in lines(path)]
    assert [("order.paid", 1), ("unknown", 1), ("unknown", 2), ("a", 1), ("a", 2)] == told


def test_threads_write_whole_lines_and_count_right(path: Path) -> None:
    """Eight of them, each with a deviation of its own and one that all share."""
    log = DeviationLog(path)

    def work(name: str) -> None:
        for _ in range(200):
            log("cryptum", "shared", WRONG)
            log("cryptum", name, WRONG)

    threads = [threading.Thread(target=work, args=(f"own{number}",)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    shared = sorted(line["count"] for line in lines(path) if line["operation"] == "shared")
    assert [2**power for power in range(11)] == shared
    assert 8 * 8 == sum(line["operation"] != "shared" for line in lines(path))


WORKER = """
import sys
from ordermux import DeviationLog
from ordermux_cryptum import Deviation
log = DeviationLog(sys.argv[1])
for number in range(500):
    log("cryptum", f"operation{number}", Deviation("$." + "a" * 200, "expected str, got float"))
"""


@pytest.mark.slow
def test_processes_write_whole_lines(path: Path) -> None:
    """Four of them at once, each with a run of its own."""
    workers = [subprocess.Popen([sys.executable, "-c", WORKER, str(path)]) for _ in range(4)]
    assert [0] * 4 == [worker.wait() for worker in workers]
    assert (2000, 4) == (len(lines(path)), len({line["run"] for line in lines(path)}))


def test_a_forked_process_counts_for_itself(path: Path) -> None:
    """Though it was forked while a thread held the log's lock."""
    log = DeviationLog(path)
    log("cryptum", "getOrder", WRONG)
    with log._tallies[os.getpid()].lock:  # pyright: ignore[reportPrivateUsage]
        forked = multiprocessing.get_context("fork").Process(target=log, args=("cryptum", "getOrder", WRONG))
        forked.start()
    forked.join(30)
    assert 0 == forked.exitcode
    assert ([1, 1], 2) == ([line["count"] for line in lines(path)], len({line["run"] for line in lines(path)}))


def test_a_file_ends_growing(path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Whoever writes: what is in it counts. It is said once."""
    for _ in range(3):
        log = DeviationLog(path, max_bytes=2000)
        for number in range(100):
            log("cryptum", f"operation{number}", WRONG)
    assert 1000 < path.stat().st_size <= 2000
    assert lines(path)
    told = f"the deviation log {path} has 2000 bytes; no more deviations are recorded"
    assert [told] * 3 == [record.message for record in caplog.records]


def in_no_folder(path: Path) -> Path:
    """Return a path in a folder that is not there."""
    return path / "nowhere" / "log"


def a_folder(path: Path) -> Path:
    """Return a path that is a folder."""
    path.mkdir()
    return path


def a_full_disk(path: Path) -> Path:
    """Return a path where every write fails as on a full disk."""
    path.symlink_to("/dev/full")
    return path


@pytest.mark.parametrize("broken", [in_no_folder, a_folder, a_full_disk])
def test_a_disk_that_fails_breaks_no_call(
    path: Path, broken: Callable[[Path], Path], caplog: pytest.LogCaptureFixture
) -> None:
    """It is said once, as a warning, and the order is read all the same."""
    fault = Fault(kind=FaultKind.WRONG_TYPE, when="after", times=2)
    log = DeviationLog(broken(path))
    with Emulator() as emulator, Ordermux(*emulator.accounts(), on_deviation=log) as mux:
        emulator.world.faults.inject("zephyr.createRefund", fault)
        for _ in range(2):
            mux.orders.refund("zephyr:order_01HXY8", Money("1.00", "USD"), reason="duplicate")
    told = [record for record in caplog.records if "deviation log" in record.message]
    assert [(logging.WARNING, True)] == [(each.levelno, "cannot be written (" in each.message) for each in told]


def test_a_part_of_a_line_is_said(
    path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the disk was full in the middle of one."""
    write = os.write

    def written(file: int, content: bytes) -> int:
        return write(file, content[:10])

    monkeypatch.setattr(os, "write", written)
    DeviationLog(path)("cryptum", "getOrder", WRONG)
    assert [f"the deviation log {path} has an incomplete line"] == [record.message for record in caplog.records]


def test_a_log_shows_its_path_alone(path: Path) -> None:
    """A `repr` holds nothing of what it counted."""
    log = DeviationLog(path)
    log("cryptum", "getOrder", WRONG)
    assert f"DeviationLog(path={path!r}, max_bytes=10000000)" == repr(log)
