"""The two families of headers that Svix signs with, and how many signatures a header may have."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest
import svix.webhooks
from webhooks.fuzz import CROSSMINT_SECRET, examples, receiver, svix_headers, zephyr_headers

from ordermux.webhooks import Event, Inbox, WebhookRejected

BODY = examples()["crossmint"][0]
PARTS = ("id", "timestamp", "signature")
ZEPHYR_BODY = examples()["zephyr"][0]


def family(name: str, message: str = "msg_1", body: bytes = BODY) -> dict[str, str]:
    """Return the headers of one family, signed by a second hand."""
    return {
        f"{name}-{header.partition('-')[2]}": value for header, value in svix_headers(body, message=message).items()
    }


def without(headers: dict[str, str], *parts: str) -> dict[str, str]:
    """Return headers without some parts."""
    return {name: value for name, value in headers.items() if name.partition("-")[2] not in parts}


def received(headers: Any) -> str:
    """Return the id of what is taken, or why it is refused."""
    try:
        return receiver().receive("crossmint", headers, BODY).id
    except WebhookRejected as rejected:
        assert 401 == rejected.status
        return str(rejected.args[0])


FORGED = "the signature is not the provider's"
SVIX, PLAIN = family("svix"), family("webhook")


@pytest.mark.parametrize("headers", [SVIX, PLAIN, {**SVIX, **PLAIN}, {**PLAIN, **SVIX}])
def test_either_family_is_taken_and_both(headers: dict[str, str]) -> None:
    """Crossmint sends both on one delivery."""
    assert "msg_1" == received(headers)


def test_of_two_whole_families_svixs_own_counts() -> None:
    """What the other says is not looked at, as in Svix' libraries; the id that is signed in it is the event's."""
    other = family("webhook", "msg_2")
    assert "msg_1" == received({**SVIX, **other})
    assert "msg_2" == received({**family("svix", "msg_2"), **PLAIN})
    assert "msg_1" == received({**SVIX, **dict.fromkeys(other, "nonsense")})


def test_of_two_whole_families_the_other_does_not_help() -> None:
    """A right signature in the one does not prove a wrong one in the other."""
    assert FORGED == received({**family("svix", body=b"{}"), **PLAIN})


@pytest.mark.parametrize("missing", [*PARTS, "id timestamp", "id signature", "timestamp signature"])
@pytest.mark.parametrize("empty", [False, True])
def test_where_svixs_own_family_is_not_whole_the_other_counts(missing: str, empty: bool) -> None:  # noqa: FBT001
    """All of it, the id too, however much there is of the first; what is empty is not there."""
    headers = {**without(SVIX, *missing.split()), **family("webhook", "msg_2")}
    if empty:
        headers |= {f"svix-{part}": "" for part in missing.split()}
    assert "msg_2" == received(headers)


@pytest.mark.parametrize("missing", PARTS)
def test_where_the_other_family_is_not_whole_svixs_own_counts(missing: str) -> None:
    """However much there is of the other."""
    assert "msg_1" == received({**without(family("webhook", "msg_2"), missing), **SVIX})


@pytest.mark.parametrize("renamed", [("id",), ("timestamp",), ("signature",), ("id", "timestamp")])
def test_where_neither_family_is_whole_their_parts_are_taken_together(renamed: tuple[str, ...]) -> None:
    """As in Svix' library for Python; all of them are signed, so that no mixture proves what nobody signed."""
    rest = tuple(part for part in PARTS if part not in renamed)
    assert "msg_1" == received({**without(SVIX, *renamed), **without(PLAIN, *rest)})


@pytest.mark.parametrize("kept", ["id", "signature"])
def test_parts_of_two_messages_prove_nothing(kept: str) -> None:
    """The id of the one with the signature of the other."""
    rest = [part for part in PARTS if part != kept]
    assert FORGED == received({**without(SVIX, *rest), **without(family("webhook", "msg_2"), kept)})


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize("headers", [SVIX, PLAIN])
def test_a_part_that_neither_family_has_is_missing(headers: dict[str, str], part: str) -> None:
    """There is nothing to verify with then."""
    assert f"the header svix-{part} is missing" == received(without(headers, part))


@pytest.mark.parametrize("name", [*SVIX, *PLAIN])
@pytest.mark.parametrize("value", ["the same", "another"])
def test_a_name_that_is_there_twice_is_refused(name: str, value: str) -> None:
    """Which of the two another reader takes is not guessed, even of the family that does not count."""
    both = {**SVIX, **PLAIN}
    again = (name.upper(), both[name] if value == "the same" else "x")
    assert f"the header {name} is there twice" == received([*both.items(), again])


FORMS: dict[str, Callable[[dict[str, str]], Any]] = {
    "upper case": lambda headers: {name.upper(): value for name, value in headers.items()},
    "title case": lambda headers: {name.title(): value for name, value in headers.items()},
    "a mapping of bytes": lambda headers: {name.encode(): value.encode() for name, value in headers.items()},
    "pairs": lambda headers: list(headers.items()),
    "lists of bytes": lambda headers: [[name.encode(), value.encode()] for name, value in headers.items()],
}


@pytest.mark.parametrize("form", FORMS)
def test_both_families_come_in_any_form(form: str) -> None:
    """The rule does not depend on it."""
    assert "msg_1" == received(FORMS[form]({**SVIX, **family("webhook", "msg_2")}))
    assert "msg_2" == received(FORMS[form]({**without(SVIX, "id"), **family("webhook", "msg_2")}))


def test_an_event_is_one_by_whichever_family_it_comes() -> None:
    """A proxy that leaves out one of them has nothing handled again."""
    handled: list[Event] = []
    inbox = Inbox(receiver(), handled.append)
    for headers in (SVIX, PLAIN, {**SVIX, **PLAIN}, {**without(SVIX, "id"), **PLAIN}):
        assert 204 == inbox.respond("crossmint", headers, BODY).status
    assert ["msg_1"] == [event.id for event in handled]


STATES = ("whole", "absent", *PARTS)
"""What there is of a family: all, nothing, or all but a part."""


@pytest.mark.parametrize("plain", STATES)
@pytest.mark.parametrize("own", STATES)
def test_svixs_library_takes_and_refuses_the_same(own: str, plain: str) -> None:
    """Whatever there is of the two families of one delivery."""
    now = time.time()
    made = svix_headers(BODY, stamp=str(int(now)))
    headers: dict[str, str] = {}
    for name, state in (("svix", own), ("webhook", plain)):
        parts = () if state == "absent" else [part for part in PARTS if part != state]
        headers |= {f"{name}-{part}": made[f"svix-{part}"] for part in parts}
    assert _takes(lambda: receiver(now=now).receive("crossmint", headers, BODY)) == _takes(
        lambda: svix.webhooks.Webhook(CROSSMINT_SECRET).verify(BODY, headers)
    )


def _takes(verify: Callable[[], object]) -> bool:
    try:
        verify()
    except (WebhookRejected, svix.webhooks.WebhookVerificationError):
        return False
    return True


# How many signatures.


@pytest.mark.parametrize("before", [49, 50, 51, 500, 1300])
def test_any_number_of_signatures_is_looked_at(before: int) -> None:
    """A header with many of them is no forgery; what bounds them is its length."""
    other = f"v1,{'A' * 43}="
    assert "msg_1" == received({**SVIX, "svix-signature": " ".join([other] * before + [SVIX["svix-signature"]])})
    right = zephyr_headers(ZEPHYR_BODY)["X-ZephyrCart-Signature"]
    header = ",".join([*[f"v1={'0' * 32}"] * before, right])
    assert receiver().receive("zephyr", {"X-ZephyrCart-Signature": header}, ZEPHYR_BODY).trusted


@pytest.mark.parametrize("extra", [0, 1])
def test_a_header_is_bounded_by_its_length(extra: int) -> None:
    """65,536 characters, which is what common servers take of all headers together."""
    right = SVIX["svix-signature"]
    header = "x" * (65_536 - len(right) - 1 + extra) + " " + right
    told = "the header svix-signature has more than 65536 characters" if extra else "msg_1"
    assert told == received({**SVIX, "svix-signature": header})


def test_many_signatures_take_no_long_time() -> None:
    """As many as a header can have are compared, while one is signed."""
    started = time.process_time()
    assert FORGED == received({**SVIX, "svix-signature": "v1, " * 16_000})
    assert time.process_time() - started < 1
