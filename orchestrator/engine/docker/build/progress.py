"""BuildKit's plain progress as lines for people: what the build's own commands print, and why one failed.

#5 [stage-1 2/5] RUN … pip install …     a step begins, or is mentioned again
#5 0.614 Collecting foo                  its output, after its seconds
#5 CACHED | DONE 0.3s | ERROR: …         its end
"""

from __future__ import annotations

import re
from collections import defaultdict, deque
from typing import Final

_LINE: Final = re.compile(r"#(\d+) (.*)", re.DOTALL)
_OUTPUT: Final = re.compile(r"\d+\.\d+ ?(.*)", re.DOTALL)
_STEP: Final = re.compile(r"\[[^\]]*\] ([A-Z]+ .*)", re.DOTALL)
_ERROR: Final = re.compile(r"\s*error:", re.IGNORECASE)
_NOISE: Final = re.compile(r"sha256:|transferring|naming to|exporting|writing image|DONE|resolve |extracting")
_REASON_LINES: Final = 30
_KEPT_LINES: Final = 300


class Progress:
    """Reads the lines of one build in order."""

    def __init__(self, dependency_source: str | None) -> None:
        self._source = dependency_source or "dependencies"
        self._titles: dict[str, str] = {}
        self._output: defaultdict[str, deque[str]] = defaultdict(lambda: deque(maxlen=_KEPT_LINES))
        self._other: deque[str] = deque(maxlen=_REASON_LINES)
        self._failed: str | None = None

    def feed(self, line: str) -> str | None:
        """What a person should see of this line, or None."""
        found = _LINE.fullmatch(line)
        if not found:
            # After a failure BuildKit prints the step's end once more.
            if line.strip() and self._failed is None:
                self._other.append(line)
            return None
        step, text = found.groups()
        if output := _OUTPUT.fullmatch(text):
            return self._printed(step, output[1])
        return self._changed(step, text)

    def _printed(self, step: str, text: str) -> str | None:
        if self._failed is not None:
            return None
        self._output[step].append(text)
        return text

    def _changed(self, step: str, text: str) -> str | None:
        if found := _STEP.fullmatch(text):
            self._titles.setdefault(step, self._title(found[1]))
        elif text == "CACHED":
            return f"{title}: unchanged" if (title := self._titles.get(step)) else None
        elif text.startswith("ERROR"):
            self._failed = step
            self._other.append(text)  # all there is to say when the command itself never ran
        elif not _NOISE.search(text):
            self._other.append(text)
        return None

    def _title(self, command: str) -> str:
        return f"the dependencies of {self._source}" if "pip install" in command else ""

    def reason(self) -> str:
        """Why the build failed: pip's own error if there is one, else the end of what was printed."""
        lines = list(self._output[self._failed]) if self._failed else []
        title = self._titles.get(self._failed or "")
        what = f"installing {title}" if title else "building the image"
        return f"{what} failed:\n" + "\n".join(_relevant(lines) or self._other)


def _relevant(lines: list[str]) -> list[str]:
    """From the first error on: what pip says after it, like a traceback or a compiler's output, belongs to it."""
    first = next((number for number, line in enumerate(lines) if _ERROR.match(line)), 0)
    return lines[first:][-_REASON_LINES:]
