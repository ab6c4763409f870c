from __future__ import annotations

from collections.abc import Mapping

from orchestrator_sdk.client.models import Variable
from orchestrator_sdk.client.requests.request import Page, Request, encode, pages, segment


def variables(workflow: str) -> Request[Page[Variable]]:
    """The variables of a workflow, by its slug or id: their names, for values are never shown."""
    return pages(_path(workflow), "envVar", Variable.parse, {})


def set_variables(workflow: str, values: Mapping[str, str]) -> Request[None]:
    """Set variables beside those a workflow has; its tasks see them from its next version on."""
    body = encode([{"key": name, "value": value} for name, value in values.items()])
    return Request("PATCH", _path(workflow), lambda _: None, body=body)


def unset_variable(workflow: str, name: str) -> Request[None]:
    """Unset a variable; a workflow's tasks see it no more from its next version on."""
    return Request("DELETE", f"{_path(workflow)}/{segment(name)}", lambda _: None)


def _path(workflow: str) -> str:
    return f"/services/{segment(workflow)}/env-vars"
