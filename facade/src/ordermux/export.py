"""Orders as flat rows: for files, data frames and databases.

    import pandas
    frame = pandas.DataFrame(map(order_row, mux.orders.list("zephyr")))

    with Path("orders.csv").open("w", newline="", encoding="utf-8") as file:
        write_csv(mux.orders.list(), file)

`arrow_table` and `write_parquet` need the extra `arrow`, `load_orders`, `load_changes` and `dlt_resource` the
extra `dlt`. A file is written as the orders come, so that a list of any length takes the same memory.
"""

from __future__ import annotations

import csv
import datetime
import functools
import itertools
import json
from collections.abc import Callable, Iterable, Iterator
from decimal import Decimal
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, TextIO

from .errors import MissingDependency
from .order import Order
from .serialization import json_ready
from .status import AXES
from .validation import require_count

if TYPE_CHECKING:
    from .resources.account_lists import OnError
    from .resources.order_sync import OrderSync
    from .resources.orders import Orders

COLUMNS: dict[str, type] = {
    "ref": str,
    "account": str,
    "id": str,
    "merchant_reference": str,
    "lifecycle": str,
    "payment": str,
    "fulfillment": str,
    "cancel_reason": str,
    "holds": str,
    "attention": str,
    "lifecycle_raw": str,
    "payment_raw": str,
    "fulfillment_raw": str,
    "lifecycle_basis": str,
    "payment_basis": str,
    "fulfillment_basis": str,
    "total": str,
    "total_amount": Decimal,
    "total_currency": str,
    "refunded_amount": Decimal,
    "placed_at": datetime.datetime,
    "customer_id": str,
    "customer_name": str,
    "customer_email": str,
    "livemode": bool,
    "line_items": str,
    "payments": str,
    "adjustments": str,
    "fulfillments": str,
    "metadata": str,
    "deviations": str,
}
"""The columns of a row, in their order, with the type of their values; any may be None.

`holds` and `attention` are words with commas between them. `payment_raw` is the provider's own word behind `payment`,
and `payment_basis` how well the mapping is sourced. `total` is the amount as text, exact whatever its size;
`refunded_amount` is in the same currency, and None if it is in another one. `line_items`, `payments`, `adjustments`,
`fulfillments`, `metadata` and `deviations` are JSON. With the raw order, its JSON is a last column, `raw`."""
_PRECISION, _SCALE = 38, 18
"""The digits of an amount in Arrow and Parquet, and how many of them are decimals: as many as databases take."""
_BATCH = 5_000
"""Rows of a batch."""


def order_row(order: Order, *, raw: bool = False) -> dict[str, Any]:
    """Return an order as a flat row of `COLUMNS`; with `raw`, the provider's JSON too, secrets masked."""
    status, total, customer, ledger = order.status, order.total, order.customer, order.ledger
    refunded = order.refunded_total
    if refunded is not None and (total is None or refunded.currency != total.currency):
        refunded = None  # the column has no currency of its own
    evidence = {entry.axis: entry for entry in status.evidence}
    row: dict[str, Any] = {"ref": str(order.ref), "account": order.ref.account, "id": order.ref.id}
    row["merchant_reference"] = order.merchant_reference
    row |= {axis: _word(getattr(status, axis)) for axis in (*AXES, "cancel_reason")}
    row |= {"holds": ",".join(status.holds) or None, "attention": ",".join(status.attention) or None}
    row |= {f"{axis}_raw": evidence[axis].raw_value if axis in evidence else None for axis in AXES}
    row |= {f"{axis}_basis": _word(evidence[axis].basis) if axis in evidence else None for axis in AXES}
    row |= {
        "total": None if total is None else f"{total.amount:f}",
        "total_amount": None if total is None else total.amount,
        "total_currency": None if total is None else total.currency,
        "refunded_amount": None if refunded is None else refunded.amount,
        "placed_at": order.placed_at,
        "customer_id": customer and customer.id,
        "customer_name": customer and customer.name,
        "customer_email": customer and customer.email,
        "livemode": order.livemode,
        "line_items": _json(order.line_items),
        "payments": _shown(ledger.payments),
        "adjustments": _shown(ledger.adjustments),
        "fulfillments": _shown(ledger.fulfillments),
        "metadata": _json(order.metadata),
        "deviations": _json(order.deviations),
    }
    return row | {"raw": json.dumps(order.raw)} if raw else row


def write_csv(orders: Iterable[Order], file: TextIO, *, raw: bool = False) -> int:
    """Write orders as CSV with a line of headings; return their number. Open the file with `newline=""`."""
    writer = csv.writer(file)
    writer.writerow([*COLUMNS, *(["raw"] if raw else [])])
    count = 0
    for order in orders:
        row = order_row(order, raw=raw)
        writer.writerow("" if value is None else json_ready(value) for value in row.values())
        count += 1
    return count


def write_jsonl(orders: Iterable[Order], file: TextIO, *, raw: bool = False) -> int:
    """Write orders as JSON, one on each line; return their number. Amounts are text, and so exact."""
    count = 0
    for order in orders:
        row = {name: json_ready(value) for name, value in order_row(order, raw=raw).items()}
        file.write(json.dumps(row, allow_nan=False) + "\n")
        count += 1
    return count


def write_parquet(orders: Iterable[Order], file: str | Path | BinaryIO, *, raw: bool = False) -> int:
    """Write orders as Parquet; return their number.

    Raises MissingDependency.
    """
    parquet: Any = _arrow("pyarrow.parquet")
    count = 0
    with parquet.ParquetWriter(file, arrow_schema(raw=raw)) as writer:
        for batch in arrow_batches(orders, raw=raw):
            writer.write_batch(batch)
            count += batch.num_rows
    return count


def arrow_table(orders: Iterable[Order], *, raw: bool = False) -> Any:
    """Return orders as a `pyarrow.Table`, which `polars.from_arrow(table)` and `table.to_pandas()` take.

    Raises MissingDependency.
    """
    return _arrow("pyarrow").Table.from_batches(arrow_batches(orders, raw=raw), arrow_schema(raw=raw))


def arrow_batches(orders: Iterable[Order], *, raw: bool = False) -> Iterator[Any]:
    """Yield orders as batches of Arrow.

    Raises MissingDependency.
    """
    arrow, schema = _arrow("pyarrow"), arrow_schema(raw=raw)
    rows = _table_rows(orders, raw=raw)
    while batch := list(itertools.islice(rows, _BATCH)):
        yield arrow.RecordBatch.from_pylist(batch, schema)


def arrow_schema(*, raw: bool = False) -> Any:
    """Return the `pyarrow.Schema` of the rows: `total_amount` is a decimal, `placed_at` a time in UTC.

    Raises MissingDependency.
    """
    arrow = _arrow("pyarrow")
    kinds = {
        str: arrow.string(),
        bool: arrow.bool_(),
        Decimal: arrow.decimal128(_PRECISION, _SCALE),
        datetime.datetime: arrow.timestamp("us", "UTC"),
    }
    columns: dict[str, type] = {**COLUMNS, **({"raw": str} if raw else {})}
    return arrow.schema([(name, kinds[kind]) for name, kind in columns.items()])


def dlt_resource(orders: Callable[[], Iterable[Order]], *, raw: bool = False) -> Any:
    """Return orders as a resource of dlt, which loads them into a database: one row an order, merged by `ref`.

    `orders` returns the list that a run loads, such as `lambda: mux.orders.list(on_error=failed.__setitem__)`. A run
    that is repeated, after a failure too, loads nothing twice: an order that is there is replaced. If the list raises,
    as that of several accounts without `on_error` does after its last order, nothing of the run is loaded. Of an order
    that comes twice in a run, since it changed while the list was read, dlt may keep either; `load_orders` and
    `load_changes` keep the later one.

        pipeline = dlt.pipeline("shop", destination="duckdb", dataset_name="shop")
        pipeline.run(dlt_resource(lambda: mux.orders.list(["zephyr", "cryptum"])))

    Raises MissingDependency.
    """

    def batches() -> Iterator[list[dict[str, Any]]]:
        rows = _table_rows(orders(), raw=raw)
        while batch := list(itertools.islice(rows, _BATCH)):
            yield batch

    return _dlt_table(batches, raw=raw)


def load_orders(
    pipeline: Any,
    orders: Orders,
    accounts: list[str] | tuple[str, ...] | None = None,
    *,
    since: datetime.datetime | None = None,
    raw: bool = False,
    page_size: int | None = None,
    run_size: int = 50_000,
    on_error: OnError | None = None,
) -> int:
    """Load the orders of accounts, all of the client if none is named, by a pipeline of dlt; return their number.

        pipeline = dlt.pipeline("shop", destination="postgres", dataset_name="shop")
        load_orders(pipeline, mux.orders)

    They are loaded in runs of about `run_size` orders, a row an order, merged by `ref`. How far a list was read is part
    of the pipeline's state, which is loaded with the orders: if the process is killed, the next call with the same
    `since` goes on there, also on another machine. A call after one that ended reads every list again. `since`, a
    timezone-aware datetime, loads the orders that were placed since then.

    An account that fails does not stop the others. AccountsFailed is raised at the end, or `on_error` is called with
    its name and its error; the next call goes on where it failed.

    Raises MissingDependency, UnknownAccount, InvalidArgument, Unsupported, AccountsFailed, and whatever dlt raises.
    """
    from .resources.load import Load

    require_count("run_size", run_size)
    dlt = _optional("dlt", "dlt")
    load = Load(orders, accounts, on_error, since=since, page_size=page_size)

    def batches() -> Iterator[list[dict[str, Any]]]:
        rows = _table_rows(load.run(dlt.current.resource_state(), run_size), raw=raw)
        while batch := list(itertools.islice(rows, _BATCH)):
            yield batch

    _load_pending(pipeline)
    while load.goes_on:
        _run(pipeline, _dlt_table(batches, raw=raw))
    load.end()
    return load.count


def load_changes(pipeline: Any, changes: OrderSync, *, raw: bool = False, run_size: int = 50_000) -> int:
    """Load the orders that are new or have changed, by a pipeline of dlt; return their number.

        load_changes(pipeline, mux.orders.sync(store=digests.SQLiteStore("orders.db")))

    They are loaded in runs of `run_size` orders, a row an order, merged by `ref`. The orders of a run are saved as
    taken once it has loaded them, so that none is lost if the process is killed.

    Raises MissingDependency, InvalidArgument, whatever `changes` raises, and whatever dlt raises.
    """
    _optional("dlt", "dlt")
    count = 0
    _load_pending(pipeline)
    for batch in changes.batches(run_size):
        # An order that changed meanwhile is there twice, of which dlt might keep the older one.
        latest = {order.ref: order for order in batch}
        _run(pipeline, dlt_resource(functools.partial(iter, latest.values()), raw=raw))
        count += len(batch)
    return count


def _load_pending(pipeline: Any) -> None:
    """Load what a process that was killed had read: a run of dlt that finds it loads nothing with it."""
    if pipeline.has_pending_data:
        _run(pipeline)


def _run(pipeline: Any, *data: Any) -> None:
    """Run a pipeline; raise what dlt raises, also if it is set not to: what failed would count as loaded."""
    info = pipeline.run(*data)
    if info is not None:
        info.raise_on_failed_jobs()


def _dlt_table(batches: Callable[[], Iterator[list[dict[str, Any]]]], *, raw: bool) -> Any:
    """Return rows as a resource of dlt."""
    kinds: dict[type, dict[str, Any]] = {
        str: {"data_type": "text"},
        bool: {"data_type": "bool"},
        Decimal: {"data_type": "decimal", "precision": _PRECISION, "scale": _SCALE},
        datetime.datetime: {"data_type": "timestamp"},
    }
    columns: dict[str, type] = {**COLUMNS, **({"raw": str} if raw else {})}
    return _optional("dlt", "dlt").resource(
        batches,
        name="orders",
        write_disposition="merge",
        primary_key="ref",
        columns={name: kinds[kind] | {"nullable": name != "ref"} for name, kind in columns.items()},
    )


def _table_rows(orders: Iterable[Order], *, raw: bool) -> Iterator[dict[str, Any]]:
    return (_fitting(order_row(order, raw=raw)) for order in orders)


def _fitting(row: dict[str, Any]) -> dict[str, Any]:
    """Return a row without an amount that has more digits than the column; of a total, `total` has them all."""
    return row | {name: None for name in ("total_amount", "refunded_amount") if not _fits(row[name])}


def _fits(amount: Decimal | None) -> bool:
    if amount is None:
        return True
    exponent = amount.as_tuple().exponent
    return isinstance(exponent, int) and exponent >= -_SCALE and amount.adjusted() < _PRECISION - _SCALE


def _word(value: Any) -> str | None:
    return None if value is None else str(value)


def _shown(entries: Any) -> str | None:
    """Return entries as JSON: none at all is something else than what is not shown."""
    return None if entries is None else json.dumps(json_ready(entries))


def _json(value: Any) -> str | None:
    return json.dumps(json_ready(value)) if value else None


def _arrow(module: str) -> Any:
    return _optional(module, "arrow")


def _optional(module: str, extra: str) -> Any:
    try:
        return import_module(module)
    except ImportError as error:
        raise MissingDependency(f"{error}; run: pip install 'ordermux[{extra}]'") from None
