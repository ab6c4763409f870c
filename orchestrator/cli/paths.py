"""Paths of the API with names that people type."""

from __future__ import annotations

from urllib.parse import quote


def path_of(*parts: str) -> str:
    """The path of these parts; what they have of slashes, question marks and the like stays theirs."""
    return "".join(f"/{quote(part, safe='')}" for part in parts)
