"""The worlds in a file: they survive a restart, and a file that is none of the emulator's is left as it is."""

from __future__ import annotations

import contextlib
import json
import os
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

from ordermux.emulator import Clock, Emulator, StateFileError, World, store
from ordermux.emulator.registry import emulators
from ordermux.emulator.snapshots import parts, text_of
from ordermux.emulator.store import Store
from ordermux.providers.croissant import emulator as croissant
from ordermux.providers.crossmint import emulator as crossmint
from ordermux.providers.cryptum import emulator as cryptum
from ordermux.providers.zephyr import emulator as zephyr
from support.polling import until
from support.processes import Process

PROVIDERS = emulators()
KEY = {"authorization": f"Bearer {zephyr.CREDENTIALS['api_key']}"}
JWT = {"cookie": crossmint.COOKIE}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Give a file that is not there yet."""
    return tmp_path / "shop.db"


def refund(address: str, cents: int = 10, key: str | None = None) -> httpx.Response:
    """Refund some of the page's order."""
    url = f"{address}/zephyr/v1/orders/{zephyr.SAMPLE_ORDER}/refunds"
    return httpx.post(
        url,
        json={"amount_cents": cents, "reason": "duplicate"},
        headers=KEY | ({"idempotency-key": key} if key else {}),
    )


def snapshot(world: World) -> dict[str, Any]:
    """Return all that is kept of a world."""
    return {part: json.loads(text_of(world, part)) for part in parts()}


def live(emulator: Emulator) -> None:
    """Let something of every kind happen."""
    refund(emulator.address, key="k")
    body = {"clientId": croissant.CLIENT_ID, "clientSecret": croissant.CLIENT_SECRET}
    token = httpx.post(f"{emulator.address}/croissant/v0/token", json=body).json()["access_token"]
    bearer = {"authorization": f"Bearer {token}"}
    httpx.post(f"{emulator.address}/croissant/v0/carts/{croissant.SAMPLE_CART}/fulfill", headers=bearer)
    httpx.get(f"{emulator.address}/crossmint/api/orders", headers=JWT)
    emulator.state("crossmint").place()
    emulator.state("cryptum").confirm("f701...672e")
    emulator.state("cryptum").place()
    events = {"url": "http://127.0.0.1:9/", "events": ["order.created"]}
    httpx.post(f"{emulator.address}/zephyr/v1/webhook_endpoints", json=events, headers=KEY)
    emulator.deliver_to("http://127.0.0.1:9/{provider}", "crossmint")


@pytest.mark.slow
def test_a_world_survives_a_restart(path: Path) -> None:
    """All of it: state, counters, clock, random numbers, webhooks."""
    with Emulator(World(seed=3, extra_orders=20), state=path) as emulator:
        live(emulator)
        emulator.world.clock.advance(5000)
        emulator.wait_for_deliveries()
        emulator.world.clock.freeze()
        before, random = snapshot(emulator.world), emulator.world.random.getstate()
    with Emulator(state=path) as again:
        assert (before, random) == (snapshot(again.world), again.world.random.getstate())
        assert 4990 < again.world.clock() - time.time() < 5010
        assert {"zephyr.createRefund": 1}.items() <= again.world.effects.items()
        assert 2 == len(again.world.outbox.targets)


@pytest.mark.slow
def test_what_was_promised_holds_after_a_restart(path: Path) -> None:
    """A key replays, a token opens, refunds add up, a list goes on from its cursor."""
    with Emulator(state=path) as emulator:
        first = refund(emulator.address, key="k").json()
        emulator.state("croissant").tokens["t"] = emulator.world.clock() + 60
        page = httpx.get(f"{emulator.address}/zephyr/v1/orders?limit=2", headers=KEY).json()
    with Emulator(state=path) as again:
        assert first == refund(again.address, key="k").json()
        assert [422, 201] == [refund(again.address, cents).status_code for cents in (3721, 3720)]
        url = f"{again.address}/croissant/v0/carts/{croissant.SAMPLE_CART}"
        assert 200 == httpx.get(url, headers={"authorization": "Bearer t"}).status_code
        following = httpx.get(f"{again.address}/zephyr/v1/orders?cursor={page['next_cursor']}", headers=KEY).json()
        names = [order["id"] for order in page["data"] + following["data"]]
        assert list(reversed(again.state("zephyr").orders)) == names


@pytest.mark.slow
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
        emulator.state("zephyr", "x").transition(zephyr.SAMPLE_ORDER, "cancel")
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


@pytest.mark.slow
@pytest.mark.parametrize("provider", PROVIDERS)
def test_lists_of_a_restored_world_are_the_same(path: Path, provider: str) -> None:
    """The books are in order again."""
    with Emulator(World(extra_orders=50), state=path) as emulator:
        before = list(emulator.state(provider).orders)
        urls = {
            "zephyr": ("/zephyr/v1/orders?limit=70", KEY),
            "crossmint": ("/crossmint/api/orders?limit=70", JWT),
            "cryptum": (
                f"/cryptum/plugins/orders/?storeId={cryptum.STORE}",
                {"x-api-key": cryptum.CREDENTIALS["api_key"]},
            ),
        }
        url, headers = urls.get(provider, ("/", {}))
        listed = httpx.get(emulator.address + url, headers=headers).content
    with Emulator(state=path) as again:
        assert before == list(again.state(provider).orders)
        assert listed == httpx.get(again.address + url, headers=headers).content


@pytest.mark.slow
def test_a_killed_emulator_loses_little(path: Path) -> None:
    """What was answered a moment before is in the file, though nobody stopped it."""
    command = [sys.executable, "-m", "ordermux.emulator", "--port", "0", "--state", str(path)]
    with Process(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        address = re.findall(r"http://127\.0\.0\.1:\d+", process.stdout.readline())[0]
        assert 201 == refund(address, 7).status_code
        time.sleep(3)
        process.send_signal(signal.SIGKILL)
        process.wait()
    with Emulator(state=path) as again:
        assert 7 == again.state("zephyr").refunded[zephyr.SAMPLE_ORDER]
        assert 1 == again.world.effects["zephyr.createRefund"]


@pytest.mark.slow
def test_a_file_is_written_while_it_runs(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only what was changed, and within a moment."""
    written: list[tuple[str, str]] = []
    write = vars(Store)["_write"]

    def noted(store: Store, texts: list[tuple[str, str, str]]) -> None:
        written.extend((name, part) for name, part, _ in texts)
        write(store, texts)

    monkeypatch.setattr(Store, "_write", noted)
    with Emulator(state=path) as emulator:
        until(lambda: len(written) == len(parts()))
        written.clear()
        refund(emulator.address)
        until(lambda: len(written) >= 4)
        assert {("", "world"), ("", "journal"), ("", "deliveries"), ("", "zephyr")} == set(written)


CHANGES: dict[str, tuple[str, ...]] = {
    "later version": ("PRAGMA user_version = 9",),
    "no table": ("DROP TABLE state",),
    "cut": ("UPDATE state SET content = substr(content, 1, 100) WHERE part = 'zephyr'",),
    "wrong type": ("UPDATE state SET content = '{\"orders\": 7}' WHERE part = 'zephyr'",),
    "no world": ("DELETE FROM state WHERE part = 'world'",),
    "no number": ("UPDATE state SET content = json_set(content, '$.random', 5) WHERE part = 'world'",),
    "a row less": ("DELETE FROM state WHERE part = 'zephyr'",),
    "a row more": ("INSERT INTO state SELECT 'x', part, content FROM state WHERE part = 'zephyr'",),
    "rows changed over": (
        "UPDATE state SET part = 'b' WHERE part = 'cryptum'",
        "UPDATE state SET part = 'cryptum' WHERE part = 'zephyr'",
        "UPDATE state SET part = 'zephyr' WHERE part = 'b'",
    ),
    "all rows gone": ("DELETE FROM state",),
    "a number changed": ("UPDATE state SET content = replace(content, '3730', '3731') WHERE part = 'zephyr'",),
    "bytes": ("UPDATE state SET content = CAST(content AS BLOB) WHERE part = 'zephyr'",),
    "no seal": ("DELETE FROM state WHERE part = 'seal'",),
    "a seal of nothing": ("UPDATE state SET content = '' WHERE part = 'seal'",),
}
"""What is done to a file that the emulator wrote."""
KINDS = ("text", "foreign", "cut file", *CHANGES)


def broken(kind: str, path: Path) -> None:
    """Make a file that is no state."""
    if kind == "text":
        path.write_text("a shopping list, and nothing else " * 50)
        return
    if kind == "foreign":
        with contextlib.closing(sqlite3.connect(path)) as other, other:
            other.execute("CREATE TABLE state (world TEXT, part TEXT, content TEXT)")
        return
    with Emulator(state=path):
        pass
    if kind == "cut file":
        path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
        return
    with contextlib.closing(sqlite3.connect(path)) as mine, mine:
        for statement in CHANGES[kind]:
            mine.execute(statement)


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_no_state_is_refused_and_left_alone(path: Path, kind: str) -> None:
    """To the last byte, and nothing is put beside it."""
    broken(kind, path)
    before = path.read_bytes()
    with pytest.raises(StateFileError, match=re.escape(str(path))):
        Emulator(state=path)
    assert (before, [path]) == (path.read_bytes(), list(path.parent.iterdir()))


def spoilt(**members: Any) -> str:
    """Return the first part of a world with some members of its own."""
    return json.dumps(json.loads(text_of(World(), "world")) | members)


SPOILT = {
    "an object is a number": ("zephyr", '{"orders": 7}'),
    "an order is a text": ("zephyr", '{"orders": {"a": "b"}}'),
    "a list": ("cryptum", "[]"),
    "no JSON": ("croissant", "{"),
    "null": ("crossmint", "null"),
    "a field that there is not": ("crossmint", '{"colour": 1}'),
    "nested too deep": ("zephyr", "[" * 200_000),
    "no clock": ("world", "{}"),
    "a journal of numbers": ("journal", "[1]"),
    "letters of numbers": ("deliveries", "[1]"),
    "a seed that has no end": ("world", '{"seed": Infinity, "orders": 0}'),
    "counters of texts": ("world", spoilt(calls={"zephyr.getOrder": "x"})),
    "a time that there is not": ("world", spoilt(clock={"offset": 1e300, "frozen": None, "began": None})),
    "a time of 22 digits": ("world", spoilt(clock={"offset": 0, "frozen": 2**70, "began": None})),
    "a journal with a number of 22 digits": (
        "journal",
        f'[{{"number": {2**70}, "at": 0, "kind": "call", "order": null}}]',
    ),
    "a world that is nested too deep": ("world", "[" * 200_000),
    "an order without what it is sorted by": ("crossmint", '{"orders": {"a": {}}}'),
}


@pytest.mark.slow
@pytest.mark.parametrize("how", SPOILT)
def test_a_file_that_was_sealed_anew_raises_nothing_foreign(path: Path, how: str) -> None:
    """Whoever knows how the seal is made may break what is inside."""
    part, content = SPOILT[how]
    with Emulator(state=path):
        pass
    resealed(path, part, content)
    before = path.read_bytes()
    with pytest.raises(StateFileError, match=f"{re.escape(str(path))} is broken"):
        Emulator(state=path)
    assert before == path.read_bytes()


def resealed(path: Path, part: str, content: str) -> None:
    """Change a part of the default world, and seal the file anew."""
    with contextlib.closing(sqlite3.connect(path)) as mine, mine:
        mine.execute("UPDATE state SET content = ? WHERE part = ? AND world = ''", (content, part))
        rows = mine.execute("SELECT world, part, content FROM state WHERE part != 'seal'").fetchall()
        digests = {(world, name): store._digest(world, name, text) for world, name, text in rows}  # pyright: ignore[reportPrivateUsage]
        mine.execute("UPDATE state SET content = ? WHERE part = 'seal'", (store._seal(digests),))  # pyright: ignore[reportPrivateUsage]


@pytest.mark.slow
def test_a_delivery_to_another_machine_is_not_made_though_a_file_says_so(path: Path) -> None:
    """It holds a secret's signature, and the URL in the file may be anybody's."""
    with Emulator(state=path) as emulator:
        emulator.deliver_to("http://127.0.0.1:9/", "zephyr")
        emulator.state("zephyr").place()
        emulator.wait_for_deliveries()
    deliveries = json.loads(text_of(emulator.world, "deliveries"))
    resealed(
        path, "deliveries", json.dumps([delivery | {"url": "http://192.0.2.1/", "due": 0} for delivery in deliveries])
    )
    with Emulator(state=path) as again:
        delivery = again.world.outbox.deliveries[0]
        until(lambda: len(delivery.attempts) > 1)
        assert ("blocked", "the URL is not local") == (delivery.state, delivery.attempts[-1]["problem"])
        with pytest.raises(ValueError, match="is not local"):
            again.world.outbox.redeliver(delivery.number)


@pytest.mark.slow
@pytest.mark.parametrize(
    "members", [{"secret": "\ud800"}, {"provider": "nobody"}, {"provider": "crossmint", "id": "\ud800"}], ids=range(3)
)
def test_a_delivery_that_cannot_be_made_is_not_tried_without_end(path: Path, members: dict[str, str]) -> None:
    """Whatever goes wrong before it is sent is a failed attempt."""
    with Emulator(state=path) as emulator:
        emulator.deliver_to("http://127.0.0.1:9/", "zephyr")
        emulator.state("zephyr").place()
        emulator.wait_for_deliveries()
    [delivery] = json.loads(text_of(emulator.world, "deliveries"))
    resealed(path, "deliveries", json.dumps([delivery | members | {"due": 0, "attempts": []}]))
    with Emulator(state=path) as again:
        [made] = again.world.outbox.deliveries
        until(lambda: len(made.attempts) == 1)
        again.wait_for_deliveries()
        assert 1 == len(made.attempts)
        assert made.attempts[0]["problem"]


@pytest.mark.slow
@pytest.mark.parametrize("mode", [None, 0o644, 0o666, 0o600])
def test_a_file_is_its_owners(path: Path, mode: int | None) -> None:
    """It holds secrets; one that was there already is closed to others."""
    if mode is not None:
        path.touch()
        path.chmod(mode)
    before = os.umask(0)
    try:
        with Emulator(state=path) as emulator:
            during = {each.name: each.stat().st_mode & 0o777 for each in path.parent.iterdir()}
            refund(emulator.address)
    finally:
        os.umask(before)
    assert {"shop.db": 0o600} == {name: mode for name, mode in during.items() if mode != 0o600} | {"shop.db": 0o600}
    assert 0o600 == path.stat().st_mode & 0o777


def test_a_file_of_an_earlier_version_that_others_could_read_is_closed_to_them(path: Path) -> None:
    """Once it is opened again."""
    with Emulator(state=path):
        pass
    path.chmod(0o644)
    with Emulator(state=path):
        assert 0o600 == path.stat().st_mode & 0o777


@pytest.mark.parametrize("name", ["a\0b", "x" * 300, "\ud800\0"], ids=range(3))
def test_a_path_that_no_file_can_have_is_told(tmp_path: Path, name: str) -> None:
    """As any other file that is none."""
    with pytest.raises(StateFileError):
        Emulator(state=tmp_path / name)


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    """Nor is what cannot be looked at."""
    with pytest.raises(StateFileError, match=re.escape(str(tmp_path))):
        Emulator(state=tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_to_end_loses_nothing(path: Path, number: signal.Signals) -> None:
    """What was answered a moment before is in the file, and the emulator ends without a complaint."""
    command = [sys.executable, "-m", "ordermux.emulator", "--port", "0", "--state", str(path)]
    pipes: Any = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    with Process(command, **pipes) as process:
        assert process.stdout is not None
        address = re.findall(r"http://127\.0\.0\.1:\d+", process.stdout.readline())[0]
        done = 0
        for cents in range(1, 21):
            done += 201 == refund(address, cents).status_code
        process.send_signal(number)
        process.send_signal(number)
        _, complaints = process.communicate(timeout=60)
    assert (0, "", 20) == (process.returncode, complaints, done)
    with Emulator(state=path) as again:
        assert sum(range(1, 21)) == again.state("zephyr").refunded[zephyr.SAMPLE_ORDER]
        assert 20 == again.world.effects["zephyr.createRefund"]
        assert "zephyr.createRefund" == again.world.journal.since()[-1].detail["operation"]


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    """As a file that cannot be."""
    with pytest.raises(StateFileError, match="No such file"):
        Emulator(state=tmp_path / "no" / "shop.db")


@pytest.mark.slow
def test_a_file_is_one_emulators(path: Path) -> None:
    """A second one would write over what the first one wrote."""
    with Emulator(state=path) as emulator:
        refund(emulator.address)
        with pytest.raises(StateFileError, match="locked"):
            Emulator(state=path)


@pytest.mark.slow
def test_an_empty_file_is_a_new_one(path: Path) -> None:
    """As `mktemp` makes it."""
    path.touch()
    with Emulator(state=path) as emulator:
        refund(emulator.address)
    assert path.stat().st_size > 0


@pytest.mark.slow
def test_the_command_tells_of_a_broken_file_in_one_line(path: Path) -> None:
    """Without a traceback."""
    broken("text", path)
    command = [sys.executable, "-m", "ordermux.emulator", "--port", "0", "--state", str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (1, "", 1) == (done.returncode, done.stdout, len(done.stderr.splitlines()))
    assert done.stderr.endswith("; use another --state\n")


@pytest.mark.slow
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
