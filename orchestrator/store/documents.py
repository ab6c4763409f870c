"""Runs, versions and workflows as the JSON documents that the store keeps, variables encrypted.

A field's alias is its name in a document: it stays when the field gets a better one, for stored data outlives releases.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, TypeVar

from pydantic import TypeAdapter
from pydantic_core import from_json, to_json

from orchestrator.core.runs.run import Run
from orchestrator.core.runs.summary import Glimpse, Summary, summary
from orchestrator.core.workflow import Version, Workflow
from orchestrator.store.env_cipher import EnvCipher, rewritten

T = TypeVar("T")

_RUN: Final = TypeAdapter(Run)
_GLIMPSES: Final = TypeAdapter(list[Glimpse])
_SUMMARY: Final = TypeAdapter(Summary)
_SUMMARIES: Final = TypeAdapter(list[Summary])
_VERSION: Final = TypeAdapter(Version)
_WORKFLOW: Final = TypeAdapter(Workflow)


def dump_run(run: Run) -> bytes:
    """The run; what equals its default is left out, so a default, once released, must not change."""
    return _RUN.dump_json(run, by_alias=True, exclude_defaults=True)


def load_run(document: str | bytes) -> Run:
    """The run in a document."""
    return _RUN.validate_json(document)


def summaries_of(documents: Sequence[str]) -> list[Summary]:
    """The summaries of the runs in these documents, which are read at once: each for itself takes half as long again."""
    return [summary(run) for run in _GLIMPSES.validate_json(f"[{','.join(documents)}]")]


def dump_summary(row: Summary) -> bytes:
    """The summary, as the feed and the run's `row` have it."""
    return _SUMMARY.dump_json(row, exclude_defaults=True)


def load_summary(document: str | bytes) -> Summary:
    """The summary in such a text."""
    return _SUMMARY.validate_json(document)


def load_summaries(rows: Sequence[str]) -> list[Summary]:
    """The summaries in these texts."""
    return _SUMMARIES.validate_json(f"[{','.join(rows)}]")


def dump_version(version: Version, cipher: EnvCipher) -> bytes:
    """The version."""
    return _dump(_VERSION, version, cipher)


def load_version(document: str | bytes, cipher: EnvCipher) -> Version:
    """The version in a document. Raises WrongKey."""
    return _load(_VERSION, document, cipher)


def dump_workflow(workflow: Workflow, cipher: EnvCipher) -> bytes:
    """The workflow."""
    return _dump(_WORKFLOW, workflow, cipher)


def load_workflow(document: str | bytes, cipher: EnvCipher) -> Workflow:
    """The workflow in a document. Raises WrongKey."""
    return _load(_WORKFLOW, document, cipher)


def _dump(shape: TypeAdapter[T], value: T, cipher: EnvCipher) -> bytes:
    fields: dict[str, Any] = shape.dump_python(value, by_alias=True)
    return to_json(rewritten(fields, cipher.encrypt))


def _load(shape: TypeAdapter[T], document: str | bytes, cipher: EnvCipher) -> T:
    return shape.validate_python(rewritten(from_json(document), cipher.decrypt))
