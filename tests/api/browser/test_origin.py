from __future__ import annotations

import pytest

from orchestrator.api.browser.origin import changes_something, refusal

HOST = {b"host": b"127.0.0.1:8120"}


@pytest.mark.parametrize(
    "own",
    [
        {b"origin": b"http://127.0.0.1:8120"},
        {b"sec-fetch-site": b"same-origin"},
        {b"sec-fetch-site": b"none"},
        {b"sec-fetch-site": b"same-origin", b"origin": b"https://behind.a.proxy"},
    ],
)
def test_a_page_of_ours_is_known_by_its_origin(own: dict[bytes, bytes]) -> None:
    assert refusal(HOST | own, must_say=True) == ""


@pytest.mark.parametrize(
    "foreign",
    [
        {b"origin": b"http://127.0.0.1:3000"},
        {b"origin": b"http://evil.example"},
        {b"origin": b"null"},
        {b"origin": b"http://["},
        {b"origin": b"\xff"},
        {b"sec-fetch-site": b"same-site"},
        {b"sec-fetch-site": b"cross-site", b"origin": b"http://127.0.0.1:8120"},
    ],
)
@pytest.mark.parametrize("must_say", [True, False])
def test_another_page_is_refused_also_one_of_the_same_host(foreign: dict[bytes, bytes], must_say: bool) -> None:
    assert "page" in refusal(HOST | foreign, must_say=must_say)


def test_who_does_not_say_is_a_program_where_programs_may_ask() -> None:
    assert refusal(HOST, must_say=False) == ""
    assert "Origin" in refusal(HOST, must_say=True)


@pytest.mark.parametrize(
    ("kind", "method", "does"),
    [("http", "GET", False), ("http", "HEAD", False), ("http", "POST", True), ("http", "DELETE", True)],
)
def test_reading_changes_nothing(kind: str, method: str, does: bool) -> None:
    assert changes_something(kind, method) is does


def test_a_websocket_is_held_to_its_origin_for_browsers_let_any_page_read_it() -> None:
    assert changes_something("websocket", "")
