"""One attack, beside as much CPU that is spent honestly: what it did to the canary, to memory, and what became of it."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

import httpx

from orchestrator_sdk import Client
from orchestrator_sdk.client.models.runs import TaskRunDetails
from orchestrator_sdk.errors import ConflictError, WaitTimeoutError
from tests.hostile.attacks import ATTACK_S, Attack
from tests.hostile.canary import Canary, Flight, recovered_s, took
from tests.hostile.watch import Held, Stalls, Watch

CONTROL_S: Final = 12.0
_CONTROL_LASTS_S: Final = 300.0
"""For so long is the host as busy with others as it was."""
_SEEN_S: Final = 8.0
"""For so long at least is the canary watched: whoever is stopped at once may have done harm."""
_RECOVERY_LIMIT_S: Final = 60.0
_END_LIMIT_S: Final = 60.0
_BEGIN_LIMIT_S: Final = 60.0
_TIMES_USUAL: Final = 3


@dataclass(frozen=True, slots=True)
class Ended:
    """What became of a run of the attack; seconds since it was given its task."""

    status: str
    failure: str
    message: str
    after_s: float


@dataclass(frozen=True, slots=True)
class Report:
    """Of one trial; `over_s` is how long after the attack's last moment the last of its runs ended."""

    attack: Attack
    control: list[Flight]
    during: list[Flight]
    recovered_s: float | None
    before: Held
    peak: Held
    after: Held
    ended: list[Ended]
    over_s: float
    stalls: list[tuple[str, int, float]]

    @property
    def usual_s(self) -> float:
        """The p99 that counts as normal: beside honest work of as many containers."""
        return took(self.control, 0.99)

    @property
    def ratio(self) -> float:
        """The canary's p99 to its normal one."""
        return took(self.during, 0.99) / max(self.usual_s, 0.001)

    @property
    def holds(self) -> bool:
        """Whether nobody was harmed, and whoever broke a rule was stopped by its name."""
        is_named = self.attack.failure is None or any(one.failure == self.attack.failure for one in self.ended)
        is_calm = self.ratio <= _TIMES_USUAL and not any(one.why for one in self.during)
        return is_calm and is_named and self.recovered_s is not None


class Trial:
    """Tries attacks on one orchestrator, one after the other."""

    def __init__(self, client: Client, api: httpx.Client, workflow: str, canary: Canary, watch: Watch) -> None:
        self._client = client
        self._api = api
        self._workflow = workflow
        self._canary = canary
        self._watch = watch
        self._controls: dict[int, tuple[float, list[Flight]]] = {}

    def of(self, attack: Attack) -> Report:
        """Honest work, attack, recovery."""
        control = self._controlled(attack.spins)
        before, stalls_before = self._watch.reset(), self._stalls()
        began_s = time.monotonic()
        run_ids = self._start(attack.task, attack.arguments, attack.count)
        ended: list[Ended] = []
        listener = threading.Thread(target=self._listen, args=(run_ids, ended))
        listener.start()
        self._wait_until_begun(run_ids, listener)
        listener.join(ATTACK_S)
        if listener.is_alive():
            self._cancel(run_ids)
        stopped_s = time.monotonic()
        listener.join(_END_LIMIT_S)
        over_s = time.monotonic()
        time.sleep(max(0.0, began_s + _SEEN_S - over_s))
        recovered = self._recover(over_s, 1.5 * took(control, 1))
        end_s = max(over_s, began_s + _SEEN_S)
        self._wait_for_flights(began_s, end_s)
        during = self._canary.between(began_s, end_s)
        stalls = self._stalls().since(stalls_before)
        return Report(
            attack,
            control,
            during,
            recovered,
            before,
            self._watch.peak,
            self._watch.now,
            ended,
            over_s - stopped_s,
            stalls,
        )

    def _controlled(self, spins: int) -> list[Flight]:
        measured_s, control = self._controls.get(spins, (-_CONTROL_LASTS_S, []))
        if time.monotonic() > measured_s + _CONTROL_LASTS_S:
            control = self._spun(spins)
            self._controls[spins] = time.monotonic(), control
        return control

    def _observe(self, seconds: float) -> list[Flight]:
        began_s = time.monotonic()
        time.sleep(seconds)
        self._wait_for_flights(began_s, began_s + seconds)
        return self._canary.between(began_s, began_s + seconds)

    def _spun(self, spins: int) -> list[Flight]:
        run_ids = self._start("threads_that_spin", [1, CONTROL_S + 5], spins)
        control = self._observe(CONTROL_S)
        self._cancel(run_ids)
        for _ in self._client.events(run_ids, timeout_s=_END_LIMIT_S):
            pass
        return control

    def _recover(self, since_s: float, usual_s: float) -> float | None:
        while time.monotonic() < since_s + _RECOVERY_LIMIT_S:
            time.sleep(0.5)
            flights = self._canary.between(since_s, time.monotonic())
            if (found := recovered_s(flights, since_s, usual_s)) is not None:
                return found
        return None

    def _wait_for_flights(self, begin_s: float, end_s: float) -> None:
        """Until those that began in the time have ended, as well as can be."""
        limit_s = time.monotonic() + _RECOVERY_LIMIT_S
        while self._canary.in_the_air(begin_s, end_s) and time.monotonic() < limit_s:
            time.sleep(0.1)

    def _start(self, task: str, arguments: Sequence[object], count: int) -> list[str]:
        with ThreadPoolExecutor(8) as threads:
            start = self._client.start
            return list(threads.map(lambda _: start(f"{self._workflow}/{task}", list(arguments)).id, range(count)))

    def _wait_until_begun(self, run_ids: Sequence[str], listener: threading.Thread) -> None:
        """On a busy host a container may take longer to start than the attack lasts."""
        limit_s, waiting = time.monotonic() + _BEGIN_LIMIT_S, set(run_ids)
        while waiting and listener.is_alive() and time.monotonic() < limit_s:
            for run_id in list(waiting):
                if any(one.started_at for one in self._client.get(run_id).attempts):
                    waiting.discard(run_id)
            time.sleep(0.2)

    def _cancel(self, run_ids: Sequence[str]) -> None:
        def cancel(run_id: str) -> None:
            with suppress(ConflictError):  # it has just ended
                self._client.cancel(run_id)

        with ThreadPoolExecutor(8) as threads:
            list(threads.map(cancel, run_ids))

    def _listen(self, run_ids: Sequence[str], ended: list[Ended]) -> None:
        with suppress(WaitTimeoutError):  # the report says how many never ended
            for details in self._client.events(run_ids, timeout_s=_BEGIN_LIMIT_S + ATTACK_S + _END_LIMIT_S):
                ended.append(_ended(details))

    def _stalls(self) -> Stalls:
        return Stalls.read(self._api.get("/metrics").text)


def _ended(run: TaskRunDetails) -> Ended:
    """In seconds since its first attempt was given the task, for then it could begin."""
    began = next((one.started_at for one in run.attempts if one.started_at), run.created_at)
    took_s = (run.completed_at - began).total_seconds() if run.completed_at and began else 0.0
    failure = run.failure
    return Ended(str(run.status), failure.kind if failure else "", failure.message[:160] if failure else "", took_s)
