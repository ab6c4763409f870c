from __future__ import annotations

import pytest
from starlette.responses import Response

from orchestrator.api.browser import cookie


@pytest.mark.parametrize(
    ("header", "token"),
    [
        (b"orchestrator_session=abc", "abc"),
        (b"a=1; orchestrator_session=abc; b=2", "abc"),
        (b"a=1;orchestrator_session=a=b", "a=b"),
        (b"not_orchestrator_session=abc", ""),
        (b"orchestrator_session", ""),
        (b"\xff\xfe; ;=;", ""),
        (b"", ""),
    ],
)
def test_the_token_is_found_among_other_cookies(header: bytes, token: str) -> None:
    assert cookie.token_in(header) == token


def test_no_script_reads_it_and_no_other_site_sends_it() -> None:
    answer = Response()
    cookie.give(answer, "abc", is_secure=True)
    words = {word.strip().lower() for word in answer.headers["set-cookie"].split(";")}
    assert {"orchestrator_session=abc", "httponly", "samesite=strict", "path=/", "secure"} <= words


def test_over_plain_http_it_is_sent_all_the_same() -> None:
    answer = Response()
    cookie.give(answer, "abc", is_secure=False)
    assert "secure" not in answer.headers["set-cookie"].lower()


def test_taken_away_it_is_over_at_once() -> None:
    answer = Response()
    cookie.take_away(answer)
    assert "Max-Age=0" in answer.headers["set-cookie"]
