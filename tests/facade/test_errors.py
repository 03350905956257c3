"""The tree of errors: drawn as it is, whole after a pickle, right for each status; and nothing else leaves."""

from __future__ import annotations

import asyncio
import copy
import datetime
import functools
import importlib
import inspect
import json
import math
import pickle
import re
import ssl
from collections.abc import AsyncIterator, Callable, Iterator
from email.utils import format_datetime
from typing import Any

import attrs
import httpx
import msgspec
import pytest

import ordermux
import ordermux_crossmint.models
import ordermux_cryptum.models
from ordermux import AsyncOrdermux, Cryptum, Money, Ordermux, Zephyr, errors
from support.clients import AWAITING, OPENING, TOKEN, Handler, accounts_at, attempted
from support.document_checker import documents
from support.typed_client_answers import ORDER

ACCOUNTS = accounts_at("https://provider.test")


@attrs.frozen
class Deed:
    """Something to be done through either client, and what is known of the call that decides it."""

    do: Callable[[Any], Any]
    method: str
    path: str
    """How the path of the deciding request ends; any other request is answered rightly."""
    writes: bool = True
    unknown: bool | None = None
    """What `retryable` is of an outcome that is not known."""
    idempotent_operations: bool = False
    """Whether it has an idempotency key."""


DEEDS = {
    "zephyr.get": Deed(lambda mux: mux.orders.get("zephyr:order_01HXY8"), "GET", "/orders/order_01HXY8", writes=False),
    "cryptum.get": Deed(lambda mux: mux.orders.get("cryptum:f70"), "GET", "/f70", writes=False),
    "zephyr.refund": Deed(
        lambda mux: mux.orders.refund("zephyr:order_01HXY8", Money("1.00", "USD")),
        "POST",
        "/refunds",
        unknown=True,
        idempotent_operations=True,
    ),
    "zephyr.cancel": Deed(
        lambda mux: mux.orders.cancel("zephyr:order_01HXY8"),
        "POST",
        "/cancel",
        unknown=True,
        idempotent_operations=True,
    ),
    "croissant.put": Deed(lambda mux: mux.products.put("croissant", "1", {"name": "Belt"}), "PUT", "/1", unknown=True),
    "croissant.cancel": Deed(lambda mux: mux.orders.cancel("croissant:1"), "POST", "/cancel"),
    "crossmint.create": Deed(
        lambda mux: mux.orders.create("crossmint", ordermux_crossmint.models.CheckoutRequest(cart_item_id="1")),
        "POST",
        "/checkout",
    ),
    "cryptum.update": Deed(
        lambda mux: mux.orders.update("cryptum:f70", ordermux_cryptum.models.OrderUpdate(transaction_hash="0x1")),
        "PUT",
        "/f70",
    ),
}


def right(request: httpx.Request) -> httpx.Response:
    """Give the answers that calls need on their way to the one that decides."""
    return httpx.Response(200, json=TOKEN if request.url.path.endswith("/token") else ORDER)


def always(status: int, **answer: Any) -> Handler:
    """Return what gives the same answer for ever."""
    return lambda _: httpx.Response(status, **answer)


def done(deed: Deed, answer: Handler, *, awaiting: bool, times: int = 1, **options: Any) -> list[Any]:
    """Do a deed so many times, with an answer to its deciding call; return each result, or the error."""

    def handle(request: httpx.Request) -> httpx.Response:
        decides = request.method == deed.method and request.url.path.endswith(deed.path)
        return answer(request) if decides else right(request)

    settings: dict[str, Any] = {"attempts": 1, "transport": httpx.MockTransport(handle), **options}
    with OPENING[awaiting](*ACCOUNTS, **settings) as mux:
        return [attempted(deed.do, mux) for _ in range(times)]


# The tree


def kinds() -> list[type[errors.OrdermuxError]]:
    """Return all errors of the module."""
    found = vars(errors).values()
    return [each for each in found if inspect.isclass(each) and issubclass(each, errors.OrdermuxError)]


def drawn() -> dict[str, str]:
    """Return each error of the tree that the docstring draws, by name, with the one above it."""
    above: list[str] = []
    found: dict[str, str] = {}
    for lead, name in re.findall(r"^ {4}([ │├└─]*)(\w+)", str(errors.__doc__), re.MULTILINE):
        depth = len(lead) // 4
        assert 0 == len(lead) % 4, name
        above[depth:] = [name]
        assert name not in found
        found[name] = above[depth - 1] if depth else "Exception"
    return found


def test_the_tree_is_drawn_as_it_is() -> None:
    """Each error once, below the one that it is a kind of."""
    bases = {kind.__name__: [base.__name__ for base in kind.__bases__] for kind in kinds()}
    assert ["OrdermuxError", "ExceptionGroup"] == bases["AccountsFailed"]
    assert {name: found[0] for name, found in bases.items()} == drawn()
    assert {"AccountsFailed"} == {name for name, found in bases.items() if len(found) > 1}


def test_each_error_is_public_and_says_what_it_is() -> None:
    """It is in `ordermux` too, and has a docstring of its own."""
    assert kinds() == [getattr(ordermux, kind.__name__) for kind in kinds()]
    assert [] == [kind.__name__ for kind in kinds() if not kind.__dict__.get("__doc__")]


def filled(kind: type[errors.OrdermuxError]) -> errors.OrdermuxError:
    """Return an error of a kind with something in each attribute."""
    error: errors.OrdermuxError
    if issubclass(kind, errors.ProviderError):
        error = kind(
            "what happened",
            provider="zephyr",
            account="eu",
            operation="refund",
            status=503,
            request_id="req_1",
            attempts=3,
            key="key-1",
            retryable=True,
            retry_after=math.inf,
            body=b'{"a": 1}',
        )
    elif kind is errors.BrokenProvider:
        error = errors.BrokenProvider("what happened", provider="harbor", package="ordermux-provider-harbor")
    elif kind is errors.Unsupported:
        error = errors.Unsupported("zephyr", "create", "it sells through its shop alone")
    else:
        error = kind("what happened", 2)
    error.cursor = "page-2"
    error.add_note("a note of the caller's")
    return error


def _pickled(error: Exception, protocol: int) -> Any:
    return pickle.loads(pickle.dumps(error, protocol))


COPIES: dict[str, Callable[[Any], Any]] = {
    **{f"pickle {number}": functools.partial(_pickled, protocol=number) for number in range(6)},
    "copy": copy.copy,
    "deepcopy": copy.deepcopy,
}


@pytest.mark.parametrize("how", COPIES)
@pytest.mark.parametrize(
    "kind", [kind for kind in kinds() if kind is not errors.AccountsFailed], ids=lambda kind: str(kind.__name__)
)
def test_an_error_is_whole_after_a_copy(kind: type[errors.OrdermuxError], how: str) -> None:
    """Its type, its message and each attribute."""
    error = filled(kind)
    copied = COPIES[how](error)
    assert copied is not error
    assert (kind, str(error), error.args, vars(error)) == (type(copied), str(copied), copied.args, vars(copied))
    assert "page-2" == copied.cursor


def test_an_error_of_a_subclass_of_the_callers_is_whole_after_a_pickle() -> None:
    """Whatever its constructor takes."""
    error = _Own(5, why="because")
    assert ("no 5", "because") == (str(copied := pickle.loads(pickle.dumps(error))), copied.why)


class _Own(errors.InvalidArgument):
    """An error of a caller's own, with a constructor unlike its base's."""

    def __init__(self, number: int, *, why: str) -> None:
        """Keep why."""
        super().__init__(f"no {number}")
        self.why = why


# Each status


def expected(deed: Deed, status: int) -> tuple[type[errors.ProviderError], bool | None, float | None]:
    """Return what a status means, as the documents of the facade have it: the error, `retryable`, `retry_after`."""
    refusals: dict[int, type[errors.ProviderError]] = {
        400: errors.InvalidRequest,
        401: errors.AuthenticationFailed,
        403: errors.PermissionDenied,
        404: errors.NotFound,
        409: errors.Conflict,
        422: errors.InvalidRequest,
        429: errors.RateLimited,
    }
    after = 7.0 if status in {408, 409, 425, 429, 503} else None
    if deed.writes and status in {408, 444, 460, 499}:  # a gateway gave up on the provider
        return errors.OutcomeUnknown, deed.unknown, after
    if 400 <= status < 500:
        later = status in {408, 425, 429} or (status == 409 and deed.idempotent_operations)
        return refusals.get(status, errors.RequestRejected), later, after
    if status in {501, 505}:
        return errors.ServerError, False, after
    if status in {307, 308}:
        return errors.UnexpectedResponse, False, after
    if deed.writes:
        return errors.OutcomeUnknown, deed.unknown, after
    return (errors.ServerError, True, after) if status >= 500 else (errors.UnexpectedResponse, False, after)


@pytest.mark.slow
@AWAITING
@pytest.mark.parametrize("name", DEEDS)
def test_each_status_is_the_right_error(name: str, *, awaiting: bool) -> None:
    """All of 300 to 599, those that nobody registered included, with what may be done about them."""
    deed, statuses = DEEDS[name], iter(range(300, 600))
    waiting: dict[str, int] = {}

    def answer(request: httpx.Request) -> httpx.Response:
        if request.headers.get("authorization") == "Bearer t" and waiting.pop("again", 0):
            return httpx.Response(401, headers={"retry-after": "7"})  # the same to the request with the renewed token
        status = next(statuses)
        if status == 401 and "croissant" in name:
            waiting["again"] = 1
        return httpx.Response(status, headers={"retry-after": "7"}, json={"message": "no"})

    outcomes = done(deed, answer, awaiting=awaiting, times=300)
    found: dict[int, Any] = {
        status: (type(error), error.retryable, error.retry_after)
        for status, error in zip(range(300, 600), outcomes, strict=True)
    }
    assert {status: expected(deed, status) for status in range(300, 600)} == found
    assert [error.status for error in outcomes] == list(range(300, 600))


@AWAITING
def test_an_error_knows_its_call(*, awaiting: bool) -> None:
    """The provider, the account, the operation, how often it was sent, and the key."""
    for name, idempotent_operations in {"zephyr.get": False, "zephyr.refund": True, "crossmint.create": False}.items():
        (error,) = done(DEEDS[name], always(422), awaiting=awaiting)
        provider, _, operation = name.partition(".")
        assert (provider, provider, operation, 422) == (error.provider, error.account, error.operation, error.status)
        assert idempotent_operations == bool(error.key)
        assert (2 if operation == "refund" else 1) == error.attempts
        assert str(error).startswith(f"{provider}: {operation}: ")


@pytest.mark.parametrize(
    ("headers", "request_id"),
    [
        ({"X-Request-Id": "a"}, "a"),
        ({"request-id": "b"}, "b"),
        ({"x-correlation-id": "c"}, "c"),
        ({"cf-ray": "d"}, "d"),
        ({"cf-ray": "d", "x-request-id": "a"}, "a"),
        ({"x-requested-with": "e"}, None),
        ({}, None),
    ],
)
def test_an_error_names_the_request_as_the_provider_does(headers: dict[str, str], request_id: str | None) -> None:
    """By the header that it has for it; also where the outcome is unknown, and where the body is unreadable."""
    for name, status in (("zephyr.get", 404), ("zephyr.get", 200), ("zephyr.refund", 500), ("zephyr.refund", 200)):
        (error,) = done(DEEDS[name], always(status, headers=headers, content=b"<html>"), awaiting=False)
        assert request_id == error.request_id


NOW = datetime.datetime(2026, 3, 25, 12, tzinfo=datetime.UTC)


@pytest.mark.parametrize(
    ("told", "seconds"),
    [
        ("0", 0.0),
        ("30", 30.0),
        ("007", 7.0),
        ("999999999", 999999999.0),
        ("9" * 5000, math.inf),
        (format_datetime(NOW + datetime.timedelta(seconds=90), usegmt=True), 90.0),
        (format_datetime(NOW - datetime.timedelta(seconds=90), usegmt=True), 0.0),
        ("1.5", 1.5),
        ("2.0", 2.0),
        *(
            (wrong, None)
            for wrong in ("", "-5", "+5", "1.", ".5", "1.5.2", "nan", "inf", "1e3", "٣", "0x10", "soon", "7, 8")
        ),
    ],
)
def test_when_to_come_again_is_told_in_digits_or_as_a_date(told: str, seconds: float | None) -> None:
    """Anything else is not told at all."""
    headers = [(b"retry-after", told.encode()), (b"date", format_datetime(NOW, usegmt=True).encode())]
    for status in (429, 503):
        (error,) = done(DEEDS["zephyr.get"], always(status, headers=headers), awaiting=False)
        assert seconds == error.retry_after


def test_a_status_that_names_no_time_is_not_asked_for_one() -> None:
    """Retry-After counts with 408, 409, 425, 429 and 503 alone."""
    for status in (200, 404, 500, 502, 504):
        answer = always(status, headers={"retry-after": "7"}, content=b"<html>")
        (error,) = done(DEEDS["zephyr.get"], answer, awaiting=False)
        assert error.retry_after is None


# The body and the cause


@AWAITING
@pytest.mark.parametrize("status", [200, 404, 500])
@pytest.mark.parametrize("name", ["cryptum.get", "cryptum.update"])
def test_the_body_of_an_error_is_masked(name: str, status: int, *, awaiting: bool) -> None:
    """Whatever the error is: the members that are secret, at any depth."""
    body = {"error": "no", "deep": [{"sessionToken": "canary-body", "apiKeyId": "canary-body"}]}
    (error,) = done(DEEDS[name], always(status, json=body), awaiting=awaiting)
    assert isinstance(error, errors.ProviderError)
    assert ["**********"] * 2 == list(json.loads(error.body)["deep"][0].values())
    assert b"canary-body" not in error.body + str(error).encode() + pickle.dumps(error)


@pytest.mark.parametrize("content", [b'{"error": "' + b"x" * 1_000_000 + b'"}', b"<p>" * 1_000_000, b"[" * 100_000])
@pytest.mark.parametrize("status", [200, 404, 502])
@pytest.mark.parametrize("name", ["cryptum.get", "crossmint.create"])
def test_an_error_is_no_longer_than_can_be_logged(name: str, status: int, content: bytes) -> None:
    """Its body is at most 10,000 bytes, its message at most 1,000 characters."""
    (error,) = done(DEEDS[name], always(status, content=content), awaiting=False)
    assert isinstance(error, errors.ProviderError)
    assert 0 < len(error.body) <= 10_000
    assert len(str(error)) <= 1_000


CAUSES = {
    (404, b""): "NotFound",
    (418, b""): "UnexpectedStatus",
    (500, b'{"message": "no"}'): "ServerError",
    (302, b""): "UnexpectedStatus",
    (200, b"<html>"): "DecodeError",
    (200, b"{}"): "DecodeError",
}


@AWAITING
@pytest.mark.parametrize(("answer", "cause"), CAUSES.items())
@pytest.mark.parametrize("name", ["zephyr.get", "zephyr.refund", "crossmint.create", "cryptum.get"])
def test_the_cause_is_the_typed_clients_own_error(
    name: str, answer: tuple[int, bytes], cause: str, *, awaiting: bool
) -> None:
    """With the answer in it, and without the frames it came through."""
    status, content = answer
    (error,) = done(DEEDS[name], always(status, content=content), awaiting=awaiting)
    package = importlib.import_module(f"ordermux_{name.partition('.')[0]}.errors")
    if (name, content) == ("zephyr.refund", b"{}"):  # all of a refund may be missing
        assert isinstance(error, ordermux.Refund)
        return
    assert getattr(package, cause) is type(error.__cause__)
    assert (status, content) == (error.__cause__.status_code, error.__cause__.content)
    assert error.__cause__.__traceback__ is None


@AWAITING
def test_a_lost_answer_has_no_cause_to_show(*, awaiting: bool) -> None:
    """What the library says of it is in the message; its frames, whose locals hold the credentials, are not there."""

    def lost(_: httpx.Request) -> httpx.Response:
        raise httpx.ReadError("the connection was reset")

    for deed in DEEDS.values():
        (error,) = done(deed, lost, awaiting=awaiting)
        assert "ReadError: the connection was reset" in str(error)
        assert (None, None) == (error.__cause__, error.__context__)


# Nothing else leaves


def raised_by(call: Callable[[], Any]) -> Exception:
    """Return the exception that a call raises."""
    try:
        call()
    except Exception as error:
        return error
    raise AssertionError


class _Mute(Exception):
    """An exception that cannot even be told."""

    def __str__(self) -> str:
        """Fail."""
        raise RuntimeError("no")


OF_A_TRANSPORT: list[Exception] = [
    *(
        kind("what it says")
        for kind in vars(httpx).values()
        if inspect.isclass(kind)
        and issubclass(kind, httpx.RequestError | httpx.InvalidURL | httpx.CookieConflict | httpx.StreamError)
        and list(inspect.signature(kind).parameters)[:1] == ["message"]
    ),
    httpx.StreamConsumed(),
    httpx.ResponseNotRead(),
    OSError(5, "no"),
    ConnectionResetError(104, "reset"),
    BrokenPipeError(),
    TimeoutError(110, "timed out"),
    ssl.SSLError(1, "tls"),
    ssl.SSLCertVerificationError(1, "expired"),
    ssl.SSLEOFError(8, "eof"),
]
OF_THE_CALLER: list[Exception] = [
    TimeoutError(),
    ValueError("v"),
    UnicodeError("u"),
    raised_by(b"\xff".decode),
    RuntimeError("r"),
    KeyError("k"),
    IndexError(),
    TypeError(),
    AttributeError("a"),
    AssertionError(),
    ZeroDivisionError(),
    MemoryError(),
    RecursionError("deep"),
    NotImplementedError(),
    StopAsyncIteration(),
    ExceptionGroup("many", [ValueError("one"), OSError("two")]),
    json.JSONDecodeError("j", "doc", 0),
    msgspec.DecodeError("d"),
    msgspec.ValidationError("v"),
    raised_by(lambda: msgspec.json.decode(b"{")),
    _Mute(),
]


class _Raising(httpx.BaseTransport, httpx.AsyncBaseTransport):
    """A transport that answers what is on the way, and raises where the deciding call is sent, or is read from."""

    def __init__(self, deed: Deed, error: BaseException, *, body: bool) -> None:
        """Take what it raises, and when."""
        self.deed, self.error, self.body = deed, error, body

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Answer, or raise."""
        if request.method != self.deed.method or not request.url.path.endswith(self.deed.path):
            return right(request)
        if not self.body:
            raise self.error
        return httpx.Response(200, stream=_Broken(self.error))

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Answer, or raise."""
        return self.handle_request(request)


class _Broken(httpx.SyncByteStream, httpx.AsyncByteStream):
    """A body that breaks."""

    def __init__(self, error: BaseException) -> None:
        """Take what it raises."""
        self.error = error

    def __iter__(self) -> Iterator[bytes]:
        yield b"{"
        raise self.error

    async def __aiter__(self) -> AsyncIterator[bytes]:
        yield b"{"
        raise self.error


@pytest.mark.slow
@AWAITING
@pytest.mark.parametrize("body", [False, True], ids=["sending", "reading"])
@pytest.mark.parametrize("name", DEEDS)
def test_no_error_of_a_transport_leaves(name: str, *, body: bool, awaiting: bool) -> None:
    """What httpx or a socket raises is a failure of the connection, and for a write one of unknown outcome."""
    deed = DEEDS[name]
    strangers: list[Any] = []
    for raised in OF_A_TRANSPORT:
        (error,) = done(deed, right, awaiting=awaiting, transport=_Raising(deed, raised, body=body))
        unsent = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError)
        nothing_sent = isinstance(raised, (*unsent, httpx.UnsupportedProtocol))
        kind = errors.ConnectionFailed if nothing_sent or not deed.writes else errors.OutcomeUnknown
        if kind is not type(error):
            strangers.append((raised, error))
    assert [] == strangers


@pytest.mark.slow
@AWAITING
@pytest.mark.parametrize("body", [False, True], ids=["sending", "reading"])
@pytest.mark.parametrize("name", DEEDS)
def test_the_exception_of_the_callers_own_passes(name: str, *, body: bool, awaiting: bool) -> None:
    """Such as a mistake in a mock, or a job's time limit: it is no failure, after which the call would go on."""
    deed = DEEDS[name]
    kept: list[Any] = []
    for raised in OF_THE_CALLER:
        (error,) = done(deed, right, awaiting=awaiting, transport=_Raising(deed, raised, body=body))
        # In an asynchronous generator, as a body is one, Python makes another error of this one.
        if raised is not (error.__cause__ if isinstance(raised, StopAsyncIteration) and body and awaiting else error):
            kept.append((raised, error))
    assert [] == kept


@pytest.mark.parametrize("raised", [KeyboardInterrupt(), SystemExit(3), asyncio.CancelledError()], ids=repr)
@pytest.mark.parametrize("body", [False, True], ids=["sending", "reading"])
@pytest.mark.parametrize("name", ["zephyr.get", "zephyr.refund", "crossmint.create"])
@AWAITING
def test_what_ends_a_program_passes_through(name: str, raised: BaseException, *, body: bool, awaiting: bool) -> None:
    """An interrupt, an exit and a cancellation are nobody's to keep."""
    deed = DEEDS[name]
    with pytest.raises(type(raised)):
        done(deed, right, awaiting=awaiting, transport=_Raising(deed, raised, body=body))


def test_a_task_is_cancelled_while_it_waits() -> None:
    """For an answer, and for the next attempt."""

    async def cancelled(handle: Any) -> None:
        async with AsyncOrdermux(*ACCOUNTS, transport=httpx.MockTransport(handle)) as mux:
            for deed in DEEDS.values():
                task = asyncio.create_task(deed.do(mux))
                await asyncio.sleep(0.01)
                task.cancel()
                with pytest.raises(asyncio.CancelledError):
                    await task

    async def never(request: httpx.Request) -> httpx.Response:
        del request
        await asyncio.sleep(60)
        raise AssertionError

    asyncio.run(cancelled(never))
    asyncio.run(cancelled(always(429, headers={"retry-after": "30"})))


@AWAITING
def test_hooks_that_fail_change_nothing(*, awaiting: bool, caplog: pytest.LogCaptureFixture) -> None:
    """What a hook of the caller's raises is logged, and the call goes on."""

    def hook(*_: object) -> None:
        raise ValueError("of the hook")

    body = {**ORDER, "total_cents": 100, "metadata": [1]}
    (order,) = done(
        DEEDS["zephyr.get"],
        always(200, json=body),
        awaiting=awaiting,
        on_attempt=hook,
        on_deviation=hook,
    )
    assert Money("1.00", "USD") == order.total
    assert 2 == caplog.text.count("ValueError: of the hook")


@AWAITING
def test_a_client_that_cannot_be_made_is_an_argument_refused(*, awaiting: bool) -> None:
    """An address with a password in it, or a credential that is none; the password is not in the message."""
    wrong: Any = 5
    made = AsyncOrdermux if awaiting else Ordermux
    for account in (
        lambda: Zephyr(api_key="k", base_url="https://user:canary-url@provider.test"),
        lambda: Zephyr(api_key="k", base_url="provider.test"),
        lambda: Zephyr(api_key="k", base_url=""),
        lambda: Zephyr(api_key=wrong),
        lambda: Cryptum(api_key="k", store="s", environment="moon"),
    ):
        with pytest.raises(errors.InvalidArgument) as raised:
            made(account(), transport=httpx.MockTransport(right))
        assert "canary-url" not in str(raised.value)


def test_the_document_lists_no_status_that_has_no_error() -> None:
    """Each status that a document lists for an error is one of the table's."""
    listed = {
        int(status.replace("XX", "00"))
        for document in documents().values()
        for operation in document.operations
        for status, _ in operation.meanings
        if status != "default"
    }
    kinds_of = {status: expected(DEEDS["zephyr.get"], status)[0] for status in listed}
    assert {} == {status: kind for status, kind in kinds_of.items() if kind is errors.RequestRejected}
