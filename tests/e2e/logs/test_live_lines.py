"""A line that another program than ours writes over is seen before it ends, by whoever looks, and nobody else pays for it."""

from __future__ import annotations

import os
import pty
import re
import subprocess

import pytest

from tests.live_instance import ORCHESTRATOR, LiveInstance

pytestmark = pytest.mark.docker

STATE = re.compile(r"\d+ of many")


def test_those_who_follow_over_http_see_its_states(kinds: LiveInstance) -> None:
    client = kinds.client()
    run = client.start("kinds/downloads", [5])
    lines = list(client.logs(run.id, follow=True, live=True))
    begun = {line.message for line in lines if line.is_begun}
    assert len([message for message in begun if STATE.fullmatch(message)]) > 3
    assert [line.message for line in lines if not line.is_begun][-1] == "all of them"
    assert client.result(run.id, timeout_s=60) == 0


def test_on_a_terminal_the_states_have_the_last_row(kinds: LiveInstance) -> None:
    run = kinds.client().start("kinds/downloads", [5])
    shown = _on_a_terminal(kinds, "runs", "logs", run.id, "--follow")
    assert len(set(re.findall(r"\r\x1b\[2K(\d+ of many)", shown))) > 3
    assert _left_on(shown)[-2:] == ["all of them", ""]


def _left_on(shown: str) -> list[str]:
    """The rows that are seen in the end; a state may come after the line that ended it, and goes again."""
    return [row.rsplit("\r\x1b[2K", 1)[-1] for row in shown.split("\r\n")]


def _on_a_terminal(instance: LiveInstance, *arguments: str) -> str:
    """What a command writes to one."""
    controller, terminal = pty.openpty()
    environment = {**os.environ, "ORCHESTRATOR_URL": instance.url, "ORCHESTRATOR_API_KEY": instance.data_dir.api_key()}
    process = subprocess.Popen(
        [str(ORCHESTRATOR), *arguments], stdin=subprocess.DEVNULL, stdout=terminal, stderr=terminal, env=environment
    )
    os.close(terminal)
    shown = b""
    with os.fdopen(controller, "rb", buffering=0) as screen:
        try:
            while data := screen.read(65_536):
                shown += data
        except OSError:  # how Linux says that nobody writes any more
            pass
    assert process.wait() == 0
    return shown.decode()
