"""The client of the load: asks, cancels and asks again until it is answered, as a careful program would."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

import httpx

from tests.chaos.instance import NAME, ChaosInstance
from tests.chaos.load import Planned

PATIENCE_S = 120.0
_PAUSE_S = 0.1
_WORKERS = 24


class LoadClient:
    """Every key's run as it was acknowledged; `contradictions` are answers that name another run for the same key."""

    def __init__(self, instance: ChaosInstance) -> None:
        self._instance = instance
        self.acknowledged: dict[str, str] = {}
        self.contradictions: list[str] = []

    def play(self, planned: Sequence[Planned]) -> None:
        """Do all of it in its time; returns when everything was answered, or nobody answered for long."""
        began_at_s = time.monotonic()
        with ThreadPoolExecutor(_WORKERS) as pool:
            for one in planned:
                time.sleep(max(0.0, began_at_s + one.at_s - time.monotonic()))
                pool.submit(self._do, one)

    def _do(self, planned: Planned) -> None:
        for _ in range(1 + planned.repeats):
            answer = self._until_answered(lambda http: http.post("/task-runs", json=_body(planned)), 202)
            if answer is not None:
                run_id = answer.json()["id"]
                if self.acknowledged.setdefault(planned.key, run_id) != run_id:
                    self.contradictions.append(f"{planned.key}: {self.acknowledged[planned.key]} and {run_id}")
        if planned.cancel_after_s is not None and planned.key in self.acknowledged:
            time.sleep(planned.cancel_after_s)
            path = f"/task-runs/{self.acknowledged[planned.key]}"
            self._until_answered(lambda http: http.delete(path), 204, 409)

    def _until_answered(self, ask: Callable[[httpx.Client], httpx.Response], *wanted: int) -> httpx.Response | None:
        ends_at = time.monotonic() + PATIENCE_S
        while time.monotonic() < ends_at:
            try:
                with self._instance.live.http() as http:
                    answer = ask(http)
                if answer.status_code in wanted:
                    return answer
            except (httpx.HTTPError, AssertionError):
                pass  # nobody is there
            time.sleep(_PAUSE_S)
        return None


def _body(planned: Planned) -> dict[str, object]:
    return {"task": f"{NAME}/{planned.task}", "input": list(planned.input), "idempotencyKey": planned.key}
