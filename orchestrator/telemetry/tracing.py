"""Whether traces are sent, and where to: by OpenTelemetry's own variables. We load its packages only then."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from orchestrator.telemetry.traces import Traces

_ENDPOINTS: Final = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")
_FLUSH_S: Final = 3.0


class MissingPackage(RuntimeError):  # noqa: N818
    """Traces were asked for, and the package that sends them is not installed."""


def is_wanted(environment: Mapping[str, str]) -> bool:
    """Whether the variables name an endpoint, and do not say otherwise."""
    is_disabled = environment.get("OTEL_SDK_DISABLED", "").strip().lower() == "true"
    return (
        any(environment.get(name) for name in _ENDPOINTS)
        and environment.get("OTEL_TRACES_EXPORTER", "otlp").strip() != "none"
        and not is_disabled
    )


@contextmanager
def tracing(environment: Mapping[str, str]) -> Iterator[Traces]:
    """Traces that are sent in batches from a thread, the last ones at the end if that is quick. Raises MissingPackage."""
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.trace.export import BatchSpanProcessor

        from orchestrator.telemetry.traces import Traces, tracer_provider
    except ImportError as error:
        message = (
            f"OTEL_EXPORTER_OTLP_ENDPOINT asks for traces ({error}): pip install 'orchestrator[otel]', or unset it"
        )
        raise MissingPackage(message) from error
    provider = tracer_provider(environment.get("OTEL_SERVICE_NAME") or "orchestrator")
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    try:
        yield Traces(provider)
    finally:
        flushing = threading.Thread(target=provider.shutdown, name="last traces", daemon=True)
        flushing.start()
        flushing.join(_FLUSH_S)
