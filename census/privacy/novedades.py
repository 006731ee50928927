"""Who may read the most private part of what the census says."""

from django.conf import settings

from accounts.models import CustomUser
from accounts.permissions import leads, may_see


def may_read_novedad(viewer: CustomUser, person: CustomUser) -> bool:
    """Whether `viewer` is told why `person`'s cédula is cancelled: novedad, resolución, fecha.

    The person themself and superusers. A leader learns that it is cancelled, which is what they
    need to know; the reason (a death, a sentence) is nobody else's business, unless the operator
    has decided otherwise.
    """
    if viewer.pk == person.pk:
        return True
    return may_see(viewer, person) and may_read_novedades(viewer)


def may_read_novedades(viewer: CustomUser) -> bool:
    """The same, for a table of all whom `viewer` brought."""
    if viewer.is_superuser:
        return True
    return leads(viewer) and bool(settings.SHOW_NOVEDAD_TO_LEADERS)
