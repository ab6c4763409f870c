"""The version of everything in this repo: of both packages, and what clients call themselves."""

from __future__ import annotations

__version__ = "0.1.0"
