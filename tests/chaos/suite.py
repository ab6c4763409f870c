"""One round of chaos: load and faults at the same time, then the evidence."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from tests.chaos.checker import Evidence, Report, check
from tests.chaos.client import LoadClient
from tests.chaos.engine import PrivateEngine, can_run
from tests.chaos.faults import schedule
from tests.chaos.instance import ChaosInstance
from tests.chaos.load import plan

DRAIN_S = 180.0
CLEAN_S = 60.0


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a round; `recovered_s` is by fault, in order, `left_out` the faults that could not be tried."""

    seed: int
    report: Report
    recovered_s: tuple[tuple[str, float], ...]
    clean_after_s: float
    left_out: str = ""

    @property
    def is_good(self) -> bool:
        """Whether nothing bad was found."""
        return self.report.is_good

    @property
    def median_s(self) -> float:
        """Of the recoveries."""
        return median([seconds for _, seconds in self.recovered_s] or [0.0])

    @property
    def worst_s(self) -> float:
        """Of the recoveries."""
        return max([seconds for _, seconds in self.recovered_s], default=0.0)


def play(seed: int, *, runs: int, duration_s: float, tell: Callable[[str], None]) -> Outcome:
    """Begin, strike, wait until all has ended, look, and leave nothing."""
    with tempfile.TemporaryDirectory(prefix="orc-chaos-", dir="/var/tmp", ignore_cleanup_errors=True) as folder:
        engine = PrivateEngine(Path(folder) / "engine") if can_run() else None
        instance = ChaosInstance(Path(folder) / "data", engine)
        try:
            tell("deploying, and starting a dockerd to be killed")
            instance.begin()
            return _play(instance, seed, runs, duration_s, tell)
        finally:
            instance.end()


def _play(instance: ChaosInstance, seed: int, runs: int, duration_s: float, tell: Callable[[str], None]) -> Outcome:
    client, planned = LoadClient(instance), plan(seed, runs=runs, duration_s=duration_s)
    with ThreadPoolExecutor(1) as pool:
        asking = pool.submit(client.play, planned)
        recovered_s = _strike(instance, seed, duration_s, tell)
        asking.result()
    tell("waiting for the last run to end")
    _until(lambda: instance.unfinished() == 0, DRAIN_S)
    tell("waiting for the last container to go")
    clean_after_s = _until(lambda: not instance.left(), CLEAN_S)
    left = (*instance.left(), *client.contradictions)
    evidence = Evidence(planned, client.acknowledged, instance.runs(), instance.changes(), left)
    left_out = "" if instance.engine else "dockerd (a private one needs root): not killed, not paused"
    return Outcome(seed, check(evidence), recovered_s, clean_after_s, left_out)


def _strike(
    instance: ChaosInstance, seed: int, duration_s: float, tell: Callable[[str], None]
) -> tuple[tuple[str, float], ...]:
    began_at_s, recovered_s = time.monotonic(), []
    for fault in schedule(seed, duration_s=duration_s, parts=instance.parts):
        time.sleep(max(0.0, began_at_s + fault.at_s - time.monotonic()))
        tell(f"{fault.at_s:.0f} s: {fault}")
        recovered_s.append((str(fault), instance.inflict(fault)))
    return tuple(recovered_s)


def _until(is_true: Callable[[], bool], limit_s: float) -> float:
    """Seconds until it was true, or until `limit_s` had passed."""
    began_at_s = time.monotonic()
    while not is_true() and time.monotonic() < began_at_s + limit_s:
        time.sleep(0.2)
    return time.monotonic() - began_at_s
