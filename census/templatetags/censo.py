"""The census card on a page, and the times in it as people say them."""

from datetime import datetime
from math import ceil
from typing import Any

from django import template
from django.template import Context
from django.utils import timezone
from django.utils.formats import date_format

from accounts.models import CustomUser
from census.cards import card_context

register = template.Library()

MINUTE, HOUR, DAY = 60, 3600, 86_400


@register.inclusion_tag("census/_censo_card.html", takes_context=True)
def censo_card(context: Context, person: CustomUser) -> dict[str, Any]:
    """The card, with the same context as where it is rendered alone."""
    return card_context(person, context["request"].user)


@register.filter
def roughly(seconds: float) -> str:
    """A length of time, rounded up to what is worth saying: 20 s, 3 min, 2 h."""
    if seconds <= MINUTE:
        return f"{max(ceil(seconds / 5) * 5, 5)} s"
    if seconds <= HOUR:
        return f"{ceil(seconds / MINUTE)} min"
    return f"{ceil(seconds / HOUR)} h"


@register.filter
def age(when: datetime, now: datetime) -> str:
    """How long ago it was, rounded down: 20 s, 3 min, 2 h, 4 d."""
    seconds = max((now - when).total_seconds(), 0)
    for length, unit in ((DAY, "d"), (HOUR, "h"), (MINUTE, "min")):
        if seconds >= length:
            return f"{int(seconds // length)} {unit}"
    return f"{int(seconds)} s"


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
