from __future__ import annotations

import pytest

from orchestrator.api.requests.refused import Refused
from orchestrator.api.requests.rerun import AskedAgain, asked_again


@pytest.mark.parametrize(
    ("body", "asked"),
    [
        (b"{}", AskedAgain(None, on_current_version=False, idempotency_key="")),
        (b'{"version": "same", "input": null}', AskedAgain(None, on_current_version=False, idempotency_key="")),
        (b'{"version": "current", "input": [1, 2]}', AskedAgain("[1,2]", on_current_version=True, idempotency_key="")),
        (b'{"idempotencyKey": "once"}', AskedAgain(None, on_current_version=False, idempotency_key="once")),
    ],
)
def test_a_run_is_done_again_as_it_was_unless_something_else_is_said(body: bytes, asked: AskedAgain) -> None:
    assert asked_again(body) == asked


def test_a_version_of_another_name_is_refused() -> None:
    with pytest.raises(Refused, match="version must be same"):
        asked_again(b'{"version": "v1"}')
