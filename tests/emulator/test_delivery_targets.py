"""Where the emulator delivers to and with which secret, and deliveries over HTTP."""

from __future__ import annotations

import attrs
import httpx
import pytest

from ordermux.emulator import Emulator
from ordermux.emulator.deliveries import is_local
from ordermux.providers.zephyr import emulator as zephyr
from ordermux.webhooks import Webhooks
from support.event_receivers import Receiver, numbers, post, receiving, update

# The shop's own URLs.


@pytest.mark.slow
def test_zephyrs_own_endpoints(emulator: Emulator) -> None:
    """They get the events that they asked for, signed with the secret that they were told."""
    with receiving() as nobody:
        made = post(
            emulator, "/zephyr/v1/webhook_endpoints", {"url": nobody.url + "/zephyr", "events": ["order.refunded"]}
        )
        shop = next(each for each in emulator.accounts() if each.name == "zephyr")
        account = attrs.evolve(shop, webhook_secrets=made.json()["signing_secret"])
        update(emulator)
        post(emulator, f"/zephyr/v1/orders/{zephyr.SAMPLE_ORDER}/refunds", {"amount_cents": 1, "reason": "duplicate"})
        emulator.wait_for_deliveries()
    [(_, headers, body)] = nobody.asked
    assert "order.refunded" == Webhooks.of(account).receive("zephyr", headers, body).name


@pytest.mark.slow
def test_cryptums_callbacks_are_switched_on(emulator: Emulator) -> None:
    """An order's own URL is left alone until then."""
    state = emulator.state("cryptum")
    with receiving(*emulator.accounts()) as told:
        for switched in (False, True):
            emulator.world.outbox.callbacks = switched
            state.confirm(state.place(callbackUrl=f"{told.url}/cryptum")["id"])
            emulator.wait_for_deliveries()
    assert ["OrderNotification"] == told.ids()


SECRETS = {
    "zephyr": "whsec_of_a_shop_of_ones_own",
    "crossmint": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
    "cryptum": "a-secret-of-ones-own-long-enough",
}


@pytest.mark.slow
@pytest.mark.parametrize("provider", SECRETS)
@pytest.mark.parametrize("over_http", [False, True])
def test_events_may_be_signed_with_a_secret_of_ones_own(
    emulator: Emulator,
    provider: str,
    over_http: bool,  # noqa: FBT001
) -> None:
    """Which its receiver has, and the emulator's own accounts do not."""
    [account] = [each for each in emulator.accounts() if each.provider == provider]
    with receiving(attrs.evolve(account, webhook_secrets=SECRETS[provider])) as own, receiving(account) as usual:
        for receiver in (own, usual):
            url = f"{receiver.url}/{provider}"
            if over_http:
                asked = {"url": url, "provider": provider, "secret": SECRETS[provider]}
                assert 200 == httpx.post(f"{emulator.address}/_emulator/webhooks", json=asked).status_code
            else:
                emulator.deliver_to(url, provider, secret=SECRETS[provider])
        state = emulator.state(provider)
        order_id = next(name for name in state.orders if state.transitions(name))
        state.transition(order_id, state.transitions(order_id)[-1])
        emulator.wait_for_deliveries()
    assert ([204], True) == (own.answers, usual.answers in ([400], [401]))


@pytest.mark.parametrize(("provider", "secret"), [("crossmint", "short"), ("crossmint", "whsec_!"), ("zephyr", "")])
def test_a_secret_that_is_none_of_the_provider_s_is_refused(emulator: Emulator, provider: str, secret: str) -> None:
    """Nothing would be delivered that anybody can check."""
    with pytest.raises(ValueError, match="secret"):
        emulator.deliver_to("http://127.0.0.1:9/", provider, secret=secret)
    assert [] == emulator.world.outbox.targets


LOCAL = ["http://127.0.0.1:1/", "https://127.9.9.9/", "http://localhost/x", "http://[::1]:8/"]
FAR = [
    "http://example.com/",
    "http://127.0.0.1.example.com/",
    "http://10.0.0.1/",
    "ftp://127.0.0.1/",
    "http:///",
    "x",
    "http://[/",
]


@pytest.mark.parametrize(("url", "expected"), [*((url, True) for url in LOCAL), *((url, False) for url in FAR)])
def test_what_is_local(url: str, expected: bool) -> None:  # noqa: FBT001
    """Http and https on the loopback interface."""
    assert expected == is_local(url)


def test_nothing_leaves_the_machine(emulator: Emulator) -> None:
    """A far URL is refused, or blocked where the provider has to take it, and no delivery again helps."""
    with pytest.raises(ValueError, match="on the loopback interface only"):
        emulator.deliver_to("http://example.com/")
    post(emulator, "/zephyr/v1/webhook_endpoints", {"url": "https://shop.example/", "events": ["order.updated"]})
    update(emulator)
    emulator.wait_for_deliveries()
    [delivery] = emulator.world.outbox.deliveries
    with pytest.raises(ValueError, match="is not local"):
        emulator.world.outbox.redeliver(delivery.number)
    assert ("blocked", []) == (delivery.state, delivery.attempts)


@pytest.mark.parametrize(("url", "secret"), [("http://127.0.0.1:9/", "\ud800"), ("http://127.0.0.1:9/\ud800", None)])
def test_what_cannot_be_encoded_is_refused(emulator: Emulator, url: str, secret: str | None) -> None:
    """Nothing could ever be sent with it."""
    with pytest.raises(ValueError, match="cannot be encoded"):
        emulator.world.outbox.deliver_to(url, "zephyr", secret=secret)
    assert [] == emulator.world.outbox.targets


def test_far_urls_are_taken_where_that_is_wanted() -> None:
    """By a switch of the emulator's."""
    with Emulator(deliver_anywhere=True) as emulator:
        emulator.deliver_to("http://example.com/")
        assert 4 == len(emulator.world.outbox.targets)
        emulator.deliver_to("http://example.com/", world="x")


# Over HTTP.


@pytest.mark.slow
def test_all_of_it_over_http(emulator: Emulator) -> None:
    """Registered, disturbed, looked at and delivered again by the control."""
    at = f"{emulator.address}/_emulator"
    with receiving(*emulator.accounts()) as told:
        made = httpx.post(f"{at}/webhooks", json={"url": told.url + "/{provider}", "provider": "zephyr"}).json()
        assert [{"url": f"{told.url}/zephyr", "provider": "zephyr", "events": None}] == made["webhooks"]
        waiting = httpx.post(f"{at}/delivery_faults", json={"kind": "drop", "provider": "zephyr"}).json()
        assert [{"provider": "zephyr", "kind": "drop", "times": 1}] == waiting["delivery_faults"]
        update(emulator, 7)
        emulator.wait_for_deliveries()
        [lost] = httpx.get(f"{at}/deliveries").json()["deliveries"]
        assert ("dropped", "order.updated", "7") == (
            lost["state"],
            lost["event"],
            lost["body"]["data"]["metadata"]["n"],
        )
        httpx.post(f"{at}/redeliver", json={"delivery": lost["number"]})
        emulator.wait_for_deliveries()
        assert [7] == numbers(told)
        httpx.delete(f"{at}/webhooks")
        update(emulator, 8)
        emulator.wait_for_deliveries()
        assert [7] == numbers(told)
    order = f"zephyr:{zephyr.SAMPLE_ORDER}"
    entries = httpx.get(f"{at}/timeline", params={"order": order}).json()["timeline"]
    [attempt] = [entry["detail"] for entry in entries if entry["kind"] == "delivery"]
    assert (204, "delivered", 1) == (attempt["status"], attempt["state"], attempt["attempt"])


def test_no_secret_is_told_with_a_delivery(emulator: Emulator, receiver: Receiver) -> None:
    """Neither by the control nor by a repr."""
    update(emulator)
    emulator.wait_for_deliveries()
    at = f"{emulator.address}/_emulator"
    shown = httpx.get(f"{at}/deliveries").text + httpx.get(f"{at}/webhooks").text
    shown += repr(emulator.world.outbox.deliveries) + repr(emulator.world.outbox.targets) + repr(receiver.asked[0][0])
    assert "whsec_" not in shown
