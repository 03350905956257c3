"""Throws deliveries at the receiver, most of them signed: only what is promised may come of them.

python tests/webhooks/fuzz.py [--inputs N] [--seed S] [--processes P]
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import hmac
import multiprocessing
import random
import re
import sys
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any, cast

import attrs
import msgspec

from ordermux import Account, Croissant, Crossmint, Cryptum, Zephyr
from ordermux.webhooks import EventKind, WebhookRejected, Webhooks
from support.document_checker import documents
from support.text_table import table

NOW = 1_700_000_000
MAX_BYTES = 100_000
ZEPHYR_SECRET = "whsec_01JZ8Q4T6V9XKMBN"
CROSSMINT_SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
CRYPTUM_SECRET = "9d2f4c8a7b6e5031"
ACCOUNTS: tuple[Account[Any], ...] = (
    Croissant(client_id="id", client_secret="unused"),
    Zephyr(api_key="unused", webhook_secrets=ZEPHYR_SECRET),
    Crossmint(base_url="https://shop.example", webhook_secrets=CROSSMINT_SECRET),
    Cryptum(api_key="unused", store="store-1", webhook_secrets=CRYPTUM_SECRET),
)
PROVIDERS = tuple(account.provider for account in ACCOUNTS)
TRUSTED = {"zephyr", "crossmint"}
"""Whose deliveries are signed with a time."""
_SVIX_KEY = base64.b64decode(CROSSMINT_SECRET.removeprefix("whsec_"))
_FROM_THE_END = re.compile(rb'("[^"]*(?:"|$))|[ \t\n\v\f\r]')


def receiver(*accounts: Account[Any], now: float = NOW, **options: Any) -> Webhooks:
    """Return what receives for the accounts, or for one of each provider, at a time of its own."""
    return Webhooks({account.name: account for account in accounts or ACCOUNTS}, clock=lambda: now, **options)


# Signatures by a second hand: nothing of the facade's takes part.


def zephyr_headers(body: bytes, stamp: str = str(NOW), secret: str = ZEPHYR_SECRET) -> dict[str, str]:
    """Return the header of a delivery of ZephyrCart's."""
    made = hmac.new(secret.encode(), stamp.encode() + b"." + body, hashlib.sha256).hexdigest()
    return {"X-ZephyrCart-Signature": f"t={stamp},v1={made}"}


def svix_headers(body: bytes, stamp: str = str(NOW), message: str = "msg_1", key: bytes = _SVIX_KEY) -> dict[str, str]:
    """Return the headers of a delivery of Crossmint's, by Svix."""
    made = hmac.new(key, f"{message}.{stamp}.".encode() + body, hashlib.sha256).digest()
    return {"svix-id": message, "svix-timestamp": stamp, "svix-signature": f"v1,{base64.b64encode(made).decode()}"}


def compacted(body: bytes) -> bytes:
    """Return a body without the whitespace outside of quotes, which are counted from its end."""
    return _FROM_THE_END.sub(lambda found: found[1] or b"", body[::-1])[::-1]


def cryptum_headers(body: bytes, secret: str = CRYPTUM_SECRET) -> dict[str, str]:
    """Return the header of a callback of Cryptum's."""
    made = hmac.new(secret.encode(), compacted(body), hashlib.sha256).digest()
    return {"x-webhook-signature": base64.b64encode(made).decode()}


SIGNED: dict[str, Callable[[bytes], dict[str, str]]] = {
    "croissant": lambda _: {},
    "zephyr": zephyr_headers,
    "crossmint": svix_headers,
    "cryptum": cryptum_headers,
}
"""The headers of a delivery that is the provider's."""


def examples() -> dict[str, list[bytes]]:
    """Return the documents' own examples of events, by provider, each once with whatever its schema may hold."""
    found: dict[str, list[bytes]] = {}
    for provider in PROVIDERS:
        document = documents()[provider]
        found[provider] = [
            msgspec.json.encode(event.node["requestBody"]["content"]["application/json"]["example"])
            for event in document.events
        ]
    order = documents()["crossmint"].schemas["CrossmintOrder"].get("examples", [{}])[0]
    named = [msgspec.json.decode(body) for body in found["crossmint"]]
    found["crossmint"] += [msgspec.json.encode({**event, "data": order}) for event in named]
    found["crossmint"] += [msgspec.json.encode({"type": event["type"], "payload": order}) for event in named]
    return found


ODD: tuple[Any, ...] = (
    *(None, True, False, 0, -1, 2**63, 2**64, -(2**63) - 1, 1.5, -0.0, 1e308, 5e-324),
    *("", " ", "a", "\x00", "\u202e", "🛒", "é" * 50, "x" * 3000, "2026-05-30T12:00:00", "0001-01-01T00:00:00+14:00"),
    *([], {}, [[]], [None] * 30, {"": ""}, {"id": {}}, {"type": "order.created"}, [{"orderId": 1}], "order.cancelled"),
    *("paid", "confirmed", "orders.delivery.failed", "payment.confirmed", "9" * 400, "**********", "<12 bytes>"),
)
RAW: tuple[bytes, ...] = (
    *(
        b"NaN",
        b"Infinity",
        b"-Infinity",
        b"1e999",
        b"-1e999",
        b"9" * 400,
        b"9" * 5000,
        b"0." + b"1" * 400,
        b"01",
        b"+1",
    ),
    *(b"[" * 200 + b"]" * 200, b"[" * 5000 + b"]" * 5000, b'{"a":' * 700 + b"1" + b"}" * 700, b"[" * 20000),
    *(b'"\\ud800"', b'"\\udc00\\ud800"', b'"\\u0000"', b'"\xff"', b'"\xc3"', b'"\xed\xa0\x80"', b'"\xf4\x90\x80\x80"'),
    *(b'"a\nb"', b'"\\x"', b"nul", b"", b"'a'", b"/**/1", b"undefined", b'"' + b"\\u00e9" * 200 + b'"'),
)
"""What stands in the place of a value, not all of it JSON."""
BEYOND = (b'{"a":' * 100, b"[" * 1000, b"9" * 4301)
"""What no Python, or not each, reads though it is JSON: it nests too deep, or has too many digits."""
_DIGITS = re.compile(rb"[0-9]{4301}")


def _is_beyond(body: bytes) -> bool:
    """Return whether a body has one of those in it; a mutation may have changed a digit of a long number."""
    return any(each in body for each in BEYOND) or _DIGITS.search(body) is not None


EDGES: tuple[bytes, ...] = (
    *(
        b"",
        b" ",
        b"\n",
        b"\xef\xbb\xbf",
        b"\xff\xfe",
        b"\x00",
        b"{",
        b"}",
        b'"',
        b",",
        b"null",
        b"<12 bytes>",
        b"\x1f\x8b",
    ),
)
_MARK = "\ue000mark\ue000"
_MARKED = msgspec.json.encode(_MARK)
HEADERS: tuple[Any, ...] = (
    *("", " ", "t=", "v1=", "t=,v1=", "t=1700000000", f"t={NOW},v1=", f"t={NOW},t={NOW},v1=00", "t=1e9,v1=00", "v1,"),
    *(
        "v1",
        "v1,%%%",
        "v1,é",
        "v1,\ud800",
        "\ud800",
        "\x00",
        "a" * 5000,
        "," * 3000,
        " " * 3000,
        "=" * 3000,
        "t=٣,v1=٣",
    ),
    *(
        "v1,AAAA v1,BBBB",
        "v2,AAAA",
        str(NOW),
        str(NOW + 10**6),
        "-1",
        "9" * 13,
        "9" * 5000,
        "nan",
        "1e3",
        " 1700000000",
    ),
    *(None, 5, 1.5, b"\xff", b"", [], ["v1,"], {}, object(), bytearray(b"v1,"), NOW, True),
)

NO_HEADERS: tuple[Any, ...] = (
    *(None, 5, "ab", ["ab", 5], [()], [("a",)], [("a", "b", "c")], {5: 5}, {None: None}, b"x", [[]]),
)


HOSTILE_FORMS: tuple[Callable[[dict[str, Any]], Any], ...] = (
    *[dict] * 4,
    lambda headers: list(headers.items()),
    lambda headers: [*headers.items(), *headers.items()],
    lambda headers: {f"HTTP_{name.upper().replace('-', '_')}": value for name, value in headers.items()},
    lambda headers: {name: [value] for name, value in headers.items()},
    lambda headers: {"headers": headers},
    lambda headers: [part for pair in headers.items() for part in pair],
)


def places(tree: Any) -> Iterator[tuple[Any, Any]]:
    """Yield each container with each of its keys or indexes."""
    keys: list[Any] = []
    if isinstance(tree, dict):
        keys += cast("dict[str, Any]", tree)
    if isinstance(tree, list):
        keys += range(len(tree))  # pyright: ignore[reportUnknownArgumentType]
    for key in keys:
        yield tree, key
        yield from places(tree[key])


def _changed(random_: random.Random, body: bytes) -> bytes:
    """Return an event's body with one to three changes of its JSON."""
    raw, tree = b"", msgspec.json.decode(body)
    for _ in range(random_.choice((1, 1, 2, 3))):
        found = list(places(tree))
        if not found:
            break
        container, key = random_.choice(found)
        change = random_.random()
        if change < 0.5:
            container[key] = random_.choice(ODD) if change < 0.35 else _MARK
            raw = raw if change < 0.35 else random_.choice(RAW)
        elif change < 0.7:
            del container[key]
        elif change < 0.8:
            container[key] = [container[key]]
        elif change < 0.9 and isinstance(container, dict):
            container[random_.choice(("id", "type", "data", "event", "x", ""))] = random_.choice(ODD)
        else:
            other, there = random_.choice(found)
            container[key] = other[there] if isinstance(other[there], str | int) else str(key)
        tree = msgspec.json.decode(msgspec.json.encode(tree))  # since what is odd is shared, and must not be changed
    return msgspec.json.encode(tree).replace(_MARKED, raw)


def mutated(random_: random.Random, body: bytes) -> bytes:
    """Return an event's body, most of the time with changes of its JSON, and now and then with one of its bytes."""
    if random_.random() < 0.85:
        body = _changed(random_, body)
    change, at = random_.random(), random_.randrange(len(body) + 1)
    if change < 0.06:
        return body[:at]
    if change < 0.12:
        return body[:at] + bytes([random_.randrange(256)]) + body[at + 1 :]
    if change < 0.16:
        return body[:at] + random_.choice((*EDGES, b" \t\r\n\v\f")) + body[at:]
    if change < 0.20:  # a member twice, the first or the last of which is another
        name = random_.choice((b"type", b"data", b"id", b"event", b"orderId", b"status"))
        member = b'"%b":%b' % (name, msgspec.json.encode(random_.choice(ODD)))
        return b"{" + member + b"," + body[1:] if random_.random() < 0.5 else body[:-1] + b"," + member + b"}"
    if change < 0.22:
        return random_.choice((*EDGES, *RAW, random_.randbytes(random_.randrange(60))))
    return body


@attrs.frozen
class Input:
    """One delivery, and whether it is signed as the provider would."""

    provider: str
    headers: Any
    body: Any
    kind: str
    """`signed`, `forged` or `hostile`."""


def made(random_: random.Random, bodies: dict[str, list[bytes]]) -> Input:
    """Return a delivery of a random provider."""
    provider = random_.choice(PROVIDERS)
    body = mutated(random_, random_.choice(bodies[provider]))
    headers: Any = SIGNED[provider](body)
    chance = random_.random()
    if chance < 0.72:
        return Input(
            provider, shaped(random_, headers), random_.choice((bytes, bytes, bytearray, memoryview))(body), "signed"
        )
    if chance < 0.8:
        return Input(provider, shaped(random_, headers), body + b" x", "forged")
    for name in list(headers) or ["x-webhook-signature"]:
        if random_.random() < 0.6:
            value: Any = random_.choice(HEADERS)
            if isinstance(value, str) and random_.random() < 0.3:
                value = headers.get(name, "") + random_.choice((" ", ",", "")) + value
            headers[name] = value
    hostile: Any = random_.choice(HOSTILE_FORMS)(headers)
    if random_.random() < 0.15:
        hostile = random_.choice(NO_HEADERS)
    return Input(provider, hostile, body, "hostile")


def shaped(random_: random.Random, headers: dict[str, str]) -> Any:
    """Return headers in one of the forms in which they come."""
    headers = _of_families(random_, headers)
    form = random_.randrange(5)
    if form == 0:
        return headers
    if form == 1:
        return {name.upper(): value for name, value in headers.items()}
    if form == 2:
        return [("Host", "shop.example"), *headers.items()]
    if form == 3:
        return {name.encode(): value.encode() for name, value in headers.items()}
    return [(name.lower().encode(), value.encode()) for name, value in headers.items()]


def _of_families(random_: random.Random, headers: dict[str, str]) -> dict[str, str]:
    """Return headers with, of Svix' two families, the one, the other, or both, of which one does not count."""
    if "svix-id" not in headers:
        return headers
    other = {name.replace("svix", "webhook"): value for name, value in headers.items()}
    change = random_.randrange(5)
    if change == 0:
        return other
    if change == 1:
        return {**headers, **other}
    if change == 2:
        return {**headers, **dict.fromkeys(other, "nonsense")}
    if change == 3:
        return {**other, random_.choice(list(headers)): "nonsense"}
    return headers


def outcome(webhooks: Webhooks, given: Input) -> str:
    """Return what came of a delivery, in a word; whatever is not promised is an AssertionError, or leaves as it is."""
    try:
        event = webhooks.receive(given.provider, given.headers, given.body)
    except WebhookRejected as rejected:
        if given.kind == "signed":
            assert rejected.status in {400, 413}, "what the provider signed is not refused for its signature"
        elif given.kind == "forged" and given.provider != "croissant":
            assert rejected.status in {401, 413}, "what is forged is refused for its signature"
        if len(given.body) > 12:
            assert bytes(given.body)[:12] not in str(rejected).encode(), "a refusal shows nothing of the body"
        return f"rejected {rejected.status}"
    assert given.kind != "forged" or given.provider == "croissant", "what is forged is refused"
    assert (given.provider in TRUSTED) == event.trusted
    assert event.trusted or event.status == type(event.status)(), "what is not trusted says nothing"
    assert event.kind is not EventKind.UNKNOWN or event.native is None
    assert isinstance(event.raw, dict) or _is_beyond(bytes(given.body)), "all else is shown as JSON"
    assert event.id
    counted = compacted(bytes(given.body)) if given.provider == "cryptum" else given.body
    assert hashlib.sha256(counted).hexdigest() == event.digest
    assert (event.occurred_at or event.received_at).tzinfo is not None
    repr(event)
    if event.kind is EventKind.UNKNOWN:
        return "an event of unknown kind"
    return "an event" if event.native is not None else "an event that is not as documented"


def run(inputs: int, seed: int, first: int = 0) -> tuple[Counter[tuple[str, str, str]], list[str]]:
    """Return how often each outcome came, by provider and kind of input, and what must not come."""
    counts: Counter[tuple[str, str, str]] = Counter()
    problems: list[str] = []
    bodies, webhooks = examples(), receiver(max_body=MAX_BYTES)
    random_ = random.Random(f"{seed}/{first}")
    for number in range(inputs):
        given = made(random_, bodies)
        try:
            found = outcome(webhooks, given)
        except Exception as error:
            found = f"FOREIGN {type(error).__name__}"
            if len(problems) < 3:
                where = f"input {number} of part {first}, seed {seed}: {given.kind}, {given.provider}"
                problems.append(
                    f"{where}\n{given.headers!r:.300}\n{bytes(given.body)!r:.500}\n{traceback.format_exc(limit=-3)}"
                )
        counts[given.provider, given.kind, found] += 1
    return counts, problems


def main() -> int:
    """Print the seed, the counts of outcomes and what must not come; return 1 where there is any of that."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--inputs", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**9))
    parser.add_argument("--processes", type=int, default=2)
    options = parser.parse_args()
    started = time.perf_counter()
    share, rest = divmod(options.inputs, options.processes)
    parts = [(share + (number < rest), options.seed, number) for number in range(options.processes)]
    with multiprocessing.get_context("spawn").Pool(options.processes) as pool:
        found = pool.starmap(run, parts)
    counts = sum((counts for counts, _ in found), Counter[tuple[str, str, str]]())
    problems = [problem for _, more in found for problem in more]
    foreign = sum(count for (_, _, told), count in counts.items() if told.startswith("FOREIGN"))
    kinds = ("signed", "forged", "hostile")
    rows = [
        [provider, told, *(f"{counts[provider, kind, told]:,}" for kind in kinds)]
        for provider in PROVIDERS
        for told in sorted({told for where, _, told in counts if where == provider})
    ]
    lines = [
        f"{counts.total():,} deliveries, seed {options.seed}, in {time.perf_counter() - started:.0f} s:",
        "",
        table(["provider", "what came of it", *kinds], rows),
        "",
        f"{foreign} foreign exceptions, or outcomes that must not be.",
        *problems,
    ]
    sys.stdout.write("\n".join(lines) + "\n")
    return 1 if foreign else 0


if __name__ == "__main__":
    sys.exit(main())
