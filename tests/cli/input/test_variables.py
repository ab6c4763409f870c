from __future__ import annotations

from pathlib import Path

import pytest

from orchestrator.cli import exit_codes
from orchestrator.cli.errors import CliError
from orchestrator.cli.input import variables


def parsed(tmp_path: Path, content: bytes) -> dict[str, str]:
    file = tmp_path / "vars.env"
    file.write_bytes(content)
    return variables.of_file(file)


def test_a_file_is_read_as_dotenv_files_are_written(tmp_path: Path) -> None:
    content = b"""# a comment
A=1
export B = 'single # quoted'
C="two\nlines"   # why
D=a=b $HOME ${HOME}

E=
"""
    expected = {"A": "1", "B": "single # quoted", "C": "two\nlines", "D": "a=b $HOME ${HOME}", "E": ""}
    assert parsed(tmp_path, content) == expected


def test_a_file_of_windows_is_read(tmp_path: Path) -> None:
    assert parsed(tmp_path, b"\xef\xbb\xbfA=1\r\nB=2\r\n") == {"A": "1", "B": "2"}


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"A=1\n\n\ns3cr3t\n", "line 4: it is not KEY=VALUE"),
        (b"A=1\ns3cr3t: s3cr3t\n", "line 2: it is not KEY=VALUE"),
        (b'A=1\n\nB="s3cr3t\nC=2\n', "line 3: it is not KEY=VALUE, or a quote does not end"),
        (b"A=1\nmy-var=s3cr3t\n", "line 2: 'my-var' is no name of a variable"),
        (b"# \nORCHESTRATOR_X=s3cr3t\n", "line 2: ORCHESTRATOR_X is reserved"),
        (b"A=s3cr3t\0\n", "line 1: the value of A has characters"),
        (b"A=1\nB=s3cr3t\xe9\n", "line 2: it is not UTF-8"),
    ],
)
def test_an_error_names_file_and_line_and_repeats_no_value(tmp_path: Path, content: bytes, says: str) -> None:
    with pytest.raises(CliError) as wrong:
        parsed(tmp_path, content)
    assert str(wrong.value).startswith(f"{tmp_path / 'vars.env'}, {says}")
    assert "s3cr3t" not in str(wrong.value) + wrong.value.hint
    assert wrong.value.exit_code == exit_codes.USAGE


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(CliError, match="nowhere cannot be read: No such file"):
        variables.of_file(tmp_path / "nowhere")


@pytest.mark.parametrize("pair", ["s3cr3t", "my-var=s3cr3t", "RENDER_SDK_MODE=s3cr3t"])
def test_an_option_that_is_no_variable_is_refused_without_its_value(pair: str) -> None:
    with pytest.raises(CliError) as wrong:
        variables.of_deploy([pair], None)
    assert "--env" in str(wrong.value)
    assert "s3cr3t" not in str(wrong.value)


def test_a_secret_of_a_build_is_this_commands_own_variable_or_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TOKEN", "from here")
    (tmp_path / "key").write_text("from a file\n")
    assert variables.build_secrets(["TOKEN", f"KEY={tmp_path / 'key'}"]) == {
        "TOKEN": "from here",
        "KEY": "from a file\n",
    }


@pytest.mark.parametrize("word", ["NO_SUCH_VARIABLE", "TOKEN=s3cr3t", "A B=s3cr3t"])
def test_a_secret_that_is_not_there_is_named_and_no_value_repeated(word: str) -> None:
    with pytest.raises(CliError) as caught:
        variables.build_secrets([word])
    assert str(caught.value).startswith("--secret")
    assert "s3cr3t" not in f"{caught.value} {caught.value.hint}"


def test_a_variable_of_a_build_is_a_pair() -> None:
    assert variables.build_env(["A=1=2"]) == {"A": "1=2"}
    with pytest.raises(CliError, match="--build-env has a variable that is not KEY=VALUE"):
        variables.build_env(["A"])
