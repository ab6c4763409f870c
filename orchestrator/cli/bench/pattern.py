"""The ways in which runs come to simulated hosts; apart, because every command's start reads them."""

from __future__ import annotations

from enum import StrEnum


class Pattern(StrEnum):
    """How runs come."""

    STEADY = "steady"
    """Independent of each other, always as many."""
    BURSTS = "bursts"
    """Many of one workflow at once, on one host."""
    DAILY = "daily"
    """More by day than by night, in a wave."""
    SPIKE = "spike"
    """Ten times as many for a while, after a quarter of the time."""
