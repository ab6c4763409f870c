"""Clients of the HTTP API: one for ordinary programs, one for asyncio. Both need httpx; the models do not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from orchestrator_sdk.errors import MissingDependencyError

if TYPE_CHECKING:
    from orchestrator_sdk.client.async_client import AsyncClient
    from orchestrator_sdk.client.sync_client import Client

__all__ = ["AsyncClient", "Client"]

_MODULES = {"AsyncClient": "async_client", "Client": "sync_client"}


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    try:
        return getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
    except ModuleNotFoundError as missing:
        if missing.name != "httpx":
            raise
        raise MissingDependencyError(
            f"{name} needs httpx: install it with `pip install httpx`, or name orchestrator-sdk[client] as a dependency"
        ) from missing
