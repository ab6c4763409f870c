from __future__ import annotations

import pytest

from orchestrator.builder.detect.options import Options, part


def test_what_is_said_outranks_and_what_is_not_is_filled_in() -> None:
    mine, others = Options("a.py", apt=("git",)), Options("b.py", "make", "jobs", ("curl",), "Dockerfile")
    assert mine.over(others) == Options("a.py", "make", "jobs", ("git",), "Dockerfile")


def test_nowhere_is_something_that_was_said_of_the_network() -> None:
    assert Options(network=()).over(Options(network=("internet",))).network == ()
    assert Options().over(Options(network=())).network == ()


@pytest.mark.parametrize(("path", "shortest"), [("", ""), (".", ""), ("./a//b/", "a/b"), ("/a", "a"), ("a/../b", "b")])
def test_a_part_is_a_path_below_the_repo(path: str, shortest: str) -> None:
    assert part(path) == shortest


@pytest.mark.parametrize("path", ["..", "../x", "a/../../x", "a\0b"])
def test_no_part_leads_out_of_the_repo(path: str) -> None:
    with pytest.raises(ValueError, match="leads out"):
        part(path)
