"""The programs of docs/examples, each run as a reader would run it, against an emulator."""

from __future__ import annotations

import contextlib
import importlib.util
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Generator, Iterator
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

import attrs
import httpx
import pytest
from webhooks.served import served

from ordermux import Ordermux
from ordermux.emulator import Emulator, Fault, FaultKind
from ordermux.providers.cryptum.emulator import STORE
from support.polling import until
from support.processes import Process

FOLDER = Path(__file__).parents[2] / "docs" / "examples"
ORDER = "zephyr:order_01HXY8"
LOST = Fault(kind=FaultKind.RESET, when="after", times=3)
"""The change is made, and no response of it comes back."""


@attrs.frozen
class Reader:
    """Somebody who copied the programs."""

    emulator: Emulator
    folder: Path
    environment: dict[str, str]

    def run(self, program: str, *arguments: str) -> tuple[int, str]:
        """Run a program; return its exit code, and what it printed."""
        done = subprocess.run(
            [sys.executable, str(FOLDER / program), *arguments],
            cwd=self.folder,
            env={**os.environ, **self.environment},
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
        return done.returncode, done.stdout + done.stderr

    def refunds(self) -> tuple[int, int]:
        """Return how many calls of refunds arrived, and how many refunds were made."""
        name = "zephyr.createRefund"
        return self.emulator.world.calls[name], self.emulator.world.effects[name]


@pytest.fixture
def reader(emulator: Emulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Reader:
    """Give somebody with accounts in the environment."""
    environment = {"DJANGO_SECRET_KEY": "secret-of-the-test"}
    for account in emulator.accounts():
        if account.name in {"zephyr", "cryptum"}:
            settings = {"webhook_secrets": account.webhook_secrets[0], **emulator.client_kwargs(account.name)}
            settings |= {"store": STORE} if account.name == "cryptum" else {}
            for name, value in settings.items():
                shown: Any = value if isinstance(value, str) else value.reveal()
                environment[f"ORDERMUX_{account.name}_{name}".upper()] = shown
    monkeypatch.chdir(tmp_path)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    return Reader(emulator, tmp_path, environment)


@pytest.fixture
def load() -> Iterator[Callable[[str], ModuleType]]:
    """Give what imports a program, whose client is closed afterwards."""
    loaded: list[ModuleType] = []

    def module(name: str) -> ModuleType:
        spec = importlib.util.spec_from_file_location(name, FOLDER / f"{name}.py")
        assert spec is not None
        assert spec.loader is not None
        made = importlib.util.module_from_spec(spec)
        sys.modules[name] = made
        spec.loader.exec_module(made)
        loaded.append(made)
        return made

    yield module
    for each in loaded:
        each.__dict__["mux"].close()
        del sys.modules[each.__name__]


def test_the_refund_desk_refunds(reader: Reader) -> None:
    """Once, and settles nothing then."""
    code, printed = reader.run("refund_desk.py", "refund", ORDER, "14.90", "USD")
    assert (0, True) == (code, "14.90 USD: done: " in printed), printed
    assert (0, "") == reader.run("refund_desk.py", "settle")
    assert (1, 1) == reader.refunds()


def test_the_refund_desk_settles_what_is_not_known(reader: Reader) -> None:
    """With the same key: it was made, and is not made again."""
    reader.emulator.world.faults.inject("zephyr.createRefund", LOST)
    code, printed = reader.run("refund_desk.py", "refund", ORDER, "14.90", "USD")
    assert (1, True) == (code, "not known, stays open" in printed), printed
    code, printed = reader.run("refund_desk.py", "settle")
    assert (0, True) == (code, "14.90 USD: done: " in printed), printed
    assert 1 == reader.refunds()[1]
    assert (0, "") == reader.run("refund_desk.py", "settle")


def test_the_refund_desk_does_not_keep_open_what_was_refused(reader: Reader) -> None:
    """Before it was sent, or by the provider."""
    assert "failed" in reader.run("refund_desk.py", "refund", "zephyr:order_1", "14.90", "USD")[1]
    assert "failed" in reader.run("refund_desk.py", "refund", ORDER, "14.90", "EUR")[1]
    assert (0, "") == reader.run("refund_desk.py", "settle")
    assert 0 == reader.refunds()[1]


def test_the_nightly_export_writes_what_is_new_or_changed(reader: Reader) -> None:
    """All orders the first night, one the second, and no file the third; the newest row of each is as it is now."""
    code, printed = reader.run("nightly_export.py", "exports")
    assert 0 == code, printed
    with Ordermux(*reader.emulator.accounts()) as mux:
        mux.orders.refund(ORDER, full=True)
        expected = len(list(mux.orders.list(["zephyr", "cryptum"])))
    assert f"{expected} orders in" in printed
    assert "1 orders in" in reader.run("nightly_export.py", "exports")[1]
    assert (0, "") == reader.run("nightly_export.py", "exports")
    assert 2 == len(list((reader.folder / "exports").glob("*.parquet")))
    text = (FOLDER / "nightly_export.py").read_text(encoding="utf-8")
    (query,) = re.findall(r"^    (SELECT .*\n.*)$", text, re.MULTILINE)
    rows: Any = import_module("duckdb").sql(f"select ref, payment from ({query})")  # of the working directory
    assert (expected, "refunded") == (len(rows.fetchall()), dict(rows.fetchall())[ORDER])


def test_the_nightly_export_tells_of_an_account_that_fails(reader: Reader) -> None:
    """And has the others; what is missing comes the next night."""
    reader.emulator.world.faults.inject("cryptum.listOrders", Fault(kind=FaultKind.STATUS, when="before", status=403))
    code, printed = reader.run("nightly_export.py", "exports")
    assert (1, True, True) == (code, "orders in" in printed, "cryptum: " in printed)
    code, printed = reader.run("nightly_export.py", "exports")
    assert (0, True) == (code, "orders in" in printed)


PURCHASE = {
    "number": "1001",
    "total": "25.40",
    "currency": "USD",
    "first_name": "Ana",
    "last_name": "Suarez",
    "email": "ana@example.com",
    "country": "AR",
}


@contextlib.contextmanager
def shop(module: ModuleType) -> Generator[httpx.Client]:
    """Give a customer of the FastAPI shop, which a server serves."""
    with served(module.__dict__["app"]) as port, httpx.Client(base_url=f"http://127.0.0.1:{port}") as client:
        yield client


def test_the_fastapi_shop_takes_an_order_once_and_hears_of_its_payment(
    reader: Reader, load: Callable[[str], ModuleType]
) -> None:
    """By the webhook of the emulator, which the shop proves by a read."""
    with shop(load("fastapi_shop")) as client:
        reader.emulator.deliver_to(str(client.base_url).rstrip("/") + "/webhooks/cryptum", "cryptum")
        made = client.post("/orders", json=PURCHASE)
        assert (201, "1001", "pending") == (made.status_code, made.json()["number"], made.json()["payment"])
        assert made.json() == client.post("/orders", json=PURCHASE).json()
        reader.emulator.state("cryptum").transition(made.json()["order"].partition(":")[2], "pay")
        reader.emulator.wait_for_deliveries(30)
        assert [204] == [each.attempts[-1]["status"] for each in reader.emulator.world.outbox.deliveries]
        until(lambda: client.get("/orders/1001").json()["payment"] == "paid", 30)
        assert 404 == client.get("/orders/1002").status_code
    assert 1 == reader.emulator.world.effects["cryptum.createOrder"]


def test_the_fastapi_shop_finds_an_order_whose_response_was_lost(
    reader: Reader, load: Callable[[str], ModuleType]
) -> None:
    """It is not created again."""
    faults = reader.emulator.world.faults
    faults.inject("cryptum.createOrder", LOST)
    faults.inject("cryptum.listOrders", Fault(kind=FaultKind.STATUS, when="before", status=500, times=100))
    with shop(load("fastapi_shop")) as client:
        assert {"number": "1001", "payment": None} == client.post("/orders", json=PURCHASE).json()
        faults.clear()
        found = client.post("/orders", json=PURCHASE).json()
        assert ("pending", found) == (found["payment"], client.get("/orders/1001").json())
    assert 1 == reader.emulator.world.effects["cryptum.createOrder"]


def test_the_fastapi_shop_takes_an_order_that_was_refused_again(
    reader: Reader, load: Callable[[str], ModuleType]
) -> None:
    """What is not there can be sent again under its number."""
    fault = Fault(kind=FaultKind.STATUS, when="before", status=403)
    reader.emulator.world.faults.inject("cryptum.createOrder", fault)
    with shop(load("fastapi_shop")) as client:
        assert [502, 201] == [client.post("/orders", json=PURCHASE).status_code for _ in range(2)]


def django_client(module: ModuleType) -> Any:
    """Return a browser, as Django's tests have it, for the shop of a module."""
    override = import_module("django.test.utils").override_settings
    import_module("django").setup()  # as `runserver` does
    override(ROOT_URLCONF=module, ALLOWED_HOSTS=["testserver"]).enable()
    return import_module("django.test").Client(enforce_csrf_checks=True)


def fields(page: str) -> dict[str, str]:
    """Return the fields of the first form that refunds the order."""
    (form,) = [each for each in page.split("<form")[1:] if f'value="{ORDER}"' in each]
    return dict(re.findall(r'<input (?:type="hidden" )?name="(\w+)" value="([^"]*)"', form))


def test_the_django_shop_refunds_once_however_often_a_form_is_sent(
    reader: Reader, load: Callable[[str], ModuleType]
) -> None:
    """Also where the response of the first one was lost."""
    client = django_client(load("django_shop"))
    form = fields(client.get("/orders/zephyr").content.decode())
    assert {"amount": "37.30", "currency": "USD"}.items() <= form.items()
    reader.emulator.world.faults.inject("zephyr.createRefund", LOST)
    assert 503 == client.post("/refund", form).status_code
    answers = [client.post("/refund", form) for _ in range(2)]
    assert [(200, b"Refunded 37.30 USD.")] * 2 == [(each.status_code, each.content) for each in answers]
    assert 1 == reader.refunds()[1]
    assert 403 == client.post("/refund", {**form, "csrfmiddlewaretoken": "x"}).status_code


def test_the_django_shop_receives_webhooks(
    reader: Reader, load: Callable[[str], ModuleType], caplog: pytest.LogCaptureFixture
) -> None:
    """Through the server of Django's own, as `runserver` has it."""
    module = load("django_shop")
    django_client(module)
    app = import_module("django.core.handlers.asgi").ASGIHandler()
    with served(app) as port:
        reader.emulator.deliver_to(f"http://127.0.0.1:{port}/webhooks/zephyr", "zephyr")
        import_module("django.conf").settings.ALLOWED_HOSTS = ["127.0.0.1"]
        module.__dict__["mux"].orders.refund(ORDER, full=True)
        until(lambda: f"refunded: {ORDER}" in caplog.text, 30)
    assert f"{ORDER}: payment refunded" in caplog.text


def celery_worker(reader: Reader, broker: str, **environment: str) -> Process:
    """Start a worker with one process beside its own."""
    command = [sys.executable, "-m", "celery", "-A", "celery_refunds", "worker", "--pool=prefork", "--concurrency=1"]
    path = os.pathsep.join([str(FOLDER), *sys.path])
    return Process(
        [*command, "--without-gossip", "--without-mingle", "--without-heartbeat"],
        cwd=reader.folder,
        env={**os.environ, **reader.environment, "BROKER_URL": broker, "PYTHONPATH": path, **environment},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def enqueued(monkeypatch: pytest.MonkeyPatch, load: Callable[[str], ModuleType], broker: str) -> Any:
    """Send a refund to the worker; return its result."""
    monkeypatch.setenv("BROKER_URL", broker)
    return load("celery_refunds").__dict__["enqueue"](ORDER, "14.90", "USD")


def test_a_refund_in_celery_whose_time_limit_is_hit_is_made_once(
    reader: Reader, load: Callable[[str], ModuleType], redis_socket: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was made, and its response did not come in time: the task is retried with the same key."""
    broker = f"redis+socket://{redis_socket}"
    reader.emulator.world.faults.inject("zephyr.createRefund", Fault(kind=FaultKind.STALL, when="after", seconds=60))
    with celery_worker(reader, broker, SOFT_TIME_LIMIT="5") as worker:
        result = enqueued(monkeypatch, load, broker).get(timeout=120)
        worker.terminate()
    calls, effects = reader.refunds()
    assert (True, 1) == (calls >= 2, effects)
    with Ordermux(*reader.emulator.accounts()) as mux:
        assert "partially_refunded" == mux.orders.get(ORDER).status.payment
    assert result


def test_a_refund_in_celery_whose_process_is_killed_is_made_once(
    reader: Reader, load: Callable[[str], ModuleType], redis_socket: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As for want of memory, right in the middle: another process runs the task with the same key."""
    broker = f"redis+socket://{redis_socket}"
    reader.emulator.world.faults.inject("zephyr.createRefund", Fault(kind=FaultKind.STALL, when="after", seconds=60))
    with celery_worker(reader, broker) as worker:
        result = enqueued(monkeypatch, load, broker)
        until(lambda: reader.refunds()[1] == 1, 60)
        (child,) = Path(f"/proc/{worker.pid}/task/{worker.pid}/children").read_text(encoding="utf-8").split()
        os.kill(int(child), signal.SIGKILL)
        assert result.get(timeout=120)
        worker.terminate()
    assert (2, 1) == reader.refunds()


def test_every_program_is_run_here() -> None:
    """What stands in the folder is run above."""
    names = {path.stem for path in FOLDER.glob("*.py")}
    text = Path(__file__).read_text(encoding="utf-8")
    assert {"celery_refunds", "django_shop", "fastapi_shop", "nightly_export", "refund_desk"} == names
    assert set() == {name for name in names if f'"{name}' not in text}
