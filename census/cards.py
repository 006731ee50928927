"""What `templates/census/_censo_card.html` is rendered with, by the pages and by its own views."""

from typing import Any

from django.urls import reverse

from accounts.models import CustomUser
from census.permissions import may_read_novedad
from census.selectors import census_card


def card_context(person: CustomUser, viewer: CustomUser) -> dict[str, Any]:
    """`person`'s card as `viewer` sees it; asking whether they may is the caller's part."""
    own = person.pk == viewer.pk
    args = [] if own else [person.pk]
    return {
        "card": census_card(person),
        "own": own,
        "tells_why": may_read_novedad(viewer, person),
        "person": person,
        "card_url": reverse("census:censo", args=args),
        "refresh_url": reverse("census:refrescar", args=args),
    }
