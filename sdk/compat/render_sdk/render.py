"""`Render` and `RenderAsync`, over our own clients."""

from __future__ import annotations

import os
from typing import Final

from orchestrator_sdk import AsyncClient, Client
from render_sdk.client.services import SyncWorkflowsService, WorkflowsService

__all__ = ["Render", "RenderAsync"]

_HOSTED: Final = "https://api.render.com"


class Render:
    """The blocking client. `owner_id` and `region` are accepted and ignored."""

    def __init__(
        self,
        *,
        token: str | None = None,
        base_url: str = _HOSTED,
        owner_id: str | None = None,
        region: str | None = None,
    ) -> None:
        self.workflows = SyncWorkflowsService(Client(url=_url(base_url), api_key=token))


class RenderAsync:
    """The asyncio client. `owner_id` and `region` are accepted and ignored."""

    def __init__(
        self,
        *,
        token: str | None = None,
        base_url: str = _HOSTED,
        owner_id: str | None = None,
        region: str | None = None,
    ) -> None:
        self.workflows = WorkflowsService(AsyncClient(url=_url(base_url), api_key=token))


def _url(base_url: str) -> str | None:
    """The address given, unless it is the hosted service's or the environment has another: that one wins, as it does there."""
    is_redirected = "RENDER_LOCAL_DEV_URL" in os.environ or "RENDER_USE_LOCAL_DEV" in os.environ
    return None if is_redirected or base_url == _HOSTED else base_url
