"""An engine whose calls are timed."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from time import monotonic
from typing import Any, Final, Protocol, cast

from orchestrator.engine.base import Engine

TIMED: Final = (
    "ping",
    "create",
    "start",
    "signal",
    "inspect",
    "remove",
    "list",
    "usage",
    "base_image",
    "build",
    "image_config",
    "forget_image",
    "push_image",
    "pull_image",
    "keep_image",
    "kept_images",
    "release_image",
)
"""Not `wait` and `logs`, which take as long as a container lives."""


class Observe(Protocol):
    """Is told of a call that ended, with or without an error."""

    def __call__(self, call: str, seconds: float, *, is_ok: bool) -> None: ...


def timed(engine: Engine, observe: Observe) -> Engine:
    """The engine itself in all but that `observe` hears of each call."""
    return cast(Engine, _Timed(engine, observe))


class _Timed:
    def __init__(self, engine: Engine, observe: Observe) -> None:
        self._engine = engine
        for name in TIMED:
            setattr(self, name, _timing(name, getattr(engine, name), observe))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._engine, name)


def _timing(name: str, call: Callable[..., Awaitable[Any]], observe: Observe) -> Callable[..., Awaitable[Any]]:
    async def timing(*args: Any, **kwargs: Any) -> Any:
        began_s, is_ok = monotonic(), False
        try:
            answer = await call(*args, **kwargs)
            is_ok = True
            return answer
        finally:
            observe(name, monotonic() - began_s, is_ok=is_ok)

    return timing
