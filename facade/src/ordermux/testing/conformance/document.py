"""What the provider's document and its code both say: the same."""

from __future__ import annotations

import base64
import binascii
import hmac
import re
import time
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from ...emulator.registry import secret_of
from ...engine.hooks import Attempt
from ...providers.account import Account
from ...providers.adapter import Operation
from ...webhook_schemes.scheme import WebhookScheme
from .facts import ProviderFacts
from .harness import Harness, act_of, call, opened

_ALGORITHMS = {"hmac-sha1": "sha1", "hmac-sha256": "sha256", "hmac-sha384": "sha384", "hmac-sha512": "sha512"}
_METHODS = {"get", "put", "post", "delete", "patch", "head", "options"}
_STAMP, _MESSAGE = "1780000000", "msg_1"
_PART = re.compile(r"<([^>]*)>")
_PARTS = "<raw body>, <unix seconds> and the names of headers, such as <X-Time>, stand for what is delivered"


def document_of(facts: ProviderFacts) -> dict[str, Any]:
    """Return the provider's OpenAPI document, which its typed client bears as `openapi.json`."""
    return facts.parts.document


def operations_of(document: dict[str, Any]) -> dict[str, tuple[str, str, dict[str, Any]]]:
    """Return the method, the path and the node of each operation, by its id."""
    return {
        node["operationId"]: (method.upper(), path, node)
        for path, item in document["paths"].items()
        for method, node in item.items()
        if method in _METHODS
    }


def without_credentials(facts: ProviderFacts) -> set[str]:
    """Return the operations that take no credentials, such as those that give a token."""
    operations = operations_of(document_of(facts)).items()
    return {name for name, (_, _, node) in operations if node.get("security") == []}


def routes(facts: ProviderFacts) -> Iterator[str]:
    """Yield each operation that the document, the emulator and the adapter do not have alike."""
    document, emulator = operations_of(document_of(facts)), facts.parts.emulator
    routed = {name: (method, path) for name, method, path, _ in emulator.routes}
    for name, (method, path, _) in document.items():
        if name not in routed:
            yield f"the emulator has no route for {name}, which is {method} {path}: add one to its routes"
        elif (routed[name][0], _shape(routed[name][1])) != (method, _shape(emulator.base_path + path)):
            yield (
                f"the emulator has {name} as {' '.join(routed[name])}, and the document as {method} "
                f"{emulator.base_path}{path}"
            )
    for name in sorted(set(routed) - set(document)):
        yield f"the emulator routes {name}, which is no operation of the document"
    with opened(facts) as harness:
        for operation in facts.operations:
            for attempt in _attempts(harness, operation):
                if attempt.endpoint not in document:
                    yield f"{operation} calls {attempt.endpoint!r}, which is no operation of the document"


def _shape(path: str) -> str:
    return re.sub(r"\{[^}]*\}", "{}", path)


def _attempts(harness: Harness, operation: Operation) -> list[Attempt]:
    """Return the requests of an operation."""
    sent: list[Attempt] = []
    _, account = harness.fresh()
    call(account, act_of(harness.facts, operation), awaiting=False, on_attempt=sent.append)
    return sent


def access(facts: ProviderFacts) -> Iterator[str]:
    """Yield where base path and credentials are not those of the document."""
    document, emulator = document_of(facts), facts.parts.emulator
    servers: list[str] = [each["url"] for each in document["servers"]]
    bases = {urlsplit(url).path.rstrip("/") for url in servers if not url.startswith("{")} or {emulator.base_path}
    if emulator.base_path not in bases:
        yield f"the emulator's base_path is {emulator.base_path!r}, the document's servers have {sorted(bases)}"
    schemes: dict[str, Any] = document["components"].get("securitySchemes", {})
    arguments = {scheme["x-client-argument"] for scheme in schemes.values()}
    required = [{schemes[name]["x-client-argument"] for name in each} for each in document.get("security", ())]
    with opened(facts) as harness:
        account = harness.account()
        given = set(account.credentials())
    yield from _environment(account)
    for what, names in {
        "account.credentials()": given,
        "the emulator's credentials": set(emulator.credentials),
    }.items():
        for name in sorted(names - arguments):
            yield f"{what} has {name!r}, which no security scheme of the document takes: {sorted(arguments)}"
    if required and not any(each <= given for each in required):
        yield f"account.credentials() has {sorted(given)}, and the document's security wants {sorted(required[0])}"


def _environment(account: Account[Any]) -> Iterator[str]:
    """Yield where an account's settings are another account's when they come from the environment."""
    kind = type(account)
    values = {name: getattr(account, name) for name in kind.variables(account.name)}
    revealed = {name: value.reveal() if hasattr(value, "reveal") else value for name, value in values.items()}
    texts = {name: value for name, value in revealed.items() if isinstance(value, str) and value}
    variables = kind.variables(account.name)
    try:
        again = kind.from_env(account.name, {variables[name]: value for name, value in texts.items()})
    except Exception as error:  # whatever a provider's code raises
        yield f"the account cannot be made of its environment variables, {', '.join(variables.values())}: {error!r}"
        return
    for name, value in texts.items():
        found = getattr(again, name)
        if (found.reveal() if hasattr(found, "reveal") else found) != value:
            yield f"{variables[name]} does not give the account's {name}: keep the setting's name and value"


def idempotency(facts: ProviderFacts) -> Iterator[str]:
    """Yield where the adapter's idempotency keys are not those of the document."""
    document = document_of(facts)
    windows = {
        name: parameter["x-window-seconds"]
        for name, (_, _, node) in operations_of(document).items()
        for parameter in (_resolved(document, each) for each in node.get("parameters", ()))
        if "x-window-seconds" in parameter
    }
    keyed = facts.adapter.idempotent_operations
    with opened(facts) as harness:
        for operation in facts.operations:
            called = {attempt.endpoint for attempt in _attempts(harness, operation)}
            seconds = {windows[name] for name in called & set(windows)}
            if operation in keyed and not seconds:
                yield f"{operation} is in idempotent_operations, and no operation that it calls has x-window-seconds"
            if operation not in keyed and seconds:
                yield f"{operation} calls an operation that honours a key, and is not in idempotent_operations"
            if operation in keyed and seconds and seconds != {facts.adapter.idempotency_window}:
                yield f"idempotency_window is {facts.adapter.idempotency_window:g} s, the document has {seconds}"


def _resolved(document: dict[str, Any], node: dict[str, Any]) -> dict[str, Any]:
    found: Any = node
    while "$ref" in found:
        steps = found["$ref"].removeprefix("#/").split("/")
        found = document
        for step in steps:
            found = found[step]
    return dict(found)


def rate_limit(facts: ProviderFacts) -> Iterator[str]:
    """Yield where the account's limit is not the document's."""
    stated = document_of(facts).get("x-rate-limit")
    with opened(facts) as harness:
        account = harness.account()
        limit = account.limit(time.monotonic, shared=False)
    if stated is None and limit is not None:
        kept = f"{limit.max_requests} in {limit.seconds:g} s"
        yield f"the account keeps a limit of {kept}, and the document has no x-rate-limit"
    elif stated is not None and limit is None:
        published = f"{stated['requests']} in {stated['window-seconds']} s"
        yield f"the document's x-rate-limit is {published}, and account.limit gives none"
    elif stated is not None and limit is not None:
        ours, theirs = (limit.max_requests, limit.seconds), (stated["requests"], stated["window-seconds"])
        if ours != theirs:
            yield f"the account's limit is {ours[0]} in {ours[1]:g} s, the document's is {theirs[0]} in {theirs[1]} s"
        yield from _shared_limit(account)


def _shared_limit(account: Account[Any]) -> Iterator[str]:
    """Yield where processes that share a Redis do not share the limit, or its name there shows a secret."""
    limits = [account.limit(time.monotonic, shared=True) for _ in range(2)]
    names = {limit.name if limit is not None else None for limit in limits}
    if None in names or len(names) > 1:
        yield "account.limit(shared=True) has no name that stays the same, so that each process has a limit of its own"
    for setting in account.secrets:
        value = getattr(account, setting)
        if any(str(value.reveal() if hasattr(value, "reveal") else value) in str(name) for name in names):
            yield f"the name of account.limit shows {setting}"


def delivery(facts: ProviderFacts) -> Iterator[str]:
    """Yield where the webhook scheme signs otherwise than the document's `x-delivery` says."""
    stated: dict[str, Any] = document_of(facts).get("x-delivery", {})
    if not facts.parts.has("webhooks"):
        if stated:
            yield "the document has x-delivery, and the provider no module webhooks: write one with SCHEME"
        return
    scheme = facts.parts.webhooks
    signature: dict[str, Any] | None = stated.get("signature")
    if scheme.signed != (signature is not None):
        yield f"the scheme has signed = {scheme.signed}, and x-delivery {'no' if signature is None else 'a'} signature"
    elif signature is not None:
        yield from _signature(facts, scheme, signature)
    tolerance = stated.get("tolerance-seconds")
    if scheme.timed and tolerance is not None and tolerance != scheme.tolerance:
        yield f"x-delivery has a tolerance of {tolerance} s, and the scheme's is {scheme.tolerance:g} s"
    received = frozenset(stated.get("received-statuses", scheme.received_statuses))
    if received != scheme.received_statuses:
        yield f"x-delivery takes {sorted(received)} for received, the scheme {sorted(scheme.received_statuses)}"
    retries = stated.get("retry-after-seconds")
    if retries is not None and tuple(retries) != tuple(facts.parts.emulator.retries):
        yield f"the emulator's retries are {facts.parts.emulator.retries}, x-delivery has {tuple(retries)}"


def _signature(facts: ProviderFacts, scheme: WebhookScheme, stated: dict[str, Any]) -> Iterator[str]:
    """Sign as the document says, and look for that in the header that it names."""
    secret, body = secret_of("", facts.provider), b'{"id":"order_1"}'
    headers = {name.lower(): value for name, value in scheme.signed_headers(secret, body, _MESSAGE, _STAMP).items()}
    header = stated["header"].lower()
    if header not in headers:
        yield f"x-delivery has the header {header!r}, and the scheme signs in {', '.join(headers) or 'none'}"
        return
    signed = {part.lower() for part in _PART.findall(stated["signed"])}
    for name in sorted({header, *signed & set(headers)} - scheme.headers):
        yield f"the signature needs the header {name!r}, and the scheme's `headers` lack it: only those are read"
    content = _content(stated["signed"], body, headers)
    if scheme.timed != (_STAMP.encode() in content):
        yield f"the scheme has timed = {scheme.timed}, and x-delivery signs {stated['signed']!r}; {_PARTS}"
    digest = _ALGORITHMS.get(stated["algorithm"])
    if digest is None:
        yield f"x-delivery has the algorithm {stated['algorithm']!r}, which is none of {', '.join(_ALGORITHMS)}"
        return
    made = {_encoded(hmac.digest(key, content, digest), stated["encoding"]) for key in _keys(secret)}
    if not any(each in headers[header] for each in made):
        yield (
            f"the scheme signs otherwise than x-delivery says, which is {stated['algorithm']} of {stated['signed']!r} "
            f"in {stated['encoding']}: {header} is {headers[header]!r}; {_PARTS}"
        )


def _encoded(digest: bytes, encoding: str) -> str:
    return digest.hex() if encoding == "hex" else base64.b64encode(digest).decode()


def _keys(secret: str) -> Iterator[bytes]:
    """Yield what of a secret may be the key: all of it, what follows its prefix, or what that stands for."""
    rest = secret.partition("_")[2]
    yield secret.encode()
    yield rest.encode()
    try:
        yield base64.b64decode(rest, validate=True)
    except (binascii.Error, ValueError):
        return


def _content(template: str, body: bytes, headers: Mapping[str, str]) -> bytes:
    """Return what is signed: the document's text, with each part in angle brackets in place."""

    def part(found: re.Match[str]) -> str:
        name = found[1].lower()
        if "body" in name:
            return body.decode()
        return headers.get(name) or (_STAMP if "seconds" in name or "timestamp" in name else _MESSAGE)

    return _PART.sub(part, template.partition(";")[0]).encode()
