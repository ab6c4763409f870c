"""A repo is deployed from Git on real Docker."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.live_instance import EXAMPLES, LiveInstance


@pytest.mark.docker
def test_a_repo_is_fetched_built_and_run(live: LiveInstance, tmp_path: Path) -> None:
    upstream = tmp_path / "upstream"
    shutil.copytree(EXAMPLES / "quickstart", upstream / "app")
    git = ["git", "-C", str(upstream), "-c", "user.name=Test", "-c", "user.email=test@localhost"]
    for words in (["init", "-q", "-b", "main"], ["add", "."], ["commit", "-q", "-m", "first"]):
        subprocess.run([*git, *words], check=True)
    result = live.cli("deploy", f"file://{upstream}", "--name", "from-git", "--branch", "main", "--root-dir", "app")
    assert result.returncode == 0, result.stderr
    assert "at commit" in result.stderr
    assert live.client().run("from-git/calculate_square", [7]).results == [49]
