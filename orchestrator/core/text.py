"""Texts that others wrote, made fit to be stored and shown: where they are made, so that nobody after that need look."""

from __future__ import annotations

import re
from typing import Final

LIMIT_CHARS: Final = 16 * 1024
"""Of one text: a version's error, a line of a log."""

_COLOUR: Final = r"\x1b\[[0-9;:]{0,64}m"
_NOT_SHOWN_BUT_COLOURS: Final = (
    r"\x1b\[[0-?]{0,64}[ -/]{0,8}[@-~]"  # whatever moves the cursor
    r"|\x1b\][^\x07\x1b]{0,4096}(?:\x07|\x1b\\)?"  # titles and links
    r"|[\x00-\x08\x0b-\x1f\x7f-\x9f]"
    r"|[\u202a-\u202e\u2066-\u2069]"  # what makes text run backwards
)
_NOT_SHOWN: Final = re.compile(_NOT_SHOWN_BUT_COLOURS)
_COLOURED: Final = re.compile(rf"({_COLOUR})|{_NOT_SHOWN_BUT_COLOURS}")
_RESET: Final = "\x1b[0m"


def unicode_text(text: str) -> str:
    r"""The text with halves of characters written out, as in ``\ud800``: the rest of the world refuses them."""
    return text.encode("utf-8", "backslashreplace").decode()


def readable(text: str, limit_chars: int = LIMIT_CHARS) -> str:
    """The text as Unicode without control sequences; of one that is longer than `limit_chars`, its head and its tail."""
    return harmless(_cut(text, limit_chars))


def harmless(text: str) -> str:
    """The text as Unicode without control sequences, which on a terminal could overwrite what others said."""
    return unicode_text(_NOT_SHOWN.sub("", text))


def coloured(text: str) -> str:
    """The same with its colours, which end with it."""
    kept = _COLOURED.sub(lambda found: found[1] or "", text)
    return unicode_text(kept) + (_RESET if "\x1b" in kept else "")


def _cut(text: str, limit_chars: int) -> str:
    if len(text) <= limit_chars:
        return text
    half = limit_chars // 2
    return f"{text[:half]}\n[{len(text) - 2 * half:,} characters were left out]\n{text[len(text) - half :]}"
