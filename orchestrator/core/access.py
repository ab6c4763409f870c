"""What a key of the API may be used for, decided from a request's method and path alone."""

from __future__ import annotations

import re
from collections.abc import Collection
from enum import StrEnum
from typing import Final


class Scope(StrEnum):
    """What a key allows; every one includes `read`, and `admin` everything."""

    READ = "read"
    RUN = "run"
    DEPLOY = "deploy"
    ADMIN = "admin"


ALL: Final = frozenset(Scope)
NAME: Final = r"^[a-z0-9][a-z0-9-]{0,39}$"
"""A pattern of all names that a key can have."""
SAFE_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS"})
_ADMINS_OWN: Final = ("/v1/keys", "/v1/sessions")
_OWN_SESSION: Final = "/v1/sessions/current"
_CHANGES: Final = {
    Scope.RUN: ("/v1/task-runs", "/v1/operations"),
    Scope.DEPLOY: ("/v1/deploys", "/v1/sources", "/v1/workflows", "/v1/workflowversions", "/v1/services", "/v1/tasks"),
}


def needed(method: str, path: str) -> Scope:
    """What a request needs; of a path that nobody has thought of, everything."""
    if path == _OWN_SESSION:
        return Scope.READ
    if _is_under(path, _ADMINS_OWN):
        return Scope.ADMIN
    if method in SAFE_METHODS:
        return Scope.READ
    return next((scope for scope, paths in _CHANGES.items() if _is_under(path, paths)), Scope.ADMIN)


def allows(scopes: Collection[str], asked: Scope) -> bool:
    """Whether a key with these scopes is enough."""
    return asked in scopes or Scope.ADMIN in scopes or (asked is Scope.READ and bool(scopes))


def is_name(text: str) -> bool:
    """Whether a key can be called so."""
    return bool(re.fullmatch(NAME, text))


def _is_under(path: str, places: Collection[str]) -> bool:
    return any(path == place or path.startswith(f"{place}/") for place in places)
