from __future__ import annotations

import base64

import pytest

from orchestrator.api.requests.archive import archive_in
from orchestrator.api.requests.refused import Refused

PACKED = b"\x1f\x8bpacked"
TEXT = base64.b64encode(PACKED).decode()


def test_an_archive_is_the_bytes_that_were_packed() -> None:
    assert archive_in(TEXT, len(PACKED)) == PACKED


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("?", "is not base64"),
        ("é", "is not base64"),
        ("emlw", "is not a tar.gz"),
        (TEXT, "more than the limit of 7 bytes"),
    ],
)
def test_what_is_no_archive_or_too_large_is_refused(text: str, says: str) -> None:
    with pytest.raises(Refused, match=says):
        archive_in(text, len(PACKED) - 1)
