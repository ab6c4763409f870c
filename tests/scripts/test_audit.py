"""What `make audit` says and how it ends, by what a list of known faults on this host answers it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from tests.leftovers import ROOT

pytestmark = [
    pytest.mark.long,
    pytest.mark.skipif(shutil.which("npm") is None, reason="what npm makes of an answer is part of it"),
]

PARTS = ("ui", "sdk/typescript")
LOCK = {
    "name": "part",
    "version": "1.0.0",
    "lockfileVersion": 3,
    "packages": {
        "": {"name": "part", "version": "1.0.0", "dependencies": {"pad": "1.0.0"}},
        "node_modules/pad": {"version": "1.0.0", "resolved": "https://packages.invalid/pad-1.0.0.tgz"},
    },
}
PACKAGE = {
    "name": "pad",
    "dist-tags": {"latest": "1.0.0"},
    "versions": {"1.0.0": {"name": "pad", "version": "1.0.0"}},
}
"""npm asks which versions there are of what has a fault."""
FAULT = {
    "id": 1, "url": "https://faults.invalid/1", "title": "pads too much", "severity": "high", "vulnerable_versions": "<2",
    "cwe": [], "cvss": {"score": 0, "vectorString": None},
}  # fmt: skip
PIP_AUDIT = """#!{python}
import sys, urllib.request
report = sys.argv[sys.argv.index("--output") + 1]
answer = urllib.request.urlopen("{index}/python", timeout=10).read()
open(report, "wb").write(answer)
"""
SBOM = """#!/bin/sh
echo '{"components": ["purl"]}' >"$7"
"""


class Index:
    """What is known of Python's and of npm's packages; None where it has no list."""

    python: Any = None
    npm: Any = None

    def __init__(self) -> None:
        index = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self._answer(index.python if self.path == "/python" else PACKAGE)

            def do_POST(self) -> None:
                self.rfile.read(int(self.headers["Content-Length"]))
                self._answer(index.npm)

            def _answer(self, known: Any) -> None:
                body = json.dumps(known).encode()
                self.send_response(404 if known is None else 200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None: ...

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"


@pytest.fixture
def index() -> Iterator[Index]:
    index = Index()
    thread = threading.Thread(target=index.server.serve_forever)
    thread.start()
    yield index
    index.server.shutdown()
    thread.join()
    index.server.server_close()


def program(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(0o755)


@pytest.fixture
def audit(index: Index, tmp_path: Path) -> Callable[[], subprocess.CompletedProcess[str]]:
    """The script in a checkout with little in it, without an engine, its tools installed and asking that index."""
    program(tmp_path / "scripts/audit", (ROOT / "scripts/audit").read_text())
    program(tmp_path / "images/docker-cli", "#!/bin/sh\nexit 1\n")
    program(tmp_path / ".audit/bin/cyclonedx-py", SBOM)
    program(tmp_path / ".audit/bin/pip-audit", PIP_AUDIT.format(python=sys.executable, index=index.url))
    (tmp_path / ".audit/bin/python").symlink_to(sys.executable)
    (tmp_path / "requirements.lock").write_text("pad==1.0.0\n")
    for part in PARTS:
        (tmp_path / part).mkdir(parents=True)
        (tmp_path / part / "package.json").write_text(json.dumps(LOCK["packages"][""]))  # type: ignore[index]
        (tmp_path / part / "package-lock.json").write_text(json.dumps(LOCK))
    settings = {
        "npm_config_registry": index.url,
        "npm_config_cache": str(tmp_path / "npm"),
        "npm_config_fetch_retries": "0",
    }

    def run() -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [tmp_path / "scripts/audit"], env={**os.environ, **settings}, capture_output=True, text=True, check=False
        )

    return run


def python_knows(*faults: str) -> dict[str, Any]:
    return {"dependencies": [{"name": "pad", "version": "1.0.0", "vulns": [{"id": one} for one in faults]}]}


def test_all_is_well_where_every_list_says_so(index: Index, audit: Any, tmp_path: Path) -> None:
    index.python, index.npm = python_knows(), {}
    ended = audit()
    assert ended.returncode == 0, ended.stderr
    assert [line for line in ended.stdout.splitlines() if "fault" in line] == [
        f"{part}: no fault is known" for part in ("requirements.lock", *PARTS)
    ]
    assert "sbom-base.json: not written" in ended.stderr
    assert sorted(file.name for file in (tmp_path / "dist").glob("sbom-*.json") if b"purl" in file.read_bytes()) == [
        "sbom-python.json",
        "sbom-sdk-typescript.json",
        "sbom-ui.json",
    ]


def test_a_known_fault_fails_it_and_is_shown(index: Index, audit: Any) -> None:
    index.python, index.npm = python_knows(), {"pad": [FAULT]}
    ended = audit()
    assert ended.returncode == 1, ended.stderr
    named = [line.removesuffix(": faults are known") for line in ended.stdout.splitlines() if "are known" in line]
    assert named == list(PARTS)
    assert "pads too much" in ended.stdout


def test_where_no_list_answers_nothing_is_called_well(index: Index, audit: Any) -> None:
    ended = audit()
    assert ended.returncode == 2
    assert "no fault is known" not in ended.stdout
    assert f"not looked up: requirements.lock {' '.join(PARTS)}" in ended.stderr


def test_a_fault_counts_though_another_list_does_not_answer(index: Index, audit: Any) -> None:
    index.python = python_knows("PYSEC-1")
    ended = audit()
    assert ended.returncode == 1
    assert "PYSEC-1" in ended.stdout
    assert f"not looked up: {' '.join(PARTS)}" in ended.stderr
