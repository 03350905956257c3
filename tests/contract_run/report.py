"""What is printed: each round, what was reached in each document, and what is wrong."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from support.text_table import table

from .documents import Contract
from .runs import Ran

ROUND = "{:<10} {:<36} {:>5} {:>7} {:>9}   {}"
HEAD = ROUND.format("", "round", "sent", "checks", "links", "")
NOT_REACHED = "NONE"


def line(provider: str, ran: Ran) -> str:
    """Return what came of a round, in a line; with all that schemathesis says where it found a failure."""
    told = ROUND.format(provider, ran.round.name, ran.sent, ran.checks, ran.links, "FAILED" if ran.code else "ok")
    return f"{told}\n{ran.output}" if ran.code else told


def reached(contract: Contract, ran: Sequence[Ran]) -> str:
    """Return a table: how many answers each operation gave with each status that its document has."""
    statuses = sorted({status for operation in contract.operations for status in operation.statuses})
    asked, ordered = (_answers(ran, ordered=each) for each in (False, True))
    rows: list[list[str]] = []
    for operation in contract.operations:
        row = [operation.name]
        for status in statuses:
            key = operation.name, status
            cell = str(asked[key]) if asked[key] else f"{ordered[key]}*" if ordered[key] else NOT_REACHED
            row.append(cell if status in operation.statuses else "")
        rows.append(row)
    return table([contract.provider, *statuses], rows)


def missing(contract: Contract, ran: Sequence[Ran]) -> Iterator[str]:
    """Yield each documented status that no answer had, and each operation that never did what it is for."""
    asked = _answers(ran, ordered=False)
    answers = asked + _answers(ran, ordered=True)
    for operation in contract.operations:
        for status in operation.statuses:
            if not answers[operation.name, status]:
                yield f"{operation.name}: the status {status} was not reached"
        if not any(asked[operation.name, status] for status in operation.statuses if status.startswith("2")):
            yield f"{operation.name}: no call succeeded"


def totals(contracts: Sequence[Contract], ran: Sequence[Ran], wrong: Sequence[str]) -> Iterator[str]:
    """Yield the lines at the end."""
    operations = [operation for contract in contracts for operation in contract.operations]
    answers = sum((each.answers for each in ran), Counter[tuple[str, str]]())
    yield "* by a fault that was ordered: no request and no state leads there"
    for told, times in sorted(sum((each.allowed for each in ran), Counter[str]()).items()):
        yield f"let pass {times:>6} times: {told}"
    yield (
        f"{len({name for name, _ in answers})} of {len(operations)} operations, {len(answers)} of "
        f"{sum(len(operation.statuses) for operation in operations)} documented statuses; "
        f"{sum(each.sent for each in ran)} requests, {sum(each.checks for each in ran)} checks, "
        f"{sum(each.code != 0 for each in ran)} runs with failures of {len(ran)}"
    )
    yield from wrong or ["0 failures"]


def _answers(ran: Sequence[Ran], *, ordered: bool) -> Counter[tuple[str, str]]:
    return sum((each.answers for each in ran if each.round.ordered is ordered), Counter[tuple[str, str]]())
