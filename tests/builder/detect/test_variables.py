from __future__ import annotations

import pytest

from orchestrator.builder.detect.variables import Variables
from orchestrator.builder.errors import BadSource


def test_what_must_be_set_may_be_the_workflows_the_repos_or_made() -> None:
    Variables({"A": "1"}, ("B",), {"A": "x", "B": "x", "C": "x"}).check({"C": "3"})


def test_what_is_missing_is_named_with_who_wants_it_and_how_to_set_it() -> None:
    found = Variables(required={"A": "render.yaml, sync: false"}).requiring({"B": "orchestrator.toml"})
    with pytest.raises(
        BadSource, match=r"A \(render.yaml, sync: false\); B \(orchestrator.toml\).*orchestrator env set"
    ):
        found.check({})
