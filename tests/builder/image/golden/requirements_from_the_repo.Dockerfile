FROM orchestrator-base:py3-000000000000 AS runtime
COPY orchestrator/ /opt/orchestrator/
RUN /opt/venv/bin/python -I -m compileall -qq --invalidation-mode unchecked-hash /opt/orchestrator

FROM orchestrator-base:py3-000000000000
WORKDIR /app
COPY app/ /app/
RUN --mount=type=bind,source=dependencies,target=/run/dependencies \
    --mount=type=cache,id=orchestrator-pip,target=/var/cache/pip \
    --mount=type=secret,id=pip.conf,target=/run/secrets/pip.conf \
    --mount=type=secret,id=ca.crt,target=/run/secrets/ca.crt \
    ["/bin/sh", "-ec", "# step: installing the dependencies of requirements.txt\nexport PIP_CONFIG_FILE=/run/secrets/pip.conf\n/opt/venv/bin/python -I -m pip install --no-input --cache-dir /var/cache/pip -r /run/dependencies/requirements.txt"]
RUN /opt/venv/bin/python -I -m compileall -qq --invalidation-mode unchecked-hash /app || true
COPY --from=runtime /opt/orchestrator /opt/orchestrator
USER 65534:65534
