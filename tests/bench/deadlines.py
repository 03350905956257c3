"""How close to its deadline a call ends while the server drips: `python tests/bench/deadlines.py`.

Each of the two drips would last for a minute or more; every byte of them comes in time for a timeout of each wait.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path
from statistics import median
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent))

from ordermux import DeadlineExceeded, Money, OutcomeUnknown, ProviderError
from ordermux.emulator import Emulator, FaultKind
from ordermux.providers.zephyr import emulator as zephyr
from support.concurrency import Crowd, Do, inject_fault, reading

DEADLINE = 1.0
RUNS = 20
ORDER = f"zephyr:{zephyr.SAMPLE_ORDER}"


def refund(mux: Any) -> Any:
    """Refund a part."""
    return mux.orders.refund(ORDER, Money("0.01", "USD"), reason="duplicate")


CALLS: dict[str, tuple[str, Do, type[ProviderError]]] = {
    "read": ("zephyr.getOrder", reading(ORDER), DeadlineExceeded),
    "refund": ("zephyr.createRefund", refund, OutcomeUnknown),
}


def seconds(emulator: Emulator, call: str, kind: FaultKind, *, awaiting: bool) -> float:
    """Return how long a call takes until it fails as it shall."""
    operation, do, expected = CALLS[call]
    inject_fault(emulator, operation, kind, when="after", seconds=0.3, times=99)
    with Crowd(*emulator.accounts(), awaiting=awaiting, timeout=DEADLINE) as crowd:
        start = time.monotonic()
        try:
            crowd.call(do)
        except expected:
            return time.monotonic() - start
        finally:
            emulator.world.faults.clear()
    raise SystemExit(f"{call}: the drip did not make it fail")


def main() -> None:
    """Print a line for each kind of drip, call and client."""
    print(f"{RUNS} runs each under a deadline of {DEADLINE:g} s; seconds until the error:")
    print(f"{'':32}{'min':>8}{'median':>8}{'max':>8}")
    late = 0
    for kind in (FaultKind.HEADER_DRIP, FaultKind.DRIP):
        for call in CALLS:
            for awaiting in (False, True):
                with Emulator() as emulator:
                    took = [seconds(emulator, call, kind, awaiting=awaiting) for _ in range(RUNS)]
                within = sum(each <= DEADLINE * 1.1 for each in took)
                late += RUNS - within
                name = f"{'header' if kind is FaultKind.HEADER_DRIP else 'body'} drip, {call}"
                figures = "".join(f"{figure:8.3f}" for figure in (min(took), median(took), max(took)))
                client = "awaiting" if awaiting else "blocking"
                print(f"{name:22}{client:10}{figures}   {within} of {RUNS} within {DEADLINE * 1.1:g} s")
    sys.exit(late > 0)


if __name__ == "__main__":
    main()
