"""Whatever a user's exception is or does, it is described."""
# ruff: noqa: N818 - named for what they do

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator_runtime import wire
from orchestrator_runtime.failure import advised, describe
from orchestrator_runtime.user_code.execution import Terminated


def raised(error: BaseException) -> BaseException:
    """The exception after it was raised here, in `raised`."""
    try:
        raise error
    except BaseException as caught:
        return caught


def chain(length: int) -> BaseException:
    error: BaseException = raised(ValueError("the first"))
    for number in range(length - 1):
        try:
            raise LookupError(f"number {number}") from error
        except LookupError as caught:
            error = caught
    return error


@pytest.mark.parametrize("length", [2, 990, 5_000])
def test_a_chain_of_any_length_is_described_from_its_first_to_its_last(length: int) -> None:
    info = describe(chain(length), "task")
    assert (info.type, info.message) == ("LookupError", f"number {length - 2}")
    assert "ValueError: the first" in info.traceback
    assert info.traceback.endswith(f"LookupError: number {length - 2}\n")
    assert len(info.traceback) <= wire.TRACEBACK_LIMIT_CHARS


def test_a_long_message_keeps_its_head_and_tail_and_leaves_the_frames() -> None:
    info = describe(raised(ValueError("head" + "x" * 100_000 + "tail")), "task")
    assert info.message.startswith("headx")
    assert info.message.endswith("xtail")
    assert "characters left out" in info.message
    assert "in raised" in info.traceback
    assert info.traceback.endswith("tail\n")
    assert len(info.message) <= wire.MESSAGE_LIMIT_CHARS
    assert len(info.traceback) <= wire.TRACEBACK_LIMIT_CHARS


class AttributeRaises(Exception):
    def __getattr__(self, name: str) -> Any:
        raise LookupError(name)


class TextRaises(Exception):
    def __str__(self) -> str:
        raise RuntimeError("no text")


class TextExits(Exception):
    def __str__(self) -> str:
        raise SystemExit(3)


class TextIsNone(Exception):
    def __str__(self) -> Any:
        return None


class TextRecurses(Exception):
    def __str__(self) -> str:
        return str(self)


class Lying(Exception):
    __module__ = 7  # type: ignore[assignment]
    __class__ = property(lambda self: 1 / 0)
    __cause__ = property(lambda self: 1 / 0)
    __notes__ = property(lambda self: 1 / 0)


class WithNotes(Exception):
    __notes__ = (1, object())  # type: ignore[assignment]


@pytest.mark.parametrize("kind", [AttributeRaises, TextRaises, TextExits, TextIsNone, TextRecurses, Lying, WithNotes])
def test_an_exception_that_breaks_when_it_is_looked_at_is_described_all_the_same(kind: type[Exception]) -> None:
    info = describe(raised(kind("boom")), "task")
    assert info.type.endswith(kind.__name__)
    assert info.message
    assert "in raised" in info.traceback
    assert info.retryable


def test_what_breaks_inside_a_chain_costs_no_more_than_itself() -> None:
    try:
        raise ValueError("outer") from raised(TextExits())
    except ValueError as error:
        info = describe(error, "task")
    assert info.message == "outer"
    assert "in raised" in info.traceback


def test_a_stop_is_no_part_of_a_description() -> None:
    class Stopped(Exception):
        def __str__(self) -> str:
            raise Terminated

    with pytest.raises(Terminated):
        describe(raised(Stopped()), "task")


def test_only_a_class_can_say_that_its_errors_are_not_retried() -> None:
    class Final(Exception):
        __orchestrator_retryable__ = False

    class Anything(Exception):
        def __getattr__(self, name: str) -> Any:
            return False

    assert not describe(Final(), "task").retryable
    assert describe(Anything(), "task").retryable


@given(st.text(alphabet="x\udce9\n"), st.integers(0, 30_000))
def test_every_text_is_valid_and_within_its_limit(text: str, times: int) -> None:
    info = describe(ValueError(text * times), "task")
    for one, limit in ((info.message, wire.MESSAGE_LIMIT_CHARS), (info.traceback, wire.TRACEBACK_LIMIT_CHARS)):
        assert len(one) <= limit
        one.encode()


def test_a_group_of_exceptions_shows_each() -> None:
    group = BaseExceptionGroup("several", [raised(ValueError("one")), raised(KeyError(os.fsdecode(b"\xe9")))])
    info = describe(raised(group), "task")
    assert "ValueError: one" in info.traceback
    assert "KeyError" in info.traceback


@pytest.mark.parametrize(
    "error",
    [OSError(errno.EROFS, "Read-only file system", "out.csv"), RuntimeError("EROFS: read-only file system, open 'a'")],
)
def test_a_write_where_nothing_can_be_written_says_where_to_write(error: Exception) -> None:
    info = describe(raised(error), "task")
    assert info.message.startswith(str(error))
    assert "write below /tmp" in info.message
    assert info.retryable is not isinstance(error, OSError)  # the file system is as it is at every attempt


class ChildFailing(Exception):
    __orchestrator_child__ = "trn-2"


def from_cause() -> BaseException:
    try:
        raise ValueError("outer") from raised(ChildFailing())
    except ValueError as caught:
        return caught


def from_context(*, is_hidden: bool) -> BaseException:
    try:
        try:
            raise ChildFailing
        except ChildFailing:
            if is_hidden:
                raise ValueError("outer") from None
            raise ValueError("outer")  # noqa: B904
    except ValueError as caught:
        return caught


@pytest.mark.parametrize(
    "error",
    [
        raised(ChildFailing()),
        from_cause(),
        from_context(is_hidden=False),
        from_context(is_hidden=True),
        raised(ExceptionGroup("many", [ValueError("other"), ExceptionGroup("more", [ChildFailing()])])),
    ],
)
def test_an_error_that_came_from_a_chained_run_names_it(error: BaseException) -> None:
    assert describe(error, "task").child == "trn-2"


@pytest.mark.parametrize("make", [lambda: ValueError("own"), AttributeRaises, lambda: chain(990)])
def test_one_of_its_own_names_none(make: Callable[[], BaseException]) -> None:
    assert describe(make(), "task").child == ""


def test_a_program_that_is_not_in_the_image_is_named_with_how_to_add_it() -> None:
    assert 'apt = ["ffmpeg"]' in advised("spawnSync ffmpeg ENOENT")
    for other in ("spawn ./tool ENOENT", "ENOENT: no such file or directory, open 'a'", "spawn", "they spawn x ENOENT"):
        assert advised(other) == other
