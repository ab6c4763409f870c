"""How long a run waits before it is tried again."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

MAX_WAIT_MS: Final = 24 * 3600 * 1000
"""No run waits longer than a day between attempts, whatever its scaling."""


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """At most `max_retries` retries, each wait `backoff_scaling` times the one before."""

    max_retries: int
    wait_duration_ms: int
    backoff_scaling: float = field(metadata={"alias": "factor"})

    def wait_ms(self, retry: int) -> int:
        """Milliseconds before retry number `retry`, counted from 0.

        With wait_duration_ms=1000 and backoff_scaling=1.5: 1000, 1500, 2250 …
        """
        if self.wait_duration_ms == 0:
            return 0
        try:
            return round(min(self.wait_duration_ms * self.backoff_scaling**retry, MAX_WAIT_MS))
        except OverflowError:
            return MAX_WAIT_MS


DEFAULT_RETRY: Final = RetryPolicy(max_retries=3, wait_duration_ms=1000, backoff_scaling=2.0)
"""When a task says nothing: 1, 2, 4 seconds."""

DEFAULT_BACKOFF_SCALING: Final = 1.5
"""When a task configures retries without one."""

INFRA_RETRY: Final = RetryPolicy(max_retries=5, wait_duration_ms=500, backoff_scaling=2.0)
"""For failures of ours, never charged to the task: 0.5, 1, 2, 4, 8 seconds."""
