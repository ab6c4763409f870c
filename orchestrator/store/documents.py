"""Runs, versions and workflows as the JSON documents that the store keeps.

A field's alias is its name in a document: it stays when the field gets a better one, for stored data outlives releases.
"""

from __future__ import annotations

from typing import Final

from pydantic import TypeAdapter

from orchestrator.core.run import Run
from orchestrator.core.workflow import Version, Workflow

_RUN: Final = TypeAdapter(Run)
_VERSION: Final = TypeAdapter(Version)
_WORKFLOW: Final = TypeAdapter(Workflow)


def dump_run(run: Run) -> bytes:
    """The run; what equals its default is left out, so a default, once released, must not change."""
    return _RUN.dump_json(run, by_alias=True, exclude_defaults=True)


def load_run(document: str | bytes) -> Run:
    """The run in a document."""
    return _RUN.validate_json(document)


def dump_version(version: Version) -> bytes:
    """The version."""
    return _VERSION.dump_json(version, by_alias=True)


def load_version(document: str | bytes) -> Version:
    """The version in a document."""
    return _VERSION.validate_json(document)


def dump_workflow(workflow: Workflow) -> bytes:
    """The workflow."""
    return _WORKFLOW.dump_json(workflow, by_alias=True)


def load_workflow(document: str | bytes) -> Workflow:
    """The workflow in a document."""
    return _WORKFLOW.validate_json(document)
