r"""JSON as everything writes and reads it: in frames, in the store, in answers, at both ends of the channel.

Strict:  no NaN and no infinity, written or read.
Valid:   the text is UTF-8. Half a surrogate pair, which `os.fsdecode` makes of a byte that is no UTF-8, is written as
         its escape (``"caf\udce9.txt"``), and so comes out the same at the other end.
Limited: to `wire.NESTING_LIMIT` levels and numbers of `wire.NUMBER_LIMIT_DIGITS`, so that whatever one end writes the
         other can read, on every version of Python.
"""

from __future__ import annotations

import json
from itertools import accumulate
from typing import Any, Final, NoReturn

from orchestrator_runtime import wire

# Made once: for each text that is not as it is by default, json makes one anew, which takes as long as a short text.
_encode = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode
_detect_encoding = json.detect_encoding  # user code may replace it

_NUMBER: Final = rb"(?<![0-9])[0-9]{%d}" % (wire.NUMBER_LIMIT_DIGITS + 1)
_DIGITS: Final = wire.NUMBER_LIMIT_DIGITS // 2
"""A longer number has so many digits between two multiples of this, wherever it begins."""
_HUGE: Final = 298 // 2
"""A number that is out of a float's range with an exponent of one digit has so many digits between two multiples of this."""
_STRING: Final = rb'(?s)"[^"\\]*(?:\\.[^"\\]*)*"'
_OPEN: Final = b"["
_BRACKETS: Final = bytes.maketrans(b"{}", b"[]")
_NO_BRACKETS: Final = bytes(byte for byte in range(256) if byte not in b"[]{}")
_BLOCK: Final = 256
_TOO_DEEP: Final = f"it is nested more than {wire.NESTING_LIMIT} levels deep"


def dumps(value: object, *, levels: int = wire.NESTING_LIMIT) -> str:
    """The value as compact JSON text of at most `levels` levels. Raises TypeError or ValueError for what is no JSON."""
    return encode(value, levels=levels).decode()


def encode(value: object, *, levels: int = wire.NESTING_LIMIT) -> bytes:
    """The same in UTF-8."""
    try:
        text = _encode(value)
    except RecursionError:
        raise ValueError(_TOO_DEEP) from None
    # Only strings can hold such halves, and there Python's notation for them is JSON's too.
    data = text.encode("utf-8", "backslashreplace")
    _check_limits(data, levels)
    return data


def loads(text: str | bytes, *, levels: int = wire.NESTING_LIMIT) -> Any:
    """The value of a JSON text. Raises ValueError."""
    data = text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text
    _check_limits(data, levels)
    try:
        decode = _decode_finite if _may_be_infinite(data) else _decode  # which takes a third of the time
        return decode(text if isinstance(text, str) else text.decode(_detect_encoding(text), "surrogatepass"))
    except RecursionError:
        raise ValueError(_TOO_DEEP) from None


def valid(text: str) -> str:
    """A text for people, in which escapes stand for what is no Unicode."""
    return text if text.isascii() else text.encode("utf-8", "backslashreplace").decode()


def _check_limits(data: bytes, levels: int) -> None:
    """Raise ValueError for JSON over a limit. What is quick to see decides nearly always."""
    if data.count(b"[") + data.count(b"{") > levels and _is_deeper(_without_strings(data), levels):
        raise ValueError(_TOO_DEEP)
    if _has_long_number(data) and _has_long_number(_without_strings(data)):
        raise ValueError(f"it has a number of more than {wire.NUMBER_LIMIT_DIGITS} digits: send it as text")


def _without_strings(data: bytes) -> bytes:
    import re

    return re.sub(_STRING, b"", data)


def _has_long_number(data: bytes) -> bool:
    if not any(data[start : start + _DIGITS].isdigit() for start in range(0, len(data) - _DIGITS, _DIGITS)):
        return False
    import re

    return re.search(_NUMBER, data) is not None


def _may_be_infinite(data: bytes) -> bool:
    """Whether it may have a number with an exponent above 9, or with nearly as many digits as the largest."""
    if b"e" in data or b"E" in data:
        import re

        if re.search(rb"[0-9][eE]\+?[0-9]{2}", data):
            return True
    return any(data[start : start + _HUGE].isdigit() for start in range(0, len(data) - _HUGE, _HUGE))


def _is_deeper(data: bytes, levels: int) -> bool:
    """Whether JSON without its strings has more levels, counted in blocks where none can be reached."""
    brackets = data.translate(_BRACKETS, _NO_BRACKETS)
    depth = 0
    for start in range(0, len(brackets), _BLOCK):
        block = brackets[start : start + _BLOCK]
        opened = block.count(_OPEN)
        if depth + opened > levels:
            steps = (1 if byte == _OPEN[0] else -1 for byte in block)
            if max(accumulate(steps, initial=depth)) > levels:
                return True
        depth += 2 * opened - len(block)
    return False


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def _finite(text: str) -> float:
    """1e999 is valid JSON and an infinity in Python, which would be written back as something that is not JSON."""
    value = float(text)
    if value in (float("inf"), float("-inf")):
        raise ValueError(f"{text[:20]} is out of range")
    return value


_decode = json.JSONDecoder(parse_constant=_refuse_constant).decode
_decode_finite = json.JSONDecoder(parse_constant=_refuse_constant, parse_float=_finite).decode
