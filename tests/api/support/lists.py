"""Lists of the API, in short."""

from __future__ import annotations

import httpx


async def names(api: httpx.AsyncClient, path: str, item: str, field: str = "name") -> list[str]:
    """A field of every item at the path."""
    answer = await api.get(path)
    assert answer.status_code == 200, answer.text
    return [one[item][field] for one in answer.json()]
