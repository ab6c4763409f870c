"""Requests as they arrive from a worker, whole, in pieces and broken."""

from __future__ import annotations

import contextlib
import itertools
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator_runtime.worker import http
from orchestrator_runtime.worker.http import (
    BODY_LIMIT_BYTES,
    CONTINUE,
    Answer,
    Malformed,
    Reader,
    Received,
    Request,
)


def read(*pieces: bytes) -> list[Received | bytes]:
    """All there is in bytes that came in these pieces, behind which the client closed."""
    reader, found = Reader(), list[Received | bytes]()
    for piece in (*pieces, None):
        if piece is None:
            reader.end()
        else:
            reader.feed(piece)
        while (one := reader.next()) is not None:
            found.append(one)
    return found


def test_the_query_is_not_part_of_the_path() -> None:
    found = read(b"GET /input?sdk_started_at=1 HTTP/1.1\r\nHost: localhost\r\n\r\n")
    assert found == [(Request("GET", "/input", b""), True)]


def test_a_body_has_its_length() -> None:
    found = read(b"POST /callback HTTP/1.1\r\ncontent-length: 2\r\nConnection: close\r\n\r\n{}")
    assert found == [(Request("POST", "/callback", b"{}"), False)]


CHUNKED = (
    b"POST /callback HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n1;x=y\r\n{\r\n1\r\n}\r\n0\r\nTrailer: x\r\n\r\n"
)


def test_a_body_may_come_in_chunks() -> None:
    assert read(CHUNKED) == [(Request("POST", "/callback", b"{}"), True)]


PIPELINED = CHUNKED + b"\r\nPOST /x HTTP/1.1\r\nContent-Length: 3\r\n\r\nabcGET /input HTTP/1.0\nUser-Agent: me\n\n"


@given(st.lists(st.integers(min_value=0, max_value=len(PIPELINED))))
def test_requests_are_the_same_in_whatever_pieces_they_come(cuts: list[int]) -> None:
    borders = [0, *sorted(cuts), len(PIPELINED)]
    pieces = [PIPELINED[start:end] for start, end in itertools.pairwise(borders)]
    assert read(*pieces) == [
        (Request("POST", "/callback", b"{}"), True),
        (Request("POST", "/x", b"abc"), True),
        (Request("GET", "/input", b"", "me"), False),
    ]


def test_who_asks_whether_to_go_on_is_told_so_once() -> None:
    head = b"POST /x HTTP/1.1\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n"
    assert read(head, b"{", b"}") == [CONTINUE, (Request("POST", "/x", b"{}"), True)]


def test_who_goes_on_without_waiting_need_not_be_told() -> None:
    assert read(b"POST /x HTTP/1.1\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n{}") == [
        (Request("POST", "/x", b"{}"), True)
    ]


def test_a_closed_connection_is_no_request() -> None:
    assert read() == read(b"\r\n") == []


@pytest.mark.parametrize(
    "text",
    [
        b"hello\r\n\r\n",
        b"GET / HTTP/2\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: localhost\r\n",
        b"POST / HTTP/1.1\r\nContent-Length: many\r\n\r\n",
        b"POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
        b"POST / HTTP/1.1\r\nContent-Length: " + b"9" * 5000 + b"\r\n\r\n",
        b"POST / HTTP/1.1\r\nContent-Length: 9\r\n\r\nshort",
        b"POST / HTTP/1.1\r\nTransfer-Encoding: gzip\r\n\r\n",
        b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nabc\r\n",
        b"GET / HTTP/1.1\r\n" + b"A: b\r\n" * 200 + b"\r\n",
        b"GET /" + b"x" * http.LINE_LIMIT_BYTES,
    ],
)
def test_what_is_not_http_is_malformed(text: bytes) -> None:
    with pytest.raises(Malformed):
        read(text)


@pytest.mark.parametrize(
    "head", [f"Content-Length: {BODY_LIMIT_BYTES + 1}\r\n\r\n", "Transfer-Encoding: chunked\r\n\r\nffffffffff\r\n"]
)
def test_a_body_that_is_too_large_is_refused_before_it_is_read(head: str) -> None:
    with pytest.raises(Malformed) as refused:
        read(b"POST / HTTP/1.1\r\n" + head.encode())
    assert refused.value.status == 413


@given(st.binary(max_size=300))
def test_no_bytes_do_worse_than_being_refused(text: bytes) -> None:
    with contextlib.suppress(Malformed):
        read(text)


def test_what_was_read_is_not_kept() -> None:
    reader = Reader()
    reader.feed(b"POST / HTTP/1.1\r\nContent-Length: 2\r\n\r\n{}G")
    reader.next()
    assert len(reader) == 1


def test_an_empty_answer_has_no_body() -> None:
    assert http.encode(Answer(200), keep=True) == b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"


def test_a_connection_that_ends_is_said_to() -> None:
    head, _, body = http.encode(Answer(404, {"message": "no"}), keep=False).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 404 Not Found\r\n")
    assert head.endswith(b"\r\nConnection: close")
    assert json.loads(body) == {"message": "no"}
