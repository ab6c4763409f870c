from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.core.text import coloured, harmless, readable


def test_of_a_text_that_may_have_one_character_nothing_is_kept() -> None:
    assert readable("a text", 1).strip() == "[6 characters were left out]"


@given(st.text(alphabet=st.characters(exclude_categories=()), max_size=300), st.integers(1, 100))
def test_any_text_can_be_stored_afterwards_and_is_short(text: str, limit_chars: int) -> None:
    assert len(readable(text, limit_chars).encode()) <= 6 * limit_chars + 100


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain, with ünïcode\n\tand lines", "plain, with ünïcode\n\tand lines"),
        ("\x1b[31mred\x1b[0m", "red"),
        ("\x1b]0;a title\x07text", "text"),
        ("half \ud800 a character", "half \\ud800 a character"),
        ("over\r\x08written", "overwritten"),
        ("txt.\u202eexe", "txt.exe"),
    ],
)
def test_what_would_harm_a_terminal_is_left_out(text: str, shown: str) -> None:
    assert readable(text) == shown


def test_of_a_long_text_head_and_tail_are_kept() -> None:
    assert readable("a" * 50 + "b" * 900 + "c" * 50, 100) == "a" * 50 + "\n[900 characters were left out]\n" + "c" * 50


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain", "plain"),
        ("\x1b[1;31mred\x1b[0m and plain", "\x1b[1;31mred\x1b[0m and plain\x1b[0m"),
        ("\x1b[31mred for ever", "\x1b[31mred for ever\x1b[0m"),
        ("\x1b[2J\x1b[Hcleared", "cleared"),
        ("\x1b]8;;http://a\x07link\x1b]8;;\x07", "link"),
        ("txt.\u202eexe", "txt.exe"),
    ],
)
def test_of_what_a_program_printed_the_colours_are_kept_and_end_with_it(text: str, shown: str) -> None:
    assert coloured(text) == shown


@given(st.text(alphabet=st.sampled_from("\x1b[]0;31mJ\x07\\ab\n\u202e\x9b"), max_size=40))
def test_nothing_that_begins_a_control_sequence_is_left(text: str) -> None:
    assert not set(harmless(text)) & set("\x1b\x9b\x07\u202e")
    assert "\x1b" not in re.sub("\x1b\\[[0-9;:]*m", "", coloured(text))
