"""Where runs may go, as their tasks say."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest

from tests.engine.docker.network.outside import METADATA, PORT, PRIVATE, PUBLIC, listening, may_make_it, outside
from tests.live_instance import LiveInstance

pytestmark = [pytest.mark.docker, pytest.mark.skipif(not may_make_it(), reason="needs root for a network to reach")]

INTERNET = f"{PUBLIC}:{PORT}"
HERE = "198.51.100.1"
"""An address of this host's."""


@pytest.fixture(scope="module")
def places(kinds: LiveInstance) -> Iterator[list[str]]:
    """What there is to reach: the internet, this host by several addresses, the API, and what is private."""
    with outside(), listening():
        api = urlsplit(kinds.url)
        here = [f"{HERE}:{PORT}", f"{HERE}:{api.port}", f"{api.hostname}:{api.port}", f"172.17.0.1:{PORT}"]
        yield [INTERNET, f"{METADATA}:{PORT}", f"{PRIVATE}:{PORT}", *here]


@pytest.mark.parametrize(
    ("task", "reached"), [("reaches", [INTERNET]), ("reaches_nothing", []), ("reaches_one_range", [INTERNET])]
)
def test_a_run_reaches_what_its_task_says_and_neither_this_host_nor_the_metadata(
    kinds: LiveInstance, places: list[str], task: str, reached: list[str]
) -> None:
    assert kinds.client().run(f"kinds/{task}", [places]).results == reached


def test_a_task_shows_where_its_runs_may_go(kinds: LiveInstance) -> None:
    found = {task.name: task.network for task in kinds.client().tasks()}
    assert (found["reaches"], found["reaches_nothing"]) == (("internet",), ())
    assert found["reaches_one_range"] == ("203.0.113.0/24",)
