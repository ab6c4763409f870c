FROM orchestrator-base:py3-000000000000 AS runtime
COPY orchestrator/ /opt/orchestrator/
RUN /opt/venv/bin/python -I -m compileall -qq --invalidation-mode unchecked-hash /opt/orchestrator

FROM orchestrator-base:py3-000000000000 AS python-tools
RUN --mount=type=cache,id=orchestrator-pip-shared,target=/var/cache/pip \
    --mount=type=secret,id=pip.conf,target=/run/secrets/pip.conf \
    --mount=type=secret,id=ca.crt,target=/run/secrets/ca.crt \
    --mount=type=cache,id=orchestrator-npm-shared,target=/var/cache/npm \
    --mount=type=secret,id=npmrc,target=/run/secrets/npmrc \
    ["/bin/sh", "-ec", "# step: installing uv\nexport PATH=/opt/python-tools/bin:$PATH PIP_CONFIG_FILE=/run/secrets/pip.conf PIP_CACHE_DIR=/var/cache/pip UV_CACHE_DIR=/var/cache/pip/uv UV_LINK_MODE=copy UV_COMPILE_BYTECODE=1 UV_NO_PROGRESS=1 UV_PREVIEW_FEATURES=pylock POETRY_CACHE_DIR=/var/cache/pip/poetry POETRY_NO_INTERACTION=1 PDM_CACHE_DIR=/var/cache/pip/pdm PDM_CHECK_UPDATE=0 PDM_NON_INTERACTIVE=1 PIPENV_CACHE_DIR=/var/cache/pip/pipenv PIPENV_VERBOSITY=-1 PIPENV_NOSPIN=1 NPM_CONFIG_USERCONFIG=/run/secrets/npmrc NPM_CONFIG_CACHE=/var/cache/npm NPM_CONFIG_UPDATE_NOTIFIER=false NPM_CONFIG_FUND=false NPM_CONFIG_AUDIT=false npm_config_store_dir=/var/cache/npm/pnpm pnpm_config_store_dir=/var/cache/npm/pnpm YARN_CACHE_FOLDER=/var/cache/npm/yarn YARN_GLOBAL_FOLDER=/var/cache/npm/berry YARN_ENABLE_GLOBAL_CACHE=true YARN_ENABLE_TELEMETRY=false BUN_INSTALL_CACHE_DIR=/var/cache/npm/bun UV_PROJECT_ENVIRONMENT=/opt/venv UV_PYTHON=/opt/venv/bin/python UV_PYTHON_DOWNLOADS=never POETRY_VIRTUALENVS_CREATE=false\n[ ! -s /run/secrets/ca.crt ] || export SSL_CERT_FILE=/run/secrets/ca.crt REQUESTS_CA_BUNDLE=/run/secrets/ca.crt GIT_SSL_CAINFO=/run/secrets/ca.crt NODE_EXTRA_CA_CERTS=/run/secrets/ca.crt\nindex() { sed -n \"s/^$1 = //p\" /run/secrets/pip.conf; }\nset -- \"$(index index-url)\" \"$(index extra-index-url)\" \"$(index find-links | tr ' ' ,)\" \"$(index trusted-host)\"\n[ -z \"$1\" ] || export UV_DEFAULT_INDEX=\"$1\" PDM_PYPI_URL=\"$1\" PIPENV_PYPI_MIRROR=\"$1\" POETRY_PYPI_MIRROR_URL=\"$1\"\n[ -z \"$2\" ] || export UV_INDEX=\"$2\"\n[ -z \"$3\" ] || export UV_FIND_LINKS=\"$3\"\n[ -z \"$4\" ] || export UV_INSECURE_HOST=\"$4\" PDM_PYPI_VERIFY_SSL=0\nset --\n/opt/venv/bin/python -I -m pip install --quiet --no-input --no-compile --target /run/uv uv==0.13.9\nmkdir -p /opt/python-tools/bin\nmv /run/uv/bin/uv /opt/python-tools/bin/\nrm -r /run/uv"]
RUN --mount=type=cache,id=orchestrator-pip-shared,target=/var/cache/pip \
    --mount=type=secret,id=pip.conf,target=/run/secrets/pip.conf \
    --mount=type=secret,id=ca.crt,target=/run/secrets/ca.crt \
    --mount=type=cache,id=orchestrator-npm-shared,target=/var/cache/npm \
    --mount=type=secret,id=npmrc,target=/run/secrets/npmrc \
    ["/bin/sh", "-ec", "# step: installing poetry\nexport PATH=/opt/python-tools/bin:$PATH PIP_CONFIG_FILE=/run/secrets/pip.conf PIP_CACHE_DIR=/var/cache/pip UV_CACHE_DIR=/var/cache/pip/uv UV_LINK_MODE=copy UV_COMPILE_BYTECODE=1 UV_NO_PROGRESS=1 UV_PREVIEW_FEATURES=pylock POETRY_CACHE_DIR=/var/cache/pip/poetry POETRY_NO_INTERACTION=1 PDM_CACHE_DIR=/var/cache/pip/pdm PDM_CHECK_UPDATE=0 PDM_NON_INTERACTIVE=1 PIPENV_CACHE_DIR=/var/cache/pip/pipenv PIPENV_VERBOSITY=-1 PIPENV_NOSPIN=1 NPM_CONFIG_USERCONFIG=/run/secrets/npmrc NPM_CONFIG_CACHE=/var/cache/npm NPM_CONFIG_UPDATE_NOTIFIER=false NPM_CONFIG_FUND=false NPM_CONFIG_AUDIT=false npm_config_store_dir=/var/cache/npm/pnpm pnpm_config_store_dir=/var/cache/npm/pnpm YARN_CACHE_FOLDER=/var/cache/npm/yarn YARN_GLOBAL_FOLDER=/var/cache/npm/berry YARN_ENABLE_GLOBAL_CACHE=true YARN_ENABLE_TELEMETRY=false BUN_INSTALL_CACHE_DIR=/var/cache/npm/bun UV_PROJECT_ENVIRONMENT=/opt/venv UV_PYTHON=/opt/venv/bin/python UV_PYTHON_DOWNLOADS=never POETRY_VIRTUALENVS_CREATE=false\n[ ! -s /run/secrets/ca.crt ] || export SSL_CERT_FILE=/run/secrets/ca.crt REQUESTS_CA_BUNDLE=/run/secrets/ca.crt GIT_SSL_CAINFO=/run/secrets/ca.crt NODE_EXTRA_CA_CERTS=/run/secrets/ca.crt\nindex() { sed -n \"s/^$1 = //p\" /run/secrets/pip.conf; }\nset -- \"$(index index-url)\" \"$(index extra-index-url)\" \"$(index find-links | tr ' ' ,)\" \"$(index trusted-host)\"\n[ -z \"$1\" ] || export UV_DEFAULT_INDEX=\"$1\" PDM_PYPI_URL=\"$1\" PIPENV_PYPI_MIRROR=\"$1\" POETRY_PYPI_MIRROR_URL=\"$1\"\n[ -z \"$2\" ] || export UV_INDEX=\"$2\"\n[ -z \"$3\" ] || export UV_FIND_LINKS=\"$3\"\n[ -z \"$4\" ] || export UV_INSECURE_HOST=\"$4\" PDM_PYPI_VERIFY_SSL=0\nset --\nUV_TOOL_DIR=/opt/python-tools UV_TOOL_BIN_DIR=/opt/python-tools/bin uv tool install --quiet poetry==2.5.1 --with poetry-plugin-pypi-mirror==0.6.5"]

FROM orchestrator-base:py3-000000000000
WORKDIR /app
RUN --mount=type=bind,source=dependencies,target=/run/dependencies,rw \
    --mount=type=bind,from=python-tools,source=/opt/python-tools,target=/opt/python-tools \
    --mount=type=cache,id=orchestrator-pip,target=/var/cache/pip \
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
    ["/bin/sh", "-ec", "# step: installing the dependencies of pyproject.toml\nexport PATH=/opt/python-tools/bin:$PATH PIP_CONFIG_FILE=/run/secrets/pip.conf PIP_CACHE_DIR=/var/cache/pip UV_CACHE_DIR=/var/cache/pip/uv UV_LINK_MODE=copy UV_COMPILE_BYTECODE=1 UV_NO_PROGRESS=1 UV_PREVIEW_FEATURES=pylock POETRY_CACHE_DIR=/var/cache/pip/poetry POETRY_NO_INTERACTION=1 PDM_CACHE_DIR=/var/cache/pip/pdm PDM_CHECK_UPDATE=0 PDM_NON_INTERACTIVE=1 PIPENV_CACHE_DIR=/var/cache/pip/pipenv PIPENV_VERBOSITY=-1 PIPENV_NOSPIN=1 NPM_CONFIG_USERCONFIG=/run/secrets/npmrc NPM_CONFIG_CACHE=/var/cache/npm NPM_CONFIG_UPDATE_NOTIFIER=false NPM_CONFIG_FUND=false NPM_CONFIG_AUDIT=false npm_config_store_dir=/var/cache/npm/pnpm pnpm_config_store_dir=/var/cache/npm/pnpm YARN_CACHE_FOLDER=/var/cache/npm/yarn YARN_GLOBAL_FOLDER=/var/cache/npm/berry YARN_ENABLE_GLOBAL_CACHE=true YARN_ENABLE_TELEMETRY=false BUN_INSTALL_CACHE_DIR=/var/cache/npm/bun UV_PROJECT_ENVIRONMENT=/opt/venv UV_PYTHON=/opt/venv/bin/python UV_PYTHON_DOWNLOADS=never POETRY_VIRTUALENVS_CREATE=false\n[ ! -s /run/secrets/ca.crt ] || export SSL_CERT_FILE=/run/secrets/ca.crt REQUESTS_CA_BUNDLE=/run/secrets/ca.crt GIT_SSL_CAINFO=/run/secrets/ca.crt NODE_EXTRA_CA_CERTS=/run/secrets/ca.crt\nindex() { sed -n \"s/^$1 = //p\" /run/secrets/pip.conf; }\nset -- \"$(index index-url)\" \"$(index extra-index-url)\" \"$(index find-links | tr ' ' ,)\" \"$(index trusted-host)\"\n[ -z \"$1\" ] || export UV_DEFAULT_INDEX=\"$1\" PDM_PYPI_URL=\"$1\" PIPENV_PYPI_MIRROR=\"$1\" POETRY_PYPI_MIRROR_URL=\"$1\"\n[ -z \"$2\" ] || export UV_INDEX=\"$2\"\n[ -z \"$3\" ] || export UV_FIND_LINKS=\"$3\"\n[ -z \"$4\" ] || export UV_INSECURE_HOST=\"$4\" PDM_PYPI_VERIFY_SSL=0\nset --\n. /run/build/begin\ncd /run/dependencies\nexport POETRY_PYPI_MIRROR_URL=${POETRY_PYPI_MIRROR_URL:-$(python -I -c '\nfrom pip._internal.models.index import PyPI\nprint(PyPI.simple_url)')}\npoetry install --no-root --compile"]
COPY app/ /app/
RUN --mount=type=bind,source=dependencies,target=/run/dependencies,rw \
    --mount=type=bind,from=python-tools,source=/opt/python-tools,target=/opt/python-tools \
    --mount=type=cache,id=orchestrator-pip,target=/var/cache/pip \
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
    ["/bin/sh", "-ec", "# step: installing the repo%27s own package\nexport PATH=/opt/python-tools/bin:$PATH PIP_CONFIG_FILE=/run/secrets/pip.conf PIP_CACHE_DIR=/var/cache/pip UV_CACHE_DIR=/var/cache/pip/uv UV_LINK_MODE=copy UV_COMPILE_BYTECODE=1 UV_NO_PROGRESS=1 UV_PREVIEW_FEATURES=pylock POETRY_CACHE_DIR=/var/cache/pip/poetry POETRY_NO_INTERACTION=1 PDM_CACHE_DIR=/var/cache/pip/pdm PDM_CHECK_UPDATE=0 PDM_NON_INTERACTIVE=1 PIPENV_CACHE_DIR=/var/cache/pip/pipenv PIPENV_VERBOSITY=-1 PIPENV_NOSPIN=1 NPM_CONFIG_USERCONFIG=/run/secrets/npmrc NPM_CONFIG_CACHE=/var/cache/npm NPM_CONFIG_UPDATE_NOTIFIER=false NPM_CONFIG_FUND=false NPM_CONFIG_AUDIT=false npm_config_store_dir=/var/cache/npm/pnpm pnpm_config_store_dir=/var/cache/npm/pnpm YARN_CACHE_FOLDER=/var/cache/npm/yarn YARN_GLOBAL_FOLDER=/var/cache/npm/berry YARN_ENABLE_GLOBAL_CACHE=true YARN_ENABLE_TELEMETRY=false BUN_INSTALL_CACHE_DIR=/var/cache/npm/bun UV_PROJECT_ENVIRONMENT=/opt/venv UV_PYTHON=/opt/venv/bin/python UV_PYTHON_DOWNLOADS=never POETRY_VIRTUALENVS_CREATE=false\n[ ! -s /run/secrets/ca.crt ] || export SSL_CERT_FILE=/run/secrets/ca.crt REQUESTS_CA_BUNDLE=/run/secrets/ca.crt GIT_SSL_CAINFO=/run/secrets/ca.crt NODE_EXTRA_CA_CERTS=/run/secrets/ca.crt\nindex() { sed -n \"s/^$1 = //p\" /run/secrets/pip.conf; }\nset -- \"$(index index-url)\" \"$(index extra-index-url)\" \"$(index find-links | tr ' ' ,)\" \"$(index trusted-host)\"\n[ -z \"$1\" ] || export UV_DEFAULT_INDEX=\"$1\" PDM_PYPI_URL=\"$1\" PIPENV_PYPI_MIRROR=\"$1\" POETRY_PYPI_MIRROR_URL=\"$1\"\n[ -z \"$2\" ] || export UV_INDEX=\"$2\"\n[ -z \"$3\" ] || export UV_FIND_LINKS=\"$3\"\n[ -z \"$4\" ] || export UV_INSECURE_HOST=\"$4\" PDM_PYPI_VERIFY_SSL=0\nset --\n. /run/build/begin\nexport SETUPTOOLS_SCM_PRETEND_VERSION=0.0.0 PDM_BUILD_SCM_VERSION=0.0.0 POETRY_DYNAMIC_VERSIONING_BYPASS=0.0.0 PBR_VERSION=0.0.0 UV_DYNAMIC_VERSIONING_BYPASS=0.0.0\nuv pip install --no-deps -e . || echo 'the repo'\"'\"'s own package was not installed: its code is imported from where it lies'"]
RUN /opt/venv/bin/python -I -m compileall -qq --invalidation-mode unchecked-hash /app || true
COPY --from=runtime /opt/orchestrator /opt/orchestrator
USER 65534:65534
