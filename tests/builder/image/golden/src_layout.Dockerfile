FROM orchestrator-base:py3-000000000000 AS runtime
COPY orchestrator/ /opt/orchestrator/
RUN /opt/venv/bin/python -I -m compileall -qq --invalidation-mode unchecked-hash /opt/orchestrator

FROM orchestrator-base:py3-000000000000
WORKDIR /app
ADD code.tar /app/
RUN ["/bin/sh", "-ec", "# step: adding folders to Python%27s path\ncd /opt/venv/lib/python3.*/site-packages\nprintf '%s\\n' /app/src > orchestrator-app.pth"]
RUN /opt/venv/bin/python -I -m compileall -qq --invalidation-mode unchecked-hash /app || true
COPY --from=runtime /opt/orchestrator /opt/orchestrator
USER 65534:65534
