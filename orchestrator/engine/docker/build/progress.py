"""BuildKit's plain progress as lines for people: what the build's own commands print, and why one failed.

#5 [stage-1 2/5] RUN … ["/bin/sh", "-ec", "…"]   a step begins, or is mentioned again
#5 0.614 Collecting foo                          its output, after its seconds
#5 CACHED | DONE 0.3s | ERROR: …                 its end; an error may go on for lines, up to ------
"""

from __future__ import annotations

import re
from collections import defaultdict, deque
from typing import Final
from urllib.parse import unquote

from orchestrator.core.image import REPOSITORY, STEP_TITLE

_LINE: Final = re.compile(r"#(\d+) (.*)", re.DOTALL)
_OUTPUT: Final = re.compile(r"\d+\.\d+ ?(.*)", re.DOTALL)
_STEP: Final = re.compile(r"\[[^\]]*\] ([A-Z]+ .*)", re.DOTALL)
_READS_OURS: Final = re.compile(
    rf"(?:\[internal\] load metadata for|(?:\[[^\]]*\] )?FROM) docker\.io/library/{REPOSITORY}[:@]"
)
"""However a Dockerfile wrote the name: here variables are expanded, and short names made long."""
_TITLE: Final = re.compile(rf"{STEP_TITLE}([^\\]*)\\n")
_ERROR: Final = re.compile(
    r"\s*error:|E: |npm (?:error|ERR!)|\s*ERR_PNPM_|error [A-Z]|.*[):\d] ?(?:- )?error TS\d|➤ YN0028:"
    r"|\s*\S+:\d+(?::\d+)?: (?:fatal )?error:",
    re.IGNORECASE,
)
"""How pip, apt, bun, npm, pnpm, both kinds of yarn, tsc and compilers begin to say why they stop."""
_EXIT_CODE: Final = re.compile(r"exit code: (\d+)\s*$")
_TOLD_BY_COMMAND: Final = re.compile(rf"executor failed running .*{STEP_TITLE}(.*)")
_HASH: Final = re.compile(r"\s*(?:\S+==\S+ .*)?--hash=sha")
"""Of locked packages, hundreds at once: they say nothing to people."""
_UNKNOWN_HOST: Final = re.compile(
    r"to resolve '([\w.-]+)'|Could not resolve host: ([\w.-]+)|getaddrinfo (?:ENOTFOUND|EAI_AGAIN) ([\w.-]+)"
)
"""How pip, Git, curl and npm say that a name leads nowhere."""
_END_OF_ERROR: Final = "------"
_NOISE: Final = re.compile(
    r"\[internal\]|sha256:|transferring|naming to|exporting|writing image|DONE|resolve |extracting"
)
_REASON_LINES: Final = 30
_LAST_LINES: Final = 20
_COMMAND_CHARS: Final = 200
_FRONTEND: Final = re.compile(
    r"^failed to solve.*?: (?:failed to create LLB definition: )?(?:rpc error: code = \w+ desc = )?"
)
_KEPT_LINES: Final = 300


class Progress:
    """Reads the lines of one build in order."""

    def __init__(self) -> None:
        self.reads_ours = False
        """Whether the build asked for an image of some version; said before any of its steps runs."""
        self._titles: dict[str, str] = {}
        self._commands: dict[str, str] = {}
        self._output: defaultdict[str, deque[str]] = defaultdict(lambda: deque(maxlen=_KEPT_LINES))
        self._unknown: defaultdict[str, dict[str, None]] = defaultdict(dict)
        self._other: deque[str] = deque(maxlen=_REASON_LINES)
        self._failed: str | None = None
        self._error: list[str] = []
        self._is_in_error = False

    def feed(self, line: str) -> str | None:
        """What a person should see of this line, or None."""
        found = _LINE.fullmatch(line)
        if found:
            self._is_in_error = False
            step, text = found.groups()
            output = _OUTPUT.fullmatch(text)
            return self._printed(step, output[1]) if output else self._changed(step, text)
        self._is_in_error = self._is_in_error and line != _END_OF_ERROR
        if self._is_in_error:
            self._error.append(line)
        elif line.strip() and self._failed is None:  # after a failure BuildKit prints the step's end once more
            self._other.append(line)
        return None

    def _printed(self, step: str, text: str) -> str | None:
        if self._failed is not None or _HASH.match(text):
            return None
        if host := _UNKNOWN_HOST.search(text):
            self._unknown[step][host[1] or host[2] or host[3]] = None
        self._output[step].append(text)
        return text

    def _changed(self, step: str, text: str) -> str | None:
        self.reads_ours = self.reads_ours or bool(_READS_OURS.match(text))
        if found := _STEP.fullmatch(text):
            self._titles.setdefault(step, _title(found[1]))
            self._commands.setdefault(step, f"`{found[1][:_COMMAND_CHARS]}`")
        elif text == "CACHED":
            return f"{title}: unchanged" if (title := self._titles.get(step)) else None
        elif text.startswith("ERROR") and self._failed is None:
            self._failed, self._error, self._is_in_error = step, [text], True
        elif not _NOISE.search(text):
            self._other.append(text)
        return None

    def reason(self) -> str:
        """Why the build failed: which step, how it ended, and the error it printed if there is one, else its last lines."""
        step, error = self._end()
        title = self._titles.get(step) or self._commands.get(step) or "building the image"
        lines = [*_relevant(list(self._output[step])), *self._not_reached(step)] if step else []
        code = _EXIT_CODE.search(error[-1]) if error else None
        if code and not lines:
            return f"{title} failed with exit code {code[1]}, and printed nothing"
        ended = f"failed with exit code {code[1]}" if code else "failed"
        return f"{title} {ended}:\n" + "\n".join(lines or error or [_FRONTEND.sub("", line) for line in self._other])

    def _not_reached(self, step: str) -> list[str]:
        hosts = ", ".join(self._unknown[step])
        return (
            [f"hint: builds do not find {hosts} from here: name another in the repo's file that has it"]
            if hosts
            else []
        )

    def _end(self) -> tuple[str, list[str]]:
        """The step that failed, and its error; at times BuildKit has no line for its end, and only the command tells it."""
        if self._failed is not None:
            return self._failed, self._error
        told = next((found for line in self._other if (found := _TOLD_BY_COMMAND.search(line))), None)
        title = unquote(told[1]) if told else None
        step = next((step for step, known in self._titles.items() if known == title), "")
        return step, list(self._other) if step else []


def _title(command: str) -> str:
    """What the script of a step says that it is called; nothing for steps that have none."""
    found = _TITLE.search(command)
    return unquote(found[1]) if found else ""


def _relevant(lines: list[str]) -> list[str]:
    """From the first error on: what pip says after it, like a traceback or a compiler's output, belongs to it."""
    first = next((number for number, line in enumerate(lines) if _ERROR.match(line)), 0)
    lines = lines[first:]
    if len(lines) <= _REASON_LINES:
        return lines
    # Of a long one the end, and before it whatever says that it is an error.
    reasons = [line for line in lines[:-_LAST_LINES] if _ERROR.match(line)]
    return [*reasons[: _REASON_LINES - _LAST_LINES], *lines[-_LAST_LINES:]]
