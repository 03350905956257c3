"""`ordermux orders`: list, export, get, find, create, update, fulfill, cancel, refund."""

from __future__ import annotations

import datetime
import itertools
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ..status import Fulfillment, Lifecycle, Payment
from . import _complete
from ._change import Change
from ._command import command
from ._control import Control
from ._exit import UsageError
from ._export import Format
from ._session import Session
from ._times import parse_fixed_time, parse_time

if TYPE_CHECKING:
    from ..order import Money, Order

app = typer.Typer(
    name="orders",
    no_args_is_help=True,
    help="List, export, read, find, create, update, fulfill, cancel and refund orders.",
)

Ref = Annotated[
    str,
    typer.Argument(
        metavar="REF", help="Order reference, such as zephyr:order_01HXY8.", autocompletion=_complete.references
    ),
]
Account = Annotated[str, typer.Argument(metavar="ACCOUNT", help="Account name.", autocompletion=_complete.accounts)]
File = Annotated[
    str, typer.Argument(metavar="FILE", help="JSON file in the provider's format; - reads standard input.")
]
Key = Annotated[
    str | None, typer.Option("--key", metavar="KEY", help="Idempotency key of an earlier call, to retry it.")
]
Created = Annotated[
    datetime.datetime | None,
    typer.Option(
        "--key-created", parser=parse_fixed_time, metavar="TIME", help="When --key was first sent (UTC if no zone)."
    ),
]
PaymentStatus = Annotated[Payment | None, typer.Option(metavar="STATUS", help=", ".join(Payment))]
LifecycleStatus = Annotated[Lifecycle | None, typer.Option(metavar="STATUS", help=", ".join(Lifecycle))]
FulfillmentStatus = Annotated[Fulfillment | None, typer.Option(metavar="STATUS", help=", ".join(Fulfillment))]
From = Annotated[
    datetime.datetime | None,
    typer.Option(
        "--from",
        parser=parse_time,
        metavar="TIME",
        help="Placed at this time or later: 2026-05-30T12:00, today, yesterday, 24h, 7d (UTC if no zone).",
    ),
]
Before = Annotated[
    datetime.datetime | None,
    typer.Option("--before", parser=parse_time, metavar="TIME", help="Placed before this time; as --from."),
]
Limit = Annotated[int | None, typer.Option(min=1, metavar="N", help="Maximum number of orders (default: all).")]


@command(
    app,
    "list",
    "ordermux orders list zephyr --payment paid",
    "ordermux orders list zephyr --from 2026-05-01 --before 2026-06-01",
    "ordermux orders list zephyr --from yesterday",
    "ordermux orders list crossmint --limit 3 --json",
)
def list_orders(
    session: Session,
    account: Account,
    *,
    payment: PaymentStatus = None,
    lifecycle: LifecycleStatus = None,
    fulfillment: FulfillmentStatus = None,
    placed_from: From = None,
    placed_before: Before = None,
    limit: Limit = None,
    page_size: Annotated[int | None, typer.Option(min=1, metavar="N", help="Orders to request per page.")] = None,
    cursor: Annotated[str | None, typer.Option(metavar="TEXT", help="Resume an earlier list.")] = None,
) -> None:
    """List the orders of an account, optionally by status and time.

    The orders of several accounts come from `ordermux orders export`.
    """
    from ._listing import print_tables, summarize, write_lines

    with session.opened() as mux:
        found = mux.orders.list(
            account,
            payment=payment,
            lifecycle=lifecycle,
            fulfillment=fulfillment,
            placed_from=placed_from,
            placed_before=placed_before,
            page_size=page_size,
            cursor=cursor,
        )
        orders = itertools.islice(found, limit)
        count = write_lines(orders) if session.json else print_tables(orders)
        summarize(session, account, count, limit, found)


@command(
    app,
    "export",
    "ordermux orders export --to csv",
    "ordermux orders export zephyr --payment paid --from 7d --to jsonl",
)
def export_orders(
    session: Session,
    accounts: Annotated[
        list[str] | None,
        typer.Argument(metavar="ACCOUNT", help="Account names (default: all).", autocompletion=_complete.accounts),
    ] = None,
    *,
    to: Annotated[Format, typer.Option(help="Format of the file.")] = Format.CSV,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="FILE", help="File to write (default: standard output).")
    ] = None,
    raw: Annotated[bool, typer.Option("--raw", help="Add a column with the provider's JSON of each order.")] = False,
    payment: PaymentStatus = None,
    lifecycle: LifecycleStatus = None,
    fulfillment: FulfillmentStatus = None,
    placed_from: From = None,
    placed_before: Before = None,
    limit: Limit = None,
) -> None:
    """Write the orders of all accounts, or some, as flat rows with the unified and the raw status.

    An account that fails is reported, and the others go on; the exit code is 1 then.
    """
    from ._export import Export, export

    filters = {"payment": payment, "lifecycle": lifecycle, "fulfillment": fulfillment}
    times = {"placed_from": placed_from, "placed_before": placed_before}
    export(
        session,
        Export(accounts=accounts or [], to=to, output=output, raw=raw, limit=limit, filters={**filters, **times}),
    )


def _show_order(session: Session, order: Order) -> None:
    from ._output import of_order

    session.show(of_order(order))


@command(app, "get", "ordermux orders get zephyr:order_01HXY8", "ordermux orders get zephyr:order_01HXY8 --json")
def get(session: Session, ref: Ref) -> None:
    """Show one order, with the evidence for its status."""
    with session.opened() as mux:
        _show_order(session, mux.orders.get(ref))


@command(
    app,
    "find",
    "ordermux orders find croissant 550e8400-e29b-41d4-a716-446655440000",
    "ordermux orders find croissant 550e8400-e29b-41d4-a716-446655440000 --json",
)
def find(
    session: Session,
    account: Account,
    number: Annotated[str, typer.Argument(metavar="NUMBER", help="The shop's own number of the order.")],
) -> None:
    """Find the orders that have the shop's own number, which `orders get` shows as the reference."""
    from ._listing import count_of, print_tables, write_lines
    from ._output import say

    with session.opened() as mux:
        found = mux.orders.find(account, number)
    count = (write_lines if session.json else print_tables)(iter(found))
    if not session.json:
        sys.stdout.flush()
        say(f"{count_of(count)}, REF is {account}:ID" if count else "no order has this number", err=True, style="dim")


@command(
    app,
    "create",
    "ordermux orders create croissant cart.json",
    "ordermux orders create cryptum - < order.json",
    "ordermux orders create cryptum --show-example",
    "ordermux orders create cryptum --example",
)
def create(
    session: Session,
    account: Account,
    file: Annotated[
        str | None, typer.Argument(metavar="FILE", help="JSON file in the provider's format; - reads standard input.")
    ] = None,
    *,
    example: Annotated[
        bool, typer.Option("--example", help="Create the example of the provider's document, at the emulator.")
    ] = False,
    show_example: Annotated[
        bool, typer.Option("--show-example", help="Print that example, to edit it, and create nothing.")
    ] = False,
) -> None:
    """Create an order from JSON in the provider's format, validated before anything is sent."""
    from ..providers.registry import provider_named, providers
    from . import _draft

    if [file is not None, example, show_example].count(True) != 1:
        raise typer.BadParameter("pass either FILE, or --example, or --show-example")
    if example and not session.emulator:
        raise UsageError("--example creates an order at the emulator only; pass --emulator URL, or print the example")
    if show_example:
        provider = account if account in providers() else session.provider(account)
        sys.stdout.write(json.dumps(_draft.example(provider), indent=2) + "\n")
        return
    if example and session.emulator:
        Control(session.emulator).check()
    with session.opened() as mux:
        provider = session.provider(account)
        adapter = provider_named(provider).adapter
        body: Any = None
        if adapter.draft_type is not None and file is not None:
            body = _draft.draft(provider, adapter.draft_type, file)
        elif adapter.draft_type is not None:
            content = json.dumps(_draft.example(provider)).encode()
            body = _draft.parsed(provider, adapter.draft_type, content, "the example")
        known = adapter.draft_id and ("get", f"{account}:{getattr(body, adapter.draft_id)}")
        change = session.begin(Change(look=session.command("orders", *(known or ("list", account)))))
        with change.sending():
            made = mux.orders.create(account, body)
        _show_order(session, made)


@command(
    app,
    "update",
    "ordermux orders update zephyr:order_01HXY8 changes.json",
    """echo '{"metadata": {"note": "gift"}}' | ordermux orders update zephyr:order_01HXY8 -""",
)
def update(session: Session, ref: Ref, file: File) -> None:
    """Update an order from JSON in the provider's format, validated before anything is sent."""
    from ..order import OrderRef
    from ..providers.registry import provider_named
    from ._draft import draft

    with session.opened() as mux:
        provider = session.provider(OrderRef.parse(ref).account)
        kind = provider_named(provider).adapter.changes_type
        body: Any = None if kind is None else draft(provider, kind, file)
        change = session.begin(Change(look=session.command("orders", "get", ref)))
        with change.sending():
            made = mux.orders.update(ref, body)
        _show_order(session, made)


@command(app, "fulfill", "ordermux orders fulfill croissant:550e8400-e29b-41d4-a716-446655440000")
def fulfill(session: Session, ref: Ref) -> None:
    """Mark an order as shipped or delivered."""
    with session.opened() as mux:
        change = session.begin(Change(look=_look(session, ref)))
        with change.sending():
            made = mux.orders.fulfill(ref)
        _show_order(session, made)


@command(app, "cancel", "ordermux orders cancel zephyr:order_01HXY8")
def cancel(session: Session, ref: Ref, *, key: Key = None, created: Created = None) -> None:
    """Cancel an order."""
    _check_key(key, created)
    with session.opened() as mux:
        repeat = _repeat(session, created, "cancel", ref)
        change = session.begin(Change(look=_look(session, ref), retry_command=repeat))
        with change.sending():
            made = mux.orders.cancel(ref, idempotency_key=key, key_created_at=created)
        _show_order(session, made)


@command(
    app,
    "refund",
    "ordermux orders refund zephyr:order_01HXY8 14.90 USD --reason duplicate",
    "ordermux orders refund zephyr:order_01HXY8 4.90 USD --metadata ticket=815",
    "ordermux orders refund zephyr:order_01HXY8 --full",
    "ordermux orders refund zephyr:order_01HXY8 --remaining",
)
def refund(
    session: Session,
    ref: Ref,
    amount: Annotated[
        str | None, typer.Argument(metavar="AMOUNT", help="Amount in major units, such as 14.90.")
    ] = None,
    currency: Annotated[
        str | None, typer.Argument(metavar="CURRENCY", help="Currency of the order, such as USD.")
    ] = None,
    *,
    full: Annotated[
        bool, typer.Option("--full", help="Refund the total; rejected if part of it was refunded before.")
    ] = False,
    remaining: Annotated[
        bool, typer.Option("--remaining", help="Refund what is left; rejected if that is not known.")
    ] = False,
    reason: Annotated[
        str | None, typer.Option("--reason", metavar="REASON", help="Reason code of the provider, such as duplicate.")
    ] = None,
    metadata: Annotated[
        list[str] | None, typer.Option(metavar="K=V", help="Metadata of the refund. Repeatable.")
    ] = None,
    key: Key = None,
    created: Created = None,
) -> None:
    """Refund an amount of an order, with --full all of it, or with --remaining what is left.

    A refund has an idempotency key: a retry with the same key does not refund twice.
    """
    from ._output import of_refund

    _check_key(key, created)
    money = _money(amount, currency, full=full, remaining=remaining)
    pairs = [each.partition("=") for each in metadata or ()]
    if wrong := [name for name, sign, _ in pairs if not (name and sign)]:
        raise typer.BadParameter(f"invalid --metadata {wrong[0]!r}; expected KEY=VALUE")
    with session.opened() as mux:
        options = [
            *(("--reason", reason) if reason else ()),
            *(option for each in metadata or () for option in ("--metadata", each)),
        ]
        # The key of what is left is derived, and has no time of its own in it.
        since = datetime.datetime.now(datetime.UTC) if remaining and key is None else created
        repeat = _repeat(session, since, "refund", ref, *options)
        change = session.begin(Change(look=_look(session, ref), retry_command=repeat, amount=money, reads_first=True))
        with change.sending():
            made = mux.orders.refund(
                ref,
                money,
                full=full,
                remaining=remaining,
                reason=reason,
                metadata={name: value for name, _, value in pairs} or None,
                idempotency_key=key,
                key_created_at=created,
            )
        session.show(of_refund(made))


def _check_key(key: str | None, created: datetime.datetime | None) -> None:
    if created is not None and key is None:
        raise typer.BadParameter("--key-created is the time of --key; pass both")


def _money(amount: str | None, currency: str | None, *, full: bool, remaining: bool) -> Money | None:
    """Return the amount, None for --full and for --remaining."""
    from ..order import Money

    if full != remaining and amount is None and currency is None:
        return None
    if full or remaining or amount is None or currency is None:
        raise typer.BadParameter("pass either AMOUNT and CURRENCY, or --full, or --remaining")
    try:
        return Money(amount, currency)
    except ValueError as error:
        raise typer.BadParameter(f"{error}; expected, for example, 14.90 USD") from None


def _look(session: Session, ref: str) -> str | None:
    """Return the command that shows an order, if its provider reports a status."""
    from ..order import OrderRef
    from ..providers.registry import provider_named

    adapter = provider_named(session.provider(OrderRef.parse(ref).account)).adapter
    return session.command("orders", "get", ref) if adapter.shows_status else None


def _repeat(
    session: Session, created: datetime.datetime | None, operation: str, ref: str, *options: str
) -> Callable[[str, Money | None], str | None]:
    """Return a function that returns the command to retry a change with its key and, for a refund, its amount."""

    def made(key: str, amount: Money | None) -> str | None:
        if operation == "refund" and amount is None:
            return None
        stated = () if amount is None else (f"{amount.amount:f}", amount.currency)
        since = () if created is None else ("--key-created", created.isoformat(timespec="seconds"))
        return session.command("orders", operation, ref, *stated, *options, "--key", key, *since)

    return made
