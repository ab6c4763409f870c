from __future__ import annotations

import pytest

from orchestrator.api.requests.refused import Refused
from orchestrator.api.requests.variables import value
from orchestrator.api.schemas.env_vars import EnvVarValue


def test_a_value_is_what_was_given_even_if_that_is_empty() -> None:
    assert value("A", EnvVarValue.model_validate({"value": ""})) == ""


def test_a_secret_is_made_up_when_asked_for_and_never_twice_the_same() -> None:
    made = {value("A", EnvVarValue.model_validate({"generateValue": True})) for _ in range(10)}
    assert len(made) == 10
    assert all(len(one) >= 40 for one in made)


def test_a_variable_without_either_is_refused_by_its_name_alone() -> None:
    with pytest.raises(Refused, match="the variable A has neither value nor generateValue"):
        value("A=secret", EnvVarValue.model_validate({}))
