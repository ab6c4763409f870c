"""An instance that serves, as the rest of the process sees it."""

from __future__ import annotations

from dataclasses import dataclass

from orchestrator.core.scheduling.capacity import Amount, Reservation
from orchestrator.engine.base import EngineInfo
from orchestrator.scheduler.context import Context


@dataclass(frozen=True, slots=True)
class Running:
    """An instance that serves."""

    url: str
    api_key: str | None
    context: Context
    capacity: Amount
    reservation: Reservation
    engine_info: EngineInfo
