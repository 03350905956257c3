"""That no secret of an account is seen where it is not sent."""

from __future__ import annotations

import base64
import io
import json
import logging
import pickle
import traceback
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any
from urllib.parse import quote

import attrs

from ...client import Ordermux
from ...emulator.faults import Fault, FaultKind
from ...event import WebhookRejected
from ...providers.account import Account
from ...providers.adapter import Operation
from ...webhooks.receive import Webhooks
from .facts import WRITES, ProviderFacts
from .harness import act_of, call, opened

_HERE = str(Path(__file__).parent)
_FAULTS = {
    "an answer of 401": Fault(kind=FaultKind.STATUS, when="before", status=401, times=99),
    "a reset": Fault(kind=FaultKind.RESET, when="before", times=99),
    "an answer that is no JSON": Fault(kind=FaultKind.MALFORMED, when="after", times=99),
}


class _Lines(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines += [record.getMessage(), repr(record.args), str(record.exc_info)]


def secrets(facts: ProviderFacts) -> Iterator[str]:
    """Yield each place where a secret is seen: a repr, a pickle, an error, a traceback, a log or a hook."""
    with opened(facts) as harness:
        account = harness.account()
        hidden = _hidden(account)
        if account.secrets and not hidden:
            yield f"the settings {', '.join(account.secrets)} are not kept as the package's Secret"
        lines, root, printed = _Lines(), logging.getLogger(), io.StringIO()
        level = root.level
        root.addHandler(lines)
        root.setLevel(logging.DEBUG)
        try:
            with redirect_stdout(printed), redirect_stderr(printed):
                texts = [*_seen(account), *_calls(facts, account, harness.emulator.world)]
        finally:
            root.removeHandler(lines)
            root.setLevel(level)
        texts += [("a line of the log", "\n".join(lines.lines)), ("what is printed", printed.getvalue())]
        for where, text in texts:
            yield from _found(hidden, where, text)


def _found(hidden: dict[str, str], where: str, text: str) -> Iterator[str]:
    for name, value in hidden.items():
        if value in text:
            yield f"{name} is seen in {where}: name it in the account's `secrets`, and keep it as the package's Secret"


def _hidden(account: Account[Any]) -> dict[str, str]:
    """Return what must not be seen, by the setting."""
    found = {name: getattr(account, name) for name in account.secrets}
    found |= {f"webhook secret {number}": secret for number, secret in enumerate(account.webhook_secrets, 1)}
    # A setting that is named as a secret is one, whatever the account says.
    for field in attrs.fields(type(account)):
        words = ("secret", "password", "token", "api_key")
        if any(word in field.name for word in words) and field.name not in {"webhook_secrets", *account.identifiers}:
            found[field.name] = getattr(account, field.name)
    # So is each credential that the typed client takes, unless it says who asks.
    found |= {name: value for name, value in account.credentials().items() if name not in account.identifiers}
    texts = {name: value.reveal() if hasattr(value, "reveal") else value for name, value in found.items()}
    return {
        form: text
        for name, value in texts.items()
        if isinstance(value, str) and value
        for form, text in _forms(name, value)
    }


def _forms(name: str, secret: str) -> Iterator[tuple[str, str]]:
    """Yield the forms in which a secret is as good as itself."""
    yield name, secret
    yield f"the base64 of {name}", base64.b64encode(secret.encode()).decode().rstrip("=")
    if quote(secret, safe="") != secret:
        yield f"the percent-encoding of {name}", quote(secret, safe="")
    user, _, password = secret.partition(":")
    if len(password) >= _LEAST_PASSWORD and user:
        yield f"the password in {name}", password


_LEAST_PASSWORD = 8
"""How many characters a password has, so that it is no word of the text by chance."""


def _seen(account: Account[Any]) -> Iterator[tuple[str, str]]:
    yield "repr of the account", repr(account)
    yield "str of the account", str(account)
    yield "pickle of the account", pickle.dumps(account).decode("latin-1")
    with Ordermux(account) as mux:
        client: Any = mux.client(account)
        yield "repr of the typed client", repr(client)
        yield "str of the typed client", str(client)
    if account.webhook_secrets:
        try:
            Webhooks.of(account).receive(account.name, {}, json.dumps({"a": "b"}).encode())
        except WebhookRejected as error:
            yield from _error("a refused delivery", error)
        except Exception as error:  # another check tells of it
            yield from _error("a refused delivery", error)


def _calls(facts: ProviderFacts, account: Account[Any], world: Any) -> Iterator[tuple[str, str]]:
    for what, fault in {"success": None, **_FAULTS}.items():
        for operation in [each for each in facts.operations if each is not Operation.PRODUCTS_SYNC]:
            world.faults.clear()
            if fault is not None:
                world.faults.inject(f"{facts.provider}.*", fault)
            received: list[Any] = []
            options = {"before_send": received.append, "on_attempt": received.append, "on_deviation": _keep(received)}
            outcome = call(account, act_of(facts, operation), awaiting=operation in WRITES, attempts=1, **options)
            yield f"what a hook gets of {operation}", repr(received)
            if isinstance(outcome, Exception):
                yield from _error(f"the error of {operation} after {what}", outcome)
            else:
                yield f"the result of {operation}", repr(outcome)
    world.faults.clear()


def _keep(received: list[Any]) -> Any:
    def keep(account: str, operation: str, deviation: Any) -> None:
        received.append((account, operation, deviation))

    return keep


def _error(what: str, error: Exception) -> Iterator[tuple[str, str]]:
    yield f"repr of {what}", f"{error!r} {error} {vars(error)}"
    yield f"pickle of {what}", pickle.dumps(error).decode("latin-1")
    trace = traceback.TracebackException.from_exception(error, capture_locals=True)
    frames = [frame for frame in trace.stack if not frame.filename.startswith(_HERE)]
    yield f"a traceback with locals of {what}", "\n".join(f"{frame.name} {frame.locals}" for frame in frames)
