"""The memory of this machine."""

from __future__ import annotations

import os


def total_bytes() -> int:
    """All of it, whoever uses it."""
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
