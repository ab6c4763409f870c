"""Whether requests are answered and new work is taken; `app.admission` keeps it up to date."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field


@dataclass(slots=True)
class Admission:
    """Why requests cannot be served, or no new runs or deploys taken, in words: empty while they are."""

    no_answers: str = ""
    no_runs: str = ""
    no_deploys: str = ""
    waiting: set[asyncio.Timeout] = field(default_factory=set)
    """The time limits of the requests that have no answer yet."""

    def fall_silent(self, why: str) -> None:
        """End the requests that wait for an answer: the store gives none, for this reason."""
        self.no_answers = why
        for limit in self.waiting:
            limit.reschedule(asyncio.get_running_loop().time())
