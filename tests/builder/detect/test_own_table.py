"""What a repo says to the orchestrator in its pyproject.toml."""

from __future__ import annotations

import pytest

from orchestrator.builder.detect import own_table
from orchestrator.builder.errors import BadSource
from orchestrator.builder.source.tree import FileTree
from orchestrator.core.tasks import Warm


def repo(pyproject: str | None) -> FileTree:
    texts = {} if pyproject is None else {"pyproject.toml": pyproject}
    return FileTree(dict.fromkeys(texts, "digest"), texts)


@pytest.mark.parametrize("pyproject", [None, "", "[tool.ruff]\n", "tool = 1\n"])
def test_a_repo_that_says_nothing_is_started_ahead_on_demand(pyproject: str | None) -> None:
    assert own_table.warm(repo(pyproject)) == Warm("imported", 0)


def test_it_says_whether_and_how_many_are_started_ahead() -> None:
    assert own_table.warm(repo('[tool.orchestrator]\nwarm = "off"\n')) == Warm("off")
    assert own_table.warm(repo("[tool.orchestrator]\nwarm_min = 2\n")) == Warm("imported", 2)


def test_it_says_where_runs_may_go() -> None:
    assert own_table.network(repo(None)) == ("internet",)
    assert own_table.network(repo('[tool.orchestrator]\nnetwork = "none"\n')) == ()
    assert own_table.network(repo('[tool.orchestrator]\nnetwork = ["api.example.com"]\n')) == ("api.example.com",)
    with pytest.raises(BadSource, match="network is 'all'; it must be 'internet', 'none' or a list"):
        own_table.network(repo('[tool.orchestrator]\nnetwork = "all"\n'))


@pytest.mark.parametrize(
    ("pyproject", "problem"),
    [
        ('[tool.orchestrator]\nwarm = "hot"\n', "warm is 'hot'; it must be imported or off"),
        ("[tool.orchestrator]\nwarm_min = 1000\n", "warm_min is 1000"),
        ("[tool.orchestrator]\nwram = 1\n", "unknown wram; it may have network, warm, warm_min"),
        ("[tool]\norchestrator = 1\n", "it must be a table"),
        ("[tool", "not valid TOML"),
    ],
)
def test_what_cannot_be_meant_is_refused(pyproject: str, problem: str) -> None:
    with pytest.raises(BadSource, match=problem):
        own_table.warm(repo(pyproject))
