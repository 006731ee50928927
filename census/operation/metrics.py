"""The metrics for Prometheus, read from the database at each scrape: the same in all processes.

All are gauges but the captchas that were bought. The outcomes of attempts are given for the last
hour and day, and not as counters: attempts are deleted with accounts and by age, and a counter
must not fall.
"""

from collections.abc import Iterator

from django.conf import settings
from django.db.models import Count, Sum
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from census.models import CedulaInfo
from census.operation.state import Operation, operation
from census.states import Status
from scraper.gate.pauses import PauseReason
from scraper.models import CaptchaDay

CONTENT_TYPE = CONTENT_TYPE_PLAIN_0_0_4
QUANTILES = (50, 90, 99)
"""Percent; of the seconds that answers took."""


def exposition() -> bytes:
    """All metrics in Prometheus's text format. Raise DatabaseError if the database fails."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_DatabaseCollector())
    return generate_latest(registry)


class _DatabaseCollector(Collector):
    def describe(self) -> Iterator[Metric]:
        """No descriptions, so that registering does not read the database."""
        return iter(())

    def collect(self) -> Iterator[Metric]:
        state = operation()
        yield from _lookups(state)
        yield from _attempts(state)
        yield from _captchas(state)
        yield from _gate(state)
        yield from _workers(state)


def _lookups(state: Operation) -> Iterator[Metric]:
    by_status = GaugeMetricFamily("censo_lookups", "Lookups by state.", labels=["status"])
    numbers = dict.fromkeys(Status.values, 0)
    # With the statuses named, the database counts an index and not the table.
    rows = CedulaInfo.objects.filter(status__in=Status.values).order_by()
    numbers.update(rows.values_list("status").annotate(number=Count("pk")))
    for status, number in numbers.items():
        by_status.add_metric([status], number)
    yield by_status
    waiting = state.waiting
    oldest = (state.now - waiting.oldest_due_at).total_seconds() if waiting.oldest_due_at else 0
    yield _gauge("censo_due", "Lookups that wait for a worker.", waiting.due)
    yield _gauge("censo_oldest_due_seconds", "Seconds that the oldest of them waits.", oldest)
    yield _gauge("censo_waiting_for_retry", "Lookups that wait for another try.", waiting.retry)
    yield _gauge("censo_waiting_for_consent", "Lookups that wait for consent.", waiting.consent)
    yield _gauge("censo_in_flight", "Lookups that a worker has claimed.", waiting.in_flight)


def _attempts(state: Operation) -> Iterator[Metric]:
    ended = GaugeMetricFamily(
        "censo_attempts_recent",
        "Attempts that ended within the window, by outcome.",
        labels=["outcome", "window"],
    )
    seconds = GaugeMetricFamily(
        "censo_lookup_seconds",
        "From the claim to the answer, of the answers of the window.",
        labels=["quantile", "window"],
    )
    for name, window in (("1h", state.hour), ("1d", state.day)):
        for outcome, number in sorted(window.outcomes.items()):
            ended.add_metric([outcome, name], number)
        for percent, value in window.quantiles_of_seconds(QUANTILES).items():
            seconds.add_metric([f"{percent / 100:g}", name], value)
    yield ended
    yield seconds
    yield _gauge(
        "censo_visits_share",
        "The share of the visits allowed by the interval that the last hour had.",
        state.visit_share,
    )


def _captchas(state: Operation) -> Iterator[Metric]:
    captchas, account = state.captchas, state.captchas.account
    bought = CaptchaDay.objects.aggregate(bought=Sum("bought"))["bought"] or 0
    yield CounterMetricFamily("censo_captchas_bought", "Captchas bought in total.", value=bought)
    yield _gauge("censo_captchas_today", "Permits of today's limit taken.", captchas.today.taken)
    yield _gauge("censo_captcha_daily_limit", "CAPTCHA_DAILY_LIMIT; 0 is none.", captchas.limit)
    if account.balance is not None and account.answered_at is not None:
        read_at = account.answered_at.timestamp()
        yield _gauge("censo_captcha_balance_usd", "At the captcha service.", account.balance)
        yield _gauge("censo_captcha_balance_timestamp_seconds", "When it was read.", read_at)


def _gate(state: Operation) -> Iterator[Metric]:
    paused = GaugeMetricFamily(
        "censo_gate_paused", "1 while the gate is paused for this reason.", labels=["reason"]
    )
    for reason in PauseReason:
        paused.add_metric([reason], state.gate.state.pause_reason == reason)
    yield paused
    blocks = state.gate.consecutive_blocks
    yield _gauge("censo_consecutive_blocks", "Blocked lookups in a row.", blocks)
    interval = settings.LOOKUP_INTERVAL_SECONDS
    yield _gauge("censo_lookup_interval_seconds", "LOOKUP_INTERVAL_SECONDS.", interval)


def _workers(state: Operation) -> Iterator[Metric]:
    yield _gauge("censo_workers_alive", "Workers with a fresh heartbeat.", state.alive)
    yield _gauge("censo_workers_outdated", "Those running other code than this.", state.outdated)


def _gauge(name: str, words: str, value: float) -> Metric:
    return GaugeMetricFamily(name, words, value=value)
