from __future__ import annotations

from orchestrator.core.container.user import UIDS, passwd_of, user_of


def test_each_container_is_somebody_else_and_nobody_of_the_host_s() -> None:
    found = {user_of(f"{number:032x}") for number in range(1_000)}
    assert len(found) == 1_000
    assert {int(one.partition(":")[0]) in UIDS for one in found} == {True}


def test_it_follows_from_the_channel_so_that_who_comes_next_knows_it_too() -> None:
    assert user_of("a" * 32) == user_of("a" * 32)
    assert passwd_of("a" * 32).splitlines()[-1] == f"run:x:{user_of('a' * 32)}::/tmp:/bin/sh"
