from __future__ import annotations

import pytest

from orchestrator.cli.errors import CliError
from orchestrator.cli.input.run_ids import whole
from orchestrator_sdk import Client
from tests.cli.support.documents import run
from tests.cli.support.fake_orchestrator import FakeOrchestrator

FIRST, SECOND = "trn-06h19mbkp8vnn9m33m2f", "trn-06h19mbp31ql7tmt1au9"


@pytest.fixture
def api(fake: FakeOrchestrator) -> Client:
    return Client(url=fake.url, api_key="orc_key")


@pytest.mark.parametrize("text", ["trn-06h19mbp", "06h19mbp"])
def test_a_beginning_is_the_run_s_that_alone_has_it(fake: FakeOrchestrator, api: Client, text: str) -> None:
    fake.list("/task-runs", "taskRun", run(SECOND))
    assert whole(api, text) == SECOND
    assert fake.asked[0].query["idPrefix"] == ["trn-06h19mbp"]


def test_a_beginning_of_several_is_refused_with_all_of_them(fake: FakeOrchestrator, api: Client) -> None:
    fake.list("/task-runs", "taskRun", run(SECOND), run(FIRST))
    with pytest.raises(CliError, match=f"several runs begin with 06h19mb: {SECOND}, {FIRST}"):
        whole(api, "06h19mb")


def test_what_no_run_begins_with_stays_as_it_is(fake: FakeOrchestrator, api: Client) -> None:
    fake.list("/task-runs", "taskRun", run(FIRST))
    assert whole(api, "trn-9") == "trn-9"


@pytest.mark.parametrize("text", [FIRST, "WORKFLOW", ""])
def test_what_is_whole_or_no_id_at_all_is_not_looked_for(fake: FakeOrchestrator, api: Client, text: str) -> None:
    assert whole(api, text) == text
    assert fake.asked == []
