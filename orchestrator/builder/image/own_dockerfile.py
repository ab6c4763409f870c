"""An image that a repo's own Dockerfile makes, and ours on top of it.

    theirs ── runtime ── fitted

Theirs is built as it stands. Nothing of its text is in ours, which adds the shim and lets nobody read the code and find Python.
What an image says of its containers and no later line can take back (VOLUME, ONBUILD) is left behind by copying its files alone;
USER, ENTRYPOINT, HEALTHCHECK and STOPSIGNAL are said anew for each container (engine/docker/create_body.py).
"""

from __future__ import annotations

import hashlib
import json
import posixpath
import shlex
from typing import Final

from orchestrator.builder.detect.dockerfile import Dockerfile
from orchestrator.builder.errors import BadSource
from orchestrator.builder.image.node_layers import NPM
from orchestrator.builder.image.steps import step
from orchestrator.builder.source.tree import FileTree
from orchestrator.core.container.user import NOBODY
from orchestrator.core.image import ImageConfig, ImageSpec
from orchestrator.core.variables import problem_of_name
from orchestrator.core.workflow import NO_INPUTS, BuildInputs
from orchestrator_runtime.wire import APP_DIR, HOME_DIR

FIT: Final = "fit-image"
"""The program of images/ that runs in theirs, and its name in the build context."""
_CONTEXT_RUNTIME: Final = "orchestrator"
_SHELL: Final = ("/bin/sh", "-c")
_STARTS_NOTHING: Final = frozenset({"python", "python3", "node", "sh", "bash", "/bin/sh", "/bin/bash"})
_OURS: Final = frozenset({"HOME", "HOSTNAME"})
"""Variables that depend on the container, not on the image."""

_FIT_SCRIPT: Final = f"""for name in python3 python; do
  python=$(command -v $name) || continue
  "$python" -I -c 'import sys; sys.exit(sys.version_info < (3, 10))' || continue
  exec "$python" -I /run/{FIT} "$1"
done
echo 'error: the image has no Python 3.10 or newer, which starts tasks in whatever language. Add to its last stage:'
echo '  on Debian: RUN apt-get update && apt-get install -y --no-install-recommends python3'
echo '  on Alpine: RUN apk add --no-cache python3'
exit 1"""


def theirs(dockerfile: Dockerfile, files_digest: str, owner: str, inputs: BuildInputs = NO_INPUTS) -> ImageSpec:
    """The image that the Dockerfile makes of the repo's files; the caches it names are of `owner`."""
    digest = _digest(json.dumps([dockerfile.text, files_digest, owner, sorted(inputs.env.items())]))
    return ImageSpec(
        dockerfile.text, digest, cache_owner=owner or "nobody", build_args=inputs.env, secrets=inputs.secrets
    )


def ours(made: ImageConfig, tag: str, runtime: FileTree, fit: str) -> ImageSpec:
    """The image for runs on theirs, which has the name `tag`; `fit` is the text of the program that fits it."""
    text = "\n".join(_lines(made, tag)) + "\n"
    return ImageSpec(text, _digest(json.dumps([text, made.id, made.working_dir, runtime.digest(), fit])))


def _lines(made: ImageConfig, tag: str) -> list[str]:
    is_copied = made.has_volumes or made.has_triggers
    begin = ["FROM scratch", f"COPY --from={tag} / /"] if is_copied else [f"FROM {tag}"]
    mount = f"--mount=type=bind,source={FIT},target=/run/{FIT}"
    exports = [f"export {name}={shlex.quote(value)}" for name, value in environment(made).items() if is_copied]
    script = "\n".join([*exports, f"set -- {shlex.quote(made.working_dir or '/')}", _FIT_SCRIPT])
    return [
        *begin,
        "USER 0",
        f"COPY {_CONTEXT_RUNTIME}/ {HOME_DIR}/",
        f"COPY {_CONTEXT_RUNTIME}/{NPM}/packages/ /node_modules/",
        step("fitting the image to runs", script, mount),
        f"WORKDIR {APP_DIR}",
        f"USER {NOBODY}",
    ]


def start_command(asked: str, made: ImageConfig, path: str) -> str:
    """What is started, in the image's folder: what was asked for, else its ENTRYPOINT and CMD. Raises BadSource."""
    words = (*made.entrypoint, *made.command)
    is_shells = len(words) == 3 and words[:2] == _SHELL
    command = asked or (words[2] if is_shells else shlex.join(words))
    if not asked and (not words or (len(words) == 1 and posixpath.basename(words[0]) in _STARTS_NOTHING)):
        raise BadSource(
            f'{path} starts {command or "nothing"}, which has no tasks: end it with CMD ["python", "main.py"], or give a start '
            "command"
        )
    # In a shell's words that only takes the shell away, and Python's code is to be loaded by the shim.
    command = command.strip().removeprefix("exec ")
    folder = made.working_dir or "/"
    return command if folder == APP_DIR else f"cd {shlex.quote(folder)} && {command}"


def environment(made: ImageConfig) -> dict[str, str]:
    """The image's own variables, which outrank those of every container, and are outranked by the workflow's."""
    return {name: value for name, value in made.env.items() if name not in _OURS and not problem_of_name(name)}


def _digest(inputs: str) -> str:
    return hashlib.sha256(inputs.encode("utf-8", "surrogateescape")).hexdigest()[:24]
