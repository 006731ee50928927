"""The health of the installation, for monitoring."""

from typing import Any

from django.db import DatabaseError, InterfaceError
from django.db.models import Count, Min, Q
from django.utils import timezone

from census.lookups import lifecycle
from census.worker.code_version import code_version
from census.worker.heartbeats import living_workers
from scraper.gate.visits import Gate


def health_report() -> dict[str, Any]:
    """The health report of `/salud/`, without personal data.

    It has `pause_reason` only while the gate is paused, and `outdated_workers` only if living
    workers run other code than this process. A pause without an end lasts until the year 9999.
    """
    now = timezone.now()
    try:
        due = lifecycle.all_due(now).aggregate(all=Count("pk"), oldest=Min("next_attempt_at"))
        oldest = due["oldest"]
        gate = Gate.state()
        alive = living_workers().aggregate(
            all=Count("pk"), outdated=Count("pk", filter=~Q(version=code_version()))
        )
        return {
            "database": "ok",
            "workers": alive["all"],
            "due": due["all"],
            "oldest_due_seconds": int((now - oldest).total_seconds()) if oldest else 0,
            "paused_until": gate.paused_until.isoformat() if gate.paused_until else None,
            **({"pause_reason": gate.pause_reason} if gate.pause_reason else {}),
            **({"outdated_workers": alive["outdated"]} if alive["outdated"] else {}),
        }
    except (DatabaseError, InterfaceError):
        unknown = dict.fromkeys(("due", "oldest_due_seconds", "paused_until"))
        return {"database": "error", "workers": 0, **unknown}
