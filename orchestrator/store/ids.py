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
    digits = [_ALPHABET[(number >> shift) & 31] for shift in range(_TIME_BITS + _RANDOM_BITS - 5, -1, -5)]
    return f"{prefix}-{''.join(digits)}"
