"""Ids: a prefix and 20 characters that sort by time."""

from __future__ import annotations

import secrets
from typing import Final

_ALPHABET: Final = "0123456789abcdefghijklmnopqrstuv"
_TIME_BITS: Final = 48
_RANDOM_BITS: Final = 52
_STEP_BITS: Final = 32

RUN: Final = "trn"
TASK: Final = "tsk"
WORKFLOW: Final = "wfl"
VERSION: Final = "wfv"
OPERATION: Final = "opr"
UPLOAD: Final = "upl"


_latest = 0


def new_id(prefix: str, now_ms: int) -> str:
    """A new id, such as ``trn-06d3g8k0b1v2n5m4q7r0``: 48 bits of time, 52 random ones, in base 32.

    Those that one process makes in the same millisecond sort in the order they were made.
    """
    global _latest
    number = (now_ms << _RANDOM_BITS) | secrets.randbits(_RANDOM_BITS)
    if number < _latest and now_ms == _latest >> _RANDOM_BITS:
        number = _latest + 1 + secrets.randbits(_STEP_BITS)
    _latest = number
    return _spelled(prefix, number)


def lowest(prefix: str, at_ms: int) -> str:
    """What no id made at that time or later sorts before, and every earlier one does."""
    return _spelled(prefix, max(0, at_ms) << _RANDOM_BITS)


def made_ms(text: str) -> int:
    """When the id was made. Raises ValueError for what is no id."""
    digits = text.partition("-")[2]
    number = 0
    for digit in digits[: _TIME_BITS // 5 + 1].ljust(_TIME_BITS // 5 + 1, "0"):
        number = number << 5 | _ALPHABET.index(digit)
    return number >> (_TIME_BITS // 5 + 1) * 5 - _TIME_BITS


def _spelled(prefix: str, number: int) -> str:
    digits = [_ALPHABET[(number >> shift) & 31] for shift in range(_TIME_BITS + _RANDOM_BITS - 5, -1, -5)]
    return f"{prefix}-{''.join(digits)}"
