"""A packed source in a body, unpacked as far as base64."""

from __future__ import annotations

import base64
import binascii
from typing import Final

from orchestrator.api.requests.refused import bad_request, too_large

_GZIP: Final = b"\x1f\x8b"


def archive_in(text: str, limit_bytes: int) -> bytes:
    """The tar.gz of at most so many bytes. Raises Refused."""
    try:
        archive = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise bad_request(f"archive is not base64: {error}") from None
    if not archive.startswith(_GZIP):
        raise bad_request("archive is not a tar.gz: it must be one, in base64")
    if len(archive) > limit_bytes:
        raise too_large("archive", len(archive), limit_bytes)
    return archive
