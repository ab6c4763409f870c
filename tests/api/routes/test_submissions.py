"""POST /v1/task-runs."""

from __future__ import annotations

import asyncio
import json
import re
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from orchestrator.api.deps import Services
from orchestrator.api.requests.submission import check
from orchestrator.core.workflow import Version
from orchestrator_runtime.wire import INPUT_LIMIT_BYTES
from tests.api.support import deployed

JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


async def post(api: httpx.AsyncClient, body: Any, **headers: str) -> httpx.Response:
    content = body if isinstance(body, bytes) else json.dumps(body)
    return await api.post("/v1/task-runs", content=content, headers={"Content-Type": "application/json", **headers})


async def test_a_run_is_accepted_and_pending(api: httpx.AsyncClient, maths: Version) -> None:
    answer = await post(api, {"task": "maths/square", "input": [2]})
    assert answer.status_code == 202
    run = answer.json()
    assert re.fullmatch("trn-[0-9a-v]{20}", run["id"])
    assert (run["status"], run["attempts"], run["retries"]) == ("pending", [], 0)
    assert (run["parentTaskRunId"], run["rootTaskRunId"]) == ("", run["id"])
    assert run["taskId"] == maths.tasks[0].id
    assert run["taskSlug"] == "maths/square"
    assert not {"startedAt", "completedAt", "parentTaskAttempt"} & run.keys()


@pytest.mark.parametrize("written", ["maths/add", "maths/add:1", "maths/add:v1"])
async def test_a_task_may_be_written_with_its_version(api: httpx.AsyncClient, maths: Version, written: str) -> None:
    assert (await post(api, {"task": written, "input": []})).json()["task"] == "add"


async def test_a_task_may_be_given_by_its_id(api: httpx.AsyncClient, maths: Version) -> None:
    assert (await post(api, {"task": maths.tasks[1].id, "input": []})).json()["task"] == "add"


@pytest.mark.parametrize(
    ("sent", "stored"),
    [
        (b'{"task": "maths/square", "input": [1, 2.50, "x y"]}', '[1,2.5,"x y"]'),
        (b'{"task": "maths/square", "input": {"a": null}}', '{"a":null}'),
        ('{"task": "maths/square", "input": ["é"]}'.encode(), '["é"]'),
        (b'{"task": "maths/square", "input": ["\\u00e9"]}', '["é"]'),
        (b'{"task": "maths/square", "input": ["\\ud800"]}', '["\\ud800"]'),
        (b'{"task": "maths/square", "input": [], "unknown": [1]}', "[]"),
    ],
)
async def test_the_input_is_stored_compactly(
    api: httpx.AsyncClient, services: Services, maths: Version, sent: bytes, stored: str
) -> None:
    run_id = (await post(api, sent)).json()["id"]
    assert (await services.runs.get_stored(run_id)).input == stored


@pytest.mark.parametrize(
    ("given_input", "says"),
    [
        ([2], "'b' is missing"),
        ({"b": 1}, "'a' is missing"),
        ([2, 3], "2 arguments were given"),
        ({"a": 1, "b": 2, "c": 3}, "it has no parameter 'c'"),
        ({"a": 1, "b": 2, "c\ud800": 3}, "it has no parameter 'c\\ud800'"),
    ],
)
async def test_wrong_arguments_are_refused_with_the_signature(
    api: httpx.AsyncClient, services: Services, given_input: Any, says: str
) -> None:
    await deployed.ready(services, "maths", deployed.POWER)
    answer = await post(api, {"task": "maths/power", "input": given_input})
    assert (answer.status_code, answer.json()["code"]) == (400, "wrong_arguments")
    assert says in answer.json()["message"]
    assert answer.json()["message"].endswith("its signature is power(a: int, *, b: int)")
    assert await services.runs.queue.length() == 0


async def test_a_value_that_its_parameters_schema_does_not_take_is_refused(
    api: httpx.AsyncClient, services: Services
) -> None:
    schema = {"type": "object", "properties": {"size": {"type": "integer"}}}
    parameter = {"name": "order", "kind": "positional_or_keyword", "schema": schema, "is_checked": True}
    await deployed.ready(services, "shop", {"name": "buy", "signature": "(order)", "parameters": [parameter]})
    answer = await post(api, {"task": "shop/buy", "input": [{"size": "L"}]})
    assert (answer.status_code, answer.json()["code"]) == (400, "wrong_arguments")
    says = "task 'buy': argument 'order.size': \"L\" is not of type \"integer\"; its signature is (order)"
    assert answer.json()["message"] == says
    assert await services.runs.queue.length() == 0
    assert (await post(api, {"task": "shop/buy", "input": [{"size": 3}]})).status_code == 202


async def test_arguments_of_a_task_without_a_known_signature_are_taken(api: httpx.AsyncClient, maths: Version) -> None:
    assert (await post(api, {"task": "maths/square", "input": [1, 2, 3]})).status_code == 202


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(JSON_VALUES, max_size=4) | st.dictionaries(st.text(), JSON_VALUES, max_size=4))
def test_any_json_input_is_kept_as_it_is(value: Any) -> None:
    asked = check({"task": "maths/square", "input": value})
    assert json.loads(asked.input_json) == value


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (b"", "the body is not JSON: Expecting value: line 1 column 1"),
        (b'{"task": ', "line 1 column 10"),
        (b"\xff", "byte 0 is not UTF-8"),
        (b'{"task": "maths/square", "input": [NaN]}', "NaN is not JSON"),
        (b'{"task": "maths/square", "input": [-Infinity]}', "-Infinity is not JSON"),
        (b'{"task": "maths/square", "input": [1e999]}', "1e999 is out of range"),
        (b'{"task": "maths/square", "input": [' + b"9" * 5000 + b"]}", "not JSON"),
        (
            b'{"task": "maths/square", "input": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
            "nested more than 500 levels deep",
        ),
        (b'{"task": "maths/square", "input": ' + b"[" * 501 + b"]" * 501 + b"}", "nested more than 500 levels deep"),
        (b"[]", "the body must be a JSON object"),
        (b'{"input": []}', "task must be text"),
        (b'{"task": 7, "input": []}', "task must be text"),
        (b'{"task": "\\ud800/x", "input": []}', "task must be text"),
        (b'{"task": "maths/square"}', "input is missing"),
        (b'{"task": "maths/square", "input": 3}', "input is 3: give a list or an object"),
        (b'{"task": "maths/square", "input": null}', "input is null"),
        (b'{"task": "maths/square", "input": "[1]"}', "input is"),
        (b'{"task": "maths/square", "input": [], "idempotencyKey": 1}', "idempotencyKey must be text of 1 to 256"),
        (b'{"task": "maths/square", "input": [], "idempotencyKey": ""}', "idempotencyKey must be text of 1 to 256"),
    ],
)
async def test_a_bad_body_is_refused_with_what_is_wrong(
    api: httpx.AsyncClient, maths: Version, body: bytes, says: str
) -> None:
    answer = await post(api, body)
    assert answer.status_code == 400
    assert says in answer.json()["message"]


@pytest.mark.parametrize(
    ("task", "says"),
    [
        ("nowhere/square", "there is no workflow 'nowhere'"),
        ("maths/cube", "workflow 'maths' has no task 'cube'; its tasks are: add, square"),
        ("maths/square:9", "workflow 'maths' has no ready version '9'"),
        ("tsk-00000000000000000000", "there is no task tsk-00000000000000000000"),
        ("square", "'square' names no task: write it as workflow/task"),
    ],
)
async def test_an_unknown_task_is_named(api: httpx.AsyncClient, maths: Version, task: str, says: str) -> None:
    answer = await post(api, {"task": task, "input": []})
    assert answer.status_code == 404
    assert says in answer.json()["message"]


async def test_an_input_at_its_limit_is_accepted(api: httpx.AsyncClient, maths: Version) -> None:
    text = "x" * (INPUT_LIMIT_BYTES - 4)
    assert (await post(api, {"task": "maths/square", "input": [text]})).status_code == 202


async def test_an_input_over_its_limit_is_refused_with_both_sizes(api: httpx.AsyncClient, maths: Version) -> None:
    answer = await post(api, {"task": "maths/square", "input": ["x" * (INPUT_LIMIT_BYTES - 3)]})
    assert answer.status_code == 413
    assert answer.json()["message"] == ("input has 4,194,305 bytes, more than the limit of 4,194,304 bytes (4 MiB)")


async def test_a_body_that_declares_too_much_is_refused_unread(api: httpx.AsyncClient) -> None:
    answer = await post(api, b"{}", **{"Content-Length": str(10**9)})
    assert answer.status_code == 413
    assert "1,000,000,000 bytes" in answer.json()["message"]


async def test_a_streamed_body_is_read_only_up_to_the_limit(api: httpx.AsyncClient) -> None:
    sent = 0

    async def endless() -> Any:
        nonlocal sent
        while True:
            sent += 1
            yield b" " * 1_000_000

    headers = {"Content-Type": "application/json"}
    answer = await api.post("/v1/task-runs", content=endless(), headers=headers)
    assert answer.status_code == 413
    assert sent < 20


async def test_another_type_of_body_is_refused(api: httpx.AsyncClient) -> None:
    answer = await post(api, {"task": "maths/square", "input": []}, **{"Content-Type": "text/plain"})
    assert answer.status_code == 415
    assert "Content-Type: application/json" in answer.json()["message"]


async def test_a_repeated_key_answers_with_the_first_run(
    api: httpx.AsyncClient, services: Services, maths: Version
) -> None:
    first = await post(api, {"task": "maths/square", "input": [1], "idempotencyKey": "k"})
    again = await post(api, {"task": "maths/square", "input": [2], "idempotencyKey": "k"})
    assert "Idempotent-Replayed" not in first.headers
    assert (again.status_code, again.headers["Idempotent-Replayed"]) == (202, "true")
    assert again.json() == first.json()
    assert await services.runs.queue.length() == 1


async def test_a_hundred_requests_with_one_key_at_once_make_one_run(
    api: httpx.AsyncClient, services: Services, maths: Version
) -> None:
    body = {"task": "maths/square", "idempotencyKey": "k"}
    answers = await asyncio.gather(*[post(api, body | {"input": [number]}) for number in range(100)])
    assert {answer.status_code for answer in answers} == {202}
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert sum("Idempotent-Replayed" not in answer.headers for answer in answers) == 1
    assert await services.runs.queue.length() == 1


@pytest.mark.parametrize("key", ["k" * 256, "Schlüssel 🔑", "a:b c\n*"])
async def test_a_key_may_be_any_text_up_to_its_length(api: httpx.AsyncClient, maths: Version, key: str) -> None:
    first, again = [await post(api, {"task": "maths/square", "input": [], "idempotencyKey": key}) for _ in range(2)]
    assert first.json()["id"] == again.json()["id"]


@pytest.mark.parametrize("key", ["", "k" * 257, "\ud800", 7, ["k"]])
async def test_a_key_that_is_none_is_refused(api: httpx.AsyncClient, maths: Version, key: object) -> None:
    answer = await post(api, {"task": "maths/square", "input": [], "idempotencyKey": key})
    assert answer.status_code == 400
    assert answer.json()["message"] == "idempotencyKey must be text of 1 to 256 characters"


async def test_a_key_belongs_to_its_workflow(api: httpx.AsyncClient, services: Services, maths: Version) -> None:
    await deployed.ready(services, "other", deployed.SQUARE)
    one = await post(api, {"task": "maths/square", "input": [], "idempotencyKey": "k"})
    other = await post(api, {"task": "other/square", "input": [], "idempotencyKey": "k"})
    assert one.json()["id"] != other.json()["id"]


async def test_a_runs_deadline_counts_from_the_request(
    api: httpx.AsyncClient, services: Services, maths: Version
) -> None:
    answer = (await post(api, {"task": "maths/square", "input": [2], "deadlineSeconds": 90})).json()
    run = await services.runs.get(answer["id"])
    assert run.expires_at_ms == run.created_at_ms + 90_000
    assert answer["deadlineAt"] > answer["createdAt"]


async def test_a_run_may_wait_for_capacity_as_long_as_its_request_says(
    api: httpx.AsyncClient, services: Services, maths: Version
) -> None:
    answer = (await post(api, {"task": "maths/square", "input": [2], "queueTimeoutSeconds": 5})).json()
    assert (await services.runs.get(answer["id"])).queue_ttl_s == 5


@pytest.mark.parametrize("name", ["deadlineSeconds", "queueTimeoutSeconds"])
@pytest.mark.parametrize("seconds", [0, -1, 1.5, "60", True, 10**9])
async def test_a_limit_that_is_no_number_of_seconds_is_refused(
    api: httpx.AsyncClient, maths: Version, name: str, seconds: object
) -> None:
    answer = await post(api, {"task": "maths/square", "input": [2], name: seconds})
    assert answer.status_code == 400
    assert answer.json()["message"].startswith(f"{name} must be a whole number of seconds")


async def test_tags_and_metadata_are_kept_with_the_run(
    api: httpx.AsyncClient, services: Services, maths: Version
) -> None:
    said = {"tags": ["nightly", "eu", "nightly"], "metadata": {"customer": "acme", "rows": 3, "none": None}}
    answer = await post(api, {"task": "maths/square", "input": [], **said, "idempotencyKey": "k"})
    assert (answer.json()["tags"], answer.json()["metadata"]) == (["nightly", "eu"], said["metadata"])
    again = await post(api, {"task": "maths/square", "input": [], "idempotencyKey": "k"})
    assert again.json()["tags"] == ["nightly", "eu"]
    details = (await api.get(f"/v1/task-runs/{answer.json()['id']}")).json()
    assert (details["tags"], details["metadata"]) == (["nightly", "eu"], said["metadata"])


@pytest.mark.parametrize(
    ("said", "says"),
    [
        ({"tags": "nightly"}, "tags must be a list of texts"),
        ({"tags": [1]}, "tags must be a list of texts"),
        ({"tags": [""]}, "a tag is 1 to 64 printable characters"),
        ({"tags": ["x" * 65]}, "a tag is 1 to 64 printable characters"),
        ({"tags": ["a\nb"]}, "a tag is 1 to 64 printable characters"),
        ({"tags": [str(number) for number in range(11)]}, "at most 10 tags, and 11 were given"),
        ({"metadata": []}, "metadata must be an object"),
        ({"metadata": {str(number): 1 for number in range(33)}}, "at most 32 keys, and 33 were given"),
        ({"metadata": {"": 1}}, "a key of metadata is 1 to 64"),
        ({"metadata": {"a": "x" * 4096}}, "at most 4,096 bytes of JSON together, and has 4,104"),
    ],
)
async def test_tags_and_metadata_are_bounded(
    api: httpx.AsyncClient, maths: Version, said: dict[str, Any], says: str
) -> None:
    answer = await post(api, {"task": "maths/square", "input": [], **said})
    assert answer.status_code == 400
    assert says in answer.json()["message"]
