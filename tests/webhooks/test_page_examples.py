"""The inbox behind real frameworks, by the examples of `docs/webhooks.md` as they are printed."""

from __future__ import annotations

import json
import re
import types
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path

import attrs
import pytest

from ordermux import Croissant
from ordermux.emulator import Emulator
from ordermux.webhooks import Inbox, Webhooks
from support.posted_events import ACCOUNT, Post, asgi, forged, told
from support.typed_client_answers import CANARY, ORDER

PAGE = Path(__file__).parents[2] / "docs" / "webhooks.md"


def examples() -> dict[str, list[str]]:
    """Return the page's Python blocks by the heading that they stand under."""
    parts = re.split(r"^#+ (.*)$", PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return {
        heading: re.findall(r"^```python\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)
        for heading, text in zip(parts[1::2], parts[2::2], strict=True)
    }


EXAMPLES = examples()


class Program:
    """A program made of the page's examples, each as it is printed."""

    def __init__(self, *headings: str) -> None:
        """Run the examples under these headings one after another."""
        self.module = types.ModuleType("program_of_the_page")
        for heading in headings:
            for block in EXAMPLES[heading]:
                exec(compile(block, f"docs/webhooks.md, {heading}", "exec"), self.module.__dict__)


@pytest.fixture
def program(
    emulator: Emulator, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Iterator[Callable[[str], types.ModuleType]]:
    """Give what runs the example of a framework, in a folder of its own, with settings in the environment."""
    monkeypatch.chdir(tmp_path)
    for name, value in emulator.client_kwargs("zephyr").items():
        monkeypatch.setenv(f"ORDERMUX_ZEPHYR_{name.upper()}", value if isinstance(value, str) else value.reveal())
    monkeypatch.setenv("ORDERMUX_ZEPHYR_WEBHOOK_SECRETS", f"whsec_{CANARY}-and-more, whsec_the-one-before-it\n")
    programs: list[Program] = []

    def run(heading: str) -> types.ModuleType:
        programs.append(Program("Webhooks", "Deduplication", heading))
        return programs[-1].module

    yield run
    for each in programs:
        each.module.__dict__["mux"].close()


def to_fastapi(module: types.ModuleType) -> Post:
    """Return what posts to the FastAPI app of a program."""
    return asgi(module.__dict__["app"])


def to_flask(module: types.ModuleType) -> Post:
    """Return what posts to the Flask app of a program."""

    def post(path: str, headers: dict[str, str], content: bytes) -> tuple[int, dict[str, str]]:
        with module.__dict__["app"].test_client() as client:
            answer = client.post(path, headers=headers, data=content)
            return answer.status_code, {name.lower(): value for name, value in answer.headers.items()}

    return post


def to_django(module: types.ModuleType) -> Post:
    """Return what posts to the Django views of a program, with the check that a form would have to pass."""
    settings = import_module("django.conf").settings
    if not settings.configured:
        middleware = ["django.middleware.common.CommonMiddleware", "django.middleware.csrf.CsrfViewMiddleware"]
        settings.configure(ALLOWED_HOSTS=["testserver"], MIDDLEWARE=middleware, SECRET_KEY="x")
    override = import_module("django.test.utils").override_settings
    client = import_module("django.test").Client(enforce_csrf_checks=True)

    def post(path: str, headers: dict[str, str], content: bytes) -> tuple[int, dict[str, str]]:
        with override(ROOT_URLCONF=module):
            rest = {name: value for name, value in headers.items() if name != "content-type"}
            answer = client.post(path, data=content, content_type="application/json", headers=rest)
            return answer.status_code, {name.lower(): value for name, value in answer.headers.items()}

    return post


FRAMEWORKS: dict[str, Callable[[types.ModuleType], Post]] = {
    "FastAPI": to_fastapi,
    "Django": to_django,
    "Flask": to_flask,
}
frameworks = pytest.mark.parametrize("framework", FRAMEWORKS)


@pytest.mark.slow
@frameworks
def test_an_example_of_the_page_handles_a_delivery_once(
    program: Callable[[str], types.ModuleType], framework: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """The event reaches the handler, which reads its order, and a redelivery ends there."""
    post = FRAMEWORKS[framework](program(framework))
    made = told()
    assert [204, 204] == [post("/webhooks/zephyr", made.headers, made.body)[0] for _ in range(2)]
    assert f"order_updated zephyr:{ORDER['id']} paid\n" == capsys.readouterr().out
    assert Path("events.db").exists()


@frameworks
def test_an_example_of_the_page_refuses_what_is_forged(
    program: Callable[[str], types.ModuleType], framework: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """By another secret, without a signature, or with a byte more; an account that there is not is not found."""
    post = FRAMEWORKS[framework](program(framework))
    made, wrong = told(), forged()
    answers = [
        post("/webhooks/zephyr", wrong.headers, wrong.body)[0],
        post("/webhooks/zephyr", {"content-type": "application/json"}, made.body)[0],
        post("/webhooks/zephyr", made.headers, made.body + b" ")[0],
        post("/webhooks/zephir", made.headers, made.body)[0],
    ]
    assert [401, 401, 401, 404] == answers
    assert "" == capsys.readouterr().out


@frameworks
def test_an_example_of_the_page_says_when_to_come_again(
    program: Callable[[str], types.ModuleType], framework: str
) -> None:
    """The header that the inbox wants is on the answer."""
    module = program(framework)
    post, made = FRAMEWORKS[framework](module), told()
    event = Webhooks.of(ACCOUNT).receive("zephyr", made.headers, made.body)
    inbox: Inbox = module.__dict__["inbox"]
    inbox.store.claim("zephyr:evt_1", event.digest, "another process", 60)
    status, headers = post("/webhooks/zephyr", made.headers, made.body)
    assert (503, "10") == (status, headers["retry-after"])


def test_the_page_has_an_example_of_each_framework() -> None:
    """Short enough to be read at once, and each is run here; that of tests too."""
    blocks = {heading: found for heading, found in EXAMPLES.items() if found}
    assert {"Webhooks", "Deduplication", "Event identity", *FRAMEWORKS, "In tests"} == set(blocks)
    assert [1] * len(blocks) == [len(found) for found in blocks.values()]
    lines = {heading: len([line for line in blocks[heading][0].splitlines() if line]) for heading in FRAMEWORKS}
    assert max(lines.values()) <= 10, lines


def test_the_page_s_example_of_a_test_passes() -> None:
    """It holds without any setting."""
    assert 1 == len(Program("In tests").module.__dict__["handled"])


def test_the_page_s_example_of_fields_that_do_not_count_is_right(program: Callable[[str], types.ModuleType]) -> None:
    """Two deliveries of one event are one, although they count their attempts."""
    webhooks: Webhooks = program("Event identity").__dict__["webhooks"]
    webhooks = attrs.evolve(webhooks, accounts={"croissant": Croissant(client_id="id", client_secret="key")})
    bodies = [json.dumps({"attempt": at, "delivery": {"sent_at": at, "of": 3}}).encode() for at in (1, 2)]
    assert 1 == len({webhooks.receive("croissant", {}, each).id for each in bodies})
