"""`ordermux orders`: list, get, create, update, fulfill, cancel, refund."""

from __future__ import annotations

import datetime
import itertools
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ..status import Fulfillment, Lifecycle, Payment
from ._session import Session, command

if TYPE_CHECKING:
    from ..order import Money, Order

app = typer.Typer(name="orders", no_args_is_help=True, help="List, read, create, change, cancel and refund orders.")

Ref = Annotated[str, typer.Argument(metavar="REF", help="An order, such as zephyr:order_01HXY8.")]
Account = Annotated[str, typer.Argument(metavar="ACCOUNT", help="The account's name.")]
File = Annotated[str, typer.Argument(metavar="FILE", help="JSON as the provider takes it; - reads the standard input.")]
Key = Annotated[
    str | None, typer.Option("--key", metavar="KEY", help="An idempotency key, to repeat what got no answer.")
]
_FORMATS = ["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M:%S%z"]


@command(
    app,
    "list",
    "ordermux orders list zephyr --payment paid",
    "ordermux orders list zephyr --from 2026-05-01 --before 2026-06-01",
    "ordermux orders list crossmint --limit 3 --json",
)
def list_orders(
    session: Session,
    account: Account,
    *,
    payment: Annotated[Payment | None, typer.Option(metavar="WORD", help=", ".join(Payment))] = None,
    lifecycle: Annotated[Lifecycle | None, typer.Option(metavar="WORD", help=", ".join(Lifecycle))] = None,
    fulfillment: Annotated[Fulfillment | None, typer.Option(metavar="WORD", help=", ".join(Fulfillment))] = None,
    placed_from: Annotated[
        datetime.datetime | None,
        typer.Option(
            "--from", formats=_FORMATS, metavar="TIME", help="Placed then or later; UTC where it has no zone."
        ),
    ] = None,
    placed_before: Annotated[
        datetime.datetime | None, typer.Option("--before", formats=_FORMATS, metavar="TIME", help="Placed before then.")
    ] = None,
    limit: Annotated[
        int | None, typer.Option(min=1, metavar="N", help="So many at most; all, where none is given.")
    ] = None,
    cursor: Annotated[str | None, typer.Option(metavar="TEXT", help="Go on where an earlier list ended.")] = None,
) -> None:
    """List an account's orders, or those with a status or of a time."""
    from ._listing import print_tables, tell_more, write_lines

    with session.opened() as mux:
        found = mux.orders.list(
            account,
            payment=payment,
            lifecycle=lifecycle,
            fulfillment=fulfillment,
            placed_from=_aware(placed_from),
            placed_before=_aware(placed_before),
            cursor=cursor,
        )
        wanted = itertools.islice(found, limit)
        count = write_lines(wanted) if session.json else print_tables(wanted)
        tell_more(session, account, count, limit, found.cursor)


def _aware(time: datetime.datetime | None) -> datetime.datetime | None:
    return time.replace(tzinfo=datetime.UTC) if time and time.tzinfo is None else time


def _told(session: Session, order: Order) -> None:
    from ._say import order as fields
    from ._say import show_order, write

    if session.json:
        write(fields(order))
    else:
        show_order(order)


@command(app, "get", "ordermux orders get zephyr:order_01HXY8", "ordermux orders get zephyr:order_01HXY8 --json")
def get(session: Session, ref: Ref) -> None:
    """Read one order, and tell where each claim on its status comes from."""
    with session.opened() as mux:
        _told(session, mux.orders.get(ref))


@command(
    app,
    "create",
    "ordermux orders create croissant cart.json",
    "ordermux orders create cryptum - < order.json",
)
def create(session: Session, account: Account, file: File) -> None:
    """Create an order from the provider's own draft, which is checked before anything is sent."""
    from ._draft import DRAFTS, draft

    with session.opened() as mux:
        provider = session.provider(account)
        wanted: Any = draft(provider, DRAFTS[provider], file) if provider in DRAFTS else None
        session.look = (
            f"ordermux orders list {account}" if provider != "croissant" else f"ordermux orders get {account}:ID"
        )
        _told(session, mux.orders.create(account, wanted))


@command(
    app,
    "update",
    "ordermux orders update zephyr:order_01HXY8 changes.json",
    """echo '{"metadata": {"note": "gift"}}' | ordermux orders update zephyr:order_01HXY8 -""",
)
def update(session: Session, ref: Ref, file: File) -> None:
    """Change an order as the provider's own JSON says, which is checked before anything is sent."""
    from ..order import OrderRef
    from ._draft import CHANGES, draft

    with session.opened() as mux:
        provider = session.provider(OrderRef.parse(ref).account)
        wanted: Any = draft(provider, CHANGES[provider], file) if provider in CHANGES else None
        session.look = f"ordermux orders get {ref}"
        _told(session, mux.orders.update(ref, wanted))


@command(app, "fulfill", "ordermux orders fulfill croissant:550e8400-e29b-41d4-a716-446655440000")
def fulfill(session: Session, ref: Ref) -> None:
    """Tell the provider that an order was shipped or delivered."""
    with session.opened() as mux:
        session.look = _look(session, ref)
        _told(session, mux.orders.fulfill(ref))


@command(app, "cancel", "ordermux orders cancel zephyr:order_01HXY8")
def cancel(session: Session, ref: Ref, *, key: Key = None) -> None:
    """Cancel an order."""
    with session.opened() as mux:
        session.look = _look(session, ref)
        session.key = key or _key(session, ref, "cancel")
        _told(session, mux.orders.cancel(ref, idempotency_key=session.key))


@command(
    app,
    "refund",
    "ordermux orders refund zephyr:order_01HXY8 14.90 USD --reason duplicate",
    "ordermux orders refund zephyr:order_01HXY8 4.90 USD --metadata ticket=815 --key ticket-815",
    "ordermux orders refund zephyr:order_01HXY8 --full",
)
def refund(
    session: Session,
    ref: Ref,
    amount: Annotated[str | None, typer.Argument(metavar="AMOUNT", help="In major units, such as 14.90.")] = None,
    currency: Annotated[str | None, typer.Argument(metavar="CURRENCY", help="The order's own, such as USD.")] = None,
    *,
    full: Annotated[bool, typer.Option("--full", help="All of it; refused where a part was refunded before.")] = False,
    reason: Annotated[str | None, typer.Option(metavar="WORD", help="The provider's own word for why.")] = None,
    metadata: Annotated[list[str] | None, typer.Option(metavar="K=V", help="May be given again.")] = None,
    key: Key = None,
) -> None:
    """Give money back: an amount, or with --full all of it.

    It bears an idempotency key, so that it is made once, however often it is sent with that key.
    """
    money = _money(amount, currency, full=full)
    pairs = [each.partition("=") for each in metadata or ()]
    if wrong := [name for name, sign, _ in pairs if not (name and sign)]:
        raise typer.BadParameter(f"--metadata {wrong[0]}: write it as KEY=VALUE")
    with session.opened() as mux:
        session.look = _look(session, ref)
        # One of our own for --full would take away the facade's refusal of an order that is refunded already.
        session.key = key or (None if full else _key(session, ref, "refund"))
        made = mux.orders.refund(
            ref,
            money,
            full=full,
            reason=reason,
            metadata={name: value for name, _, value in pairs} or None,
            idempotency_key=session.key,
        )
    from . import _say

    if session.json:
        created = made.created_at and made.created_at.isoformat()
        told = {"order": str(made.order), "id": made.id, "amount": _say.money(made.amount), "created_at": created}
        _say.write({**told, "idempotency_key": made.idempotency_key})
        return
    rows = [("refunded", made.amount), ("order", made.order), ("refund", made.id), ("key", made.idempotency_key)]
    _say.console().print(_say.facts((name, value) for name, value in rows if value))


def _money(amount: str | None, currency: str | None, *, full: bool) -> Money | None:
    """Return how much, None for all of it."""
    from ..order import Money

    if full and amount is None and currency is None:
        return None
    if full or amount is None or currency is None:
        raise typer.BadParameter("give either an AMOUNT and its CURRENCY, or --full")
    try:
        return Money(amount, currency)
    except ValueError as error:
        raise typer.BadParameter(f"{error}; it is written like 14.90 USD") from None


def _look(session: Session, ref: str) -> str | None:
    """Return the command that shows what became of an order, where its provider tells."""
    from ..order import OrderRef

    silent = session.provider(OrderRef.parse(ref).account) == "croissant"
    return None if silent else f"ordermux orders get {ref}"


def _key(session: Session, ref: str, operation: str) -> str | None:
    """Return a new key where the provider honours one; made here, so that it can be told whatever happens."""
    import uuid

    from ..accounts import package
    from ..order import OrderRef

    provider = session.provider(OrderRef.parse(ref).account)
    keyed = package(provider, f"ordermux.providers.{provider}").Adapter.keyed
    return str(uuid.uuid4()) if operation in keyed else None
