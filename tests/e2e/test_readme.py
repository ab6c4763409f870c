"""The README's commands, pasted one after the other into one shell by somebody with a new home."""

from __future__ import annotations

import asyncio
import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from orchestrator.app.data_dir import DataDir
from orchestrator.core.container.spec import LABEL_INSTANCE
from orchestrator.redis.server import stop_left_over
from tests.leftovers import ROOT, remove_all, remove_tags

_BLOCK = re.compile(r"^```(?P<language>sh|python)\n(?P<text>.*?)^```", re.MULTILINE | re.DOTALL)
_SECTIONS = ("Start", "A task")
# In a network namespace of its own nobody else has the usual port; Docker and Redis are reached by sockets in the file system.
_APART = ("unshare", "--net", "--", "bash", "-euo", "pipefail", "-c")
_CAN_BE_APART = subprocess.run([*_APART, "ip link set lo up"], capture_output=True, check=False).returncode == 0

pytestmark = [
    pytest.mark.docker,
    pytest.mark.timeout(600),
    pytest.mark.skipif(not _CAN_BE_APART, reason="only root has a network namespace of its own"),
]


def sections() -> str:
    """The part of the README that a newcomer follows."""
    parts = re.split(r"^## (.+)\n", (ROOT / "README.md").read_text(), flags=re.MULTILINE)
    texts = dict(zip(parts[1::2], parts[2::2], strict=True))
    return "".join(texts[name] for name in _SECTIONS)


@pytest.fixture
def home(tmp_path_factory: pytest.TempPathFactory, docker_client: Any, base_image: str) -> Iterator[Path]:
    """A new user's; what the README starts in it is gone afterwards."""
    home = tmp_path_factory.mktemp("home")
    yield home
    data_dir = DataDir(home / ".orchestrator")
    if pid := data_dir.pid():
        os.kill(pid, 15)
    asyncio.run(stop_left_over(data_dir.path, data_dir.secret()))
    remove_all(docker_client, f"{LABEL_INSTANCE}={data_dir.instance()}")
    remove_tags(docker_client, data_dir.instance())


def test_every_command_works_when_pasted_after_those_before_it(home: Path) -> None:
    blocks = [(found["language"], found["text"]) for found in _BLOCK.finditer(sections())]
    (program,) = (text for language, text in blocks if language == "python")
    (home / "words").mkdir()
    (home / "words" / "main.py").write_text(program)
    commands = "set -x\nip link set lo up\n" + "".join(text for language, text in blocks if language == "sh")
    environment = {name: value for name, value in os.environ.items() if not name.startswith("ORCHESTRATOR_")}
    done = subprocess.run(
        [*_APART, commands],
        cwd=ROOT,
        env={**environment, "HOME": str(home)},
        capture_output=True,
        text=True,
        timeout=500,
    )
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    printed = done.stdout.splitlines()
    for line in ("25", "3", "[3]", "Ready."):
        assert line in printed, done.stdout
    assert '"status":"pending"' in done.stdout.replace(" ", "")
