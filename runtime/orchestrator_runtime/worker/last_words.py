"""Why a program of Node's ended: it says so in files beside the worker's socket, for those that had no word for us.

Node loads `last-words.cjs` first, which writes what nobody caught, and V8's own report when its heap is full.
"""

from __future__ import annotations

from typing import Final

from orchestrator_runtime import json_text, wire
from orchestrator_runtime.worker.protocol import error_of

_HEADER_BYTES: Final = 4 * 1024
"""Of a report, which has its cause at the beginning and everything else behind it."""
_LIMIT_BYTES: Final = 1024 * 1024


def is_heap_full(socket_path: str) -> bool:
    """Whether V8 aborted a program because its heap had reached its limit."""
    return b'"trigger":"OOMError"' in _read(f"{socket_path}.report", _HEADER_BYTES)


def error(socket_path: str) -> wire.ErrorInfo | None:
    """What nobody caught, None where nothing was left or it is not readable: the program may write there, too."""
    try:
        said = json_text.loads(_read(f"{socket_path}.uncaught", _LIMIT_BYTES))
    except ValueError:
        return None
    return error_of(said) if isinstance(said, dict) else None


def _read(path: str, limit_bytes: int) -> bytes:
    try:
        with open(path, "rb") as file:
            return file.read(limit_bytes)
    except OSError:
        return b""
