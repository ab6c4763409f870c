"""Versions as people name them: by their ids, or as ``shop/v3``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orchestrator.cli import exit_codes
from orchestrator.cli.errors import CliError

if TYPE_CHECKING:
    from orchestrator_sdk.client import Client
    from orchestrator_sdk.client.models import WorkflowVersion


def find(api: Client, text: str) -> WorkflowVersion:
    """The version. Raises CliError, APIError."""
    slug, is_named, name = text.partition("/")
    if not is_named:
        return api.version(text)
    found = list(api.versions(workflow=api.workflow(slug).id))
    for version in found:
        if version.name == name:
            return version
    known = ", ".join(version.name for version in found) or "none"
    raise CliError(f"{slug} has no version {name}; it has: {known}", "", exit_codes.NOT_FOUND)


def id_of(api: Client, text: str) -> str:
    """The version's id, looked for only where it is named otherwise. Raises CliError, APIError."""
    return find(api, text).id if "/" in text else text


def before(api: Client, slug: str) -> WorkflowVersion:
    """The newest ready version older than the one that serves. Raises CliError, APIError."""
    workflow = api.workflow(slug)
    ready = [version for version in api.versions(workflow=workflow.id) if version.status == "ready"]
    serving = next((number for number, version in enumerate(ready) if version.id == workflow.workflow_version_id), None)
    if serving is None or serving + 1 == len(ready):
        message = f"{slug} has no ready version before the one that serves"
        raise CliError(message, "`orchestrator versions list` shows those that are kept", exit_codes.NOT_FOUND)
    return ready[serving + 1]
