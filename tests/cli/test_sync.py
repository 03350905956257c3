"""`ordermux products sync`: interrupted and gone on with, files that are not as they should be, providers that fail."""

from __future__ import annotations

import json
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ordermux.cli._checkpoint import Checkpoint, digest_of
from ordermux.emulator import Emulator, Fault, FaultKind
from support.polling import until

ROWS = 1_000
Start = Callable[..., "subprocess.Popen[str]"]
PUT = "croissant.putProduct"


def write_rows(folder: Path, count: int) -> Path:
    """Write a CSV file of so many products."""
    file = folder / "many.csv"
    file.write_text("id,name\n" + "".join(f"mug-{n},Mug {n}\n" for n in range(count)), encoding="utf-8")
    return file


def wait_for(emulator: Emulator, count: int) -> None:
    """Wait until so many products arrived."""
    until(lambda: emulator.world.calls[PUT] >= count, seconds=60)


@pytest.mark.slow
@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM])
def test_interrupted_in_the_middle_it_goes_on_without_a_loss_or_a_repetition(
    start: Start, emulator: Emulator, folder: Path, stop: signal.Signals
) -> None:
    """Stopped twice, each of the rows arrives exactly once."""
    rows = ROWS
    file = write_rows(folder, rows)
    command = ["products", "sync", "croissant", file.name, "--emulator", emulator.address]
    for part, arrived in enumerate((rows // 3, 2 * rows // 3)):
        with start(*command, *(["--resume"] if part else [])) as process:
            wait_for(emulator, arrived)
            process.send_signal(stop)
            out, err = process.communicate(timeout=60)
        sent = emulator.world.calls[PUT]
        assert (128 + stop, f"stopped at row {sent + 1:,}: {sent:,} stored, 0 failed\n") == (process.returncode, out)
        assert f"  resume with: ordermux {' '.join(command)} --resume\n" in err
        assert arrived <= sent < rows
    with start(*command, "--resume") as process:
        out, err = process.communicate(timeout=60)
    assert (0, f"{rows:,} stored, 0 failed\n", "") == (process.returncode, out, err)
    assert (rows, rows) == (emulator.world.calls[PUT], emulator.world.effects[PUT])
    wanted = {f"mug-{n}": {"name": f"Mug {n}"} for n in range(rows)}
    assert wanted.items() <= emulator.state("croissant").products.items()
    assert [] == list(folder.glob("many.csv.*"))


@pytest.mark.slow
def test_killed_it_repeats_no_more_than_what_was_not_written_down(
    start: Start, emulator: Emulator, folder: Path
) -> None:
    """A process that is killed loses nothing, and repeats what came in the fifth of a second before."""
    file = write_rows(folder, 3000)
    command = ["products", "sync", "croissant", file.name, "--emulator", emulator.address, "--concurrency", "2"]
    with start(*command) as process:
        wait_for(emulator, 1000)
        process.kill()
        process.communicate(timeout=60)
    time.sleep(0.5)  # what it had sent arrives still
    killed_at = emulator.world.calls[PUT]
    kept = json.loads((folder / "many.csv.ordermux-resume").read_text(encoding="utf-8"))
    assert 0 < kept["stored"] <= killed_at
    with start(*command, "--resume") as process:
        out, _ = process.communicate(timeout=60)
    assert (0, "3,000 stored, 0 failed\n") == (process.returncode, out)
    assert {f"mug-{n}" for n in range(3000)} <= emulator.state("croissant").products.keys()
    assert 3000 + killed_at - kept["stored"] >= emulator.world.calls[PUT]


@pytest.mark.slow
def test_a_second_ctrl_c_ends_it_at_once(start: Start, emulator: Emulator, folder: Path) -> None:
    """Though the provider does not answer; the place is kept."""
    write_rows(folder, 100)
    emulator.world.faults.inject(PUT, Fault(kind=FaultKind.STALL, when="before", seconds=60, times=100))
    with start("products", "sync", "croissant", "many.csv", "--emulator", emulator.address) as process:
        wait_for(emulator, 1)
        process.send_signal(signal.SIGINT)
        assert process.stderr is not None
        line = process.stderr.readline()
        assert "press Ctrl-C again to stop at once" in line
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=20)
    assert process.returncode == 130


def test_what_fails_is_told_counted_and_written_and_the_rest_is_stored(
    emulated: Any, emulator: Emulator, folder: Path
) -> None:
    """Exit code 4; a row that is none is not sent."""
    content = b'id,name\nmug-1,Mug\nmug-2\n,Nobody\nmug-3,"a\nb"\nmug-4,\xff\nmug-5,"a"b\nmug-6,Last\n'
    (folder / "some.csv").write_bytes(content)
    emulator.world.faults.inject(PUT, Fault(kind=FaultKind.STATUS, when="before", status=422))
    ran = emulated("products", "sync", "croissant", "some.csv", "--failures", "failed.jsonl", "--concurrency", "1")
    assert (4, "2 stored, 5 failed\n") == (ran.code, ran.out)
    written = [json.loads(line) for line in (folder / "failed.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [(2, "mug-1"), (3, None), (4, None), (7, None), (8, None)] == sorted(
        (each["line"], each["id"]) for each in written
    )
    problems = " ".join(each["problem"] for each in written)
    for told in (
        "status 422",
        "1 cells for 2 columns",
        "the id is empty or not text",
        "invalid text for its encoding",
        "invalid CSV",
    ):
        assert told in problems
    assert 5 == len(ran.err.splitlines())
    assert {"name": "a\nb"} == emulator.state("croissant").products["mug-3"]
    assert [] == list(folder.glob("*.ordermux-resume"))


def test_each_line_of_a_jsonl_file_is_a_product(emulated: Any, emulator: Emulator, folder: Path) -> None:
    """Numbers arrive as they are written; what is no object with an id is told."""
    lines = ['{"id": "mug-1", "price": 14.90, "tags": ["a"]}', "", "[1]", '{"id": 7}', "{", '{"id": "x", "n": NaN}']
    (folder / "some.jsonl").write_text("\n".join(lines), encoding="utf-8")
    ran = emulated("products", "sync", "croissant", "some.jsonl", "--json")
    told = json.loads(ran.out)
    assert (4, "") == (ran.code, ran.err)
    assert {"done": True, "stored": 1, "failed": 4, "resume": None}.items() <= told.items()
    assert [3, 4, 5, 6] == [each["line"] for each in told["failures"]]
    assert {"price": 14.90, "tags": ["a"]} == emulator.state("croissant").products["mug-1"]


@pytest.mark.slow
def test_where_nothing_answers_it_stops_and_tells_how_to_go_on(emulated: Any, emulator: Emulator, folder: Path) -> None:
    """What would hit every product is no failure of one: exit code 1, and the rest comes later."""
    write_rows(folder, 40)
    emulator.world.faults.inject(PUT, Fault(kind=FaultKind.STATUS, when="before", status=403, times=8))
    ran = emulated("products", "sync", "croissant", "many.csv")
    assert 1 == ran.code
    assert ran.out.startswith("stopped at row ")
    assert "error: croissant: products.put: " in ran.err
    assert "  resume with: ordermux products sync croissant many.csv --resume\n" in ran.err
    emulator.world.faults.clear()
    again = emulated("products", "sync", "croissant", "many.csv", "--resume")
    assert (0, "40 stored, 0 failed\n") == (again.code, again.out)
    assert 40 == emulator.world.effects[PUT]


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"name,price\nMug,1\n", "the first line must name the columns"),
        (b"sku;name\nmug;Mug\n", "it is: sku;name"),
        (b"id,id\na,b\n", "each once"),
        (b"", "the first line must name the columns"),
        (b'"id\n', "invalid CSV"),
    ],
)
def test_a_file_that_is_none_is_refused_before_anything_is_sent(
    emulated: Any, emulator: Emulator, folder: Path, content: bytes, told: str
) -> None:
    """With what is wrong, and no place is kept."""
    (folder / "a.csv").write_bytes(content)
    ran = emulated("products", "sync", "croissant", "a.csv")
    assert (1, "") == (ran.code, ran.out)
    assert told in ran.err
    assert 0 == emulator.world.calls[PUT]
    assert [] == list(folder.glob("*.ordermux-resume"))


def test_rows_that_overtook_another_are_not_sent_again(emulated: Any, emulator: Emulator, folder: Path) -> None:
    """Where the run ended while an earlier one was still on its way."""
    file = write_rows(folder, 6)
    place = Checkpoint.begin(file, "croissant")
    for row in (2, 4):
        place.done(row, stored=True)
    place.save()
    ran = emulated("products", "sync", "croissant", file.name, "--resume")
    assert (0, "6 stored, 0 failed\n") == (ran.code, ran.out)
    assert {"mug-0", "mug-1", "mug-3", "mug-5"} == {
        name for name in emulator.state("croissant").products if name.startswith("mug-")
    }


def test_what_failed_is_not_written_over_the_products(emulated: Any, folder: Path) -> None:
    """Nor over the place."""
    before = (folder / "products.csv").read_text(encoding="utf-8")
    for name in ("products.csv", "products.csv.ordermux-resume"):
        ran = emulated("products", "sync", "croissant", "products.csv", "--failures", name, COLUMNS="200")
        assert (2, True) == (ran.code, "needs a file of its own" in ran.err), ran.err
    assert before == (folder / "products.csv").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("changed", "content", "told"),
    [
        ("many.csv", "id,name\nother,Other\n", "has changed since 3 of its rows were sent"),
        ("many.csv.ordermux-resume", "{}", "not a valid checkpoint"),
        ("many.csv.ordermux-resume", "[", "not a valid checkpoint"),
        ("many.csv.ordermux-resume", None, "is the checkpoint of account 'other', not of 'croissant'"),
    ],
)
def test_a_place_that_is_not_of_this_file_and_account_is_refused(
    emulated: Any, emulator: Emulator, folder: Path, changed: str, content: str | None, *, told: str
) -> None:
    """Nothing is sent, and the place stays as it is."""
    write_rows(folder, 40)
    emulator.world.faults.inject(PUT, Fault(kind=FaultKind.STATUS, when="before", status=403, times=40))
    emulated("products", "sync", "croissant", "many.csv", "--concurrency", "1")
    emulator.world.faults.clear()
    place = folder / "many.csv.ordermux-resume"
    kept = json.loads(place.read_text(encoding="utf-8"))
    place.write_text(json.dumps({**kept, "row": 3, **({} if content else {"account": "other"})}), encoding="utf-8")
    if content:
        (folder / changed).write_text(content, encoding="utf-8")
    before, calls = place.read_text(encoding="utf-8"), emulator.world.calls[PUT]
    ran = emulated("products", "sync", "croissant", "many.csv", "--resume")
    assert (1, True) == (ran.code, told in ran.err)
    assert (before, calls) == (place.read_text(encoding="utf-8"), emulator.world.calls[PUT])


def test_a_file_that_changed_in_its_middle_has_changed(tmp_path: Path) -> None:
    """Also a large one that is as long as before: else the price there would never be sent."""
    file, row = tmp_path / "products.csv", b"mug,9.90\n"
    file.write_bytes(row * 400_000)
    before = digest_of(file)
    file.write_bytes(row * 200_000 + b"mug,8.90\n" + row * 199_999)
    assert before != digest_of(file)
