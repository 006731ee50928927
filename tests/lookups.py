"""Lookups in any state, for tests."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from accounts.consents import save_with_consent
from accounts.models import CustomUser
from census.lookups import lifecycle
from census.lookups.lifecycle import Claim, Trace
from census.models import CedulaInfo

NO_TRACE = Trace()


def new_lookup(cedula: str = "52000101", **fields: Any) -> CedulaInfo:
    """The lookup of a new person, its row set to `fields`."""
    user = CustomUser(cedula=cedula, nombre_completo="Ana Rojas")
    save_with_consent(user)
    info = CedulaInfo.objects.get(user=user)
    CedulaInfo.objects.filter(pk=info.pk).update(**fields)
    info.refresh_from_db()
    return info


def claimed(info: CedulaInfo, worker: str = "worker") -> Claim:
    claim = lifecycle.claim_next(worker, info.user_id)
    assert claim is not None
    assert claim.info_id == info.pk
    return claim


def expire(info: CedulaInfo) -> None:
    """Have the lease of `info` run out."""
    CedulaInfo.objects.filter(pk=info.pk).update(
        lease_expires_at=timezone.now() - timedelta(seconds=1)
    )
    info.refresh_from_db()
