"""A leader whose referidos failed, for tests of a refresh of many."""

from collections.abc import Iterator

from django_q.models import OrmQ

from accounts.models import CustomUser
from census.lookups import lifecycle
from census.models import CedulaInfo
from census.states import Status
from tests.crowds import new_referidos
from tests.people import new_person

FAILED_LOOKUP = {"status": Status.TIMEOUT, "attempts": 4, "retry_count": 3}


def leader_of_nobody() -> CustomUser:
    """A leader who has brought nobody yet; nothing is due or queued."""
    leader = new_person("Amparo Quintero Díaz", role=CustomUser.Role.LEADER)
    CedulaInfo.objects.all().delete()
    OrmQ.objects.all().delete()
    return leader


def failed(leader: CustomUser, number: int) -> list[int]:
    """Make so many referidos whose lookups failed; return their user ids."""
    return [person.pk for person in new_referidos(leader, [FAILED_LOOKUP] * number)]


def claim_all() -> list[lifecycle.Claim]:
    """Claim everything that is due; return the claims in their order."""
    claims: Iterator[lifecycle.Claim] = iter(lambda: lifecycle.claim_next("worker"), None)
    return list(claims)
