"""The same lines come out however the bytes were cut."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orchestrator.core.logs import LogLine
from orchestrator.engine.docker.logs.frames import LINE_LIMIT_BYTES, LogDecoder

DOCKER_PIECE_BYTES = 16 * 1024


def frame(stream: int, nanosecond: int, text: bytes) -> bytes:
    payload = f"1970-01-01T00:00:01.{nanosecond:09}Z ".encode() + text
    return bytes((stream, 0, 0, 0)) + len(payload).to_bytes(4, "big") + payload


def line(stream: int, nanosecond: int, text: str) -> LogLine:
    return LogLine(1_000_000_000 + nanosecond, "stderr" if stream == 2 else "stdout", text)


def decoded(data: bytes, cuts: list[int], since_ns: int = 0) -> list[LogLine]:
    decoder, lines, start = LogDecoder(since_ns), list[LogLine](), 0
    for stop in [*sorted(cuts), len(data)]:
        lines += decoder.feed(data[start:stop])
        start = stop
    return lines + decoder.finish()


texts = st.text(st.characters(exclude_characters="\n\r", exclude_categories=["Cs"]), max_size=40)
printed = st.lists(st.tuples(st.sampled_from([1, 2]), texts), max_size=20)


@given(printed, st.lists(st.integers(0, 2000), max_size=30))
def test_any_cutting_gives_the_same_lines(lines: list[tuple[int, str]], cuts: list[int]) -> None:
    data = b"".join(frame(stream, at, text.encode() + b"\n") for at, (stream, text) in enumerate(lines))
    wanted = [line(stream, at, text) for at, (stream, text) in enumerate(lines)]
    assert decoded(data, [min(cut, len(data)) for cut in cuts]) == wanted


@given(st.lists(st.integers(0, 3), min_size=1, max_size=6), st.data())
def test_pieces_of_a_long_line_are_joined_whatever_the_other_stream_says(
    pieces: list[int], data: st.DataObject
) -> None:
    """A long stdout line arrives in pieces, with stderr lines anywhere between them."""
    piece = b"x" * DOCKER_PIECE_BYTES
    body = b"".join(frame(1, 0, piece) + frame(2, 1 + at, b"e\n") * count for at, count in enumerate(pieces))
    body += frame(1, 0, b"end\n")
    cuts = data.draw(st.lists(st.integers(0, len(body)), max_size=10))
    lines = decoded(body, cuts)
    assert [each.message for each in lines if each.stream == "stdout"] == [piece.decode() * len(pieces) + "end"]
    assert [each.message for each in lines if each.stream == "stderr"] == ["e"] * sum(pieces)


def test_what_ends_without_a_newline_is_a_line_too() -> None:
    assert decoded(frame(1, 5, b"no newline"), []) == [line(1, 5, "no newline")]


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        (b"10%\r50%\r100%\n", "100%"),
        (b"\r10%\r100%\n", "100%"),
        (b"10%\r100%\r\n", "100%"),
        (b"windows\r\n", "windows"),
        (b"10%\r50%", "50%"),
        (b"10%\r50%\r", "50%"),
        (b"\r\n", ""),
    ],
)
def test_a_line_that_was_written_over_is_kept_as_it_was_at_last(written: bytes, kept: str) -> None:
    assert decoded(frame(2, 5, written), []) == [line(2, 5, kept)]


def test_a_line_that_is_written_over_for_long_is_shown_as_it_was_after_each_piece() -> None:
    states = b"".join(b"\r%6d of 6000" % at for at in range(6000))
    pieces = [states[start : start + DOCKER_PIECE_BYTES] for start in range(0, len(states), DOCKER_PIECE_BYTES)]
    decoder = LogDecoder()
    shown = [decoder.feed(frame(2, 5, piece)) for piece in pieces[:-1]]
    last = decoder.feed(frame(2, 5, pieces[-1] + b"\n"))
    assert [len(lines) for lines in shown] == [1] * len(shown)
    assert all(lines[0].message.endswith(" of 6000") for lines in shown)
    assert last == [line(2, 5, "  5999 of 6000")]


def test_an_empty_line_is_a_line() -> None:
    assert decoded(frame(2, 5, b"\n"), []) == [line(2, 5, "")]


def test_a_line_without_end_is_passed_on_in_bounded_parts() -> None:
    piece = b"x" * DOCKER_PIECE_BYTES
    lines = decoded(b"".join(frame(1, 0, piece) for _ in range(100)), [])
    assert "".join(each.message for each in lines) == "x" * DOCKER_PIECE_BYTES * 100
    assert max(len(each.message) for each in lines) <= LINE_LIMIT_BYTES + DOCKER_PIECE_BYTES


@settings(max_examples=12)
@given(st.integers(0, 3), st.sampled_from("é€😀"))
def test_a_line_without_end_is_parted_between_characters(offset: int, character: str) -> None:
    text = "x" * offset + character * 300_000
    data = text.encode()
    pieces = [data[start : start + DOCKER_PIECE_BYTES] for start in range(0, len(data), DOCKER_PIECE_BYTES)]
    lines = decoded(b"".join(frame(1, 0, piece) for piece in pieces), [])
    assert len(lines) > 1
    assert "".join(each.message for each in lines) == text


@settings(max_examples=12)
@given(st.integers(0, 3), st.sampled_from("é€😀"))
def test_a_character_on_the_border_of_dockers_pieces_is_whole(offset: int, character: str) -> None:
    text = "x" * (DOCKER_PIECE_BYTES - offset) + character + "end"
    data = text.encode() + b"\n"
    pieces = frame(1, 0, data[:DOCKER_PIECE_BYTES]) + frame(1, 0, data[DOCKER_PIECE_BYTES:])
    assert decoded(pieces, []) == [line(1, 0, text)]


def test_a_long_line_whose_last_piece_has_no_newline_ends_where_the_next_line_begins() -> None:
    """Docker's "local" driver gives it none; all pieces of a line have one time."""
    piece = b"x" * DOCKER_PIECE_BYTES
    data = frame(1, 0, piece) + frame(1, 0, b"end") + frame(2, 1, b"other\n") + frame(1, 2, b"next\n")
    assert decoded(data, []) == [line(1, 0, "x" * len(piece) + "end"), line(2, 1, "other"), line(1, 2, "next")]


def test_lines_up_to_since_are_left_out() -> None:
    data = b"".join(frame(1, at, b"%d\n" % at) for at in range(5))
    assert [each.message for each in decoded(data, [], since_ns=1_000_000_002)] == ["3", "4"]


def test_bytes_that_are_no_text_are_marked_and_not_lost() -> None:
    assert decoded(frame(1, 0, b"caf\xe9!\n"), []) == [line(1, 0, "caf\N{REPLACEMENT CHARACTER}!")]


def test_dockers_own_complaint_is_a_line_of_the_system() -> None:
    complaint = b"Error grabbing logs: unexpected EOF\n\n"
    data = frame(1, 7, b"before\n") + bytes((3, 0, 0, 0)) + len(complaint).to_bytes(4, "big") + complaint
    assert decoded(data, [])[1] == LogLine(1_000_000_007, "system", "Error grabbing logs: unexpected EOF")
