"""The emulator's page, as Chromium shows it: what people see there, and what its buttons do."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Iterator

import pytest
from selenium.webdriver import Chrome
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import Select

from ordermux.emulator import Emulator, Fault, FaultKind, World
from ordermux.emulator.registry import operations
from ordermux.providers.zephyr.emulator import CREDENTIALS
from support.browser import console, many, one, press, script, sized, tell, until
from support.ports import kept_port

OPERATIONS = operations()
PAID = "zephyr:order_01HXY8"
TOO_WIDE = """
return [...document.querySelectorAll("#orders td")].filter(
    (cell) => cell.scrollWidth > cell.clientWidth).map((cell) => cell.textContent)
"""
FITS = """
const table = document.querySelector("section .scroll")
return table.scrollWidth <= table.clientWidth
"""
IN_SIGHT = """
const { top, bottom } = document.getElementById("transitions").getBoundingClientRect()
return [top, bottom, window.innerHeight]
"""
LINKS = """
const links = [...document.querySelectorAll("#entries a"), ...document.querySelectorAll("#counters a")]
return links.map((link) => [link.innerText, link.href])
"""
LEDGER = """
return [...document.querySelectorAll("#ledger dt")].map((name) => [name.innerText, name.nextElementSibling.innerText])
"""
"""All at once, since each refresh replaces all of it."""
HOSTILE = "<img src=x onerror=alert(1)>"


@pytest.fixture
def page(chromium: Chrome, emulator: Emulator) -> Iterator[Chrome]:
    """Give the page, which is told live what happens; afterwards, its console has to be empty."""
    console(chromium)  # forgets what came before
    shown(chromium, emulator.address + "/")
    yield chromium
    assert [] == console(chromium)
    chromium.get("about:blank")


def shown(browser: Chrome, address: str) -> None:
    """Open the page, and wait until it is whole."""
    browser.get(address)
    until(browser, lambda: one(browser, "#live").text == "live" and len(many(browser, "#orders tbody tr")) > 0)


def cells(browser: Chrome, order: str) -> list[str]:
    """Return what an order's row shows."""
    return [cell.text for cell in many(browser, f"[data-order='{order}'] td")]


def choose(browser: Chrome, order: str) -> None:
    """Open an order."""
    one(browser, f"[data-order='{order}'] button").click()
    until(browser, lambda: one(browser, "#full").text == order.partition(":")[2])


def timeline(browser: Chrome) -> str:
    """Return what the open order's timeline shows."""
    return one(browser, "#entries").text


def refund(emulator: Emulator, key: str) -> int | None:
    """Give a part of the order's money back; return the answer's status, None without an answer."""
    url = f"{emulator.address}/zephyr/v1/orders/order_01HXY8/refunds"
    headers = {
        "Authorization": f"Bearer {CREDENTIALS['api_key']}",
        "Idempotency-Key": key,
        "Content-Type": "application/json",
    }
    content = json.dumps({"amount_cents": 1490, "reason": "requested_by_customer"}).encode()
    try:
        with urllib.request.urlopen(urllib.request.Request(url, content, headers)) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        with error:
            return error.code
    except OSError:
        return None


def newest(emulator: Emulator, provider: str, word: str) -> str:
    """Return the newest order of a provider's whose own word is this one."""
    state = emulator.state(provider)
    return next(f"{provider}:{each}" for each in reversed(state.orders) if state.summary(each)["raw_status"] == word)


@pytest.mark.parametrize(
    ("provider", "word", "seen"),
    [
        ("croissant", "registered", ["(registered)", "—", "—", "—", "297.00 USD"]),
        ("zephyr", "created", ["created", "open", "—", "—"]),
        ("crossmint", "awaiting_approval", ["awaiting_approval", "pending", "pending", "unfulfilled"]),
        ("cryptum", "confirmed", ["confirmed", "open", "paid", "—", "25.40 USD"]),
    ],
)
def test_each_providers_own_word_stands_beside_the_three_axes(
    page: Chrome, emulator: Emulator, provider: str, word: str, seen: list[str]
) -> None:
    """A row shows the raw word, the three axes with a dash for no claim, and the total."""
    found = cells(page, newest(emulator, provider, word))

    assert provider == found[0]
    assert seen == found[2 : 2 + len(seen)]


def test_a_fault_ordered_by_button_is_seen_in_the_timeline_of_the_call_it_struck(
    page: Chrome, emulator: Emulator
) -> None:
    """It waits until the call comes, and is then told beside its method, its path and its key."""
    choose(page, PAID)
    Select(one(page, "#break [name=operation]")).select_by_visible_text("zephyr.createRefund")
    Select(one(page, "#break [name=kind]")).select_by_visible_text("reset")
    Select(one(page, "#break [name=when]")).select_by_value("after")
    press(page, "#break", "Inject")
    until(page, lambda: "zephyr.createRefund\nreset after" == one(page, "#waiting").text)

    assert refund(emulator, "key-1") is None

    until(page, lambda: "fault: reset after" in timeline(page))
    seen = timeline(page)
    for part in (
        "POST /zephyr/v1/orders/order_01HXY8/refunds",
        "no response",
        "key key-1",
        "changed to\npartially_refunded",
    ):
        assert part in seen
    until(page, lambda: not one(page, "#waiting").text)


def test_the_status_of_a_fault_is_the_one_that_was_asked_for(page: Chrome, emulator: Emulator) -> None:
    """The field of the status is there for that kind only."""
    Select(one(page, "#break [name=kind]")).select_by_visible_text("empty")
    assert not one(page, "#break [name=status]").is_displayed()
    Select(one(page, "#break [name=kind]")).select_by_visible_text("status")
    Select(one(page, "#break [name=operation]")).select_by_visible_text("zephyr.*")
    one(page, "#break [name=status]").send_keys(Keys.CONTROL, "a", Keys.NULL, "503")
    press(page, "#break", "Inject")
    until(page, lambda: "zephyr.*\nstatus 503 before" == one(page, "#waiting").text)

    assert 503 == refund(emulator, "key-1")


def test_waiting_faults_are_cleared_by_button(page: Chrome, emulator: Emulator) -> None:
    """None of them is left, and the next call goes well."""
    press(page, "#break", "Inject")
    until(page, lambda: one(page, "#waiting").text)

    press(page, "#waitinghead", "Clear")

    until(page, lambda: not one(page, "#waiting").text)
    assert [] == emulator.world.faults.waiting


def test_each_operation_can_be_broken_and_no_kind_comes_when_it_cannot(page: Chrome) -> None:
    """The form offers what there is; a cut answer needs an answer."""
    offered = [option.text for option in Select(one(page, "#break [name=operation]")).options]
    Select(one(page, "#break [name=kind]")).select_by_visible_text("truncated")

    assert sorted(OPERATIONS) == sorted(name for name in offered if not name.endswith(".*"))
    when = Select(one(page, "#break [name=when]"))
    assert ["after"] == [each.get_attribute("value") for each in when.options if each.is_enabled()]
    assert "after" == when.first_selected_option.get_attribute("value")


def test_a_move_by_button_changes_the_row_without_a_reload(page: Chrome, emulator: Emulator) -> None:
    """The very same row shows the new word, the new axes, and in the panel the transitions that are left."""
    order = newest(emulator, "crossmint", "awaiting_approval")
    row = one(page, f"[data-order='{order}']")
    script(page, "window.before = true")
    choose(page, order)

    press(page, "#transitions", "pay")

    until(page, lambda: cells(page, order)[2] == "payment_confirmed")
    assert ["payment_confirmed", "open", "paid"] == cells(page, order)[2:5]
    assert row == one(page, f"[data-order='{order}']")
    assert script(page, "return window.before")
    until(page, lambda: ["start", "fail"] == [button.text for button in many(page, "#transitions button")])
    until(page, lambda: "changed to\npayment_confirmed" in timeline(page))


def test_a_hold_stands_beside_the_lifecycle(page: Chrome, emulator: Emulator) -> None:
    """And is gone once the order goes on."""
    order = newest(emulator, "cryptum", "pending")

    emulator.state("cryptum").transition(order.partition(":")[2], "hold")
    until(page, lambda: cells(page, order)[2:4] == ["on-hold", "pending · hold: unknown"])

    emulator.state("cryptum").transition(order.partition(":")[2], "pay")
    until(page, lambda: cells(page, order)[2:4] == ["confirmed", "open"])


def ledger(browser: Chrome) -> list[tuple[str, str]]:
    """Return what the panel shows of the ledger."""
    return [(name, value) for name, value in script(browser, LEDGER)]


def test_the_ledger_of_an_order_is_shown_as_the_api_shows_it(page: Chrome, emulator: Emulator) -> None:
    """It changes with the order, and what is not known says why."""
    lines = [("line", "2 \N{MULTIPLICATION SIGN} Mug, 14.90 USD each"), ("payment", "37.30 USD, completed")]
    choose(page, PAID)
    until(page, lambda: ledger(page) == [*lines, ("refunded", "0.00 USD"), ("refundable", "37.30 USD")])

    emulator.state("zephyr").refund(emulator.state("zephyr").orders[PAID.partition(":")[2]], 1000)
    unknown = ("refundable", "unknown: the provider does not show what was refunded")
    until(page, lambda: ledger(page) == [*lines, unknown])

    press(page, "#transitions", "refund")
    until(page, lambda: ledger(page) == [*lines, ("refunded", "37.30 USD"), ("refundable", "0.00 USD")])


def test_a_hold_is_part_of_the_ledger(page: Chrome, emulator: Emulator) -> None:
    """It comes first, since somebody has to act."""
    order = newest(emulator, "cryptum", "pending")
    choose(page, order)
    until(page, lambda: ("payment", "pending") in ledger(page))
    emulator.state("cryptum").transition(order.partition(":")[2], "hold")
    until(page, lambda: ledger(page)[:1] == [("hold", "unknown")])


def test_what_happens_elsewhere_is_seen_at_once(page: Chrome, emulator: Emulator) -> None:
    """A transition in Python changes the row, and a call counts, without anything being pressed."""
    order = newest(emulator, "zephyr", "created")

    emulator.state("zephyr").transition(order.partition(":")[2], "pay")
    assert 201 == refund(emulator, "key-1")

    until(page, lambda: cells(page, order)[2] == "paid")
    until(page, lambda: "zephyr.createRefund 1 1" in one(page, "#counters").text)


def test_without_the_stream_the_page_asks_again(chromium: Chrome, emulator: Emulator) -> None:
    """Where no stream can be had, what happens is seen all the same, a little later."""
    stub = "window.EventSource = class { constructor() { setTimeout(() => this.onerror(), 0); } };"
    added = tell(chromium, "Page.addScriptToEvaluateOnNewDocument", source=stub)
    try:
        chromium.get(emulator.address + "/")
        until(chromium, lambda: one(chromium, "#live").text == "not live" and many(chromium, "#orders tbody tr"))
        order = newest(emulator, "zephyr", "created")
        emulator.state("zephyr").transition(order.partition(":")[2], "pay")

        until(chromium, lambda: cells(chromium, order)[2] == "paid")
    finally:
        tell(chromium, "Page.removeScriptToEvaluateOnNewDocument", **added)
        chromium.get("about:blank")


@pytest.mark.parametrize(("label", "seconds"), [("+1 min", 60), ("+1 h", 3600), ("+1 day", 86_400)])
def test_the_clock_is_put_forward_by_button(page: Chrome, emulator: Emulator, label: str, seconds: int) -> None:
    """The world's clock is ahead by so much, and the page shows its time."""
    emulator.world.clock.freeze()
    before = emulator.world.clock()

    press(page, ".clock", label)

    until(page, lambda: emulator.world.clock() > before)
    assert seconds == pytest.approx(emulator.world.clock() - before)
    wanted = f"{emulator.world.now():%Y-%m-%d %H:%M:%S} UTC, frozen"
    until(page, lambda: wanted == one(page, "#now").text)


def test_what_a_call_says_is_shown_as_text_only(page: Chrome, emulator: Emulator) -> None:
    """A word, a pattern and an idempotency key that look like HTML are shown as they are, and make no element."""
    order = newest(emulator, "cryptum", "confirmed")
    emulator.state("cryptum").orders[order.partition(":")[2]]["paymentStatus"] = HOSTILE
    emulator.world.faults.inject(f"[{HOSTILE}c]ryptum.*", Fault(kind=FaultKind.RESET, when="after"))
    choose(page, PAID)

    refund(emulator, HOSTILE)

    until(page, lambda: f"key {HOSTILE}" in timeline(page))
    until(page, lambda: f"[{HOSTILE}c]ryptum.*" in one(page, "#waiting").text)
    until(page, lambda: [HOSTILE, "unknown", "unknown"] == cells(page, order)[2:5])
    assert [] == many(page, "img")


def test_a_delivery_is_told_with_what_came_of_it(page: Chrome, emulator: Emulator) -> None:
    """An event that nobody took is in the order's timeline, with its URL."""
    emulator.deliver_to("http://127.0.0.1:9/inbox")
    choose(page, PAID)

    press(page, "#transitions", "refund")

    until(page, lambda: "delivery of order.refunded\nwaiting" in timeline(page))
    assert "attempt 1" in timeline(page)
    assert "http://127.0.0.1:9/inbox" in timeline(page)


def test_many_orders_are_shown_a_page_at_a_time(chromium: Chrome) -> None:
    """Of each provider some; of one provider more, with its last page at the end."""
    with Emulator(World(extra_orders=100)) as emulator:
        shown(chromium, emulator.address + "/")
        assert 32 == len(many(chromium, "#orders tbody tr"))
        assert "1 to 8 of each" == one(chromium, "#range").text
        press(chromium, "#accounts", "zephyr 106")
        until(chromium, lambda: "1 to 60 of 106" == one(chromium, "#range").text)

        press(chromium, "#pager", "→")

        until(chromium, lambda: "61 to 106 of 106" == one(chromium, "#range").text)
        assert 46 == len(many(chromium, "#orders tbody tr"))
        assert not one(chromium, "#older").is_enabled()
        chromium.get("about:blank")


def test_an_order_of_another_page_is_moved_too(chromium: Chrome) -> None:
    """What happens names it, opens it, and shows what it can become."""
    with Emulator(World(extra_orders=100)) as emulator:
        shown(chromium, emulator.address + "/")
        shop = emulator.state("zephyr")
        order = next(each for each in shop.orders if shop.transitions(each) == ["fulfil", "refund", "cancel"])
        assert [] == many(chromium, f"[data-order='zephyr:{order}']")
        shop.transition(order, "fulfil")
        press(chromium, "#entries", f"zephyr …{order[-8:]}")

        press(chromium, "#transitions", "refund")

        until(chromium, lambda: "changed to\nrefunded" in timeline(chromium))
        assert "refunded" == shop.orders[order]["status"]
        chromium.get("about:blank")


def test_what_happened_before_the_page_was_opened_is_told(page: Chrome, emulator: Emulator) -> None:
    """Of it the last sixty things."""
    for number in range(70):
        emulator.state("zephyr").place(id=f"order_{number}")
    shown(page, emulator.address + "/")

    until(page, lambda: 60 == len(many(page, "#entries li")))
    assert "zephyr order_69" in one(page, "#entries li:first-child").text
    assert "zephyr order_10" in one(page, "#entries li:last-child").text


def test_the_page_goes_on_with_another_emulator(chromium: Chrome) -> None:
    """It says that it is not live, comes back by itself where another is there, and tells what happened in that one."""
    with kept_port() as port:
        with Emulator(port=port) as emulator:
            shown(chromium, emulator.address + "/")
            emulator.state("zephyr").transition("order_01HXY8", "fulfil")
            until(chromium, lambda: "changed to\npaid" in one(chromium, "#entries").text)
        until(chromium, lambda: "not live" == one(chromium, "#live").text)

        other = Emulator(port=port)
        other.state("zephyr").transition("order_01HXY8", "cancel")
        with other:
            until(chromium, lambda: "live" == one(chromium, "#live").text)

            until(chromium, lambda: "changed to\ncancelled" in one(chromium, "#entries").text)
            assert 1 == len(many(chromium, "#entries li"))
            chromium.get("about:blank")


def test_each_operation_and_event_leads_to_the_reference(page: Chrome, emulator: Emulator) -> None:
    """In a timeline, and in the counters."""
    choose(page, PAID)
    refund(emulator, "key-1")

    path = f"{emulator.address}/reference/zephyr#"
    call = ["zephyr.createRefund", f"{path}createRefund"]
    event = ["order.refunded", f"{path}event.order.refunded"]
    until(page, lambda: [call, event, call] == script(page, LINKS))


def test_each_kind_of_fault_is_explained(page: Chrome) -> None:
    """Below the form, for the one that is chosen."""
    select = Select(one(page, "#break [name=kind]"))
    told = set[str]()
    for kind in FaultKind:
        select.select_by_visible_text(kind)
        told.add(one(page, "#meaning").text)

    assert len(FaultKind) == len(told)
    assert "" not in told


def test_the_panel_stays_in_sight_beside_many_orders(chromium: Chrome) -> None:
    """The last row's transitions are on the screen when it is opened."""
    with Emulator(World(extra_orders=100)) as emulator:
        shown(chromium, emulator.address + "/")
        last = many(chromium, "#orders tbody tr")[-1].get_attribute("data-order") or ""
        choose(chromium, last)
        top, bottom, height = script(chromium, IN_SIGHT)

        assert 0 <= top < bottom <= height
        chromium.get("about:blank")


def test_a_named_world_has_a_page_of_its_own(chromium: Chrome, emulator: Emulator) -> None:
    """`/w/x` shows the world `x`, and what its buttons do happens there only."""
    shown(chromium, emulator.address + "/w/x")
    choose(chromium, PAID)

    press(chromium, "#transitions", "fulfil")

    until(chromium, lambda: [button.text for button in many(chromium, "#transitions button")] == ["refund"])
    assert ["refund"] == emulator.state("zephyr", "x").transitions("order_01HXY8")
    assert ["fulfil", "refund", "cancel"] == emulator.state("zephyr").transitions("order_01HXY8")
    assert ["default", "x"] == [link.text for link in many(chromium, "#worlds a")]
    chromium.get("about:blank")


def test_an_order_opens_and_closes_by_keyboard(page: Chrome) -> None:
    """Enter opens it, Escape closes it, and the focus comes back to its row."""
    button = one(page, f"[data-order='{PAID}'] button")
    button.send_keys(Keys.ENTER)
    until(page, lambda: "order_01HXY8" == one(page, "#full").text)
    assert "true" == button.get_attribute("aria-expanded")

    one(page, "#close").send_keys(Keys.ESCAPE)

    until(page, lambda: not one(page, "#full").is_displayed())
    assert button == page.switch_to.active_element


@pytest.mark.parametrize("width", [1280, 800, 400])
def test_nothing_stands_out_at_the_side(page: Chrome, width: int) -> None:
    """The page is as wide as the window, with an order open and without, and no word runs into the next cell."""
    with sized(page, width):
        for _ in range(2):
            assert script(page, "return document.documentElement.scrollWidth") <= width
            assert [] == script(page, TOO_WIDE)
            choose(page, PAID)
            assert one(page, "#transitions").is_displayed()
            one(page, "#close").click()


def test_the_orders_fit_beside_the_panel(page: Chrome, emulator: Emulator) -> None:
    """Up to their totals, without scrolling to the side, in a window of 1280 pixels, with an order on hold."""
    order = newest(emulator, "cryptum", "pending")
    emulator.state("cryptum").transition(order.partition(":")[2], "hold")

    with sized(page, 1280):
        until(page, lambda: cells(page, order)[3] == "pending · hold: unknown")
        assert script(page, FITS)


def opened_body(browser: Chrome, title: str) -> str:
    """Open the newest body of a title in the timeline, and return what it shows."""
    script(
        browser,
        f"[...document.querySelectorAll('#entries details')].find(d => d.innerText.startsWith('{title}')).open = true",
    )
    until(browser, lambda: [each for each in many(browser, "#entries details[open] pre") if each.text])
    return next(each.text for each in many(browser, "#entries details[open] pre") if each.text)


def test_a_call_has_its_body_and_that_of_its_answer(page: Chrome, emulator: Emulator) -> None:
    """In the order's timeline, laid out."""
    choose(page, PAID)
    refund(emulator, "key-1")
    until(page, lambda: "POST /zephyr" in timeline(page))

    assert '{\n  "amount_cents": 1490,\n  "reason": "requested_by_customer"\n}' == opened_body(page, "Request")
    script(page, "document.querySelectorAll('#entries details').forEach((each) => { each.open = false })")
    assert '"amount_cents": 1490' in opened_body(page, "Response")


def test_an_order_is_placed_by_button_and_opened(page: Chrome, emulator: Emulator) -> None:
    """With the fields that were typed; what is no JSON is told, and places nothing."""
    Select(one(page, "#place [name=account]")).select_by_visible_text("zephyr")
    fields, before = one(page, "#place [name=fields]"), len(emulator.state("zephyr").orders)
    fields.send_keys("{")
    press(page, "#place", "Place")
    until(page, lambda: one(page, "#problem").is_displayed())
    assert before == len(emulator.state("zephyr").orders)

    fields.clear()
    fields.send_keys('{"id": "order_7", "status": "created"}')
    press(page, "#place", "Place")

    until(page, lambda: "order_7" == one(page, "#full").text)
    until(page, lambda: ["pay", "cancel"] == [button.text for button in many(page, "#transitions button")])


@pytest.mark.parametrize(
    ("text", "expected"),
    [("01hxy8", [PAID]), ("partially", []), ("nothing", [])],
)
def test_orders_are_found_by_id_and_status(page: Chrome, text: str, expected: list[str]) -> None:
    """Only those are shown, and all of them again once the field is empty."""
    whole = len(many(page, "#orders tbody tr"))
    one(page, "#search").send_keys(text)
    until(page, lambda: expected == [each.get_attribute("data-order") for each in many(page, "#orders tbody tr")])
    assert (not expected) == one(page, "#none").is_displayed()

    one(page, "#search").send_keys(Keys.CONTROL, "a", Keys.NULL, Keys.DELETE)
    until(page, lambda: whole == len(many(page, "#orders tbody tr")))
