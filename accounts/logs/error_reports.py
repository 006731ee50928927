"""Report errors to Sentry, where SENTRY_DSN is set; else its library is not even loaded."""

from typing import TYPE_CHECKING, Any

from django.conf import settings

from accounts.logs import context, error_events

if TYPE_CHECKING:
    from sentry_sdk.types import Event, Hint

FLUSH_SECONDS = 2.0
BREADCRUMBS = 20
"""The last lines of the log that go along."""

NOT_REPORTED = (
    # A failed task is reported where it fails, with its ids: its line says it once more.
    "django-q",
    # What robots send: a wrong host, a forged token. The log has it.
    "django.security.*",
)


def start(release: str, *, forks: bool = False) -> None:
    """Report this process's errors from now on.

    After the fork, in each process: a thread that sends does not come along. `forks`: this process
    will have children of its own, so that it has none.
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
    """Wait until what was reported is sent, 2 s at the most: for a process that ends at once."""
    if settings.SENTRY_DSN:
        import sentry_sdk

        sentry_sdk.flush(FLUSH_SECONDS)


_NOTHING_MORE: dict[str, Any] = {
    # Gathered is nothing of a person's, and `error_events` lets nothing through that was.
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
    # Reports of errors alone: no counts of visits, no threads for them, no header in what we ask
    # of the census and of the captcha service.
    "auto_session_tracking": False,
    "send_client_reports": False,
    "enable_backpressure_handling": False,
    "propagate_traces": False,
    "trace_propagation_targets": [],
    # What the library would else read from the environment.
    "debug": False,
    "spotlight": False,
}


def _integrations() -> dict[str, Any]:
    """What is watched: the log, Django, and what nobody caught; not every library there is."""
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
    return error_events.what_may_leave(event, ids)  # type: ignore[return-value]  # built anew


def _before_breadcrumb(crumb: dict[str, Any], _hint: dict[str, Any]) -> dict[str, Any] | None:
    return crumb if error_events.is_log_line(crumb) else None
