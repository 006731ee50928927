"""The operator's actions on all lookups; each is recorded in the administration's log."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from accounts.models import CustomUser
from census.lookups import lifecycle, wakeups
from census.models import CedulaInfo
from census.states import FAILED, IN_FLIGHT, SETTLED
from scraper.gate import captcha_balance
from scraper.gate.visits import Gate
from scraper.models import SiteGate


@dataclass(frozen=True, slots=True)
class Requested:
    """The result of `request_again`."""

    queued: int
    skipped: Mapping[str, int]
    """{'settled', 'in_flight' or 'no_consent': how many rows were left as they were}."""


def pause(operator: CustomUser, gate: Gate, minutes: int | None) -> None:
    """Pause the gate for `minutes`; None: until somebody resumes.

    Lookups that are running end as usual.
    """
    with transaction.atomic():
        gate.pause(None if minutes is None else minutes * 60.0)
        until = "hasta que alguien las reanude" if minutes is None else f"por {minutes} min"
        _record_gate(operator, f"Pausó las consultas {until}.")


def resume(operator: CustomUser, gate: Gate) -> bool:
    """End the pause, whatever its reason; return False, recording nothing, if there was none."""
    with transaction.atomic():
        state = gate.state()
        if state.pause_reason is None:
            return False
        gate.resume()
        captcha_balance.ask_soon()
        _record_gate(operator, f"Reanudó las consultas (pausa: {state.pause_reason}).")
        transaction.on_commit(wakeups.wake)
    return True


def request_again(operator: CustomUser, rows: QuerySet[CedulaInfo]) -> Requested:
    """Queue those of `rows` that failed, at bulk priority, with one wake-up for all.

    The cooldown does not apply: it stops people from asking in haste. The interval between visits
    is the gate's.
    """
    chosen = CedulaInfo.objects.filter(pk__in=rows.order_by().values("pk"))
    failed = Q(status__in=FAILED)
    with transaction.atomic():
        counts = chosen.aggregate(
            all=Count("pk"),
            settled=Count("pk", filter=Q(status__in=SETTLED)),
            in_flight=Count("pk", filter=Q(status__in=IN_FLIGHT)),
            may=Count("pk", filter=failed & lifecycle.may_be_looked_up()),
        )
        allowed = chosen.filter(lifecycle.may_be_looked_up())
        queued = lifecycle.request_many(allowed, None, timezone.now())
        skipped = {
            "settled": counts["settled"],
            "in_flight": counts["in_flight"] + counts["may"] - queued,  # queued by others meanwhile
            "no_consent": counts["all"] - counts["settled"] - counts["in_flight"] - counts["may"],
        }
        if queued:
            _record(operator, CedulaInfo, None, f"{queued} consultas", "Volvió a consultar.")
            transaction.on_commit(wakeups.wake)
    return Requested(queued, {why: number for why, number in skipped.items() if number > 0})


def _record_gate(operator: CustomUser, message: str) -> None:
    _record(operator, SiteGate, "1", str(SiteGate()), message)


def _record(
    operator: CustomUser,
    model: type[CedulaInfo] | type[SiteGate],
    object_id: str | None,
    name: str,
    message: str,
) -> None:
    LogEntry.objects.create(
        user=operator,
        content_type=ContentType.objects.get_for_model(model),
        object_id=object_id,
        object_repr=name,
        action_flag=CHANGE,
        change_message=message,
    )
