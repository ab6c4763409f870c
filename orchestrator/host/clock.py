"""The instance's time: the host's clock when the process started, counted on steadily from there.

A host's clock can be set while runs are in flight. Deadlines and waits are stored as times, so a step of the clock would cut
them short or stretch them; time that only ever goes on does neither.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import Final

log = logging.getLogger(__name__)

_NS_PER_MS: Final = 1_000_000
_WORTH_A_WARNING_MS: Final = 60_000


def wall_ms() -> int:
    """What the host's clock says, as Unix time."""
    return time.time_ns() // _NS_PER_MS


def uptime_ms() -> int:
    """Time since the host was started, sleep included; no setting of the clock changes it."""
    return time.clock_gettime_ns(time.CLOCK_BOOTTIME) // _NS_PER_MS


class SteadyClock:
    """Unix time that no step of the host's clock disturbs."""

    def __init__(
        self, not_before_ms: int, wall: Callable[[], int] = wall_ms, uptime: Callable[[], int] = uptime_ms
    ) -> None:
        """Begins with the host's time, or with `not_before_ms`, the newest time known, should the clock have been set back."""
        begin_ms = max(wall(), not_before_ms)
        if begin_ms - wall() > _WORTH_A_WARNING_MS:
            log.warning(
                "the host's clock was set back: times go on from the newest one stored, %s s ahead of it",
                (begin_ms - wall()) // 1000,
            )
        self._uptime = uptime
        self._offset_ms = begin_ms - uptime()

    def now_ms(self) -> int:
        """Milliseconds of Unix time."""
        return self._uptime() + self._offset_ms
