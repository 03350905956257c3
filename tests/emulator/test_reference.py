"""The reference's HTML: all of each document stands there, what it links to exists, and text stays text."""

from __future__ import annotations

import copy
import html.parser
import json
from collections import Counter
from typing import Any
from urllib.parse import unquote

import attrs
import httpx
import pytest

from ordermux.emulator import Emulator, reference
from ordermux.emulator.reference._document import document_of
from ordermux.emulator.registry import emulators, operations, secret_of
from support.reference_expectations import WORDS, document, events, objects, places, resolved

PROVIDERS = emulators()
OPERATIONS = operations()
HERE = "http://127.0.0.1:8000"
HOSTILE = "<script>alert(1)</script>\"'>&lt;{{main}}"
VOID = {"input", "link", "meta"}
OWN = {"about", "delivery", "here", "rate-limit", "filter", "found", "contents"}
"""The anchors that are none of a document's."""


class Page(html.parser.HTMLParser):
    """A page, read by Python's own parser: the text of each element with an id, the links, and what else there is."""

    def __init__(self, source: str) -> None:
        """Read it."""
        super().__init__()
        self.texts: dict[str, str] = {}
        self.ids: list[str] = []
        self.links: list[str] = []
        self.tags: Counter[str] = Counter()
        self.attributes: set[str] = set()
        self._open: list[str | None] = []
        self.feed(source)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Remember an element."""
        given = dict(attrs)
        self.tags[tag] += 1
        self.attributes |= set(given)
        self.ids += [given["id"] or ""] if "id" in given else []
        self.links += [given["href"] or ""] if tag == "a" else []
        self._open += [] if tag in VOID else [given.get("id")]

    def handle_endtag(self, tag: str) -> None:
        """Forget it."""
        del tag
        self._open.pop()

    def handle_data(self, data: str) -> None:
        """Add text to all that it stands in."""
        for name in filter(None, self._open):
            self.texts[name] = self.texts.get(name, "") + data


def shown(provider: str) -> Page:
    """Return the page of a provider."""
    return Page(reference.reference(provider, HERE, "whsec_x"))


def plain(text: str) -> str:
    """Return a text as a page shows it."""
    return text.replace("`", "")


@pytest.mark.slow
@pytest.mark.parametrize("provider", PROVIDERS)
def test_all_of_a_document_is_there(provider: str) -> None:
    """Each operation, parameter, body, answer, event, schema, field and value has its anchor and its texts; no more."""
    page, expected = shown(provider), places(document(provider))

    assert set(expected) | OWN | {"rate-limit"} == set(page.ids) | {"rate-limit"}
    missing = {
        (name, text) for name, texts in expected.items() for text in texts if plain(text) not in page.texts[name]
    }
    assert set() == missing


@pytest.mark.slow
@pytest.mark.parametrize("provider", PROVIDERS)
def test_why_something_is_a_guess_stands_beside_it(provider: str) -> None:
    """Each reason and each note in the document is on the page, with the titles of the pages that it names."""
    content = document(provider)
    bases = [node["x-basis"] for node in objects(content) if "x-basis" in node]
    said = {str(basis[name]) for basis in bases for name in ("guess", "note") if name in basis}
    sources = sorted(content["x-sources"].items(), key=lambda source: -len(source[0]))
    for key, source in sources:
        title = source["title"]
        said = {text.replace(f"{key})", f"{title})").replace(f"{key}#", f"{title}, ") for text in said}
    whole = " ".join(shown(provider).texts.values())
    assert said
    assert set() == {text for text in said if plain(text) not in whole}


@pytest.mark.parametrize("provider", PROVIDERS)
def test_examples_are_there_as_json(provider: str) -> None:
    """Those of the bodies, of the answers and of the schemas."""
    content, page = document(provider), shown(provider)
    wanted = [
        (name, each) for name, node in content["components"]["schemas"].items() for each in node.get("examples", [])
    ]
    nodes = [(node["operationId"], node) for item in content["paths"].values() for node in item.values()]
    for name, node in [*nodes, *((f"event.{name}", node) for name, node in events(content))]:
        bodies = [node.get("requestBody", {}), *(resolved(content, each) for each in node["responses"].values())]
        media = [each for body in bodies for each in body.get("content", {}).values()]
        wanted += [(name, each["example"]) for each in media if "example" in each]

    assert wanted
    for name, example in wanted:
        assert json.dumps(example, indent=2, ensure_ascii=False) in page.texts[name]


@pytest.mark.parametrize("provider", PROVIDERS)
def test_how_events_are_delivered_is_there(provider: str) -> None:
    """What is signed, with what and how, and the times; and the secret of this emulator."""
    rule, text = document(provider)["x-delivery"], shown(provider).texts["delivery"]

    for member, value in rule.get("signature", {}).items():
        assert member in text
        assert value in text
    for retry, seconds in {"1 min": 60, "5 min": 300, "12 h": 43_200}.items():
        if seconds in rule.get("retry-after-seconds", []):
            assert retry in text
    assert "whsec_x" in text


@pytest.mark.slow
def test_the_rate_limit_is_there() -> None:
    """Crossmint's shop has one; of the others none is published."""
    assert "30 requests in 1 min for each user" in shown("crossmint").texts["rate-limit"]
    for provider in PROVIDERS.keys() - {"crossmint"}:
        assert "None is documented." in shown(provider).texts["about"]


@pytest.mark.slow
@pytest.mark.parametrize("provider", PROVIDERS)
def test_what_a_link_leads_to_exists(provider: str, emulator: Emulator) -> None:
    """Each place on the page once; each page of ours is answered; each other one is a source of the document."""
    page = shown(provider)
    sources = {source["url"] for source in document(provider)["x-sources"].values()}
    ours = {link for link in page.links if not link.startswith(("#", "http"))}

    assert len(page.ids) == len(set(page.ids))
    assert {unquote(link[1:]) for link in page.links if link.startswith("#")} <= set(page.ids)
    assert sources == {link for link in page.links if link.startswith("http")}
    for link in ours:
        assert 200 == httpx.get(httpx.URL(f"{emulator.address}/reference/{provider}").join(link)).status_code
    assert {f"../#break={name}" for name in OPERATIONS if name.startswith(provider)} <= ours


@pytest.mark.slow
def test_nothing_is_loaded() -> None:
    """No element has an address that a browser fetches by itself, and the page's policy forbids it."""
    for provider in PROVIDERS:
        assert {"src", "srcset", "action", "style"} & shown(provider).attributes == set()
        assert {"img", "iframe", "object"} & set(shown(provider).tags) == set()
    with Emulator() as emulator:
        answer = httpx.get(f"{emulator.address}/reference/zephyr")
    assert "default-src 'none'" in answer.headers["content-security-policy"]


def make_hostile(node: Any) -> None:
    """Put something bad into each text of a part of a document that people wrote."""
    for each in objects(node):
        for name in ("title", "summary", "description", "note", "guess", "required", "read", "email", "does"):
            if isinstance(each.get(name), str):
                each[name] += HOSTILE


def test_text_stays_text(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever a document says, in any text of it and in any name, no element comes of it."""
    honest, made = shown("zephyr"), document_of("zephyr")
    content, rules = copy.deepcopy((made.content, made.rules))
    make_hostile([content, rules])
    content["x-sources"]["orders"]["url"] = "javascript:alert(1)"
    content["components"]["schemas"][f"Bad{HOSTILE}"] = {
        "description": HOSTILE,
        "x-basis": {"guess": HOSTILE},
        "enum": [HOSTILE],
        "x-enum-descriptions": {HOSTILE: HOSTILE},
        "examples": [HOSTILE],
    }
    bad = attrs.evolve(made, content=content, rules=rules)
    monkeypatch.setattr(reference, "document_of", {"zephyr": bad}.__getitem__)
    page = Page(reference.reference("zephyr", HERE + '/"><script>', HOSTILE))

    assert honest.tags["script"] == page.tags["script"]
    assert set(honest.tags) == set(page.tags)
    assert honest.attributes == page.attributes
    assert plain(document("zephyr")["info"]["summary"]) + HOSTILE in page.texts["about"]
    assert HOSTILE in page.texts[f"Bad{HOSTILE}"]
    assert not [link for link in page.links if link.startswith("javascript:")]


@pytest.mark.slow
@pytest.mark.parametrize("name", OPERATIONS)
def test_what_the_emulator_does_with_an_operation_is_told(name: str) -> None:
    """Each has something; what it rests on is a page of the document's; a status of it is as sure as the document's."""
    provider, _, operation_id = name.partition(".")
    made, text = document_of(provider), shown(provider).texts[operation_id]
    [operation] = [each for each in made.operations() if each.id == operation_id]

    assert made.rules[operation_id]
    for rule in made.rules_of(operation):
        assert {"does", "basis"} <= set(rule) <= {"does", "basis", "status", "ignores"}
        assert [] == [name for name in rule.get("ignores", ()) if name.removeprefix("body.") not in rule["does"]]
        assert plain(rule["does"]) in text
        assert_founded(made.content, rule["basis"])
        if "status" in rule:
            answer = resolved(made.content, operation.node["responses"][str(rule["status"])])
            assert "note" in rule["basis"] or sureness(rule["basis"]) <= sureness(answer["x-basis"])


def assert_founded(content: Any, basis: Any) -> None:
    """Assert that a basis is a guess, or a page of the document's with that section, and of the right kind."""
    kind = next(kind for kind in WORDS if kind in basis)
    page, _, section = basis[kind].partition("#")
    if kind != "guess":
        assert section in {"", *content["x-sources"][page].get("sections", [])}
        assert ("doc" == kind) == content["x-sources"][page].get("contract", False)


def sureness(basis: Any) -> int:
    """Return how sure a basis is: 3 documented, 2 observed, 1 public, 0 a guess."""
    return next(3 - place for place, kind in enumerate(WORDS) if kind in basis)


def test_no_rule_is_of_an_operation_that_is_not_there() -> None:
    """A name that is spelt otherwise would not be seen."""
    for provider in PROVIDERS:
        rules = {f"{provider}.{name}" for name in document_of(provider).rules if name != "*"}
        assert rules == {name for name in OPERATIONS if name.startswith(f"{provider}.")}


@pytest.mark.parametrize(("world", "front"), [("", ""), ("x", "/w/x")])
def test_lines_for_curl_are_for_the_world_that_one_is_in(emulator: Emulator, world: str, front: str) -> None:
    """The address and the secret on the page are those of the page's own world."""
    page = Page(httpx.get(f"{emulator.address}{front}/reference/cryptum").text)

    assert f"{emulator.address}{front}/cryptum/plugins/orders/?storeId=" in page.texts["listOrders"]
    assert f"{emulator.address}{front}/_emulator/webhooks" in page.texts["delivery"]
    assert secret_of(world, "cryptum") in page.texts["delivery"]


@pytest.mark.slow
def test_who_names_no_provider_is_led_to_one(emulator: Emulator) -> None:
    """In a world too; a provider that there is not is told from one that there is."""
    for path in ("/reference", "/reference/", "/w/x/reference", "/w/x/reference/"):
        answer = httpx.get(emulator.address + path, follow_redirects=True)
        assert 200 == answer.status_code
        assert f"{path.rstrip('/')}/croissant" == answer.url.path
    missing = httpx.get(f"{emulator.address}/reference/nobody")
    assert 404 == missing.status_code
    assert "croissant, crossmint, cryptum, zephyr" in missing.text


def test_looking_at_the_reference_is_no_call(emulator: Emulator) -> None:
    """It counts as none, and nothing is noted."""
    httpx.get(f"{emulator.address}/reference/zephyr")

    assert {} == emulator.world.calls
    assert [] == emulator.world.journal.since()
