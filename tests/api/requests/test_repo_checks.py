from __future__ import annotations

from dataclasses import replace

import pytest

from orchestrator.api.deps import Services
from orchestrator.api.requests.refused import Refused
from orchestrator.api.requests.repo_checks import check_branch, check_commit, check_repo


@pytest.mark.parametrize("url", ["https://a.test/b.git", "ssh://git@a.test/b", "git@a.test:b/c.git"])
def test_an_address_of_a_server_is_taken(services: Services, url: str) -> None:
    assert check_repo(url, services) == url


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("https://me:secret@a.test/b", "user or password"),
        ("https://me@a.test/b", "user or password"),
        ("--upload-pack=x", "characters that no URL has"),
        ("https://a.test/\n", "characters that no URL has"),
        ("https://[a.test/b", "is no Git URL"),
        ("ext::sh -c x", "is no Git URL"),
    ],
)
def test_what_would_do_harm_or_nothing_is_refused(services: Services, url: str, says: str) -> None:
    with pytest.raises(Refused, match=says):
        check_repo(url, services)


def test_our_own_disk_is_read_only_for_clients_of_this_host_that_have_the_key(services: Services) -> None:
    assert check_repo("/srv/repo", services) == "/srv/repo"
    for others in (replace(services, api_key=None), replace(services, host="0.0.0.0")):
        with pytest.raises(Refused, match="orchestrator's own disk"):
            check_repo("file:///srv/repo", others)


@pytest.mark.parametrize("branch", ["-x", "a..b", "a b", "/a", "@{1}", ""])
def test_a_branch_that_git_would_read_as_something_else_is_refused(branch: str) -> None:
    with pytest.raises(Refused, match="no name of a branch"):
        check_branch(branch)
    assert check_branch("feature/one-2") == "feature/one-2"


def test_a_commit_is_named_in_full() -> None:
    assert check_commit("a" * 40) == "a" * 40
    with pytest.raises(Refused, match="all its 40 digits"):
        check_commit("a" * 7)
