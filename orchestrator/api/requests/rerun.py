"""What a request to do a run again says."""

from __future__ import annotations

from typing import NamedTuple

from orchestrator.api.requests.parsing import parse_object
from orchestrator.api.requests.refused import bad_request
from orchestrator.api.requests.submission import checked_input, checked_key


class AskedAgain(NamedTuple):
    """A checked request; `input_json` is None for the run's own, `idempotency_key` is empty when there is none."""

    input_json: str | None
    on_current_version: bool
    idempotency_key: str


def asked_again(body: bytes) -> AskedAgain:
    """The request in a body. Raises Refused."""
    content = parse_object(body)
    version = content.get("version")
    if version not in (None, "same", "current"):
        raise bad_request("version must be same (the run's own, which is meant where nothing is said) or current")
    input_json = None if content.get("input") is None else checked_input(content)
    return AskedAgain(input_json, version == "current", checked_key(content.get("idempotencyKey")))
