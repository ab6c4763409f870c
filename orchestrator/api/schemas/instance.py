"""The public shapes of the instance itself."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from orchestrator.api.schemas.shape import Shape


class Status(Shape):
    """How much there is to do: runs waiting for capacity, and runs with an attempt in progress.

    `status` is "refusing" while no new runs are taken; `info` then says why. `source_limit_bytes` is how large a packed source
    may be.
    """

    status: Literal["ok", "refusing"]
    version: str
    queued: int
    active: int
    info: dict[str, str]
    source_limit_bytes: int


class Health(Shape):
    """The store answers; `refusing` while there is no room for new runs."""

    status: Literal["ok", "refusing"]


class Welcome(Shape):
    """What this is and how to talk to it, for whoever has no key yet."""

    name: Literal["orchestrator"]
    message: str
    api: str
    page: str
    description: str
    health: str
    key: str


class SessionLink(Shape):
    """Where to sign in with a browser, once, before `expires_at`; without that the page needs no signing in."""

    url: str
    expires_at: datetime | None = None


class Session(Shape):
    """That whoever asks may ask; `needs_sign_in` is false where everybody may."""

    is_signed_in: bool
    needs_sign_in: bool
