"""The reader of answers: what it refuses, its bounds, and that it does not matter in which pieces an answer comes."""

from __future__ import annotations

import gzip
import itertools
import time

import hypothesis
import pytest
from hypothesis import strategies as st

from ordermux.transport.attempt import WireError
from ordermux.transport.body import InvalidBody
from ordermux.transport.head import MAX_HEADERS, encode_head
from ordermux.transport.http1 import MAX_HEAD_BYTES, ResponseReader
from ordermux.transport.wire import RawResponse, WireRequest
from support.lines import Line, failed, get
from support.raw_server import Peer, Server

HEAD = b"HTTP/1.1 200 OK\r\n"
CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"
TWO = b"Content-Length: 2\r\n\r\n{}"
GOOD: dict[str, bytes] = {
    "length": HEAD + TWO,
    "no body": HEAD + b"Content-Length: 0\r\n\r\n",
    "until the end": HEAD + b"\r\n{}",
    "chunks": CHUNKED + b"1\r\n{\r\n1;a=b\r\n}\r\n0\r\n\r\n",
    "trailers": CHUNKED + b"2\r\n{}\r\n0\r\nA: 1\r\nB: 2\r\n\r\n",
    "informational": b"HTTP/1.1 103 Early Hints\r\nLink: a\r\n\r\n" + HEAD + TWO,
    "gzip": HEAD + b"Content-Encoding: gzip\r\n\r\n" + gzip.compress(b"{}"),
    "204": b"HTTP/1.1 204 No Content\r\n\r\n",
    "another status": b"HTTP/1.1 520 \xc3\x9cnknown\r\n" + TWO,
}
REFUSED: dict[str, bytes] = {
    "two equal lengths": HEAD + b"Content-Length: 2\r\n" + TWO,
    "two lengths": HEAD + b"Content-Length: 9\r\n" + TWO,
    "a list of lengths": HEAD + b"Content-Length: 2, 2\r\n\r\n{}",
    "length +2": HEAD + b"Content-Length: +2\r\n\r\n{}",
    "length 0_2": HEAD + b"Content-Length: 0_2\r\n\r\n{}",
    "length 2.0": HEAD + b"Content-Length: 2.0\r\n\r\n{}",
    "length 1e3": HEAD + b"Content-Length: 1e3\r\n\r\n{}",
    "length -1": HEAD + b"Content-Length: -1\r\n\r\n{}",
    "an empty length": HEAD + b"Content-Length:\r\n\r\n{}",
    "a length in other digits": HEAD + "Content-Length: ٢\r\n\r\n{}".encode(),
    "a length of 30 digits": HEAD + b"Content-Length: " + b"9" * 30 + b"\r\n\r\n{}",
    "two lengths of no body": b"HTTP/1.1 204 No\r\nContent-Length: 9\r\n" + TWO,
    "chunked beside a length": HEAD + b"Transfer-Encoding: chunked\r\n" + TWO,
    "chunked in HTTP/1.0": b"HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
    "chunked twice": HEAD + b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "gzip, chunked": HEAD + b"Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
    "the encoding identity": HEAD + b"Transfer-Encoding: identity\r\n\r\n{}",
    "an empty encoding": HEAD + b"Transfer-Encoding:\r\n\r\n{}",
    "chunk size 0x2": CHUNKED + b"0x2\r\n{}\r\n0\r\n\r\n",
    "chunk size +2": CHUNKED + b"+2\r\n{}\r\n0\r\n\r\n",
    "chunk size -2": CHUNKED + b"-2\r\n{}\r\n0\r\n\r\n",
    "chunk size 0_2": CHUNKED + b"0_2\r\n{}\r\n0\r\n\r\n",
    "a blank before a chunk size": CHUNKED + b" 2\r\n{}\r\n0\r\n\r\n",
    "no chunk size": CHUNKED + b"\r\n{}\r\n0\r\n\r\n",
    "a chunk size of 20 digits": CHUNKED + b"0" * 19 + b"2\r\n{}\r\n0\r\n\r\n",
    "a control character in an extension": CHUNKED + b"2;\x01\r\n{}\r\n0\r\n\r\n",
    "a long extension": CHUNKED + b"2;" + b"x" * 1100 + b"\r\n{}\r\n0\r\n\r\n",
    "a chunk longer than its size": CHUNKED + b"2\r\n{}}\r\n0\r\n\r\n",
    "a chunk without its CRLF": CHUNKED + b"2\r\n{}0\r\n\r\n",
    "chunks that end in LF": CHUNKED + b"2\n{}\n0\n\n",
    "a trailer without a colon": CHUNKED + b"0\r\nnonsense\r\n\r\n",
    "a trailer that is folded": CHUNKED + b"0\r\nA: 1\r\n b\r\n\r\n",
    "too many trailers": CHUNKED + b"0\r\n" + b"A: 1\r\n" * (MAX_HEADERS + 1) + b"\r\n",
    "trailers that are too long": CHUNKED + b"0\r\nA: " + b"x" * MAX_HEAD_BYTES + b"\r\n\r\n",
    "a folded header": HEAD + b"A: 1\r\n b\r\n" + TWO,
    "a fold that hides a length": HEAD + b"A: 1\r\n Content-Length: 9\r\n" + TWO,
    "a lone CR": HEAD + b"A: 1\rContent-Length: 9\r\n" + TWO,
    "a lone LF": HEAD + b"A: 1\nB: 2\r\n" + TWO,
    "a lone LF in the status line": b"HTTP/1.1 200 OK\nA: 1\r\n" + TWO,
    "LF alone": b"HTTP/1.1 200 OK\nContent-Length: 2\n\n{}",
    "NUL": HEAD + b"A: a\0b\r\n" + TWO,
    "a control character": HEAD + b"A: a\x01b\r\n" + TWO,
    "DEL in the phrase": b"HTTP/1.1 200 O\x7fK\r\n" + TWO,
    "a blank before the colon": HEAD + b"Content-Length : 2\r\n\r\n{}",
    "a blank in a name": HEAD + b"A B: x\r\n" + TWO,
    "a name that is not ASCII": HEAD + "É: x\r\n".encode() + TWO,
    "no colon": HEAD + b"nonsense\r\n" + TWO,
    "no name": HEAD + b": x\r\n" + TWO,
    "a blank before the first header": HEAD + b" A: x\r\n" + TWO,
    "status 20": b"HTTP/1.1 20 OK\r\n" + TWO,
    "status 2000": b"HTTP/1.1 2000 OK\r\n" + TWO,
    "status +20": b"HTTP/1.1 +20 OK\r\n" + TWO,
    "status 099": b"HTTP/1.1 099 OK\r\n" + TWO,
    "no status": b"HTTP/1.1 OK\r\n" + TWO,
    "HTTP/2.0": b"HTTP/2.0 200 OK\r\n" + TWO,
    "HTTP/0.9": b"{}\r\n\r\n",
    "HTTP/1.9": b"HTTP/1.9 200 OK\r\n" + TWO,
    "lower case": b"http/1.1 200 OK\r\n" + TWO,
    "ICY": b"ICY 200 OK\r\n" + TWO,
    "a blank line first": b"\r\n" + HEAD + TWO,
    "101": b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n",
    "headers that are too long": HEAD + b"A: " + b"x" * MAX_HEAD_BYTES + b"\r\n" + TWO,
    "too many headers": HEAD + b"A: 1\r\n" * MAX_HEADERS + TWO,
    "a broken informational answer": b"HTTP/1.1 103 Early Hints\r\nnonsense\r\n\r\n" + HEAD + TWO,
}


def read(*pieces: bytes, method: str = "GET", max_bytes: int = 100, end: bool = True) -> RawResponse:
    """Return what the reader makes of an answer that comes in these pieces, and of the end after it."""
    reader = ResponseReader(method, max_bytes)
    for piece in pieces:
        if reader.feed(piece):
            break
    if end and not reader.done:
        reader.end()
    return reader.response()


def outcome(*pieces: bytes) -> tuple[int, list[tuple[str, str]], bytes] | str:
    """Return an answer's parts, or the reason why it is none."""
    try:
        response = read(*pieces)
    except WireError as error:
        return str(error)
    return response.status, response.headers.multi_items(), response.body


@pytest.mark.parametrize("name", REFUSED)
def test_what_can_be_read_in_two_ways_is_refused(name: str) -> None:
    """In one piece, and byte by byte, in the same words; all of it, so that no rest is left for the next request."""
    whole = REFUSED[name]
    with pytest.raises(WireError) as refused:
        read(whole, end=False)
    assert str(refused.value).startswith("RemoteProtocolError: ")
    with pytest.raises(WireError, match=r"^RemoteProtocolError: "):
        read(*(whole[at : at + 1] for at in range(len(whole))), end=False)


@pytest.mark.parametrize("name", REFUSED)
def test_both_transports_refuse_it(line: Line, name: str) -> None:
    """With the same failure, and the connection is closed, not used."""

    def behave(peer: Peer) -> None:
        while peer.request():
            peer.send(REFUSED[name])

    with Server(behave) as server:
        assert [(False, False, True)] * 2 == [failed(line.send(get(server.url))) for _ in range(2)]
        assert 2 == server.connections


@pytest.mark.slow
@pytest.mark.parametrize("whole", GOOD.values(), ids=GOOD)
@hypothesis.given(cuts=st.lists(st.integers(0, 200), max_size=8))
def test_the_pieces_do_not_matter(whole: bytes, cuts: list[int]) -> None:
    """However an answer is cut on its way, it is the same."""
    at = sorted({0, *cuts, len(whole)})
    pieces = [whole[start:end] for start, end in itertools.pairwise(at)]
    assert outcome(whole) == outcome(*filter(None, pieces))
    assert isinstance(outcome(whole), tuple)


@hypothesis.given(
    noise=st.lists(st.sampled_from([b"\r\n", b"\n", b"\r", b":", b" ", b"0", b"2", b"A", b";", b"\0", b"{}", b"\xff"]))
    | st.lists(st.binary(max_size=4)),
    whole=st.sampled_from(list(GOOD.values())),
    at=st.integers(0, 80),
    cut=st.integers(0, 100),
)
def test_any_bytes_are_an_answer_or_refused(noise: list[bytes], whole: bytes, at: int, cut: int) -> None:
    """Nothing else is raised, and the pieces do not matter to the outcome."""
    changed = whole[:at] + b"".join(noise) + whole[at:]
    one, two = outcome(changed), outcome(*filter(None, (changed[:cut], changed[cut:])))
    assert isinstance(one, tuple) == isinstance(two, tuple)
    if isinstance(one, tuple):
        assert one == two


def test_the_bounds_of_the_headers() -> None:
    """So many bytes and so many lines are read."""
    filler = MAX_HEAD_BYTES - len(HEAD) - len("A: \r\nContent-Length: 2")
    longest = HEAD + b"A: " + b"x" * filler + b"\r\n" + TWO
    for pieces in ([longest], [longest[:-5], longest[-5:]], [longest[:-3], longest[-3:]]):
        assert b"{}" == read(*pieces).body
    assert MAX_HEADERS == len(read(HEAD + b"A: 1\r\n" * (MAX_HEADERS - 1) + TWO).headers.multi_items())


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (HEAD + TWO, True),
        (HEAD + b"Connection: keep-alive\r\n" + TWO, True),
        (HEAD + b"Connection: Close\r\n" + TWO, False),
        (HEAD + b"Connection: keep-alive, close\r\n" + TWO, False),
        (HEAD + b"Connection: x\r\nConnection: close\r\n" + TWO, False),
        (b"HTTP/1.0 200 OK\r\n" + TWO, False),
        (b"HTTP/1.0 200 OK\r\nConnection: keep-alive\r\n" + TWO, False),
        (HEAD + TWO + b"HTTP/1.1", False),
        (CHUNKED + b"0\r\n\r\n", True),
        (CHUNKED + b"0\r\n\r\n\r\n", False),
        (b"HTTP/1.1 204 No Content\r\n\r\nx", False),
    ],
)
def test_whether_a_connection_can_be_kept(answer: bytes, *, expected: bool) -> None:
    """Not if the server closes it, and not if there is more than the answer."""
    reader = ResponseReader("GET", 100)
    assert reader.feed(answer)
    assert expected == reader.reusable


def test_a_surplus_that_comes_later_is_seen() -> None:
    """The connection cannot be kept then."""
    reader = ResponseReader("GET", 100)
    assert reader.feed(HEAD + TWO)
    assert reader.reusable
    assert reader.feed(b"x")
    assert (False, True) == (reader.reusable, reader.has_surplus)


def test_a_body_of_many_small_chunks_is_read_in_time() -> None:
    """Its time grows with its length, and not with the square of it."""
    chunks = CHUNKED + b"1\r\nx\r\n" * 40_000 + b"0\r\n\r\n"
    began = time.process_time()
    assert 40_000 == len(read(chunks, max_bytes=100_000).body)
    assert 2 > time.process_time() - began


def test_a_head_that_drips_is_read_in_time() -> None:
    """Its time grows with its length, and not with the square of it."""
    whole = HEAD + b"A: " + b"x" * 60_000 + b"\r\n" + TWO
    began = time.process_time()
    assert b"{}" == read(*(whole[at : at + 1] for at in range(len(whole)))).body
    assert 2 > time.process_time() - began


def test_a_header_of_blanks_is_read_in_time() -> None:
    """No expression goes back and forth in it."""
    began = time.process_time()
    assert "" == read(HEAD + b"A:" + b" \t" * 30_000 + b"\r\n" + TWO).headers["a"]
    assert outcome(HEAD + b"A: x" + b" " * 60_000 + b"\x01\r\n" + TWO).__class__ is str
    assert 2 > time.process_time() - began


def test_values_are_utf_8_or_latin_1() -> None:
    """What is not the one is the other."""
    assert "é" == read(HEAD + "A: é\r\n".encode() + TWO).headers["a"]
    assert "é" == read(HEAD + "A: é\r\n".encode("latin-1") + TWO).headers["a"]


def test_a_body_that_grows_beyond_its_bound_is_given_up_at_once() -> None:
    """Before the rest of it comes."""
    for start in (HEAD + b"Content-Length: 101\r\n\r\n", CHUNKED + b"65\r\n", HEAD + b"\r\n" + b"x" * 101):
        with pytest.raises(InvalidBody, match="over 100 bytes"):
            read(start, end=False)


def test_a_head_for_a_proxy_names_the_whole_url() -> None:
    """And has the headers for the proxy."""
    request = WireRequest.to_url("GET", "http://shop.example:81/a?b", [("A", "1")])
    expected = b"GET http://shop.example:81/a?b HTTP/1.1\r\nHost: shop.example:81\r\nA: 1\r\nP: 2\r\n\r\n"
    assert expected == encode_head(request, (("P", "2"),))
