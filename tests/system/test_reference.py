"""The reference, as Chromium shows it: what people see, filter and copy."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import attrs
import pytest
from selenium.webdriver import Chrome
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import Select

from ordermux.emulator import Emulator, reference
from ordermux.emulator.reference._document import document_of
from ordermux.emulator.registry import emulators, operations
from support.browser import console, many, one, press, script, sized, tell, until
from support.reference_expectations import document, places

PROVIDERS = emulators()
OPERATIONS = operations()
VISIBLE = 'return Object.fromEntries([...document.querySelectorAll("[id]")].map((each) => [each.id, each.innerText]))'
IN_SIGHT = """
const { top, bottom } = document.querySelector(":target").getBoundingClientRect()
return [top, bottom, window.innerHeight]
"""
CLIPBOARD = "return navigator.clipboard.readText()"
BROAD = """
const broad = (each) => each.getBoundingClientRect().right > window.innerWidth && !each.closest("pre")
return [...document.querySelectorAll("main *")].filter(broad).map((each) => each.outerHTML)
"""
HOSTILE = "<script>document.title = 'taken'</script><img src=x onerror=alert(1)>"


@pytest.fixture
def page(chromium: Chrome, emulator: Emulator) -> Iterator[Chrome]:
    """Give a browser with ZephyrCart's reference; afterwards, its console has to be empty."""
    console(chromium)  # forgets what came before
    chromium.get(f"{emulator.address}/reference/zephyr")
    yield chromium
    assert [] == console(chromium)
    chromium.get("about:blank")


def articles(browser: Chrome) -> list[str]:
    """Return the anchors of what is shown."""
    return [each.get_attribute("id") or "" for each in many(browser, "article") if each.is_displayed()]


def run(line: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run a line in a shell, where curl fails on an error's status."""
    (folder / ".curlrc").write_text("fail-with-body\n")
    environment = {"PATH": os.environ["PATH"], "CURL_HOME": str(folder)}
    return subprocess.run(["bash", "-c", line], env=environment, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("provider", PROVIDERS)
def test_all_of_a_document_is_seen(page: Chrome, emulator: Emulator, provider: str) -> None:
    """Each operation, parameter, answer, event, schema, field and value is visible text, with its basis."""
    page.get(f"{emulator.address}/reference/{provider}")
    seen: dict[str, str] = script(page, VISIBLE)
    expected = places(document(provider))

    missing = [
        (name, text) for name, texts in expected.items() for text in texts if text.replace("`", "") not in seen[name]
    ]
    assert [] == missing


def test_a_line_that_was_copied_works(page: Chrome, emulator: Emulator, tmp_path: Path) -> None:
    """Each of them, run by curl in a world where nothing has happened yet, succeeds and takes effect."""
    tell(
        page,
        "Browser.grantPermissions",
        permissions=["clipboardReadWrite", "clipboardSanitizedWrite"],
        origin=emulator.address,
    )
    for place, name in enumerate(OPERATIONS):
        provider, _, operation = name.partition(".")
        page.get(f"{emulator.address}/w/w{place}/reference/{provider}#{operation}")

        press(page, f"[id='{operation}']", "Copy")

        until(page, lambda: "Copied" == one(page, ":target .copy").text)
        done = run(script(page, CLIPBOARD), tmp_path)
        assert 0 == done.returncode, name + done.stdout + done.stderr
        world = emulator.world_named(f"w{place}")
        assert 1 == world.calls[name]
        assert (0 if "GET" == OPERATIONS[name][0] or name == "cryptum.verifyStore" else 1) == world.effects[name]


@pytest.mark.parametrize("provider", PROVIDERS)
def test_the_line_for_an_inbox_works(page: Chrome, emulator: Emulator, tmp_path: Path, provider: str) -> None:
    """It has the events of that provider delivered to a port of this machine, or where each order says."""
    page.get(f"{emulator.address}/reference/{provider}")

    done = run(one(page, "#delivery .snippet pre").text, tmp_path)

    assert 0 == done.returncode, done.stdout + done.stderr
    mail, by_order = emulator.world.outbox, provider == "cryptum"
    to_a_port = [] if by_order else [(f"http://127.0.0.1:9000/{provider}", provider)]
    assert (by_order, to_a_port) == (mail.callbacks, [(target.url, target.provider) for target in mail.targets])


def test_a_line_is_selected_where_the_clipboard_cannot_be_had(page: Chrome) -> None:
    """It is left to the user to copy it."""
    script(page, "navigator.clipboard.writeText = () => Promise.reject(new Error())")

    press(page, "#getOrder", "Copy")

    until(page, lambda: script(page, "return getSelection().toString()"))
    assert one(page, "#getOrder .snippet pre").text == script(page, "return getSelection().toString()")


def test_a_call_in_a_timeline_leads_to_its_operation_and_back(page: Chrome, emulator: Emulator) -> None:
    """The operation is in sight then; from there one comes to the form that breaks its next call."""
    page.get(f"{emulator.address}/w/x/")
    until(page, lambda: one(page, "#live").text == "live")
    emulator.state("zephyr", "x").transition("order_01HXY8", "refund")
    until(page, lambda: many(page, "#entries a"))
    one(page, "#entries a").click()
    until(page, lambda: page.current_url.endswith("/w/x/reference/zephyr#event.order.refunded"))
    until(page, lambda: 0 <= script(page, IN_SIGHT)[0] < script(page, IN_SIGHT)[2])

    page.get(f"{emulator.address}/w/x/reference/zephyr#createRefund")
    one(page, "#createRefund .side > p a").click()

    until(page, lambda: page.current_url.startswith(f"{emulator.address}/w/x/#"))
    assert "zephyr.createRefund" == Select(one(page, "#break [name=operation]")).first_selected_option.text


def test_filtering_leaves_what_has_all_the_words(page: Chrome) -> None:
    """In the contents too; Escape brings the rest back."""
    whole = articles(page)
    one(page, "#filter").send_keys("refunded total")

    left = articles(page)
    assert {"OrderStatus", "createRefund"} <= set(left) < set(whole)
    assert f"{len(left)} of {len(whole)}" == one(page, "#found").text
    linked = [each.get_attribute("hash") for each in many(page, "#contents a") if each.is_displayed()]
    assert [f"#{name}" for name in left] == linked

    one(page, "#filter").send_keys(Keys.ESCAPE)
    assert whole == articles(page)


def test_a_link_leads_to_what_was_filtered_out(page: Chrome) -> None:
    """It is shown, and so is the rest."""
    one(page, "#filter").send_keys("Retrieve one order")
    assert "Refund" not in articles(page)

    script(page, "location.hash = '#Refund.amount_cents'")

    until(page, lambda: "Refund" in articles(page))
    assert "" == one(page, "#filter").get_attribute("value")
    top, _, height = script(page, IN_SIGHT)
    assert 0 <= top < height


def test_it_is_used_by_keyboard(page: Chrome) -> None:
    """A slash goes to the filter, Tab from there through the contents, and Enter follows them."""
    ActionChains(page).send_keys("/").perform()
    assert one(page, "#filter") == page.switch_to.active_element
    assert "" == one(page, "#filter").get_attribute("value")

    ActionChains(page).send_keys("cannot be undone", Keys.TAB, Keys.TAB, Keys.ENTER).perform()

    until(page, lambda: page.current_url.endswith("#cancelOrder"))


@pytest.mark.parametrize("provider", PROVIDERS)
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 800, 400])
def test_nothing_stands_out_at_the_side(
    page: Chrome, emulator: Emulator, provider: str, scheme: str, width: int
) -> None:
    """The page is as wide as the window, and light or dark as the user wants it."""
    with sized(page, width, scheme=scheme):
        page.get(f"{emulator.address}/reference/{provider}")

        assert script(page, "return document.documentElement.scrollWidth") <= width
        assert [] == script(page, BROAD)
        assert script(page, "return document.getElementById('contents').open") == (width > 780)
        ground = script(page, "return getComputedStyle(document.body).backgroundColor")
        assert {"light": "rgb(247, 247, 248)", "dark": "rgb(18, 18, 21)"}[scheme] == ground


def test_what_a_document_says_is_shown_as_text(
    page: Chrome, emulator: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A description with a script in it is read as such, and nothing of it runs."""
    made = document_of("zephyr")
    info: dict[str, Any] = {**made.content["info"], "summary": HOSTILE, "title": HOSTILE}
    changed = attrs.evolve(made, content={**made.content, "info": info})
    monkeypatch.setattr(reference, "document_of", {"zephyr": changed}.__getitem__)

    page.get(f"{emulator.address}/reference/zephyr")

    assert HOSTILE in one(page, "#about").text
    assert f"{HOSTILE} · API reference" == page.title
    assert [] == many(page, "img")


COLOUR_ALONE = """
const isAmongWords = ({ parentElement: around, textContent: text }) =>
    around.matches("p, li, dd, .why, .basis, .type") && around.textContent.trim() !== text.trim()
const isPlain = (link) => !getComputedStyle(link).textDecorationLine.includes("underline")
return [...document.querySelectorAll("main a:not(.path, .name, .self)")].filter(
    (link) => isAmongWords(link) && isPlain(link)).map((link) => link.outerHTML)
"""


@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_link_among_words_differs_by_more_than_its_colour(page: Chrome, emulator: Emulator, provider: str) -> None:
    """It is underlined, for whoever sees no difference (WCAG 1.4.1)."""
    page.get(f"{emulator.address}/reference/{provider}")
    assert [] == script(page, COLOUR_ALONE)


def test_the_document_is_downloaded_from_its_page(page: Chrome, emulator: Emulator) -> None:
    """In a named world too."""
    page.get(f"{emulator.address}/w/x/reference/zephyr")
    href = one(page, "#about a[download]").get_attribute("href")
    assert f"{emulator.address}/w/x/reference/zephyr/openapi.json" == href
