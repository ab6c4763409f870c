"""How often tests repeat what could go wrong by chance."""

from __future__ import annotations

from hypothesis import settings

_FULL = 100
"""Hypothesis' own number of examples; `make test-fast` chooses a profile with fewer."""


def is_quick() -> bool:
    """Whether this is `make test-fast`."""
    return settings().max_examples < _FULL


def times(full: int) -> int:
    """`full`, or as many fewer as the profile of properties has fewer examples."""
    return max(1, full * settings().max_examples // _FULL)
