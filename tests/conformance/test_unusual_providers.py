"""A provider that is right, and unusual, conforms: the conformance kit raises no false alarm."""

from __future__ import annotations

import importlib
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import attrs
import pytest

from ordermux.emulator import server
from ordermux.emulator.app import app
from ordermux.testing.conformance import CHECKS, problems_of
from ordermux_codegen.__main__ import main as codegen
from support.installed_packages import SitePackages, forget, site_packages

ACME = Path(__file__).parent / "acme"
PACKAGE = "package/ordermux_provider_acme"
DOCUMENT, ADAPTER, EMULATOR = "apis/acme.yaml", f"{PACKAGE}/adapter.py", f"{PACKAGE}/emulator.py"
ACCOUNT, WEBHOOKS, FACTS = f"{PACKAGE}/account.py", f"{PACKAGE}/webhooks.py", "package/test_acme.py"


@attrs.frozen
class Variant:
    """A provider that is as the example but for parts of its files' texts."""

    changes: tuple[tuple[str, str, str], ...]
    """The file, a part of its text, and what it is replaced by; a part `a…b` is all from `a` to `b`."""
    removed: tuple[str, ...] = ()
    """The files that it does not have."""


def named(order_id: str) -> tuple[tuple[str, str, str], ...]:
    """Return the changes that give the sample order another id."""
    return (
        (EMULATOR, 'state.add(world, "order_1",', f"state.add(world, {order_id!r},"),
        (FACTS, 'sample_order="order_1"', f"sample_order={order_id!r}"),
    )


def secured(scheme: str) -> tuple[str, str, str]:
    """Return the change that puts the key elsewhere."""
    return DOCUMENT, "      type: http\n      scheme: basic\n", f"      type: apiKey\n{scheme}"


NO_LIST = (
    (ADAPTER, "create_refund, get_order, list_orders", "create_refund, get_order"),
    (ADAPTER, "    def page_at(self…    def create(self", "    def create(self"),
    (ADAPTER, "    page_size = SIZE\n", ""),
)
NO_REFUND = (
    (ADAPTER, "create_order, create_refund, get_order", "create_order, get_order"),
    (ADAPTER, "    def refund(self…", ""),
    (ADAPTER, "{Operation.CREATE, Operation.REFUND}", "{Operation.CREATE}"),
    (FACTS, '        refund=Money("1.50", "EUR"),\n', ""),
)
NO_READ = (
    (FACTS, 'statuses={"get": "open / paid / -", "create"', 'statuses={"create"'),
    (FACTS, '        transitions={"pay": "open / paid / -", "cancel": "cancelled / - / -"},\n', ""),
    (ADAPTER, "    def get(self…    def _one", "    def _one"),
)
POINTS = (
    (EMULATOR, '"currency": "EUR"', '"currency": "points"'),
    (EMULATOR, """total = f"{told['total_cents'] / 100:.2f} {told['currency']}\"""", "total = None"),
)
UNSIGNED = (
    (DOCUMENT, "  signature:\n…  received-statuses", "  received-statuses"),
    (WEBHOOKS, "from ordermux.webhook_schemes.hmac_scheme import HmacScheme\n", ""),
    (WEBHOOKS, "scheme import EventFacts", "scheme import EventFacts, WebhookScheme"),
    (
        WEBHOOKS,
        "class _Acme(HmacScheme):\n",
        """class _Acme(WebhookScheme):
    signed = timed = False
    received_statuses = frozenset({200})

    def verify(self, *given: Any) -> None:
        return None

    def signed_headers(self, *given: Any) -> dict[str, str]:
        return {}

""",
    ),
)
NO_EVENTS = (
    (DOCUMENT, "x-delivery:\n…paths:\n", "paths:\n"),
    (DOCUMENT, "webhooks:\n…components:\n", "components:\n"),
    (DOCUMENT, "    Event:\n…    Error:\n", "    Error:\n"),
    (EMULATOR, 'order["id"], status, told["kind"], body=body)', 'order["id"], status)'),
)
OTHER_SECRETS = (
    (
        WEBHOOKS,
        "    def facts(self",
        """    key_form = "acme-, and 32 characters of base64"

    def key(self, secret: str) -> bytes | None:
        return secret.encode() if secret.startswith("acme-") else None

    def facts(self""",
    ),
    (
        EMULATOR,
        "    def empty_state",
        """    def webhook_secret(self, key: str) -> str:
        return f"acme-{key}"

    def empty_state""",
    ),
)
VARIANTS = {
    "an id with slashes, blanks and signs; a key in a header; no refund": Variant(
        (
            *named("a/b c%2F#?&=:é+"),
            secured("      in: header\n      name: X-Acme-Key\n"),
            *NO_REFUND,
        )
    ),
    "an id of 200 characters; a key in the query; no list": Variant(
        (
            *named("x" * 200),
            secured("      in: query\n      name: key\n"),
            *NO_LIST,
        )
    ),
    "an id that looks like a path; a key in a cookie; deliveries that are not signed": Variant(
        (
            *named("../orders"),
            secured("      in: cookie\n      name: session\n"),
            *UNSIGNED,
        )
    ),
    "a currency whose minor unit is not known; no events": Variant((*NO_REFUND, *POINTS, *NO_EVENTS), (WEBHOOKS,)),
    "no order can be read; webhook secrets of another form": Variant((*NO_READ, *OTHER_SECRETS)),
}


def changed(text: str, right: str, wrong: str) -> str:
    """Return a text with another part."""
    first, dots, last = right.partition("…")
    start = text.index(first)
    end = start + len(first) if not dots else (text.index(last, start + len(first)) if last else len(text))
    return text[:start] + wrong + text[end + (len(last) if dots else 0) :]


@pytest.fixture(scope="module", params=VARIANTS)
def folder(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the folder of a variant, with its compiled client."""
    variant, made = VARIANTS[request.param], tmp_path_factory.mktemp("acme")
    shutil.copytree(ACME, made, dirs_exist_ok=True)
    for name, right, wrong in variant.changes:
        path = made / name
        path.write_text(changed(path.read_text("utf-8"), right, wrong), "utf-8")
    for name in variant.removed:
        (made / name).unlink()
    assert 0 == codegen(["generate", "--documents", str(made / "apis"), "--out", str(made / "clients")])
    return made


@pytest.fixture
def installed(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Install the variant."""
    monkeypatch.setattr(server, "app", app)
    packages: SitePackages = site_packages(tmp_path, monkeypatch)
    monkeypatch.syspath_prepend(folder / "clients" / "acme")  # pyright: ignore[reportUnknownMemberType]
    shutil.copytree(folder / "package", packages.folder, dirs_exist_ok=True)
    packages.install("ordermux-provider-acme", "[ordermux.providers]\nacme = ordermux_provider_acme\n")
    yield
    forget()
    for name in [
        each for each in sys.modules if each.startswith(("ordermux_acme", "ordermux_provider_acme", "test_acme"))
    ]:
        del sys.modules[name]


@pytest.mark.usefixtures("installed")
def test_an_unusual_provider_conforms() -> None:
    """By every check."""
    facts = importlib.import_module("test_acme").TestAcme.facts
    assert {} == {check: found for check in CHECKS if (found := problems_of(facts, check))}
