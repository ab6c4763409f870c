"""What a repo says to the orchestrator itself."""

from __future__ import annotations

import pytest

from orchestrator.builder.detect import own_table
from orchestrator.builder.detect.options import Options
from orchestrator.builder.detect.project import detect
from orchestrator.builder.errors import BadSource
from orchestrator.core.tasks import Warm
from tests.builder.detect.repos import MAIN, tree_of

KEYS = """
start_command = "python jobs/run.py"
build_command = "python fetch.py"
root_dir = "./backend/"
apt = ["tesseract-ocr", "libpq-dev=15.6-0+deb12u1"]
python = "3.12"
env = ["API_TOKEN"]
"""
BACKEND = {"backend/jobs/run.py": "", "backend/fetch.py": ""}


def table(text: str) -> str:
    return f"[tool.orchestrator]\n{text}"


@pytest.mark.parametrize("pyproject", ["", "[tool.ruff]\n", "tool = 1\n"])
def test_a_repo_that_says_nothing_is_started_ahead_on_demand(pyproject: str) -> None:
    assert own_table.read(tree_of({"pyproject.toml": pyproject})) == own_table.OwnTable()
    assert own_table.read(tree_of({})).warm == Warm("imported", 0)


@pytest.mark.parametrize("files", [{"pyproject.toml": table(KEYS)}, {"orchestrator.toml": KEYS}])
def test_both_files_have_the_same_keys(files: dict[str, str]) -> None:
    found = own_table.read(tree_of(files))
    packages = ("tesseract-ocr", "libpq-dev=15.6-0+deb12u1")
    assert found.options == Options("python jobs/run.py", "python fetch.py", "backend", packages)
    assert (found.python, found.env) == ("3.12", ("API_TOKEN",))


def test_a_project_is_what_its_table_says() -> None:
    project = detect(tree_of({**BACKEND, "orchestrator.toml": KEYS}))
    assert (project.entry_point, project.root, project.build_command) == ("jobs/run.py", "backend", "python fetch.py")
    assert (project.python.preferred, project.python.source) == ("3.12", "orchestrator.toml")
    assert project.apt == ("tesseract-ocr", "libpq-dev=15.6-0+deb12u1")
    assert project.variables.required == {"API_TOKEN": "orchestrator.toml"}


def test_what_a_deploy_asks_for_outranks_the_table_key_by_key() -> None:
    asked = Options(start_command="fetch.py", apt=("git",))
    project = detect(tree_of({**BACKEND, "orchestrator.toml": KEYS}), asked, {"PYTHON_VERSION": "3.13"})
    assert (project.entry_point, project.apt, project.python.preferred) == ("fetch.py", ("git",), "3.13")
    assert project.build_command == "python fetch.py"


def test_the_table_outranks_render_yaml() -> None:
    blueprint = "services: [{type: workflow, startCommand: python other.py, buildCommand: make}]"
    files = {
        **MAIN,
        "render.yaml": blueprint,
        "orchestrator.toml": 'start_command = "main.py"\nbuild_command = "true"\n',
    }
    project = detect(tree_of(files))
    assert (project.entry_point, project.build_command) == ("main.py", "true")


def test_the_table_of_the_part_that_is_deployed_counts() -> None:
    files = {**BACKEND, "orchestrator.toml": KEYS, "backend/orchestrator.toml": 'start_command = "fetch.py"\n'}
    project = detect(tree_of(files))
    assert (project.entry_point, project.root, project.apt) == ("fetch.py", "backend", ())


def test_it_says_whether_and_how_many_are_started_ahead() -> None:
    assert own_table.read(tree_of({"orchestrator.toml": 'warm = "off"\n'})).warm == Warm("off")
    assert own_table.read(tree_of({"orchestrator.toml": "warm_min = 2\n"})).warm == Warm("imported", 2)


def test_it_says_where_runs_may_go() -> None:
    assert detect(tree_of(MAIN)).network == ("internet",)
    assert detect(tree_of({**MAIN, "orchestrator.toml": 'network = "none"\n'})).network == ()
    assert detect(tree_of({**MAIN, "orchestrator.toml": 'network = ["db.lan"]\n'})).network == ("db.lan",)


def test_a_deploy_says_over_the_table_where_runs_may_go() -> None:
    repo = tree_of({**MAIN, "orchestrator.toml": 'network = ["db.lan"]\n'})
    assert detect(repo, Options(network=())).network == ()
    assert detect(repo, Options(network=("internet",))).network == ("internet",)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ('network = "all"', "network is 'all'; it must be 'internet', 'none' or a list"),
        ('warm = "hot"', "warm is 'hot'; it must be imported or off"),
        ("warm_min = 1000", "warm_min is 1000"),
        ("wram = 1", "unknown key 'wram'; did you mean 'warm'"),
        ('start-command = "x"', "unknown key 'start-command'; did you mean 'start_command'.* there are: apt, "),
        (r'start_command = "a\u0000b"', "start_command is .*; it must be a text"),
        ("start_command = 3", 'start_command is 3; it must be a text like "python main.py"'),
        ('apt = "libpq-dev"', "apt is 'libpq-dev'; it must be a list of names of Debian packages"),
        ('apt = ["libpq-dev-"]', "apt is .* names of Debian packages"),
        ('apt = ["-oDir=x"]', "apt is .* names of Debian packages"),
        ('apt = ["a b; c"]', "apt is .* names of Debian packages"),
        ("python = 3.10", 'python is 3.1; it must be a version in quotes, like "3.12"'),
        ('root_dir = "../x"', "root_dir is '../x'; it must be a folder of the repo"),
        ('dockerfile = "a/../../b"', "dockerfile is 'a/../../b'; it must be the path of a Dockerfile"),
        ('env = ["A=secret"]', "env is .*; it must be a list of names of variables"),
    ],
)
def test_what_cannot_be_meant_is_refused_with_what_may_be(text: str, problem: str) -> None:
    with pytest.raises(BadSource, match=problem) as caught:
        own_table.read(tree_of({"pyproject.toml": table(text)}))
    assert str(caught.value).startswith("pyproject.toml [tool.orchestrator]: ")


def test_every_mistake_is_named_at_once() -> None:
    with pytest.raises(BadSource) as caught:
        own_table.read(tree_of({"orchestrator.toml": 'apt = 1\nwram = 1\npython = "x"\n'}))
    assert len(str(caught.value).splitlines()) == 3


@pytest.mark.parametrize(
    ("files", "problem"),
    [
        ({"pyproject.toml": "[tool]\norchestrator = 1\n"}, "it must be a table"),
        ({"pyproject.toml": "[tool"}, "pyproject.toml is not valid TOML"),
        ({"orchestrator.toml": "[tool"}, "orchestrator.toml is not valid TOML"),
        ({"orchestrator.toml": "", "pyproject.toml": table("")}, "keep one of them"),
        ({"orchestrator.toml": 'root_dir = "gone"'}, "has root_dir gone, and there is no such folder"),
    ],
)
def test_a_table_that_is_none_is_refused(files: dict[str, str], problem: str) -> None:
    with pytest.raises(BadSource, match=problem):
        detect(tree_of({**MAIN, **files}))
