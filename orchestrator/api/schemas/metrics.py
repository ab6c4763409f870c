"""The public shapes of metrics."""

from __future__ import annotations

from datetime import datetime

from orchestrator.api.schemas.shape import Shape


class SeriesLabel(Shape):
    """What a series is about: ``resource``, ``state``."""

    field: str
    value: str


class TimeSeriesValue(Shape):
    """What was counted from this time until the next value's."""

    timestamp: datetime
    value: int


class TimeSeries(Shape):
    """Values at equal distances."""

    labels: list[SeriesLabel]
    values: list[TimeSeriesValue]
    unit: str
