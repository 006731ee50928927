"""What Prometheus reads, taken from the database at each scrape: so right over all processes.

Gauges all, but for captchas that were bought. How attempts ended is told for the last hour and
day and not as counters: their lines are deleted with people's accounts and by age, and a number
that falls is no counter.
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
"""Of the seconds that answers took, in percent."""


def exposition() -> bytes:
    """All metrics in Prometheus's text format. Raises DatabaseError."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_DatabaseCollector())
    return generate_latest(registry)


class _DatabaseCollector(Collector):
    def describe(self) -> Iterator[Metric]:
        """Nothing: the registry need not read the database to learn the names."""
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
    # Naming the states lets an index be counted, and not the table.
    rows = CedulaInfo.objects.filter(status__in=Status.values).order_by()
    numbers.update(rows.values_list("status").annotate(number=Count("pk")))
    for status, number in numbers.items():
        by_status.add_metric([status], number)
    yield by_status
    waiting = state.waiting
    oldest = (state.now - waiting.oldest_due_at).total_seconds() if waiting.oldest_due_at else 0
    yield _gauge("censo_due", "Lookups that wait for a worker.", waiting.due)
    yield _gauge("censo_oldest_due_seconds", "How long the oldest of them has waited.", oldest)
    yield _gauge("censo_waiting_for_retry", "Lookups that wait for another try.", waiting.retry)
    yield _gauge("censo_waiting_for_consent", "Lookups that wait for consent.", waiting.consent)
    yield _gauge("censo_in_flight", "Lookups that a worker holds.", waiting.in_flight)


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
    for window, stretch in (("1h", state.hour), ("1d", state.day)):
        for outcome, number in sorted(stretch.outcomes.items()):
            ended.add_metric([outcome, window], number)
        for percent, value in stretch.quantiles_of_seconds(QUANTILES).items():
            seconds.add_metric([f"{percent / 100:g}", window], value)
    yield ended
    yield seconds
    yield _gauge(
        "censo_visits_share",
        "Of the visits that the interval allows in an hour, how many were made in the last one.",
        state.visit_share,
    )


def _captchas(state: Operation) -> Iterator[Metric]:
    captchas = state.captchas
    bought = CaptchaDay.objects.aggregate(bought=Sum("bought"))["bought"] or 0
    yield CounterMetricFamily("censo_captchas_bought", "Captchas bought ever.", value=bought)
    yield _gauge("censo_captchas_today", "What counts against today's limit.", captchas.taken)
    yield _gauge("censo_captcha_daily_limit", "CAPTCHA_DAILY_LIMIT; 0 is none.", captchas.limit)
    if captchas.balance is not None and captchas.balance_at is not None:
        told_at = captchas.balance_at.timestamp()
        yield _gauge("censo_captcha_balance_usd", "At the captcha service.", captchas.balance)
        yield _gauge("censo_captcha_balance_timestamp_seconds", "When it told that.", told_at)


def _gate(state: Operation) -> Iterator[Metric]:
    paused = GaugeMetricFamily(
        "censo_gate_paused", "Whether everybody pauses for this reason.", labels=["reason"]
    )
    for reason in PauseReason:
        paused.add_metric([reason], state.gate.state.pause_reason == reason)
    yield paused
    blocks = state.gate.consecutive_blocks
    yield _gauge("censo_consecutive_blocks", "Lookups turned away in a row.", blocks)
    interval = settings.LOOKUP_INTERVAL_SECONDS
    yield _gauge("censo_lookup_interval_seconds", "LOOKUP_INTERVAL_SECONDS.", interval)


def _workers(state: Operation) -> Iterator[Metric]:
    yield _gauge("censo_workers_alive", "Workers that gave a sign of life just now.", state.alive)
    yield _gauge("censo_workers_outdated", "Those of other code than this.", state.outdated)


def _gauge(name: str, words: str, value: float) -> Metric:
    return GaugeMetricFamily(name, words, value=value)
