from __future__ import annotations

import json
from urllib.parse import quote

import pytest

from orchestrator.core.image import STEP_TITLE
from orchestrator.engine.docker.build.progress import Progress


def step(number: int, title: str) -> str:
    script = f"{STEP_TITLE}{quote(title, safe=' ;')}\nexport A=b\nwhatever"
    return f"#{number} [stage-1 2/5] RUN --mount=type=bind,source=x     {json.dumps(['/bin/sh', '-ec', script])}"


INSTALL = step(6, "installing the dependencies of requirements.txt")
NOT_FOUND = "No matching distribution found for foo==9"


def read(text: str) -> tuple[list[str], Progress]:
    progress = Progress()
    return [shown for line in text.splitlines() if (shown := progress.feed(line))], progress


def test_only_what_the_build_itself_prints_is_shown() -> None:
    shown, _ = read(
        f"#1 [internal] load build definition\n#1 DONE 0.0s\n\n{INSTALL}\n#6 sha256:ab 1MB\n#6 0.61 Collecting foo\n"
    )
    assert shown == ["Collecting foo"]


def test_a_cached_dependency_layer_is_called_unchanged() -> None:
    shown, _ = read(f"{INSTALL}\n#6 CACHED\n#7 [stage-1 3/5] COPY app/ /app/\n#7 CACHED\n")
    assert shown == ["installing the dependencies of requirements.txt: unchanged"]


def test_the_reason_is_pip_s_own_error_and_said_once() -> None:
    _, progress = read(
        f"{INSTALL}\n#6 0.6 Collecting bar\n#6 0.9 ERROR: Could not find a version\n#6 0.9 ERROR: {NOT_FOUND}\n"
        f"#6 ERROR: executor failed running [/bin/sh -c pip]: exit code: 1\n------\n > [2/5] RUN:\n#6 0.9 ERROR: {NOT_FOUND}\n"
        "------\nexecutor failed running [/bin/sh -c pip]: exit code: 1\n"
    )
    assert progress.reason() == (
        "installing the dependencies of requirements.txt failed with exit code 1:\n"
        f"ERROR: Could not find a version\nERROR: {NOT_FOUND}"
    )


def test_what_follows_an_error_belongs_to_it() -> None:
    _, progress = read(
        f"{INSTALL}\n#6 0.1 Collecting x\n#6 0.9 ERROR: Exception:\n#6 0.9 KeyError: 3\n#6 ERROR: exit\n"
    )
    assert progress.reason().splitlines()[1:] == ["ERROR: Exception:", "KeyError: 3"]


@pytest.mark.parametrize(
    "line",
    [
        "npm error code EUSAGE",
        "npm ERR! code EUSAGE",
        ' ERR_PNPM_OUTDATED_LOCKFILE  Cannot install with "frozen-lockfile"',
        "error Your lockfile needs to be updated, but yarn was run with `--frozen-lockfile`.",
        "➤ YN0028: │ The lockfile would have been modified by this install, which is explicitly forbidden.",
        "error: lockfile had changes, but lockfile is frozen",
        "src/index.ts(3,7): error TS2322: Type 'string' is not assignable to type 'number'.",
        "src/index.ts:3:7 - error TS2322: Type 'string' is not assignable to type 'number'.",
    ],
)
def test_the_reason_of_each_of_nodes_tools_is_found(line: str) -> None:
    _, progress = read(f"{INSTALL}\n#6 0.1 0 errors so far\n#6 0.9 {line}\n#6 0.9 more\n#6 ERROR: exit\n")
    assert progress.reason().splitlines()[1:] == [line, "more"]


def test_without_such_an_error_it_is_the_end_of_the_step_s_output() -> None:
    lines = "".join(f"#6 {n}.0 line {n}\n" for n in range(100))
    _, progress = read(f"{INSTALL}\n{lines}#6 ERROR: exit code: 1\n")
    assert progress.reason().splitlines()[-1] == "line 99"
    assert len(progress.reason().splitlines()) < 40


def test_a_build_that_never_began_gives_docker_s_words() -> None:
    _, progress = read("Cannot connect to the Docker daemon at unix:///var/run/docker.sock.")
    assert progress.reason().endswith("Cannot connect to the Docker daemon at unix:///var/run/docker.sock.")


def test_a_command_that_fails_is_named_with_its_exit_code_and_what_it_printed() -> None:
    _, progress = read(
        f"{step(7, '`echo one; false`')}\n#7 0.3 one\n#7 ERROR: executor failed running [/bin/sh -ec # step: x\n"
        "export A=b\necho one; false]: exit code: 3\n------\n > [2/5] RUN echo:\n#7 0.3 one\n------\nfailed: exit code: 3\n"
    )
    assert progress.reason() == "`echo one; false` failed with exit code 3:\none"


def test_a_step_whose_end_only_the_command_tells_is_named_as_well() -> None:
    _, progress = read(
        f"{step(7, '`yarn install`')}\n#7 0.3 error No\nexecutor failed running [/bin/sh -ec # step: %60yarn install%60\n"
        "export A=1\nyarn install]: exit code: 1\n"
    )
    assert progress.reason() == "`yarn install` failed with exit code 1:\nerror No"


def test_a_command_that_fails_without_a_word_says_so() -> None:
    _, progress = read(f"{step(7, '`false`')}\n#7 ERROR: executor failed running [false]: exit code: 1\n------\n")
    assert progress.reason() == "`false` failed with exit code 1, and printed nothing"


def test_an_error_of_buildkit_s_own_is_whole() -> None:
    _, progress = read(
        "#6 [2/2] COPY a /x\n#6 ERROR: first\nsecond\nthird\n------\n > [2/2] COPY a /x:\n------\nagain\n"
    )
    assert progress.reason() == "`COPY a /x` failed:\nERROR: first\nsecond\nthird"


def test_a_step_of_a_repos_own_dockerfile_is_called_by_its_command() -> None:
    _, progress = read(
        "#5 [2/3] RUN make all\n#5 0.1 no rule\n#5 ERROR: executor failed running [/bin/sh]: exit code: 2\n"
    )
    assert progress.reason() == "`RUN make all` failed with exit code 2:\nno rule"


def test_a_dockerfile_that_is_not_understood_is_told_without_what_came_before() -> None:
    _, progress = read(
        "#1 [internal] load build definition from Dockerfile\n#1 DONE 0.0s\n#2 [internal] load .dockerignore\n"
        "failed to solve with frontend dockerfile.v0: failed to create LLB definition: dockerfile parse error line 2: "
        "unknown instruction: RUNN\n"
    )
    assert progress.reason() == ("building the image failed:\ndockerfile parse error line 2: unknown instruction: RUNN")


def test_of_a_long_error_the_compilers_reason_is_among_what_is_told() -> None:
    compiler = "      a.c:35:10: fatal error: libpq-fe.h: No such file or directory"
    long = "".join(f"#6 0.9       gcc -c {n}\n" for n in range(100))
    _, progress = read(
        f"{INSTALL}\n#6 0.5 fine\n#6 0.9 {compiler}\n{long}#6 1.0 ERROR: Failed\n#6 ERROR: exit code: 1\n"
    )
    lines = progress.reason().splitlines()
    assert (lines[1], lines[-1], len(lines)) == (compiler, "ERROR: Failed", 22)


@pytest.mark.parametrize(
    "said",
    [
        "to resolve 'packages.test' ([Errno -2] Name or service not known)\")':",
        "fatal: unable to access 'https://packages.test/x/': Could not resolve host: packages.test",
        "npm error request to https://packages.test/x failed, reason: getaddrinfo ENOTFOUND packages.test",
    ],
)
def test_a_host_that_no_name_leads_to_is_told_once(said: str) -> None:
    lines = "".join(f"#6 0.{second} {said}\n" for second in range(3))
    _, progress = read(
        f"{INSTALL}\n{lines}#6 0.9 ERROR: {NOT_FOUND}\n#6 ERROR: process did not complete: exit code: 1\n"
    )
    assert progress.reason().endswith(
        "hint: builds do not find packages.test from here: name another in the repo's file that has it"
    )


def test_hashes_of_locked_packages_are_not_shown() -> None:
    shown, progress = read(
        f"{INSTALL}\n#6 0.9 ERROR: {NOT_FOUND}\n#6 0.9 foo==9 --hash=sha256:ab\n#6 0.9 --hash=sha256:cd\n"
        "#6 ERROR: process did not complete: exit code: 1\n"
    )
    assert shown == [f"ERROR: {NOT_FOUND}"]
    assert "--hash" not in progress.reason()


@pytest.mark.parametrize(
    "line",
    [
        "#3 [internal] load metadata for docker.io/library/orchestrator-app:6860de58b63d",
        "#4 FROM docker.io/library/orchestrator-app:6860de58b63d",
        "#4 [stage-0 1/3] FROM docker.io/library/orchestrator-app@sha256:ab",
    ],
)
def test_an_image_of_ours_that_a_build_reads_is_noticed(line: str) -> None:
    assert read(line)[1].reads_ours


@pytest.mark.parametrize(
    "line",
    [
        "#3 [internal] load metadata for docker.io/library/orchestrator-base:py3",
        "#3 [internal] load metadata for docker.io/team/orchestrator-app:1",
        "#4 0.1 FROM docker.io/library/orchestrator-app:6860de58b63d",
        "#4 [2/2] RUN echo FROM docker.io/library/orchestrator-app:6860de58b63d",
        "FROM docker.io/library/orchestrator-app:6860de58b63d",
    ],
)
def test_others_and_what_is_only_printed_are_not(line: str) -> None:
    assert not read(line)[1].reads_ours
