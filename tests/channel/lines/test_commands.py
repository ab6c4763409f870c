"""Bytes of a container become the three commands that a shim sends, or are refused, in whatever pieces they come."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orchestrator.channel.lines.commands import (
    COMMAND_LIMIT_BYTES,
    WORD_LIMIT_BYTES,
    Append,
    Auth,
    Command,
    Malformed,
    Read,
    Reader,
)
from orchestrator_runtime.resp import encode

AUTH = encode("AUTH", "c-1", "secret")
APPEND = encode("XADD", "out", "*", "f", b'{"type":"ready"}')
READ = encode("XREAD", "COUNT", "64", "BLOCK", "1000", "STREAMS", "in", "7-0")
ALL: list[Command] = [Auth(b"c-1", b"secret"), Append(b"out", b'{"type":"ready"}'), Read(64, 1000, b"in", 7)]


def read(*pieces: bytes) -> list[Command]:
    reader, found = Reader(), []
    for piece in pieces:
        reader.feed(piece)
        while command := reader.next():
            found.append(command)
    return found


def test_what_a_shim_sends_is_understood() -> None:
    assert read(AUTH + APPEND + READ) == ALL


@given(st.lists(st.integers(1, 40), min_size=1))
def test_in_whatever_pieces_it_comes(sizes: list[int]) -> None:
    data, pieces = AUTH + APPEND + READ, []
    for size in sizes:
        pieces.append(data[:size])
        data = data[size:]
    assert read(*pieces, data) == ALL


@pytest.mark.parametrize(
    "data",
    [
        encode("XADD", "out", "*", "f", "{}", "g", "x"),
        encode("XADD", "out", "MAXLEN", "0", "*", "f", "{}"),
        encode("XADD", "out", "18446744073709551615-1", "f", "{}"),
        encode("XREAD", "COUNT", "64", "BLOCK", "1000", "STREAMS", "in", "in", "0-0", "0-0"),
        encode("XREAD", "STREAMS", *["in"] * 20_000, *["0-0"] * 20_000),
        encode("XREAD", "COUNT", "-1", "BLOCK", "1000", "STREAMS", "in", "0-0"),
        encode("XREAD", "COUNT", "1", "BLOCK", "1000", "STREAMS", "in", "9" * 5_000),
        *(
            encode(*words.split())
            for words in ("MULTI", "PING", "EVAL x 0", "CLIENT LIST", "RESET", "HELLO 3", "AUTH x")
        ),
        b"PING\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
        b"*0\r\n",
        b"*1000000\r\n",
        b"*-1\r\n",
        b"*1\r\n$-1\r\n",
        b"*1\r\n$1\r\nabc\r\n",
        b"*1\r\n$%d\r\n" % (WORD_LIMIT_BYTES + 1),
        b"*" + b"1" * 100,
        b"\x00" * 100,
    ],
    ids=lambda data: str(data[:40]),
)
def test_everything_else_is_refused_before_it_is_complete(data: bytes) -> None:
    with pytest.raises(Malformed):
        read(data)


@settings(max_examples=300)
@given(
    st.lists(st.binary(max_size=60) | st.sampled_from([AUTH, APPEND, READ, b"*3\r\n", b"$5\r\n", b"\r\n", b"*", b"$"]))
)
def test_no_bytes_crash_it_or_make_it_keep_more_than_a_command(pieces: list[bytes]) -> None:
    reader = Reader()
    try:
        for piece in pieces:
            reader.feed(piece)
            while reader.next():
                pass
            assert len(reader) <= COMMAND_LIMIT_BYTES
    except Malformed:
        pass
