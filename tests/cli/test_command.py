from __future__ import annotations

from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from orchestrator.cli import exit_codes
from orchestrator.cli.command import command
from orchestrator.cli.errors import CliError
from orchestrator.cli.instance.instance import Instance

ERRORS = [
    (CliError("no", "do this", exit_codes.NOT_FOUND), exit_codes.NOT_FOUND),
    (KeyboardInterrupt(), exit_codes.INTERRUPTED),
]


def app_with(error: BaseException | None = None, *, is_local: bool = False) -> typer.Typer:
    app = typer.Typer()

    @command(app, is_local=is_local)
    def show(instance: Instance, word: str) -> None:
        """Says what it was given."""
        if error:
            raise error
        typer.echo(f"{word} {instance.data_dir.path} {instance.url} {instance.as_json}")

    return app


def test_every_command_takes_the_options_that_name_an_orchestrator(tmp_path: Path) -> None:
    options = ["--data-dir", str(tmp_path), "--url", "http://a.test", "--json"]
    result = CliRunner().invoke(app_with(), ["word", *options])
    assert result.stdout == f"word {tmp_path} http://a.test True\n"


def test_a_local_command_has_no_url() -> None:
    assert CliRunner().invoke(app_with(is_local=True), ["word", "--url", "x"]).exit_code == exit_codes.USAGE


@pytest.mark.parametrize(("error", "exit_code"), ERRORS)
def test_an_expected_failure_ends_the_process_with_its_exit_code(error: BaseException, exit_code: int) -> None:
    assert CliRunner().invoke(app_with(error), ["word"]).exit_code == exit_code


def test_a_failure_is_shown_with_its_hint() -> None:
    assert CliRunner().invoke(app_with(ERRORS[0][0]), ["word"]).stderr == "error: no\nhint: do this\n"
