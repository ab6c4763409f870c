from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.core.text import readable


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
