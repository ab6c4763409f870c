"""How much memory to reserve for a task whose attempts were seen.

The peak of an attempt says little, the largest of the latest ones a lot: most tasks do the same again. The margin is for those
that do a little more; who does much more is stopped by its own cap, or, when all run containers together meet theirs, started
again with its whole plan reserved.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from orchestrator.core.plans import MIB, PLANS

SEEN_MIN: Final = 5
"""Fewer attempts say nothing yet."""
SEEN_MAX: Final = 20
"""Older ones are forgotten: code changes."""
_MARGIN: Final = 1.25
_MARGIN_BYTES: Final = 32 * MIB


def reserved_memory_bytes(plan: str, peaks_bytes: Sequence[int]) -> int | None:
    """What to reserve for the next attempt, at most its plan's; None, for all its plan's, until enough was seen.

    `peaks_bytes` are the peaks of the latest attempts, any order.
    """
    if len(peaks_bytes) < SEEN_MIN:
        return None
    return min(PLANS[plan].memory_bytes, round(max(peaks_bytes) * _MARGIN) + _MARGIN_BYTES)
