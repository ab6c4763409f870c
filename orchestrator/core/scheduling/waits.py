"""What a pending run waits for, in words."""

from __future__ import annotations


def retry(due_at_ms: int, now_ms: int) -> str:
    """Between two attempts: ``retry in 3.2 s``, ``retry in 2 min``."""
    left_s = max(0, due_at_ms - now_ms) / 1000
    return f"retry in {left_s:.1f} s" if left_s < 60 else f"retry in {left_s / 60:.0f} min"
