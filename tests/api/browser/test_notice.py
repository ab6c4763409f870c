from __future__ import annotations

from http import HTTPStatus

from orchestrator.api.browser.notice import notice


def test_a_notice_says_what_to_do_and_runs_no_script() -> None:
    answer = notice(HTTPStatus.UNAUTHORIZED, "Used <b>", "Ask for another", "orchestrator ui")
    text = bytes(answer.body).decode()
    assert "Used &lt;b&gt;" in text
    assert "<pre>orchestrator ui</pre>" in text
    assert "script-src" not in answer.headers["Content-Security-Policy"]
    assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'")
