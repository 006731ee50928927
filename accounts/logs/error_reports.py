"""Report errors to Sentry if SENTRY_DSN is set; otherwise its library is not loaded."""

from typing import TYPE_CHECKING, Any

from django.conf import settings

from accounts.logs import context, error_events

if TYPE_CHECKING:
    from sentry_sdk.types import Event, Hint

FLUSH_SECONDS = 2.0
BREADCRUMBS = 20
"""Log lines sent along with an error."""

NOT_REPORTED = (
    # A failed task is reported where it fails, with its ids; this logger repeats it.
    "django-q",
    # Requests of bots: a wrong host, a forged token. They are in the log.
    "django.security.*",
)


def start(release: str, *, forks: bool = False) -> None:
    """Report this process's errors from now on.

    Call it in each process after the fork, because threads do not survive one. Set `forks` in a
    process that will fork itself: it then sends without a thread.
    """
    if not settings.SENTRY_DSN:
        return
    import sentry_sdk
    from sentry_sdk.integrations.logging import ignore_logger

    from accounts.logs.error_transport import TransportWithoutThread

    for name in NOT_REPORTED:
        ignore_logger(name)
    sentry_sdk.init(
        dsn=settings.SENTRY_DSN,
        release=release,
        environment=settings.SENTRY_ENVIRONMENT,
        traces_sample_rate=settings.SENTRY_TRACES_SAMPLE_RATE or None,
        transport=TransportWithoutThread if forks else None,
        shutdown_timeout=FLUSH_SECONDS,
        max_breadcrumbs=BREADCRUMBS,
        before_send=_before_send,
        before_send_transaction=_before_send,
        before_breadcrumb=_before_breadcrumb,
        **_NOTHING_MORE,
        **_integrations(),
    )


def flush() -> None:
    """Wait up to 2 s until the reports are sent, in a process that is about to end."""
    if settings.SENTRY_DSN:
        import sentry_sdk

        sentry_sdk.flush(FLUSH_SECONDS)


_NOTHING_MORE: dict[str, Any] = {
    # Collect no personal data; `error_events` would remove it too.
    "data_collection": {
        "user_info": False,
        "cookies": {"mode": "off"},
        "http_headers": {"request": {"mode": "off"}},
        "http_bodies": [],
        "url_query_params": {"mode": "off"},
        "database_query_data": False,
        "queues": False,
        "stack_frame_variables": False,
    },
    "include_local_variables": False,
    "max_request_body_size": "never",
    # Error reports only: no session statistics and their threads, and no tracing headers in
    # requests to the census and the captcha service.
    "auto_session_tracking": False,
    "send_client_reports": False,
    "enable_backpressure_handling": False,
    "propagate_traces": False,
    "trace_propagation_targets": [],
    # The library would read these from the environment.
    "debug": False,
    "spotlight": False,
}


def _integrations() -> dict[str, Any]:
    """Watch the log, Django and uncaught exceptions, and no other library."""
    from sentry_sdk.integrations.atexit import AtexitIntegration
    from sentry_sdk.integrations.dedupe import DedupeIntegration
    from sentry_sdk.integrations.django import DjangoIntegration
    from sentry_sdk.integrations.excepthook import ExcepthookIntegration
    from sentry_sdk.integrations.logging import LoggingIntegration

    return {
        "default_integrations": False,
        "auto_enabling_integrations": False,
        "integrations": [
            AtexitIntegration(callback=lambda _pending, _timeout: None),  # it prints
            DedupeIntegration(),
            DjangoIntegration(signals_spans=False),
            ExcepthookIntegration(),
            LoggingIntegration(sentry_logs_level=None),
        ],
    }


def _before_send(event: "Event", hint: "Hint") -> "Event":
    record, error_info = hint.get("log_record"), hint.get("exc_info")
    bound = getattr(record, "bound_ids", None) or context.fields()
    error = error_info[1] if error_info else None
    ids = {**context.bound_when_raised(error), **bound}
    return error_events.sanitised(event, ids)  # type: ignore[return-value]  # a rebuilt dict


def _before_breadcrumb(crumb: dict[str, Any], _hint: dict[str, Any]) -> dict[str, Any] | None:
    return crumb if error_events.is_log_entry(crumb) else None
