"""The list of several accounts: all orders of those that work, and never silently without one that does not."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from ordermux import (
    Account,
    AccountsFailed,
    AsyncOrdermux,
    Croissant,
    InvalidArgument,
    Ordermux,
    OrdermuxError,
    PagingError,
    ServerError,
    UnknownAccount,
    Unsupported,
    Zephyr,
)
from support.clients import Opening, both, example

NAMES = ("one", "two", "three")


def shops(*names: str) -> list[Zephyr]:
    """Return accounts of one provider, each at a host of its own."""
    return [Zephyr(name=name, api_key="key", base_url=f"http://{name}.test") for name in names]


def served(failing: dict[str, int] | None = None, *, pages: int = 2) -> Callable[[httpx.Request], httpx.Response]:
    """Return a server of so many pages with two orders each; a host that fails does so at the page of its number."""

    def answer(request: httpx.Request) -> httpx.Response:
        host = request.url.host.partition(".")[0]
        number = int(dict(request.url.params).get("cursor", "0"))
        if (failing or {}).get(host) == number:
            return httpx.Response(500, json={"error": {"message": "down"}})
        rows = [example("zephyr", "Order", id=f"order_{number}{letter}") for letter in "ab"]
        more = number + 1 < pages
        following = {"next_cursor": str(number + 1)} if more else {}
        return httpx.Response(200, json={"data": rows, "has_more": more, **following})

    return answer


def opened(opening: Opening, failing: dict[str, int] | None = None, **options: Any) -> Any:
    """Return a client of three shops."""
    return opening(*shops(*NAMES), transport=httpx.MockTransport(served(failing, **options)), attempts=1)


def until_failure(orders: Any) -> tuple[list[str], AccountsFailed | None]:
    """Return the references that come, and the error after them."""
    found: list[str] = []
    try:
        for order in orders:
            found.append(str(order.ref))  # noqa: PERF401 - those before the error are kept
    except AccountsFailed as failed:
        return found, failed
    return found, None


ALL = [f"{name}:order_{place}" for name in NAMES for place in ("0a", "0b", "1a", "1b")]


@both
def test_all_accounts_come_one_after_the_other(opening: Opening) -> None:
    """In the order in which they were given to the client."""
    with opened(opening) as mux:
        assert (ALL, None) == until_failure(mux.orders.list())


@both
def test_named_accounts_come_in_the_order_of_their_names(opening: Opening) -> None:
    """And no other."""
    with opened(opening) as mux:
        assert (ALL[8:] + ALL[:4], None) == until_failure(mux.orders.list(["three", "one"]))


@both
def test_interleaved_accounts_take_turns(opening: Opening) -> None:
    """An order of each."""
    with opened(opening) as mux:
        found, failed = until_failure(mux.orders.list(interleaved=True))
    assert (["one", "two", "three"] * 4, None) == ([ref.partition(":")[0] for ref in found], failed)
    assert sorted(ALL) == sorted(found)


@both
@pytest.mark.parametrize("interleaved", [False, True])
def test_an_account_that_fails_does_not_stop_the_others_and_is_raised_at_the_end(
    opening: Opening,
    interleaved: bool,  # noqa: FBT001
) -> None:
    """The orders before its failure come, too; its error resumes its list."""
    with opened(opening, {"two": 1}) as mux:
        orders = mux.orders.list(interleaved=interleaved)
        found, failed = until_failure(orders)
        assert sorted(ALL[:6] + ALL[8:]) == sorted(found)
        assert failed is not None
        assert ["two"] == list(failed.by_account) == list(orders.errors)
        error = failed.by_account["two"]
        assert (ServerError, "1") == (type(error), error.cursor)
        assert [] == list(orders)


@both
def test_the_failed_account_is_resumed_by_its_cursor(opening: Opening) -> None:
    """With the orders that are missing."""
    failing = {"two": 1}
    with opened(opening, failing) as mux:
        _, failed = until_failure(mux.orders.list())
        assert failed is not None
        failing.clear()
        cursor = failed.by_account["two"].cursor
        assert ALL[6:8] == [str(order.ref) for order in mux.orders.list("two", cursor=cursor)]


@both
def test_each_of_several_failures_is_raised(opening: Opening) -> None:
    """In one error, which is caught as any other, or one by one."""
    with opened(opening, {"one": 0, "three": 1}) as mux:
        _, failed = until_failure(mux.orders.list())
    assert failed is not None
    assert ["one", "three"] == list(failed.by_account)
    assert isinstance(failed, OrdermuxError)
    assert str(failed).startswith("2 of 3 accounts failed: one: list: ")
    caught: list[BaseException] = []
    try:
        raise failed
    except* ServerError as group:
        caught += group.exceptions
    assert list(failed.by_account.values()) == caught


@both
def test_a_hook_takes_each_failure_when_it_happens_and_nothing_is_raised(opening: Opening) -> None:
    """The others go on after it."""
    told: list[tuple[str, type]] = []
    seen: list[str] = []

    def hook(account: str, error: OrdermuxError) -> None:
        told.append((account, type(error)))
        assert not [ref for ref in seen if ref.startswith("three")]

    with opened(opening, {"two": 0}) as mux:
        for order in mux.orders.list(on_error=hook):
            seen.append(str(order.ref))  # noqa: PERF401 - the hook looks at it meanwhile
    assert ([("two", ServerError)], ALL[:4] + ALL[8:]) == (told, seen)


def test_what_a_hook_raises_ends_the_list() -> None:
    """So that a program can stop at the first failure."""

    def hook(account: str, error: OrdermuxError) -> None:
        del account
        raise error

    with opened(Ordermux, {"two": 0}) as mux, pytest.raises(ServerError):
        list(mux.orders.list(on_error=hook))


def test_a_list_that_is_closed_ends() -> None:
    """Without the error of an account that was not read."""
    with opened(Ordermux, {"two": 0}) as mux:
        orders = mux.orders.list()
        assert ALL[0] == str(next(orders).ref)
        orders.close()
        assert [] == list(orders)


def test_an_account_without_a_list_is_refused_before_anything_is_sent() -> None:
    """The note says which accounts are left."""
    sent: list[Any] = []
    accounts: list[Account[Any]] = [*shops("one"), Croissant(client_id="id", client_secret="secret")]
    with Ordermux(*accounts, before_send=sent.append) as mux, pytest.raises(Unsupported) as raised:
        mux.orders.list()
    assert ["the others are listed by list(['one']), or all with on_error="] == raised.value.__notes__
    assert [] == sent


def test_a_hook_takes_an_account_without_a_list_too() -> None:
    """The others are listed."""
    told: dict[str, OrdermuxError] = {}
    accounts: list[Account[Any]] = [Croissant(client_id="id", client_secret="secret"), *shops("one")]
    with Ordermux(*accounts, transport=httpx.MockTransport(served())) as mux:
        orders = mux.orders.list(on_error=told.__setitem__)
        assert ALL[:4] == [str(order.ref) for order in orders]
        assert "<AccountLists 'one', 'croissant'>" == repr(orders)
    assert {"croissant": Unsupported} == {name: type(error) for name, error in told.items()}


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        ({"account": "one", "interleaved": True}, "are for the list of several accounts"),
        ({"account": "one", "on_error": print}, "are for the list of several accounts"),
        ({"cursor": "1"}, "a cursor is of the list of one account"),
        ({"account": ["one", "one"]}, "an account is named twice"),
        ({"account": []}, "there is no account"),
    ],
)
def test_what_makes_no_sense_is_refused(arguments: dict[str, Any], problem: str) -> None:
    """Before anything is sent."""
    with opened(Ordermux) as mux, pytest.raises(InvalidArgument, match=problem):
        mux.orders.list(**arguments)


def test_an_unknown_account_is_refused_with_a_hook_too() -> None:
    """It is a mistake of the program."""
    with opened(Ordermux) as mux, pytest.raises(UnknownAccount):
        mux.orders.list(["one", "four"], on_error=print)


def test_a_client_without_accounts_has_nothing_to_list() -> None:
    """That is no empty list."""
    with pytest.raises(InvalidArgument, match="there is no account"):
        AsyncOrdermux().orders.list()


def pickled(error: Any) -> Any:
    """Return an error that went through a pickle."""
    return pickle.loads(pickle.dumps(error))


@pytest.mark.parametrize("change", [copy.copy, copy.deepcopy, pickled])
def test_the_error_of_several_accounts_is_whole_after_a_copy(change: Callable[[Any], Any]) -> None:
    """With each of its errors."""
    stuck = PagingError("stuck")
    stuck.cursor = "page-2"
    error = AccountsFailed("1 of 3 accounts failed", {"eu": stuck})
    copied = change(error)
    assert (AccountsFailed, str(error)) == (type(copied), str(copied))
    assert [("eu", PagingError, "page-2")] == [
        (name, type(each), each.cursor) for name, each in copied.by_account.items()
    ]
    assert list(copied.by_account.values()) == list(copied.exceptions)
