from __future__ import annotations

from orchestrator.cli import exit_codes


def test_every_code_is_explained_in_the_help() -> None:
    codes = {value for name, value in vars(exit_codes).items() if name.isupper() and isinstance(value, int)}
    assert codes == set(exit_codes.MEANINGS)
    for code, meaning in exit_codes.MEANINGS.items():
        assert f"{code:>4}  {meaning}" in exit_codes.as_text()
