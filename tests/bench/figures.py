"""The figures: what is compared with what, how often it is called, and what is to be reached."""

from __future__ import annotations

import statistics
from typing import Literal, NamedTuple, TypeAlias

Clock: TypeAlias = Literal["cpu", "wall"]

FACADE = "ordermux"
DMCG = "datamodel-code-generator's client"
STOCK = "openapi-python-client"
JAVA = "OpenAPI Generator's client"


class Peer(NamedTuple):
    """What the facade is compared with."""

    name: str
    subject: str
    goal: float | None = None
    """What the ratio is to reach."""
    home: str | None = None
    """The environment of its own that it needs."""


class Figure(NamedTuple):
    """One comparison; the subjects take turns, in rounds of so many calls."""

    title: str
    ours: str
    peers: tuple[Peer, ...]
    calls: int
    clock: Clock = "cpu"
    slow: tuple[str, ...] = ()
    """The subjects that do a fifth of the calls."""
    many: bool = False
    """Whether the ratio counts how many times the peer's calls are done, and not what part of its time is taken."""


FIGURES = (
    Figure(
        "read one order",
        "get_facade",
        (
            Peer("httpx, bytes", "get_httpx", 0.5),
            Peer("httpx2, bytes", "get_httpx2", home="dmcg"),
            Peer("urllib3, bytes", "get_urllib3"),
            Peer("http.client, bytes", "get_http_client"),
            Peer("our transport, bytes", "get_transport"),
            Peer(DMCG, "get_dmcg", home="dmcg"),
            Peer(STOCK, "get_stock", home="stock"),
            Peer(JAVA, "get_java", home="java"),
        ),
        1000,
    ),
    Figure(
        "list a page of 100 orders, none looked at",
        "page_facade_unread",
        (Peer(DMCG, "page_dmcg", 0.8, home="dmcg"), Peer("httpx, bytes", "page_httpx")),
        300,
    ),
    Figure(
        "list that page; reference, status, total read",
        "page_facade",
        (
            Peer(DMCG, "page_dmcg", 1.2, home="dmcg"),
            Peer("httpx, bytes", "page_httpx"),
            Peer("httpx and msgspec", "page_msgspec", home="dmcg"),
            Peer(STOCK, "page_stock", home="stock"),
            Peer(JAVA, "page_java", home="java"),
        ),
        300,
    ),
    Figure(
        "list that page; every field read",
        "page_facade_whole",
        (Peer(DMCG, "page_dmcg", 2.5, home="dmcg"),),
        300,
    ),
    Figure(
        "list that page; every field and the ledger read",
        "page_facade_ledger",
        (Peer(DMCG, "page_dmcg", home="dmcg"),),
        300,
    ),
    Figure(
        "decode that page",
        "decode_facade",
        (
            Peer("msgspec alone", "decode_msgspec", 1.05, home="dmcg"),
            Peer("json.loads, to dicts", "decode_json"),
        ),
        1000,
    ),
    Figure(
        "receive a delivery of 2 KB",
        "webhook_facade",
        (Peer("HMAC, digest and one decode", "webhook_floor", 1.6),),
        5000,
    ),
    Figure(
        "read an order, 200 at once",
        "async_facade",
        (
            Peer("httpx, bytes", "async_httpx", 5),
            Peer("aiohttp, bytes", "async_aiohttp", 0.6),
            Peer("httpx, keeping 100 connections", "async_httpx_keeping"),
            Peer("the facade, 10 at once", "async_facade_10"),
            Peer("the facade, 1,000 at once", "async_facade_1000"),
        ),
        2000,
        slow=("async_httpx", "async_httpx_keeping"),
        many=True,
    ),
    Figure("build a second client", "client_facade", (Peer("httpx.Client", "client_httpx", 0.1),), 100),
    Figure(
        "sync products, 8 threads",
        "products_facade",
        (
            Peer("httpx.Client.put", "products_httpx", 1.2),
            Peer("the transport alone", "products_transport"),
        ),
        1000,
        "wall",
        many=True,
    ),
    Figure(
        "sync products, 8 tasks",
        "products_facade_async",
        (Peer("the transport alone", "products_transport_async"),),
        1000,
        "wall",
        many=True,
    ),
)


class Start(NamedTuple):
    """A comparison of whole processes, whose code may name an address as {address}."""

    title: str
    ours: str
    peer: Peer
    """The subject is its code."""
    bare: bool
    """Whether the start of Python alone is taken off."""


_FIRST = """
from ordermux import Ordermux, Zephyr
with Ordermux(Zephyr(api_key="made-up", base_url="{address}")) as mux:
    mux.orders.get("zephyr:order_01HXY8")
"""
_FIRST_HTTPX = """
import httpx
with httpx.Client() as client:
    client.get("{address}/v1/orders/order_01HXY8", headers={{"authorization": "Bearer made-up"}}).json()
"""
STARTS = (
    Start("import", "import ordermux", Peer("httpx", "import httpx", 0.2), bare=True),
    Start("start Python and read an order", _FIRST, Peer("httpx", _FIRST_HTTPX, 0.7), bare=False),
)


class Row(NamedTuple):
    """A line of the table: medians of the rounds, and the ratio of each round with its least and most."""

    title: str
    ours: float
    """Seconds a call; where there is no peer, what `unit` says."""
    peer: str
    theirs: float | None
    ratio: float
    least: float
    most: float
    goal: float | None
    many: bool = False
    """Whether the ratio, and the goal, is the better the higher it is."""
    rounds: tuple[tuple[float, float], ...] = ()
    """Ours and theirs, of each round."""
    unit: str = "s"

    @property
    def reached(self) -> bool | None:
        """Whether the goal was; None where there is none."""
        if self.goal is None:
            return None
        return self.ratio >= self.goal if self.many else self.ratio <= self.goal


def compared(title: str, peer: Peer, ours: list[float], theirs: list[float], *, many: bool = False) -> Row:
    """Return what the rounds of two subjects came to, each round's two held against each other."""
    rounds = tuple(zip(ours, theirs, strict=True))
    ratios = [their / our if many else our / their for our, their in rounds]
    return Row(
        title=title,
        ours=statistics.median(ours),
        peer=peer.name,
        theirs=statistics.median(theirs),
        ratio=statistics.median(ratios),
        least=min(ratios),
        most=max(ratios),
        goal=peer.goal,
        many=many,
        rounds=rounds,
    )


def counted(title: str, value: float, unit: str, goal: float) -> Row:
    """Return a line about a number that has no peer, and is to be no more than the goal."""
    return Row(title, value, "", None, value, value, value, goal, unit=unit)
