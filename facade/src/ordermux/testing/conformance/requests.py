"""What arrives at the provider: each request once, about the right order, with the caller's values and no secret."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from ...engine.hooks import Attempt
from ...providers.adapter import Operation
from .document import document_of, without_credentials
from .facts import TAKES_KEY, WRITES, ProviderFacts
from .harness import Exchange, Harness, act_of, call, opened
from .json_values import leaves

_KEY = "conformance-key-0123456789-0123456789-{}"
_ON_ONE_ORDER = {Operation.GET, Operation.UPDATE, Operation.FULFILL, Operation.CANCEL, Operation.REFUND}


def requests(facts: ProviderFacts) -> Iterator[str]:
    """Yield each request that the facade does not know of, has another order or other values, or shows a secret."""
    with opened(facts) as harness:
        for operation in facts.operations:
            yield from _operation(harness, operation)
        for operation in sorted(TAKES_KEY & set(facts.operations) & facts.adapter.idempotent_operations):
            yield from _keys(harness, operation)


def _operation(harness: Harness, operation: Operation) -> Iterator[str]:
    facts = harness.facts
    world, account = harness.fresh()
    if operation is Operation.PRODUCTS_GET:
        call(account, act_of(facts, Operation.PRODUCTS_PUT), awaiting=False)
    before, effects = len(harness.exchanges(world)), Counter(world.effects)
    sent: list[Attempt] = []
    outcome = call(account, act_of(facts, operation), awaiting=False, on_attempt=sent.append)
    exchanges = harness.exchanges(world)[before:]
    if isinstance(outcome, Exception):
        return  # the check results reports it
    known = Counter(each.endpoint for each in sent)
    unknown = Counter(each.operation for each in exchanges) - known
    for name in sorted(unknown):
        yield f"{operation} sends {name or 'a request'} past the facade: execute each request by call.execute"
    changed = {name.partition(".")[2] for name in world.effects - effects} - without_credentials(facts)
    if changed and operation not in WRITES | {Operation.PRODUCTS_SYNC}:
        yield f"{operation} changes something at the provider by {', '.join(sorted(changed))}, and is a read"
    if operation in _ON_ONE_ORDER:
        yield from _other_orders(harness, operation, exchanges)
    yield from _lost_values(harness, operation, exchanges)
    yield from _secrets_in_urls(facts, operation, account, exchanges)


def _other_orders(harness: Harness, operation: Operation, exchanges: list[Exchange]) -> Iterator[str]:
    """Yield each other order of the emulator that a path names."""
    facts = harness.facts
    ids = set(harness.state(harness.emulator.world).orders) - {facts.sample_order}
    for each in exchanges:
        for named in sorted(ids & set(each.target.partition("?")[0].split("/"))):
            yield f"{operation} of {facts.sample_order} sends {each.operation} about {named}"


def _lost_values(harness: Harness, operation: Operation, exchanges: list[Exchange]) -> Iterator[str]:
    """Yield what of a draft, of changes or of a product is not sent as it is."""
    facts = harness.facts
    given = {Operation.CREATE: facts.draft, Operation.UPDATE: facts.changes}.get(operation)
    if given is None:
        return
    wanted = json.loads(facts.parts.generated("codec").encode(given))
    sent = [value for each in exchanges for _, value in leaves(_json(each.content))]
    for path, value in leaves(wanted):
        if not any(found == value and type(found) is type(value) for found in sent):
            name = ".".join(map(str, path))
            yield f"{operation} was given {name} = {value!r}, and no request has this value"


def _json(content: bytes) -> Any:
    try:
        return json.loads(content or b"null")
    except ValueError:
        return None


def _secrets_in_urls(
    facts: ProviderFacts, operation: Operation, account: Any, exchanges: list[Exchange]
) -> Iterator[str]:
    """Yield each secret in a path or a query whose place the document has not there: servers and proxies log URLs."""
    schemes: Mapping[str, Any] = document_of(facts)["components"].get("securitySchemes", {})
    in_query = {each["x-client-argument"] for each in schemes.values() if each.get("in") == "query"}
    for name in account.secrets:
        secret = getattr(account, name)
        value: Any = secret.reveal() if hasattr(secret, "reveal") else secret
        if name in in_query or not isinstance(value, str) or not value:
            continue
        for each in exchanges:
            if value in each.sent.partition("\n")[0]:
                yield f"{operation} sends {name} in the URL of {each.operation}, where the document has it elsewhere"


def _keys(harness: Harness, operation: Operation) -> Iterator[str]:
    """Yield where a caller's idempotency key does not arrive as it is."""
    facts = harness.facts
    world, account = harness.fresh()
    key = _KEY.format("a")
    outcome = call(account, act_of(facts, operation, key=key), awaiting=False)
    carried_out = [each for each in harness.exchanges(world) if world.effects[f"{facts.provider}.{each.operation}"]]
    if not isinstance(outcome, Exception) and not any(key in each.sent for each in carried_out):
        yield f"{operation} does not send the caller's idempotency key as it is: pass call.key"
