"""Receiving a delivery beside verifying it alone: `python tests/bench/webhooks.py [--quick]`.

`Webhooks.receive` verifies, decodes and maps; Svix's own library does the first of the three. They take turns in one
process, so that the ratio of the medians is what counts and not the machine.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from collections.abc import Callable
from typing import Any

import msgspec
import svix.webhooks

from ordermux import Account, Crossmint, Cryptum, Zephyr
from ordermux.webhooks import Delivery, WebhookRejected, Webhooks, delivery
from support.document_checker import documents
from support.text_table import table

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
CROSSMINT = Crossmint(base_url="https://shop.example", webhook_secrets=SECRET)
ZEPHYR = Zephyr(api_key="unused", webhook_secrets=SECRET)
CRYPTUM = Cryptum(api_key="unused", store="store-1", webhook_secrets=SECRET)
GOAL = 3.0
"""How many times as long Svix's verification alone takes, at least, where `receive` is as good as it is to be."""
HOSTILE_GOAL = 0.1
"""In how many seconds a megabyte of Cryptum's is to be refused."""
PAYLOAD_BYTES = 2_000
HOSTILE_BYTES = 1_000_000
HOSTILE = {"quotes": b'"', "quotes and spaces": b' "', "spaces": b" ", "escaped quotes": b'\\" ', "one line": b'"a b" '}


def crossmint_body() -> bytes:
    """Return an event of a realistic size: the document's order, with what Crossmint adds to it for each item."""
    order: dict[str, Any] = dict(documents()["crossmint"].schemas["CrossmintOrder"].get("examples", [{}])[0])
    order.setdefault("orderId", "ed34a579-7fbc-4509-b8d8-9e61954cd555")
    item = {
        "metadata": {"name": "Leather Tote Bag", "imageUrl": "https://shop.example/images/tote.png"},
        "quote": {"status": "valid", "totalPrice": {"amount": "149.99", "currency": "usdc"}},
        "delivery": {"status": "in-progress", "recipient": {"email": "ana@example.com", "city": "Córdoba"}},
    }
    event: dict[str, Any] = {"type": "orders.delivery.initiated", "actionId": order["orderId"], "data": order}
    items = order["lineItems"] = [item]
    while len(msgspec.json.encode(event)) < PAYLOAD_BYTES:
        items.append(item)
    return msgspec.json.encode(event)


def zephyr_body() -> bytes:
    """Return the document's own event."""
    event = next(each for each in documents()["zephyr"].events if each.path == "order.refunded")
    return msgspec.json.encode(event.node["requestBody"]["content"]["application/json"]["example"])


def took(run: Callable[[], Any], calls: int) -> float:
    """Return the seconds of CPU that a call takes."""
    started = time.process_time()
    for _ in range(calls):
        run()
    return (time.process_time() - started) / calls


def compared(subjects: dict[str, Callable[[], Any]], rounds: int, calls: int) -> dict[str, float]:
    """Return each subject's median, in seconds; they take turns."""
    found: dict[str, list[float]] = {name: [] for name in subjects}
    for _ in range(rounds):
        for name, run in subjects.items():
            found[name].append(took(run, calls))
    return {name: statistics.median(values) for name, values in found.items()}


def receiving(webhooks: Webhooks, account: Account[Any], made: Delivery) -> Callable[[], Any]:
    """Return what receives a delivery: verified, decoded, mapped."""
    name, headers, body = account.name, made.headers, made.body
    return lambda: webhooks.receive(name, headers, body)


def verifying(verifier: svix.webhooks.Webhook, made: Delivery) -> Callable[[], Any]:
    """Return what verifies a delivery by Svix's library, and does nothing else."""
    headers, body = made.headers, made.body
    return lambda: verifier.verify(body, headers)


def refusing(webhooks: Webhooks, body: bytes) -> Callable[[], Any]:
    """Return what refuses a body that Cryptum did not sign."""
    headers = delivery(CRYPTUM, b"{}").headers

    def refuse() -> None:
        try:
            webhooks.receive("cryptum", headers, body)
        except WebhookRejected as rejected:
            if rejected.status == 401:
                return
        raise AssertionError("it is to be refused for its signature")

    return refuse


def main() -> int:
    """Print the figures; return 1 where a goal is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer rounds")
    rounds, calls = (5, 300) if parser.parse_args().quick else (25, 2_000)
    webhooks, verifier = Webhooks.of(CROSSMINT, ZEPHYR), svix.webhooks.Webhook(SECRET)
    larger = Webhooks.of(CRYPTUM, max_body=HOSTILE_BYTES)
    subjects: dict[str, Callable[[], Any]] = {}
    sizes: dict[str, int] = {}
    for account, body in ((CROSSMINT, crossmint_body()), (ZEPHYR, zephyr_body())):
        ours, theirs = delivery(account, body), delivery(CROSSMINT, body)
        assert webhooks.receive(account.name, ours.headers, body).native is not None
        sizes[account.name] = len(body)
        subjects[account.name] = receiving(webhooks, account, ours)
        subjects[f"svix, {account.name}"] = verifying(verifier, theirs)
    found = compared(subjects, rounds, calls)
    rows: list[list[str]] = []
    missed = False
    for provider, size in sizes.items():
        receive, verify = found[provider], found[f"svix, {provider}"]
        missed |= verify / receive < GOAL
        figures = [f"{receive * 1e6:.1f} us", f"{verify * 1e6:.1f} us", f"{verify / receive:.2f}", f"{GOAL:.1f}"]
        rows.append([provider, f"{size:,} bytes", *figures])
    hostile: list[list[str]] = []
    for name, unit in HOSTILE.items():
        body = (unit * (HOSTILE_BYTES // len(unit) + 1))[:HOSTILE_BYTES]
        seconds = statistics.median(took(refusing(larger, body), 1) for _ in range(5))
        missed |= seconds > HOSTILE_GOAL
        hostile.append([name, f"{seconds * 1e3:.1f} ms", f"{HOSTILE_GOAL * 1e3:.0f} ms"])
    print(f"CPU of one call, the median of {rounds} rounds of {calls} calls in turns:\n")
    print(table(["event", "size", "receive", "svix verify alone", "times as fast", "goal"], rows))
    print("\nA megabyte for Cryptum's signature, which leaves whitespace out:\n")
    print(table(["body", "refused in", "goal"], hostile))
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
