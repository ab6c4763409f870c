"""Our layers on an image that a repo's own Dockerfile made; that they run is seen in tests/e2e/test_dockerfile.py."""

from __future__ import annotations

import pytest

from orchestrator.builder.detect.dockerfile import Dockerfile
from orchestrator.builder.errors import BadSource
from orchestrator.builder.image.own_dockerfile import environment, ours, start_command, theirs
from orchestrator.builder.source.tree import FileTree
from orchestrator.core.image import ImageConfig
from orchestrator.core.workflow import BuildInputs

RUNTIME = FileTree({"runtime/shim.py": "- 1"}, {})
HOSTILE = "/a 'b'; $(touch x)\nCOPY / /"


def config(
    entrypoint: tuple[str, ...] = (), command: tuple[str, ...] = (), working_dir: str = "/code", **said: bool
) -> ImageConfig:
    return ImageConfig("sha256:1", entrypoint, command, working_dir, {"PATH": "/usr/bin", "X": HOSTILE}, **said)


@pytest.mark.parametrize(
    ("made", "command"),
    [
        (config(command=("python", "main.py")), "cd /code && python main.py"),
        (config(("python",), ("main.py", "a b")), "cd /code && python main.py 'a b'"),
        (config(("/bin/sh", "-c", "exec python main.py")), "cd /code && python main.py"),
        (config(("/entrypoint.sh",), ("node", "a.js"), "/app"), "/entrypoint.sh node a.js"),
        (config(command=("python", "main.py"), working_dir="/a b"), "cd '/a b' && python main.py"),
        (config(command=("python", "/srv/main.py"), working_dir=""), "cd / && python /srv/main.py"),
    ],
)
def test_what_the_image_starts_is_started_in_its_folder(made: ImageConfig, command: str) -> None:
    assert start_command("", made, "Dockerfile") == command


def test_a_start_command_stands_in_for_the_images() -> None:
    assert start_command("python jobs.py", config(("x",)), "Dockerfile") == "cd /code && python jobs.py"


@pytest.mark.parametrize("made", [config(), config(command=("python3",)), config(command=("/bin/bash",))])
def test_an_image_that_starts_nothing_is_refused(made: ImageConfig) -> None:
    with pytest.raises(BadSource, match=r"^Dockerfile starts .* CMD"):
        start_command("", made, "Dockerfile")


def test_the_images_variables_are_the_tasks_but_not_what_depends_on_the_container() -> None:
    made = ImageConfig("sha256:1", env={"HF_HOME": "/models", "HOME": "/root", "ORCHESTRATOR_MODE": "x"})
    assert environment(made) == {"HF_HOME": "/models"}


@pytest.mark.parametrize("made", [config(has_volumes=True), config(has_triggers=True)])
def test_what_no_line_can_take_back_is_left_behind(made: ImageConfig) -> None:
    assert ours(config(), "theirs:1", RUNTIME, "fit").dockerfile.startswith("FROM theirs:1\n")
    assert ours(made, "theirs:1", RUNTIME, "fit").dockerfile.startswith("FROM scratch\nCOPY --from=theirs:1 / /\n")


def test_nothing_an_image_says_is_a_line_of_ours() -> None:
    text = ours(config(working_dir=HOSTILE, has_volumes=True), "theirs:1", RUNTIME, "fit").dockerfile
    assert [line.split(" ")[0] for line in text.splitlines() if not line.startswith("    ")] == [
        *("FROM", "COPY", "USER", "COPY", "COPY", "RUN", "WORKDIR", "USER")
    ]


def test_the_caches_it_names_are_those_of_its_owner() -> None:
    made = theirs(Dockerfile("Dockerfile", "FROM x"), "1", "wfl-1")
    assert made.cache_owner == "wfl-1"
    assert made.tag != theirs(Dockerfile("Dockerfile", "FROM x"), "2", "wfl-1").tag


def test_what_a_build_is_given_are_its_arguments_and_secrets() -> None:
    given = [BuildInputs({"A": one}, {"TOKEN": "hush"}) for one in ("1", "2")]
    first, second = (theirs(Dockerfile("Dockerfile", "FROM x"), "1", "wfl-1", inputs) for inputs in given)
    assert (first.build_args, first.secrets) == ({"A": "1"}, {"TOKEN": "hush"})
    assert first.tag != second.tag
