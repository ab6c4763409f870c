"""Whether a page of ours asks, or another that the same browser has open; pure.

A browser sends our cookie with whatever asks from the same host, also from another port, and without a key any page may ask.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final
from urllib.parse import urlsplit

from orchestrator.core.access import SAFE_METHODS

_OWN_SITES: Final = frozenset({"same-origin", "none"})
"""Of Sec-Fetch-Site; with "none" a person asks, by the address bar."""


def changes_something(kind: str, method: str) -> bool:
    """Whether the request may do more than read; `kind` is ASGI's. What a websocket answers can be read by any page."""
    return kind == "websocket" or method not in SAFE_METHODS


def refusal(headers: Mapping[bytes, bytes], *, must_say: bool) -> str:
    """Why the request is none of our page's, empty when it is; one that does not say where it is from is refused if it must."""
    site, origin = (headers.get(name, b"").decode("latin-1") for name in (b"sec-fetch-site", b"origin"))
    if site:
        return "" if site in _OWN_SITES else f"it comes from another site's page ({origin or site})"
    if origin:
        return "" if _place(origin) == _own_place(headers) else f"it comes from the page of {origin[:100]}"
    return "it does not say from which page it comes (Origin)" if must_say else ""


def _own_place(headers: Mapping[bytes, bytes]) -> str:
    return headers.get(b"host", b"").decode("latin-1").lower()


def _place(origin: str) -> str:
    try:
        return urlsplit(origin).netloc.lower()
    except ValueError:
        return ""
