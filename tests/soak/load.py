"""A mixed load: runs of every kind, and clients who look, follow, search and go away in the middle."""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import Awaitable, Callable
from typing import Any, Final

import httpx

RUNS: Final[tuple[tuple[str, list[Any]], ...]] = (
    ("square", [3]),
    ("sum_squares", [1, 2, 3]),
    ("countdown", [2]),
    ("prints", [1]),
    ("echo", ["x" * 100_000]),
    ("fails", []),
    ("succeeds_at_third", []),
    ("sleeps", [2]),
)


class Load:
    """Asks for runs and follows them until it is cancelled; what went wrong is counted by kind."""

    def __init__(self, api: httpx.AsyncClient, workflow: str, seed: int, pause_s: float) -> None:
        self._api = api
        self._workflow = workflow
        self._pause_s = pause_s
        self._random = random.Random(seed)  # the same load again, no secret
        self._recent: list[str] = []
        self.asked = 0
        self.answers: dict[str, int] = {}

    async def run(self) -> None:
        """Until it is cancelled."""
        acts = (self._submit, self._submit, self._look, self._follow, self._search, self._cancel)
        async with asyncio.TaskGroup() as group:
            for number, act in enumerate(acts):
                group.create_task(self._again(act), name=f"client {number}")

    async def _again(self, act: Callable[[], Awaitable[str]]) -> None:
        while True:
            try:
                said = await act()
            except httpx.HTTPError as error:
                said = type(error).__name__
            self.answers[said] = self.answers.get(said, 0) + 1
            await asyncio.sleep(self._random.uniform(0, 2 * self._pause_s))

    async def _submit(self) -> str:
        task, given = self._random.choice(RUNS)
        answer = await self._api.post("/v1/task-runs", json={"task": f"{self._workflow}/{task}", "input": given})
        if answer.status_code == httpx.codes.ACCEPTED:
            self._recent = [*self._recent[-20:], answer.json()["id"]]
            self.asked += 1
        return f"submit {answer.status_code}"

    async def _look(self) -> str:
        return f"list {(await self._api.get('/v1/task-runs?limit=50')).status_code}"

    async def _search(self) -> str:
        return f"search {(await self._api.get('/v1/logs?limit=100&text=a')).status_code}"

    async def _follow(self) -> str:
        """Some lines, and then it goes without a word."""
        if not self._recent:
            return "nothing to follow"
        path = f"/v1/task-runs/{self._random.choice(self._recent)}/logs?follow=true"
        async with self._api.stream("GET", path) as answer:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self._random.uniform(0.1, 3)):
                    async for _ in answer.aiter_lines():
                        pass
        return f"follow {answer.status_code}"

    async def _cancel(self) -> str:
        if not self._recent:
            return "nothing to cancel"
        answer = await self._api.delete(f"/v1/task-runs/{self._random.choice(self._recent)}")
        return f"cancel {answer.status_code}"
