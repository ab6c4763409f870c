from __future__ import annotations

import pytest

from orchestrator.core.image import is_package


@pytest.mark.parametrize("name", ["git", "libstdc++6", "g++", "libpq-dev", "libpq-dev=15.6-0+deb12u1", "7zip"])
def test_a_name_of_a_package_may_be_asked_for(name: str) -> None:
    assert is_package(name)


@pytest.mark.parametrize(
    "name", ["", "git-", "-y", "Git", "a b", "a;b", "./x.deb", "git/sid", "a\nb", "git=$(x)", "^g"]
)
def test_what_would_mean_something_else_to_apt_may_not(name: str) -> None:
    assert not is_package(name)
