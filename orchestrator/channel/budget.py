"""How much one container may send: a token bucket of bytes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

BURST_BYTES: Final = 64 * 1024 * 1024
"""Sixteen inputs at their limit at once."""
REFILL_BYTES_PER_S: Final = 16 * 1024 * 1024
FRAME_COST_BYTES: Final = 1024
"""What even the smallest frame counts, so that a million tiny ones are not free."""


@dataclass(slots=True)
class Budget:
    """What is left; `now_s` is any clock that only goes forward."""

    left_bytes: float = BURST_BYTES
    at_s: float = 0.0

    def spend(self, count_bytes: int, *, now_s: float) -> bool:
        """Take the cost of a frame; False when the container sends faster than it may."""
        refill = max(0.0, now_s - self.at_s) * REFILL_BYTES_PER_S if self.at_s else 0.0
        self.left_bytes = min(float(BURST_BYTES), self.left_bytes + refill) - count_bytes - FRAME_COST_BYTES
        self.at_s = now_s
        return self.left_bytes >= 0
