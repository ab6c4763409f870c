"""What a start command starts, as far as it can be started in the shim's own process; pure.

main.py · python -u main.py · uv run src/main.py      a file, run as __main__
python -m workflows.main                              a module, run as __main__
module:app · render-workflows module:app              an app, imported and started
cd folder && any of these                             the same, in that folder
node dist/index.js · ./run.sh · …                     any other program, run by the shell
"""

from __future__ import annotations

import re
from typing import Final, Literal, NamedTuple

_LITERAL: Final = r"""'[^']*'|"[^"$`\\]*\""""
"""What quotes keep from the shell."""
_CHANGE_FOLDER: Final = rf"(?s)\s*cd\s+((?:[\w./-]|{_LITERAL})+)\s*&&\s*(.+)"
_SHELL: Final = r"[|&;<>()$`*?\[\]#~{}\n]"
_RUNNERS: Final = (["uv", "run"], ["poetry", "run"], ["pipenv", "run"], ["pdm", "run"], ["hatch", "run"])
_PYTHON: Final = r"(.*/)?python(3(\.\d+)?)?"
_APP: Final = r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)*:[A-Za-z_]\w*"
_MODULE: Final = r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)*"


class Start(NamedTuple):
    """`target` is a path, a module, ``module:app`` or a shell command, in `folder` (empty for the app's root)."""

    kind: Literal["file", "module", "app", "program"]
    target: str
    arguments: tuple[str, ...] = ()
    folder: str = ""


def parse(command: str) -> Start:
    """Understand a start command; what is not Python's is a program."""
    folder, text = "", command.strip()
    if text.endswith(".py") and text.replace("/", "").replace("_", "").removesuffix(".py").isalnum():
        return Start("file", text)  # the usual one, without the 5 ms that regular expressions cost every start
    if found := re.fullmatch(_CHANGE_FOLDER, text):
        import shlex

        folder, text = "".join(shlex.split(found[1])), found[2].strip()
    return _parse(text)._replace(folder=folder)


def _parse(text: str) -> Start:
    import shlex

    try:
        words = shlex.split(text)
    except ValueError:
        return Start("program", text)
    if re.search(_SHELL, re.sub(_LITERAL, "", text)) or not words:
        return Start("program", text)
    runner_words = _without_runner(words)
    return _python(runner_words) or Start("program", text if runner_words == words else shlex.join(runner_words))


def _without_runner(words: list[str]) -> list[str]:
    """The image's environment is the only one: whatever would choose it has nothing to do."""
    if words[:2] not in _RUNNERS:
        return words
    rest = words[2:]
    while rest and rest[0].startswith("--"):
        rest = rest[1:]
    return rest or words


def _python(words: list[str]) -> Start | None:
    if words[0] == "render-workflows" and len(words) == 2:
        return Start("app", words[1])
    if len(words) == 1 and re.fullmatch(_APP, words[0]):
        return Start("app", words[0])
    if re.fullmatch(_PYTHON, words[0]):
        words = [*words[1:]]
        while words and words[0] == "-u":
            words = words[1:]
        if words[:1] == ["-m"] and len(words) > 1 and re.fullmatch(_MODULE, words[1]):
            return Start("module", words[1], tuple(words[2:]))
    if words and words[0].endswith(".py"):
        return Start("file", words[0], tuple(words[1:]))
    return None
