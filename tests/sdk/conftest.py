from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Future
from typing import Any, NoReturn

import pytest

from orchestrator_runtime import host
from orchestrator_sdk import active_run


class Served(Exception):  # noqa: N818
    """The app was handed over."""

    def __init__(self, app: Any) -> None:
        super().__init__()
        self.app = app


class FakeHost:
    """Stands in for the shim: records what the SDK asks of it."""

    def __init__(self) -> None:
        self.children: list[tuple[str, Any]] = []
        self.futures: list[Future[Any]] = []
        self.waits: list[int] = []
        self.said: list[dict[str, Any]] = []

    @property
    def waiting_now(self) -> int:
        return sum(self.waits)

    def serve(self, app: Any) -> NoReturn:
        raise Served(app)

    def start_child(self, task: str, arguments: list[Any] | dict[str, Any]) -> Future[Any]:
        self.children.append((task, arguments))
        self.futures.append(Future())
        return self.futures[-1]

    def waiting(self, delta: int) -> None:
        self.waits.append(delta)

    def annotate(self, **said: Any) -> None:
        self.said.append(said)


@pytest.fixture
def loaded(monkeypatch: pytest.MonkeyPatch) -> FakeHost:
    """A program the shim has loaded, with no run yet."""
    fake = FakeHost()
    monkeypatch.setattr(host, "current", fake)
    monkeypatch.setattr(active_run, "host", None)
    return fake


@pytest.fixture
def running(loaded: FakeHost, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeHost]:
    """The shim, while it executes a run."""
    monkeypatch.setattr(active_run, "host", loaded)
    yield loaded
    assert loaded.waiting_now == 0, "every wait that began was ended"


CONTEXT = {"run_id": "trn-2", "root_run_id": "trn-1", "parent_run_id": "trn-1", "attempt": 1}


@pytest.fixture
def context() -> dict[str, Any]:
    return dict(CONTEXT)
