"""Permission to read why a cédula is cancelled, the most private part of an answer."""

from django.conf import settings

from accounts.models import CustomUser
from accounts.permissions import leads, may_see


def may_read_novedad(viewer: CustomUser, person: CustomUser) -> bool:
    """True if `viewer` may read why `person`'s cédula is cancelled: novedad, resolución, fecha.

    The person and superusers may. A leader sees that it is cancelled, which is what they need to
    know; the reason (a death, a court's sentence) is private, unless the operator has set
    SHOW_NOVEDAD_TO_LEADERS.
    """
    if viewer.pk == person.pk:
        return True
    return may_see(viewer, person) and may_read_novedades(viewer)


def may_read_novedades(viewer: CustomUser) -> bool:
    """True if `viewer` may read the novedades of all their own referidos."""
    if viewer.is_superuser:
        return True
    return leads(viewer) and bool(settings.SHOW_NOVEDAD_TO_LEADERS)
