"""Find the changes in a leader's table since a page was read."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from accounts.models import CustomUser
from census import clock
from census.models import CedulaInfo, GoneLookup
from census.states import IN_FLIGHT

MOST_LIVE_ROWS = 60
"""Rows that one answer to a poll replaces; with more changes the page reloads its table."""
LATE_COMMIT = timedelta(seconds=2)
"""A slow transaction may become visible this long after the moment that its rows are dated."""


@dataclass(frozen=True, slots=True)
class Moments:
    """The two moments that a page sends with each poll."""

    since: datetime
    """The page shows all changes made before."""
    opened: datetime
    """The whole table was read then: people who registered later are not in it."""

    @classmethod
    def now(cls) -> "Moments":
        since = moment_now()
        # A registration that the page shows already is not new: no allowance for late commits.
        return cls(since, since + LATE_COMMIT)

    @classmethod
    def from_request(cls, given: Mapping[str, str]) -> "Moments | None":
        """The moments in a request's parameters; None unless both make sense."""
        since = given.get("since", "")
        moments = [_moment(text) for text in (since, given.get("opened") or since)]
        return cls(moments[0], moments[1]) if moments[0] and moments[1] else None


def _moment(text: str) -> datetime | None:
    """`text` as a moment: seconds since the epoch, or ISO 8601 with a time zone."""
    try:
        return datetime.fromtimestamp(float(text), UTC)
    except (ValueError, OverflowError, OSError):
        pass
    try:
        moment = datetime.fromisoformat(text)
        return moment.astimezone(UTC) if moment.tzinfo else None
    except (ValueError, OverflowError):  # in UTC, before the first or after the last day there is
        return None


def moment_now() -> datetime:
    """The `since` for a page that is read now."""
    return clock.now() - LATE_COMMIT


def changed_since(leader: CustomUser, moment: datetime) -> list[int]:
    """The user ids of `leader`'s referidos whose lookups have changed or been deleted since.

    At most MOST_LIVE_ROWS + 1: one more than a page replaces is enough to know.
    """
    changed = CedulaInfo.objects.filter(referrer=leader, updated_at__gt=moment).order_by()
    gone = GoneLookup.objects.filter(referrer_id=leader.pk, gone_at__gt=moment)
    ids = changed.values_list("user_id").union(gone.values_list("user_id"), all=True)
    return [user_id for (user_id,) in ids[: MOST_LIVE_ROWS + 1]]


def in_flight(leader: CustomUser) -> list[int]:
    """The user ids of `leader`'s referidos with a lookup in flight; at most MOST_LIVE_ROWS + 1."""
    flying = CedulaInfo.objects.filter(referrer=leader, status__in=IN_FLIGHT)
    return list(flying.values_list("user_id", flat=True)[: MOST_LIVE_ROWS + 1])


def arrivals_since(leader: CustomUser, moment: datetime) -> int:
    """The number of `leader`'s referidos who have registered since."""
    # Both conditions: the index knows `updated_at` alone.
    return CedulaInfo.objects.filter(
        referrer=leader, updated_at__gt=moment, created_at__gt=moment
    ).count()
