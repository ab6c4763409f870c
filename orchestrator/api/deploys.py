"""New versions of workflows, from uploaded source."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from http import HTTPStatus
from typing import Final

from fastapi import APIRouter, Request, Response

from orchestrator.api import render, schemas
from orchestrator.api.answers import answer
from orchestrator.api.body import declared, is_text, read_shape, too_large
from orchestrator.api.problems import bad_request, require_room
from orchestrator.api.services import Given
from orchestrator.core.plans import MIB
from orchestrator.core.workflow import Source, slugify

router = APIRouter(tags=["workflows"])

_ARCHIVE_LIMIT_BYTES: Final = 64 * MIB
_BODY_LIMIT_BYTES: Final = _ARCHIVE_LIMIT_BYTES * 4 // 3 + MIB
_ENV_LIMIT_BYTES: Final = 96 * 1024
"""Of one variable: Linux gives a program no longer ones than 128 KiB."""
_ENV_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*", re.ASCII)
_RESERVED: Final = ("ORCHESTRATOR_", "RENDER_SDK_")
_GZIP: Final = b"\x1f\x8b"


@router.post(
    "/v1/deploys",
    status_code=HTTPStatus.ACCEPTED,
    response_model=schemas.Deployed,
    openapi_extra=declared(schemas.Deploy),
)
async def deploy(request: Request, given: Given) -> Response:
    """Upload a new version; it is built next, and takes over once its tasks are registered."""
    require_room(given.room.no_deploys)
    asked = await read_shape(request, schemas.Deploy, _BODY_LIMIT_BYTES)
    slug = _slug(asked.name)
    _check_texts(asked)
    _check_env(asked.env)
    source = Source(asked.source or asked.name, root_dir=asked.root_dir)
    archive = _archive(asked.archive)
    workflow, version = await given.workflows.deploy(
        slug, source, asked.start_command, asked.env, archive, now_ms=given.now_ms()
    )
    shape = schemas.Deployed(workflow=render.workflow(workflow), workflow_version=render.version(version))
    return answer(shape, HTTPStatus.ACCEPTED)


def _slug(name: str) -> str:
    slug = slugify(name)
    if not slug:
        raise bad_request(f"'{name}' leaves no usable name: it needs a letter a-z or a digit")
    return slug


def _check_texts(asked: schemas.Deploy) -> None:
    texts = {"startCommand": asked.start_command, "rootDir": asked.root_dir or "", "source": asked.source}
    for field, text in texts.items():
        if "\0" in text or not is_text(text):
            raise bad_request(f"{field} has characters that no command or path can have")


def _check_env(env: Mapping[str, str]) -> None:
    for name, value in env.items():
        if not _ENV_NAME.fullmatch(name):
            raise bad_request(f"env: {name!r} is no name of a variable: use letters, digits and '_', no digit first")
        if name.startswith(_RESERVED):
            raise bad_request(f"env: {name} is reserved for the orchestrator: choose another name")
        if "\0" in value or not is_text(value):
            raise bad_request(f"env: the value of {name} has characters that no variable can have")
        if len(value.encode()) > _ENV_LIMIT_BYTES:
            raise too_large(f"env: the value of {name}", len(value.encode()), _ENV_LIMIT_BYTES)


def _archive(text: str) -> bytes:
    try:
        archive = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise bad_request(f"archive is not base64: {error}") from None
    if not archive.startswith(_GZIP):
        raise bad_request("archive is not a tar.gz: it must be one, in base64")
    if len(archive) > _ARCHIVE_LIMIT_BYTES:
        raise too_large("archive", len(archive), _ARCHIVE_LIMIT_BYTES)
    return archive
