"""Credentials and webhook secrets of accounts: what cannot be one is refused at once, by name, and never shown."""

from __future__ import annotations

import base64
import pickle
import traceback
import warnings
from typing import Any

import attrs
import pytest

import ordermux_croissant
import ordermux_crossmint
import ordermux_cryptum
import ordermux_zephyr
from ordermux import (
    Account,
    Croissant,
    Crossmint,
    Cryptum,
    InvalidArgument,
    MissingSetting,
    OrdermuxError,
    WeakSecretWarning,
    Zephyr,
    from_env,
)
from ordermux.emulator import Emulator
from ordermux.webhooks import Inbox, Webhooks, delivery
from support.typed_client_answers import CANARY

NEEDED: dict[type[Account[Any]], dict[str, str]] = {
    Croissant: {"client_id": "id", "client_secret": "key"},
    Zephyr: {"api_key": "key"},
    Crossmint: {"base_url": "http://shop.test"},
    Cryptum: {"api_key": "key", "store": "store"},
}
CREDENTIALS: list[tuple[type[Account[Any]], str]] = [
    *((Croissant, name) for name in ("client_id", "client_secret")),
    (Zephyr, "api_key"),
    *((Crossmint, name) for name in ("jwt", "refresh_token")),
    *((Cryptum, name) for name in ("api_key", "store")),
]
SECRET: dict[type[Account[Any]], Any] = {
    Croissant: ordermux_croissant.Secret,
    Zephyr: ordermux_zephyr.Secret,
    Crossmint: ordermux_crossmint.Secret,
    Cryptum: ordermux_cryptum.Secret,
}
BLANK = ["", " ", "\t", "\r\n", "\u00a0", "\u2003 "]


def made(kind: type[Account[Any]], **settings: Any) -> Any:
    """Return an account with what it needs."""
    return kind(**{**NEEDED[kind], **settings})


def refusal(kind: type[Account[Any]], hidden: str = CANARY, **settings: Any) -> str:
    """Return what an account is refused with, which shows nothing of the value, in no frame of ours either."""
    with warnings.catch_warnings(), pytest.raises(InvalidArgument) as caught:
        warnings.simplefilter("error")
        made(kind, **settings)
    assert InvalidArgument is type(caught.value)
    ours = [frame for frame, _ in traceback.walk_tb(caught.tb) if "/ordermux/" in frame.f_code.co_filename]
    shown = [repr(value) for frame in ours for value in frame.f_locals.values()]
    assert [] == [text for text in (str(caught.value), repr(caught.value), *shown) if hidden in text]
    return str(caught.value)


def variable(kind: type[Account[Any]], name: str) -> str:
    """Return the variable of a setting."""
    return f"ORDERMUX_{kind.provider.upper()}_{name.upper()}"


# Credentials.


@pytest.mark.parametrize("value", BLANK)
@pytest.mark.parametrize(("kind", "name"), CREDENTIALS)
def test_a_credential_that_is_empty_is_refused(kind: type[Account[Any]], name: str, value: str) -> None:
    """The setting and its variable are named; whether it is text or the package's Secret."""
    told = f"{name} of {kind.provider} ({variable(kind, name)}) is empty"
    assert told == refusal(kind, hidden="\0", **{name: value})
    if name in kind.secrets:
        assert told == refusal(kind, hidden="\0", **{name: SECRET[kind](value)})


@pytest.mark.parametrize(
    "value",
    [7, 0, False, b"key", CANARY.encode(), [CANARY], {"key": CANARY}, object()],
    ids=lambda value: type(value).__name__,
)
@pytest.mark.parametrize(("kind", "name"), CREDENTIALS)
def test_a_credential_that_is_no_text_is_refused(kind: type[Account[Any]], name: str, value: Any) -> None:
    """The message names the type that it has instead, and shows nothing of it."""
    told = f"{name} of {kind.provider} ({variable(kind, name)}) is text, not {type(value).__name__}"
    assert told == refusal(kind, hidden=CANARY if name in kind.secrets else "\0", **{name: value})


@pytest.mark.parametrize(("kind", "name"), [each for each in CREDENTIALS if each[0] is not Crossmint])
def test_a_credential_that_is_needed_is_not_none(kind: type[Account[Any]], name: str) -> None:
    """As it is if a variable of the environment was looked up that is not there."""
    absent: Any = {name: None}
    assert refusal(kind, **absent).endswith(f"({variable(kind, name)}) is text, not NoneType")


def test_a_cookie_that_is_not_needed_may_be_none() -> None:
    """An account that only receives webhooks has none."""
    assert (None, None) == (made(Crossmint, jwt=None).jwt, made(Crossmint).refresh_token)


@pytest.mark.parametrize("value", BLANK[1:])
@pytest.mark.parametrize(("kind", "name"), CREDENTIALS)
def test_a_blank_variable_is_refused(kind: type[Account[Any]], name: str, value: str) -> None:
    """One by one, and among all accounts of the environment; a named account's variable is its own."""
    environ = {variable(kind, each): text for each, text in {**NEEDED[kind], name: value}.items()}
    told = f"{name} of {kind.provider} ({variable(kind, name)}) is empty"
    for make in (lambda: kind.from_env(environ=environ), lambda: from_env(environ)):
        with pytest.raises(InvalidArgument) as caught:
            make()
        assert told == str(caught.value)
    named = {each.replace(kind.provider.upper(), f"{kind.provider.upper()}_EU"): text for each, text in environ.items()}
    with pytest.raises(InvalidArgument, match=f"{kind.provider.upper()}_EU_{name.upper()}"):
        kind.from_env(f"{kind.provider}-eu", named)


@pytest.mark.parametrize(("kind", "name"), CREDENTIALS)
def test_a_credential_cannot_become_empty_later(kind: type[Account[Any]], name: str) -> None:
    """An account with something changed is looked at as a new one is."""
    with pytest.raises(InvalidArgument, match=f"{name} of "):
        attrs.evolve(made(kind), **{name: " "})


@pytest.mark.parametrize(("kind", "name"), [each for each in CREDENTIALS if each[1] in each[0].secrets])
def test_a_secret_of_another_package_is_the_same(kind: type[Account[Any]], name: str) -> None:
    """Its text is what counts."""
    for other in SECRET.values():
        assert made(kind, **{name: "key"}) == made(kind, **{name: other("key")})


@pytest.mark.parametrize("kind", NEEDED)
def test_an_account_that_a_pickle_took_the_secrets_of_may_get_others(kind: type[Account[Any]]) -> None:
    """Those that were lost say so when they are used, and not when another setting is changed."""
    whole = made(kind, webhook_secrets=RIGHT[kind], **dict.fromkeys(kind.secrets, CANARY))
    restored = pickle.loads(pickle.dumps(whole))
    renamed = attrs.evolve(restored, name="other")
    assert "other" == renamed.name
    given = {name: getattr(whole, name) for name in (*kind.secrets, "webhook_secrets")}
    assert whole == attrs.evolve(renamed, name=whole.name, **given)


# Webhook secrets.

KEY = b"0123456789abcdef"
RIGHT: dict[type[Account[Any]], str] = {
    Zephyr: "whsec_0123456789abcdef",
    Crossmint: f"whsec_{base64.b64encode(KEY).decode()}",
    Cryptum: "0123456789abcdef",
    Croissant: "0123456789abcdef",
}
"""A secret of each provider's form with 16 bytes of key."""
NEXT: dict[type[Account[Any]], str] = {
    Zephyr: "whsec_fedcba9876543210",
    Crossmint: f"whsec_{base64.b64encode(KEY[::-1]).decode()}",
    Cryptum: "fedcba9876543210",
    Croissant: "fedcba9876543210",
}
SIGNERS = (Zephyr, Crossmint, Cryptum)
ASKED = "webhook_secrets of {} ({})"


def revealed(account: Account[Any]) -> list[str]:
    """Return the webhook secrets of an account."""
    return [secret.reveal() for secret in account.webhook_secrets]


AROUND = [
    "{}",
    " {}",
    "{} ",
    "{}\n",
    "{}\r\n",
    "\t{}\t",
    "\ufeff{}",
    "\ufeff {}\n",
    "\u00a0{}\u00a0",
    "{}\u200b",
    "\u2028{}",
]


@pytest.mark.parametrize("around", AROUND)
@pytest.mark.parametrize("kind", SIGNERS)
def test_what_is_around_a_webhook_secret_is_no_part_of_it(kind: type[Account[Any]], around: str) -> None:
    """Of a file, a chat or a careless list, as text, in a list, as a Secret and from the environment."""
    old, new = (around.format(secrets[kind]) for secrets in (RIGHT, NEXT))
    environ = {variable(kind, name): value for name, value in NEEDED[kind].items()}
    accounts = [
        made(kind, webhook_secrets=f"{old},{new}"),
        made(kind, webhook_secrets=[old, new]),
        made(kind, webhook_secrets=(SECRET[kind](old), new)),
        kind.from_env(environ={**environ, variable(kind, "webhook_secrets"): f"{old},{new}"}),
    ]
    assert [[RIGHT[kind], NEXT[kind]]] * 4 == [revealed(each) for each in accounts]
    assert (
        [RIGHT[kind]]
        == revealed(made(kind, webhook_secrets=old))
        == revealed(made(kind, webhook_secrets=SECRET[kind](old)))
    )


@pytest.mark.parametrize("kind", SIGNERS)
def test_both_of_two_secrets_with_a_space_between_verify(kind: type[Account[Any]]) -> None:
    """`old, new` was taken, and answered what the new one signed with 401 for ever."""
    both = made(kind, webhook_secrets=f"{RIGHT[kind]}, {NEXT[kind]}\n")
    for secret in (RIGHT[kind], NEXT[kind]):
        signed = delivery(made(kind, webhook_secrets=secret), {"orderId": "1"})
        reply = Inbox(Webhooks.of(both), lambda _: None).respond(kind.provider, signed.headers, signed.body)
        assert 204 == reply.status


@pytest.mark.parametrize("wrong", ["", " ", "\ufeff", [""], ["\n"], "{},", ",{}", "{},,{}", ", ", ",", ["{}", " "]])
@pytest.mark.parametrize("kind", SIGNERS)
def test_a_webhook_secret_that_is_empty_is_refused(kind: type[Account[Any]], wrong: Any) -> None:
    """Anybody could sign with it; among others too."""
    right = RIGHT[kind]
    given = wrong.format(right, right) if isinstance(wrong, str) else [each.format(right) for each in wrong]
    told = refusal(kind, hidden=right, webhook_secrets=given)
    assert told.startswith(ASKED.format(kind.provider, variable(kind, "webhook_secrets")))
    assert told.endswith("is empty")


@pytest.mark.parametrize(
    "wrong", ['"{}"', "'{}'", '"{}', "{}'", "`{}`", "\u201c{}\u201d", ' "{}" ', '"{},{}"', ["'{}'"]], ids=str
)
@pytest.mark.parametrize("kind", SIGNERS)
def test_a_webhook_secret_in_quotes_is_refused(kind: type[Account[Any]], wrong: Any) -> None:
    """A file of variables is not always read as a shell does."""
    right = RIGHT[kind]
    given = wrong.format(right, right) if isinstance(wrong, str) else [each.format(right) for each in wrong]
    assert "has quotes around it" in refusal(kind, hidden=right, webhook_secrets=given)


@pytest.mark.parametrize("between", [" ", "\n", "\t", "\u00a0", "\x00", "\u200b", "\ufeff", "\ud800", "\x7f"])
@pytest.mark.parametrize("kind", SIGNERS)
def test_a_webhook_secret_with_whitespace_in_it_is_refused(kind: type[Account[Any]], between: str) -> None:
    """It may be two; what cannot be seen is none of a secret's either."""
    told = refusal(kind, hidden=RIGHT[kind], webhook_secrets=RIGHT[kind] + between + NEXT[kind])
    assert "whitespace or invisible characters in it; several secrets have commas between them" in told


FORMS: dict[str, tuple[type[Account[Any]], Any]] = {
    "no prefix": (Zephyr, "0123456789abcdef0123456789abcdef"),
    "another prefix": (Zephyr, "whpk_0123456789abcdef0123456789abcdef"),
    "a prefix in capitals": (Zephyr, "WHSEC_0123456789abcdef"),
    "two with a semicolon": (Zephyr, "whsec_0123456789abcdef;whsec_0123456789abcdef"),
    "letters that are no ASCII": (Zephyr, "whsec_0123456789abcdéf"),
    "no prefix of Svix'": (Crossmint, base64.b64encode(KEY).decode()),
    "a public key of Svix'": (Crossmint, f"whpk_{base64.b64encode(KEY).decode()}"),
    "no base64": (Crossmint, "whsec_0123456789abcdef!!!!!!!!"),
    "base64 for URLs": (Crossmint, "whsec_0123456789abcdef0123-_"),
    "a letter too many": (Crossmint, "whsec_0123456789abcdef0123456789abcdef0"),
    "nothing after the prefix": (Crossmint, "whsec_"),
    "only padding": (Crossmint, "whsec_===="),
    "ZephyrCart's in a list": (Crossmint, ["whsec_key-of-another-provider", RIGHT[Crossmint]]),
}


@pytest.mark.parametrize("what", FORMS)
def test_a_webhook_secret_has_the_form_that_its_provider_publishes(what: str) -> None:
    """Whoever pasted another thing is told at once, and not by the first delivery."""
    kind, given = FORMS[what]
    told = refusal(kind, hidden="0123456789", webhook_secrets=given)
    assert "has not the form of the provider's, which is whsec_ and " in told


@pytest.mark.parametrize("size", [1, 2, 8, 15])
@pytest.mark.parametrize("kind", [Zephyr, Crossmint])
def test_a_webhook_secret_that_could_be_guessed_is_refused(kind: type[Account[Any]], size: int) -> None:
    """It has at least 16 bytes of key; of ZephyrCart's, the prefix is known to everybody."""
    short = "whsec_" + (base64.b64encode(KEY[:size]).decode() if kind is Crossmint else KEY[:size].decode())
    for given in (short, [short], f"{RIGHT[kind]},{short}"):
        told = refusal(kind, hidden=short, webhook_secrets=given)
        assert told.endswith("has less than 16 bytes of key, so that it could be guessed")
    assert [RIGHT[kind]] == revealed(made(kind, webhook_secrets=RIGHT[kind]))


@pytest.mark.parametrize("secret", ["s", "sek", "0123456789abcde", "geheim-é☃"])
def test_a_short_webhook_secret_of_a_provider_without_a_form_warns(secret: str) -> None:
    """Cryptum publishes none, so that it may be the right one: it works, and the place is named where it is given."""
    for given in (secret, [secret], (secret, RIGHT[Cryptum])):
        with pytest.warns(WeakSecretWarning) as told:
            account = made(Cryptum, webhook_secrets=given)
        assert [secret] == revealed(account)[:1]
        assert "(ORDERMUX_CRYPTUM_WEBHOOK_SECRETS)" in str(told[0].message)
        assert secret not in str(told[0].message).replace("ORDERMUX_CRYPTUM_WEBHOOK_SECRETS", "").split()
        assert __file__ == told[0].filename
        signed = delivery(account, {"orderId": "1"})
        assert 204 == Inbox(Webhooks.of(account), lambda _: None).respond("cryptum", signed.headers, signed.body).status


def test_a_warning_of_ours_is_one_of_pythons() -> None:
    """So that it is filtered as any other, and no error."""
    assert issubclass(WeakSecretWarning, UserWarning)
    assert not issubclass(WeakSecretWarning, OrdermuxError)


@pytest.mark.parametrize("given", ["a,long-enough-to-be-one", "long-enough-to-be-one,b", "a,b", "sek, next"])
def test_a_short_secret_that_a_comma_may_have_made_is_refused(given: str) -> None:
    """A secret with a comma in it would become two, with one of which anybody can sign; in a list it stays whole."""
    told = refusal(Cryptum, hidden="long-enough", webhook_secrets=given)
    assert "give a list where a secret has a comma in it" in told
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", WeakSecretWarning)
        assert [given] == revealed(made(Cryptum, webhook_secrets=[given.replace(", ", ",")])) or " " in given


BYTES = b"whsec_0123456789abcdef"


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        *((5, "int"), (BYTES, "bytes"), ({"a"}, "set"), ({}, "dict"), (True, "bool")),
        *(([5], "int"), ([None], "NoneType"), ([BYTES], "bytes")),
    ],
)
@pytest.mark.parametrize("kind", SIGNERS)
def test_webhook_secrets_that_are_no_text_are_refused(kind: type[Account[Any]], wrong: Any, told: str) -> None:
    """And not when the first event comes."""
    expected = f"{ASKED.format(kind.provider, variable(kind, 'webhook_secrets'))} is text, not {told}"
    assert expected == refusal(kind, hidden="0123456789", webhook_secrets=wrong)


def test_of_several_webhook_secrets_the_wrong_one_is_numbered() -> None:
    """So that it is found in the variable."""
    given = [RIGHT[Zephyr], "whsec_short", RIGHT[Zephyr]]
    assert ", number 2, has less than 16 bytes" in refusal(Zephyr, hidden="short", webhook_secrets=given)


@pytest.mark.parametrize("kind", SIGNERS)
def test_webhook_secrets_of_the_environment_are_looked_at(kind: type[Account[Any]]) -> None:
    """One that is blank is not taken for none; the variable of a named account is told."""
    environ = {variable(kind, name): value for name, value in NEEDED[kind].items()}
    setting = variable(kind, "webhook_secrets")
    for wrong in (" ", '"x"', f"{RIGHT[kind]},"):
        with pytest.raises(InvalidArgument, match=setting):
            kind.from_env(environ={**environ, setting: wrong})
        with pytest.raises(InvalidArgument, match=setting):
            from_env({**environ, setting: wrong})
    assert () == kind.from_env(environ={**environ, setting: ""}).webhook_secrets
    with pytest.raises(MissingSetting):
        kind.from_env(environ={setting: RIGHT[kind], **dict.fromkeys(environ, "")})


def test_the_emulators_webhook_secrets_have_the_providers_forms() -> None:
    """In the default world and in another, each of its own."""
    with Emulator() as emulator:
        found = [revealed(account) for world in ("", "x") for account in emulator.accounts(world)]
    assert [0, 1, 1, 1] * 2 == [len(each) for each in found]
    assert 6 == len({secret for each in found for secret in each})
