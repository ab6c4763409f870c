# The orchestrator itself, as compose.yaml runs it; its build context is the folder that `make dist` fills, with the wheel's requirements beside it.
ARG PYTHON_IMAGE=python:3.12-slim
FROM ${PYTHON_IMAGE}

# Of Docker it needs the command with BuildKit alone: since Debian 13 that is a package of its own.
RUN command -v docker redis-server git >/dev/null \
 || { apt-get update \
   && apt-get install --yes --no-install-recommends ca-certificates git redis-server \
        $(apt-cache show docker-cli >/dev/null 2>&1 && echo docker-cli docker-buildx || echo docker.io) \
   && rm -rf /var/lib/apt/lists/*; }

# Only mounts: neither the address of a package index nor the wheel itself is in a layer. What the wheel requires comes first, for it
# changes less often than the wheel.
RUN --mount=type=bind,source=requirements.txt,target=/run/requirements.txt \
    --mount=type=cache,id=orchestrator-pip,target=/var/cache/pip \
    --mount=type=secret,id=pip.conf,target=/run/secrets/pip.conf \
    --mount=type=secret,id=ca.crt,target=/run/secrets/ca.crt \
    python3 -m venv /opt/orchestrator \
 && PIP_CONFIG_FILE=/run/secrets/pip.conf /opt/orchestrator/bin/pip install --cache-dir /var/cache/pip \
      --requirement /run/requirements.txt
RUN --mount=type=bind,target=/dist \
    /opt/orchestrator/bin/pip install --no-index --no-deps /dist/orchestrator-*.whl \
 && /opt/orchestrator/bin/pip check

ENV LANG=C.UTF-8 \
    PATH=/opt/orchestrator/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
    ORCHESTRATOR_HOST=0.0.0.0 \
    ORCHESTRATOR_DATA_DIR=/var/lib/orchestrator
EXPOSE 8120
CMD ["orchestrator", "up"]
