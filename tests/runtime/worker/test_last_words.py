from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from orchestrator import BUNDLED_DIR
from orchestrator.builder.image.node_layers import NPM
from orchestrator_runtime.user_code.spawn import last_words_of_node
from orchestrator_runtime.worker import last_words

SCRIPT = BUNDLED_DIR / NPM / "last-words.cjs"
needs_node = pytest.mark.skipif(shutil.which("node") is None, reason="there is no Node on this host")


def ended(socket: Path, code: str, options: str = "") -> int:
    """The exit code of a program of Node's that is loaded the way a container loads it."""
    environment = {**os.environ, "RENDER_SDK_SOCKET_PATH": str(socket), "NODE_OPTIONS": options}
    environment |= last_words_of_node(environment, str(SCRIPT))
    return subprocess.run(["node", "-e", code], env=environment, capture_output=True, check=False).returncode


@pytest.fixture
def socket(tmp_path: Path) -> Path:
    return tmp_path / "worker.sock"


@needs_node
def test_a_rejection_that_nobody_handles_is_told_with_its_stack(socket: Path) -> None:
    assert ended(socket, "async function work() { throw new RangeError('boom') }; work()") == 1
    said = last_words.error(str(socket))
    assert said is not None
    assert (said.type, said.message, said.retryable) == ("RangeError", "boom", True)
    assert "at work" in said.traceback


@needs_node
def test_a_heap_that_is_full_is_told_from_other_aborts(socket: Path) -> None:
    assert ended(socket, "process.abort()") == -6
    assert not last_words.is_heap_full(str(socket))
    ended(socket, "const a = []; for (;;) a.push(new Array(1000).fill(Math.random()))", "--max-old-space-size=20")
    assert last_words.is_heap_full(str(socket))


@needs_node
def test_who_handles_its_errors_itself_is_not_disturbed(socket: Path) -> None:
    assert ended(socket, "process.on('uncaughtException', () => process.exit(7)); throw new Error('boom')") == 7


def test_what_a_program_left_there_need_not_be_ours(socket: Path) -> None:
    for text in ("", "{", "[1]", "\ud800"):
        Path(f"{socket}.uncaught").write_text(text, errors="surrogatepass")
        assert last_words.error(str(socket)) is None


def test_without_the_script_nothing_is_asked_of_node() -> None:
    assert last_words_of_node({"NODE_OPTIONS": "--inspect"}, "/nowhere.cjs") == {}
