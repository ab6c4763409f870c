from __future__ import annotations

import pytest

from orchestrator.core.variables import (
    TOTAL_LIMIT_BYTES,
    VALUE_LIMIT_BYTES,
    InvalidVariables,
    problem_of_build,
    with_env,
)
from orchestrator.core.workflow import Source, Workflow

SHOP = Workflow("wfl-1", "Shop", "shop", Source("/shop"), "", created_at_ms=1, updated_at_ms=1, version_id=None)


def test_a_change_grows_the_revision_and_says_when_each_variable_got_its_value() -> None:
    first = with_env(SHOP, {"A": "1", "B": "2"}, now_ms=5)
    second = with_env(first, {"A": "1", "B": "3", "C": "4"}, now_ms=9)
    assert (first.env_revision, second.env_revision, second.updated_at_ms) == (1, 2, 9)
    assert second.env == {"A": "1", "B": "3", "C": "4"}
    assert second.env_set_at_ms == {"A": 5, "B": 9, "C": 9}


def test_the_same_variables_again_change_nothing() -> None:
    first = with_env(SHOP, {"A": "1"}, now_ms=5)
    assert with_env(first, {"A": "1"}, now_ms=9) is first


def test_a_variable_that_is_gone_has_no_time_either() -> None:
    assert with_env(with_env(SHOP, {"A": "1", "B": "2"}, now_ms=5), {"B": "2"}, now_ms=9).env_set_at_ms == {"B": 5}


@pytest.mark.parametrize(
    ("env", "says"),
    [
        ({"1A": "secret"}, "'1A' is no name of a variable"),
        ({"TOKEN=secret": ""}, "'TOKEN' is no name of a variable"),
        ({"": "secret"}, "'' is no name of a variable"),
        ({"ORCHESTRATOR_MODE": "secret"}, "ORCHESTRATOR_MODE is reserved"),
        ({"RENDER_SDK_MODE": "secret"}, "RENDER_SDK_MODE is reserved"),
        ({"A": "secret\0"}, "the value of A has characters"),
        ({"A": "secret\udce9"}, "the value of A has characters"),
        ({"A": "secret" * VALUE_LIMIT_BYTES}, "the value of A has 589,824 bytes"),
        (
            {f"A{n}": "x" * VALUE_LIMIT_BYTES for n in range(TOTAL_LIMIT_BYTES // VALUE_LIMIT_BYTES + 1)},
            "all variables",
        ),
    ],
)
def test_what_cannot_be_a_variable_is_refused_without_its_value(env: dict[str, str], says: str) -> None:
    with pytest.raises(InvalidVariables, match=says) as refused:
        with_env(SHOP, env, now_ms=5)
    assert "secret" not in str(refused.value)


def test_values_are_not_in_what_a_workflow_shows_of_itself() -> None:
    assert "hidden" not in repr(with_env(SHOP, {"TOKEN": "hidden"}, now_ms=5))


def test_what_tells_the_builder_itself_what_to_do_is_no_argument_of_a_build() -> None:
    assert problem_of_build({"TOKEN": "x", "MY_BUILDKIT": "x"}) == ""
    assert problem_of_build(["A", "BUILDKIT_SYNTAX"]).startswith("BUILDKIT_SYNTAX tells the builder itself what to do")
