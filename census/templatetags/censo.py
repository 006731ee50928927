"""The census card on a page, and the times in it as people say them."""

from datetime import datetime
from math import ceil
from typing import Any

from django import template
from django.template import Context
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.safestring import SafeString

from accounts.models import CustomUser
from accounts.templatetags.iconos import icon
from census.cards import card_context
from census.listing import Tab

register = template.Library()

MINUTE, HOUR = 60, 3600
STATE_ICONS = {
    Tab.ALL: "person-x",  # of a person of whom nothing is looked up
    Tab.IN_FLIGHT: "clock",
    Tab.FOUND: "check-circle-fill",
    Tab.CANCELLED: "slash-circle-fill",
    Tab.NOT_FOUND: "question-circle-fill",
    Tab.FAILED: "exclamation-triangle-fill",
}
"""By the group of states: each has a shape of its own beside its word and colour."""


@register.inclusion_tag("census/_censo_card.html", takes_context=True)
def censo_card(context: Context, person: CustomUser) -> dict[str, Any]:
    """The card, with the same context as where it is rendered alone."""
    return card_context(person, context["request"].user)


@register.simple_tag
def state_icon(tab: str) -> SafeString:
    """The icon of a group of states, by the group's name."""
    return icon(STATE_ICONS[Tab(tab)])


@register.filter
def roughly(seconds: float) -> str:
    """A length of time, rounded up to what is worth saying: 20 s, 3 min, 2 h."""
    if seconds <= MINUTE:
        return f"{max(ceil(seconds / 5) * 5, 5)} s"
    if seconds <= HOUR:
        return f"{ceil(seconds / MINUTE)} min"
    return f"{ceil(seconds / HOUR)} h"


@register.filter
def moment(when: datetime) -> str:
    """When it is, as a clause: `a las 3:45 p.m.`, on another day `el 3 de marzo a las 8:10 a.m.`.

    It ends with a full stop of its own, which also ends a sentence.
    """
    local = timezone.localtime(when)
    clock = f"a la{'' if local.hour % 12 == 1 else 's'} {date_format(local, 'g:i a')}"
    if local.date() == timezone.localdate():
        return clock
    day = "j \\d\\e F" if local.year == timezone.localdate().year else "j \\d\\e F \\d\\e Y"
    return f"el {date_format(local, day).lower()} {clock}"
