from __future__ import annotations

from pathlib import Path

import pytest

from orchestrator.store.scripts import script, verbs
from orchestrator.store.scripts.script import Script, names_in_header, names_in_signature

SCRIPTS = {path.stem: path.read_text() for path in (Path(script.__file__).parent / "lua").glob("*.lua")}
SIGNATURES = {name: value for name, value in vars(verbs).items() if isinstance(value, Script)}


def test_every_script_is_a_verb() -> None:
    assert {name.lower() for name in SIGNATURES} == set(SCRIPTS)


@pytest.mark.parametrize("name", SCRIPTS)
def test_the_names_of_a_script_are_in_one_order_at_both_ends(name: str) -> None:
    """Only readers need it: calls go by name."""
    signature = getattr(verbs, name.title().replace("_", ""))
    assert names_in_header(SCRIPTS[name]) == names_in_signature(signature)
