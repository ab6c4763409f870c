FROM orchestrator-base:py3-000000000000 AS runtime
COPY orchestrator/ /opt/orchestrator/
RUN /opt/venv/bin/python -I -m compileall -qq --invalidation-mode unchecked-hash /opt/orchestrator

FROM orchestrator-base:py3-000000000000
WORKDIR /app
ADD code.tar /app/
RUN --mount=type=bind,source=orchestrator/build,target=/run/build \
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
    ["/bin/sh", "-ec", "# step: %60echo %22a%22 %27b%27 %24C %5C %26%26 make%60\n. /run/build/settings\n. /run/build/begin\necho \"a\" 'b' $C \\ && make"]
RUN /opt/venv/bin/python -I -m compileall -qq --invalidation-mode unchecked-hash /app || true
COPY --from=runtime /opt/orchestrator /opt/orchestrator
USER 65534:65534
