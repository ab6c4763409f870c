"""A repo whose own Dockerfile makes its image: whatever that says of its containers, runs are as hardened as all others."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.live_instance import LiveInstance

pytestmark = pytest.mark.docker

DOCKERFILE = """# syntax=docker/dockerfile:1
FROM {base} AS build
RUN rm -rf /opt/venv && echo built > /made.txt

FROM build
WORKDIR "/srv/my code"
COPY . .
RUN chmod -R 700 /srv && chown -R 1234:1234 /srv
ENV HF_HOME=/models
USER 1234
VOLUME /data
EXPOSE 80
HEALTHCHECK CMD false
STOPSIGNAL SIGKILL
ONBUILD RUN touch /triggered
ENTRYPOINT ["python3", "-u"]
CMD ["main.py", "an argument"]
"""
MAIN = """
import os
import sys

import beside
from orchestrator_sdk import Workflows

app = Workflows()


@app.task
def seen() -> list[object]:
    places = [os.path.exists("/triggered"), os.access("/data", os.W_OK), os.access("/srv/my code", os.W_OK)]
    user = os.getuid() in (0, 1234)
    return [beside.NAME, os.getcwd(), sys.argv, os.environ["HF_HOME"], sys.prefix, user, *places]


app.start()
"""


@pytest.fixture
def docker_repo(repo: Path, base_image: str) -> Path:
    # Without a registry the frontend is Docker's own.
    (repo / "Dockerfile").write_text(DOCKERFILE.format(base=base_image).removeprefix("# syntax=docker/dockerfile:1\n"))
    (repo / ".dockerignore").write_text("Dockerfile\n")
    (repo / "main.py").write_text(MAIN)
    (repo / "beside.py").write_text("NAME = open('/made.txt').read().strip()\n")
    return repo


def test_a_dockerfile_that_is_asked_for_makes_the_image(live: LiveInstance, docker_repo: Path) -> None:
    version = live.deploy(docker_repo, "dockerfile", dockerfile="Dockerfile")
    assert version["status"] == "ready", version["error"]
    seen = live.client().run("dockerfile/seen", []).results
    in_place = ["built", "/srv/my code", ["main.py", "an argument"], "/models", "/usr"]
    assert seen == [*in_place, False, False, False, False]


def test_an_image_without_a_python_says_what_to_add(live: LiveInstance, docker_repo: Path, base_image: str) -> None:
    (docker_repo / "Dockerfile").write_text(
        f'FROM {base_image}\nENV PATH=/bin\nRUN rm -rf /usr/bin/python3*\nCMD ["x"]\n'
    )
    (docker_repo / "orchestrator.toml").write_text('dockerfile = "Dockerfile"\n')
    version = live.deploy(docker_repo, "without-python")
    assert version["status"] == "build_failed"
    assert version["error"].startswith(
        "fitting the image to runs failed with exit code 1:\nerror: the image has no Python 3.10"
    )


def test_the_image_of_another_workflow_is_not_for_it(live: LiveInstance, docker_repo: Path) -> None:
    (docker_repo / "Dockerfile").write_text("ARG A=orchestrator- B=app\nFROM ${A}${B}:1\nRUN echo it was read\n")
    version = live.deploy(docker_repo, "reads-another", dockerfile="Dockerfile")
    assert version["status"] == "build_failed"
    assert version["error"].startswith("the Dockerfile reads an image called orchestrator-app")
