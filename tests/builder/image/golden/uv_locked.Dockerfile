FROM orchestrator-base:py3-000000000000 AS runtime
COPY orchestrator/ /opt/orchestrator/
RUN /opt/venv/bin/python -I -m compileall -qq --invalidation-mode unchecked-hash /opt/orchestrator

FROM orchestrator-base:py3-000000000000 AS python-tools
RUN --mount=type=bind,source=orchestrator/build,target=/run/build \
    --mount=type=cache,id=orchestrator-pip-shared,target=/var/cache/pip \
    --mount=type=secret,id=pip.conf,target=/run/secrets/pip.conf \
    --mount=type=secret,id=ca.crt,target=/run/secrets/ca.crt \
    --mount=type=cache,id=orchestrator-npm-shared,target=/var/cache/npm \
    --mount=type=secret,id=npmrc,target=/run/secrets/npmrc \
    ["/bin/sh", "-ec", "# step: installing uv\n. /run/build/settings\n/opt/venv/bin/python -I -m pip install --quiet --no-input --no-compile --target /run/uv uv==0.13.9\nmkdir -p /opt/python-tools/bin\nmv /run/uv/bin/uv /opt/python-tools/bin/\nrm -r /run/uv"]

FROM orchestrator-base:py3-000000000000
WORKDIR /app
RUN --mount=type=bind,source=dependencies,target=/run/dependencies,rw \
    --mount=type=bind,from=python-tools,source=/opt/python-tools,target=/opt/python-tools \
    --mount=type=bind,source=orchestrator/build,target=/run/build \
    --mount=type=cache,id=orchestrator-pip,target=/var/cache/pip \
    --mount=type=secret,id=pip.conf,target=/run/secrets/pip.conf \
    --mount=type=secret,id=ca.crt,target=/run/secrets/ca.crt \
    --mount=type=cache,id=orchestrator-npm,target=/var/cache/npm \
    --mount=type=secret,id=npmrc,target=/run/secrets/npmrc \
    --mount=type=secret,id=apt.list,target=/run/secrets/apt.list \
    --mount=type=secret,id=apt.sources,target=/run/secrets/apt.sources \
    --mount=type=secret,id=apt.conf,target=/run/secrets/apt.conf \
    --mount=type=tmpfs,target=/run/apt \
    --mount=type=cache,id=orchestrator-apt-lists,target=/var/lib/apt/lists \
    --mount=type=cache,id=orchestrator-apt,target=/var/cache/apt \
    ["/bin/sh", "-ec", "# step: installing the dependencies of pyproject.toml\n. /run/build/settings\n. /run/build/begin\ncd /run/dependencies\nif [ -n \"${UV_DEFAULT_INDEX:-}\" ]; then\n  env -u UV_DEFAULT_INDEX uv lock --check --quiet\n  uv export --quiet --frozen --no-emit-local --no-dev | uv pip install --no-deps -r -\n  uv sync --frozen --no-dev\nelse\n  uv sync --locked --no-dev\nfi"]
ADD code.tar /app/
RUN /opt/venv/bin/python -I -m compileall -qq --invalidation-mode unchecked-hash /app || true
COPY --from=runtime /opt/orchestrator /opt/orchestrator
USER 65534:65534
