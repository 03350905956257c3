"""The reference of each provider, as Markdown, from its document and its part of the facade."""

from __future__ import annotations

import ast
import functools
import inspect
import textwrap
from collections.abc import Callable
from typing import Any

import attrs

from ordermux import Unsupported
from ordermux.cli._output import NOTHING
from ordermux.cli._status_map import Entry, entries
from ordermux.emulator import Emulator
from ordermux.providers.adapter import Operation
from ordermux.providers.registry import provider_named
from ordermux.status import AXES
from ordermux.webhooks import EventKind
from support.document_checker import documents
from support.recorded import table

PROVIDERS = tuple(documents())


def parts(provider: str) -> dict[str, Callable[[], str]]:
    """Return what is printed on the page of a provider, by the names of its marks."""
    printers = {
        "settings": _settings,
        "facade": _facade,
        "operations": _operations,
        "statuses": _statuses,
        "events": _events,
        "sources": _sources,
    }
    return {name: functools.partial(printer, provider) for name, printer in printers.items()}


@functools.cache
def _accounts() -> dict[str, Any]:
    """Return an account of each provider."""
    with Emulator() as emulator:
        return {account.provider: account for account in emulator.accounts()}


def _meanings(kind: type[Any]) -> dict[str, str]:
    """Return the texts below the fields of a class and its bases, by field."""
    found: dict[str, str] = {}
    for each in reversed(kind.__mro__):
        if not each.__module__.startswith("ordermux."):
            continue
        (node,) = ast.parse(textwrap.dedent(inspect.getsource(each))).body
        assert isinstance(node, ast.ClassDef)
        before: ast.stmt | None = None
        for statement in node.body:
            named = isinstance(before, ast.AnnAssign) and isinstance(before.target, ast.Name)
            if named and isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant):
                target: Any = before
                found[target.target.id] = " ".join(str(statement.value.value).split())
            before = statement
    return found


def _settings(provider: str) -> str:
    kind = provider_named(provider).account
    variables, meanings = kind.variables(), _meanings(kind)
    texts = {credential.argument: credential.description for credential in documents()[provider].credentials}
    rows: list[list[str]] = []
    for field in attrs.fields(kind):
        if field.name == "name" or (field.name == "livemode" and not kind.shows_livemode):
            continue
        required = field.default is attrs.NOTHING
        meaning = meanings.get(field.name) or " ".join(texts.get(field.name, "").split()) or NOTHING
        variable = f"`{variables[field.name]}`" if field.name in variables else NOTHING
        rows.append([f"`{field.name}`", variable, "yes" if required else "no", meaning.replace("|", r"\|")])
    rows.sort(key=lambda row: row[2] != "yes")
    return table(["setting", "environment variable", "required", "meaning"], rows)


def _facade(provider: str) -> str:
    adapter = _accounts()[provider].adapter()
    rows = [
        [
            f"`{'' if '.' in operation else 'orders.'}{operation}`",
            "yes" if operation in adapter.capabilities() else "no",
        ]
        for operation in Operation
    ]
    return table(["operation of the facade", "supported"], rows)


def _operations(provider: str) -> str:
    rows = [
        [f"`{each.operation_id}`", f"`{each.method.upper()} {each.path}`", each.summary, each.basis.partition(" (")[0]]
        for each in documents()[provider].operations
    ]
    return table(["operation of the typed client", "request", "what it does", "basis"], rows)


def _cell(entry: Entry, axis: str) -> str:
    cell = entry.cell(axis)
    if cell is None:
        return NOTHING
    return f"`{cell['value']}`" + (f" {cell['basis']}" if cell["basis"] else "")


def _more(entry: Entry) -> str:
    """Return what an entry says beside the three parts of the status."""
    if entry.row is None:
        return "attention `unknown_raw`"
    told = [f"cancel reason `{entry.row.cancel_reason}`"] if entry.row.cancel_reason else []
    for heading, name in (("hold", "holds"), ("ends hold", "ended_holds")):
        told += [f"{heading} `{hold['value']}` {hold['basis']}" for hold in entry.holds(name)]
    told += [f"attention `{each}`" for each in entry.row.attention]
    return ", ".join(told) or NOTHING


def _statuses(provider: str) -> str:
    rows = [
        [
            f"`{entry.field}`",
            entry.raw_value if entry.row is None else f"`{entry.raw_value}`",
            *(_cell(entry, axis) for axis in AXES),
            _more(entry),
        ]
        for entry in entries(provider)
        if entry.field != "event"
    ]
    return table(["field", "raw value", *AXES, "also"], rows)


def _events(provider: str) -> str:
    try:
        scheme = provider_named(provider).webhooks
    except Unsupported:
        return "The provider delivers no events."
    said = {entry.raw_value: entry for entry in entries(provider) if entry.field == "event"}
    rows: list[list[str]] = []
    for name, summary in documents()[provider].event_lines():
        kind = scheme.kinds.get(name, EventKind.UNKNOWN)
        entry = said.get(name)
        status = [_cell(entry, axis) for axis in AXES] if entry else [NOTHING] * len(AXES)
        rows.append([f"`{name}`", f"`{kind}`", summary, *status, _more(entry) if entry else NOTHING])
    trust = f"Signed: {'yes' if scheme.signed else 'no'}. With a timestamp: {'yes' if scheme.timed else 'no'}."
    believed = "trusted" if scheme.signed and scheme.timed else "not trusted: read the order instead"
    heads = ["event", "`event.kind`", "what happened", *AXES, "also"]
    return f"{trust} Its events are {believed}.\n\n{table(heads, rows)}"


def _sources(provider: str) -> str:
    rows = [
        [f"[{page['title']}]({page['url']})", str(page["read"]), "yes" if page.get("contract") else "no"]
        for page in documents()[provider].sources.values()
        if "url" in page
    ]
    return table(["page", "read", "the contract"], rows)
