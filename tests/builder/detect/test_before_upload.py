"""What is said of a folder before it is sent anywhere."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from orchestrator.builder.detect.before_upload import check
from orchestrator.builder.errors import BadSource


def repo(folder: Path, **texts: str) -> Path:
    for name, text in texts.items():
        (folder / name.replace("__", "/").replace("_toml", ".toml").replace("_yaml", ".yaml")).write_text(text)
    return folder


def test_a_folder_that_says_nothing_may_be_sent(tmp_path: Path) -> None:
    check(tmp_path)


@pytest.mark.parametrize(
    ("texts", "says"),
    [
        ({"orchestrator_toml": "stat_command = 1"}, "unknown key 'stat_command'; did you mean 'start_command'"),
        ({"pyproject_toml": "[tool.orchestrator]\napt = 1"}, "apt is 1"),
        ({"render_yaml": "services: ["}, "render.yaml cannot be read"),
        ({"orchestrator_toml": 'dockerfile = "gone"'}, "made by gone, which is not in the repo"),
        ({"orchestrator_toml": 'dockerfile = "Dockerfile"', "Dockerfile": "FROM scratch"}, "neither Python nor Node"),
    ],
)
def test_what_cannot_be_deployed_is_told_of(tmp_path: Path, texts: dict[str, str], says: str) -> None:
    with pytest.raises(BadSource, match=says):
        check(repo(tmp_path, **texts))


def test_a_dockerfile_that_was_asked_for_outranks_the_tables(tmp_path: Path) -> None:
    folder = repo(
        tmp_path, orchestrator_toml='dockerfile = "Dockerfile"', Dockerfile="FROM scratch", jobs="FROM python\n"
    )
    check(folder, asked_dockerfile="jobs")


def test_a_folder_that_says_nothing_waits_for_no_reader_of_yaml(tmp_path: Path) -> None:
    script = (
        "import sys, pathlib; from orchestrator.builder.detect import before_upload as b; b.check(pathlib.Path('.'))"
    )
    command = [sys.executable, "-c", f"{script}; print('yaml' in sys.modules)"]
    assert subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True).stdout == "False\n"
