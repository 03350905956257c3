"""A nightly export: writes the orders that are new or have changed since the last night as Parquet files.

    pip install 'ordermux[all,arrow]'
    ORDERMUX_ZEPHYR_API_KEY=… python nightly_export.py exports

Of all accounts that the environment configures. An order may be in several files: the newest one has it as it is now.
In DuckDB:

    SELECT * FROM read_parquet('exports/*.parquet', filename = true)
    QUALIFY row_number() OVER (PARTITION BY ref ORDER BY filename DESC) = 1
"""

from __future__ import annotations

import datetime
import sys
from pathlib import Path

from ordermux import Ordermux, OrdermuxError, digests, from_env
from ordermux.export import write_parquet


def export(mux: Ordermux, folder: Path, *, batch: int = 50_000) -> dict[str, OrdermuxError]:
    """Write what is new or has changed; return the error of each account that failed, which goes on the next night.

    A batch is saved as taken once its file is there: if the program is killed, its orders come again.
    """
    folder.mkdir(parents=True, exist_ok=True)
    failed: dict[str, OrdermuxError] = {}
    changes = mux.orders.sync(store=digests.SQLiteStore(folder / "digests.db"), on_error=failed.__setitem__)
    for orders in changes.batches(batch):
        now = datetime.datetime.now(datetime.UTC)
        target = folder / f"orders-{now:%Y-%m-%dT%H%M%S.%f}.parquet"
        partial = target.with_suffix(".partial")
        count = write_parquet(orders, partial)
        partial.rename(target)
        print(f"{count} orders in {target}")
    return failed


def main() -> int:
    """Export into the folder that is named; return the exit code."""
    with Ordermux(*from_env()) as mux:
        failed = export(mux, Path(sys.argv[1]))
    for account, error in failed.items():
        print(f"{account}: {error}", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    raise SystemExit(main())
