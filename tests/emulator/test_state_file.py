"""The worlds in a file: they survive a restart, and a file that is none of the emulator's is left as it is."""

from __future__ import annotations

import contextlib
import json
import re
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import httpx
import pytest

from ordermux.emulator import Clock, Emulator, StateFileError, World, croissant, crossmint, cryptum, zephyr
from ordermux.emulator.server import PROVIDERS
from ordermux.emulator.snapshots import PARTS, text_of
from ordermux.emulator.store import Store
from waiting import until

KEY = {"authorization": f"Bearer {zephyr.CREDENTIALS['api_key']}"}
JWT = {"cookie": f"crossmint-jwt={crossmint.CREDENTIALS['jwt']}"}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Give a file that is not there yet."""
    return tmp_path / "shop.db"


def refund(address: str, cents: int = 10, key: str | None = None) -> httpx.Response:
    """Refund some of the page's order."""
    url = f"{address}/v1/orders/{zephyr.SAMPLE_ORDER}/refunds"
    return httpx.post(
        url,
        json={"amount_cents": cents, "reason": "duplicate"},
        headers=KEY | ({"idempotency-key": key} if key else {}),
    )


def snapshot(world: World) -> dict[str, Any]:
    """Return all that is kept of a world."""
    return {part: json.loads(text_of(world, part)) for part in PARTS}


def live(emulator: Emulator) -> None:
    """Let something of every kind happen."""
    refund(emulator.address, key="k")
    body = {"clientId": croissant.CLIENT_ID, "clientSecret": croissant.CLIENT_SECRET}
    token = httpx.post(f"{emulator.address}/v0/token", json=body).json()["access_token"]
    bearer = {"authorization": f"Bearer {token}"}
    httpx.post(f"{emulator.address}/v0/carts/{croissant.SAMPLE_CART}/fulfill", headers=bearer)
    httpx.get(f"{emulator.address}/api/orders", headers=JWT)
    emulator.state("crossmint").place()
    emulator.state("cryptum").confirm("f701...672e")
    emulator.state("cryptum").place()
    events = {"url": "http://127.0.0.1:9/", "events": ["order.created"]}
    httpx.post(f"{emulator.address}/v1/webhook_endpoints", json=events, headers=KEY)
    emulator.deliver_to("http://127.0.0.1:9/{provider}", "crossmint")


def test_a_world_survives_a_restart(path: Path) -> None:
    """All of it: state, counters, clock, random numbers, webhooks."""
    with Emulator(World(seed=3, orders=20), state=path) as emulator:
        live(emulator)
        emulator.world.clock.advance(5000)
        emulator.settle()
        emulator.world.clock.freeze()
        before, random = snapshot(emulator.world), emulator.world.random.getstate()
    with Emulator(state=path) as again:
        assert (before, random) == (snapshot(again.world), again.world.random.getstate())
        assert 4990 < again.world.clock() - time.time() < 5010
        assert {"zephyr.createRefund": 1}.items() <= again.world.effects.items()
        assert 2 == len(again.world.mail.targets)


def test_what_was_promised_holds_after_a_restart(path: Path) -> None:
    """A key replays, a token opens, refunds add up, a list goes on from its cursor."""
    with Emulator(state=path) as emulator:
        first = refund(emulator.address, key="k").json()
        emulator.state("croissant").tokens["t"] = emulator.world.clock() + 60
        page = httpx.get(f"{emulator.address}/v1/orders?limit=2", headers=KEY).json()
    with Emulator(state=path) as again:
        assert first == refund(again.address, key="k").json()
        assert [422, 201] == [refund(again.address, cents).status_code for cents in (3721, 3720)]
        url = f"{again.address}/v0/carts/{croissant.SAMPLE_CART}"
        assert 200 == httpx.get(url, headers={"authorization": "Bearer t"}).status_code
        following = httpx.get(f"{again.address}/v1/orders?cursor={page['next_cursor']}", headers=KEY).json()
        names = [order["id"] for order in page["data"] + following["data"]]
        assert list(reversed(again.state("zephyr").orders)) == names


def test_a_timeline_goes_on_after_a_restart(path: Path) -> None:
    """What happened is still told, and what happens next is told after it."""
    with Emulator(state=path) as emulator:
        refund(emulator.address)
        told = emulator.world.journal.since()
    with Emulator(state=path) as again:
        assert told == again.world.journal.since()
        refund(again.address)
        after = again.world.journal.since(told[-1].number)
        assert [told[-1].number + 1, "zephyr.createRefund"] == [after[0].number, after[-1].detail["operation"]]


def test_named_worlds_survive(path: Path) -> None:
    """Each by its own name, with its clock."""
    with Emulator(state=path) as emulator:
        world = emulator.world_named("x")
        world.clock.set(1_000_000)
        world.clock.freeze()
        emulator.state("zephyr", "x").move(zephyr.SAMPLE_ORDER, "cancel")
    with Emulator(state=path) as again:
        assert ["", "x"] == [world.name for world in again.worlds()]
        told = [again.state("zephyr", name).orders[zephyr.SAMPLE_ORDER]["status"] for name in ("x", "")]
        assert ["cancelled", "paid"] == told
        assert abs(again.world_named("x").clock() - 1_000_000) < 60
        assert again.world_named("x").clock.frozen is not None


def test_a_given_moment_goes_on(path: Path) -> None:
    """Named worlds of the second run start where the first run's did."""
    with Emulator(World(clock=Clock.starting(1_000_000)), state=path):
        pass
    with Emulator(state=path) as again:
        assert abs(again.world_named("later").clock() - 1_000_000) < 60


@pytest.mark.parametrize("provider", PROVIDERS)
def test_lists_of_a_restored_world_are_the_same(path: Path, provider: str) -> None:
    """The books are in order again."""
    with Emulator(World(orders=50), state=path) as emulator:
        before = list(emulator.state(provider).orders)
        urls = {
            "zephyr": ("/v1/orders?limit=70", KEY),
            "crossmint": ("/api/orders?limit=70", JWT),
            "cryptum": (f"/plugins/orders/?storeId={cryptum.STORE}", {"x-api-key": cryptum.CREDENTIALS["api_key"]}),
        }
        url, headers = urls.get(provider, ("/", {}))
        listed = httpx.get(emulator.address + url, headers=headers).content
    with Emulator(state=path) as again:
        assert before == list(again.state(provider).orders)
        assert listed == httpx.get(again.address + url, headers=headers).content


def test_a_killed_emulator_loses_little(path: Path) -> None:
    """What was answered a moment before is in the file, though nobody stopped it."""
    command = [sys.executable, "-m", "ordermux.emulator", "--port", "0", "--state", str(path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        address = re.findall(r"http://127\.0\.0\.1:\d+", process.stdout.readline())[0]
        assert 201 == refund(address, 7).status_code
        time.sleep(1)
        process.send_signal(signal.SIGKILL)
        process.wait()
    with Emulator(state=path) as again:
        assert 7 == again.state("zephyr").refunded[zephyr.SAMPLE_ORDER]
        assert 1 == again.world.effects["zephyr.createRefund"]


def test_a_file_is_written_while_it_runs(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only what was changed, and within a moment."""
    written: list[tuple[str, str]] = []
    write = vars(Store)["_write"]

    def noted(store: Store, texts: list[tuple[str, str, str]]) -> None:
        written.extend((name, part) for name, part, _ in texts)
        write(store, texts)

    monkeypatch.setattr(Store, "_write", noted)
    with Emulator(state=path) as emulator:
        until(lambda: len(written) == len(PARTS))
        written.clear()
        refund(emulator.address)
        until(lambda: len(written) >= 4)
        assert {("", "world"), ("", "journal"), ("", "letters"), ("", "zephyr")} == set(written)


def broken(kind: str, path: Path) -> None:
    """Make a file that is no state."""
    if kind == "text":
        path.write_text("a shopping list, and nothing else " * 50)
    elif kind == "foreign":
        with contextlib.closing(sqlite3.connect(path)) as other, other:
            other.execute("CREATE TABLE state (world TEXT, part TEXT, content TEXT)")
    else:
        with Emulator(state=path):
            pass
        with contextlib.closing(sqlite3.connect(path)) as mine, mine:
            if kind == "later version":
                mine.execute("PRAGMA user_version = 2")
            elif kind == "no table":
                mine.execute("DROP TABLE state")
            elif kind == "cut":
                mine.execute("UPDATE state SET content = substr(content, 1, 100) WHERE part = 'zephyr'")
            elif kind == "wrong type":
                mine.execute("UPDATE state SET content = '{\"orders\": 7}' WHERE part = 'zephyr'")
            elif kind == "no world":
                mine.execute("DELETE FROM state WHERE part = 'world'")
            elif kind == "no number":
                mine.execute("UPDATE state SET content = json_set(content, '$.random', 5) WHERE part = 'world'")
        if kind == "cut file":
            path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


KINDS = (
    "text",
    "foreign",
    "later version",
    "no table",
    "cut",
    "wrong type",
    "no world",
    "no number",
    "cut file",
)


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_no_state_is_refused_and_left_alone(path: Path, kind: str) -> None:
    """To the last byte, and nothing is put beside it."""
    broken(kind, path)
    before = path.read_bytes()
    with pytest.raises(StateFileError, match=re.escape(str(path))):
        Emulator(state=path)
    assert (before, [path]) == (path.read_bytes(), list(path.parent.iterdir()))


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    """As a file that cannot be."""
    with pytest.raises(StateFileError, match="unable to open"):
        Emulator(state=tmp_path / "no" / "shop.db")


def test_a_file_is_one_emulators(path: Path) -> None:
    """A second one would write over what the first one wrote."""
    with Emulator(state=path) as emulator:
        refund(emulator.address)
        with pytest.raises(StateFileError, match="locked"):
            Emulator(state=path)


def test_an_empty_file_is_a_new_one(path: Path) -> None:
    """As `mktemp` makes it."""
    path.touch()
    with Emulator(state=path) as emulator:
        refund(emulator.address)
    assert path.stat().st_size > 0


def test_the_command_tells_of_a_broken_file_in_one_line(path: Path) -> None:
    """Without a traceback."""
    broken("text", path)
    command = [sys.executable, "-m", "ordermux.emulator", "--port", "0", "--state", str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (1, "", 1) == (done.returncode, done.stdout, len(done.stderr.splitlines()))
    assert done.stderr.endswith("; --state takes another\n")


def test_infinity_is_kept(path: Path) -> None:
    """A token that never ends, and a window that has not begun."""
    with Emulator(state=path) as emulator:
        emulator.state("croissant").tokens["t"] = float("inf")
        before = json.loads(text_of(emulator.world, "crossmint"))["window"]
    with Emulator(state=path) as again:
        assert (float("inf"), (before[0], before[1])) == (
            again.state("croissant").tokens["t"],
            again.state("crossmint").window,
        )
