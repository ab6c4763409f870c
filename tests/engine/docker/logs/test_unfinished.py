from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from orchestrator.core.logs import Unfinished
from orchestrator.engine.base import UNFINISHED_BYTES
from orchestrator.engine.docker.logs.unfinished import UnfinishedLines


def frame(payload: bytes, kind: int = 1) -> bytes:
    return bytes([kind, 0, 0, 0]) + len(payload).to_bytes(4, "big") + payload


def shown(*frames: bytes) -> Unfinished:
    lines = UnfinishedLines()
    for one in frames:
        lines.feed(one)
    return lines.now()


def test_a_line_that_is_begun_is_shown_and_one_that_has_ended_is_not() -> None:
    assert shown(frame(b"Password: ")) == {"stdout": "Password: "}
    assert shown(frame(b"one\ntwo")) == {"stdout": "two"}
    assert shown(frame(b"one"), frame(b" and two\n")) == {}


def test_of_what_is_written_over_the_last_state_is_shown() -> None:
    assert shown(frame(b"\r10 %"), frame(b"\r20 %")) == {"stdout": "20 %"}
    assert shown(frame(b"10 %\r"), frame(b"20 %\r")) == {"stdout": "20 %"}


def test_what_is_erased_is_not_shown_but_the_line_goes_on() -> None:
    assert shown(frame(b"\r10 %\x1b[K")) == {"stdout": "10 %"}
    assert shown(frame(b"10 %"), frame(b"\r\x1b[2K")) == {"stdout": "10 %"}


def test_streams_have_lines_of_their_own() -> None:
    assert shown(frame(b"out"), frame(b"err", 2), frame(b"!")) == {"stdout": "out!", "stderr": "err"}


def test_of_a_long_line_the_end_is_held() -> None:
    lines = UnfinishedLines()
    for number in range(UNFINISHED_BYTES):
        lines.feed(frame(b"%07d " % number))
    text = lines.now()["stdout"]
    assert len(text) == UNFINISHED_BYTES
    assert text.endswith(f"{UNFINISHED_BYTES - 1:07} ")


def test_half_a_character_is_not_shown() -> None:
    assert shown(frame("fünf".encode()[:2])) == {"stdout": "f"}


@given(st.lists(st.integers(1, 40), max_size=8))
def test_it_makes_no_difference_where_the_bytes_are_cut(sizes: list[int]) -> None:
    data = frame(b"first\nse") + frame(b"failed", 2) + frame(b"cond\r") + frame(b"third")
    lines, at = UnfinishedLines(), 0
    for size in sizes:
        lines.feed(data[at : at + size])
        at += size
    lines.feed(data[at:])
    assert lines.now() == {"stdout": "third", "stderr": "failed"}
