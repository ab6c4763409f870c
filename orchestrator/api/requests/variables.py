"""Variables in requests."""

from __future__ import annotations

import secrets
from collections.abc import Iterable

from orchestrator.api import schemas
from orchestrator.api.requests.refused import bad_request


def values(variables: Iterable[schemas.EnvVarGiven]) -> dict[str, str]:
    """Values by name, made up where that was asked for. Raises Refused."""
    return {one.key: value(one.key, one) for one in variables}


def value(key: str, given: schemas.EnvVarValue) -> str:
    """The value, made up if that was asked for. Raises Refused."""
    if given.value is not None:
        return given.value
    if not given.generate_value:
        raise bad_request(f"the variable {key.partition('=')[0]} has neither value nor generateValue")
    return secrets.token_urlsafe(32)
