"""Template tags: the census card, state icons, and times in words."""

from datetime import datetime
from math import inf
from typing import Any

from django import template
from django.template import Context
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString

from accounts.models import CustomUser
from accounts.templatetags.iconos import icon
from census.referidos.listing import Tab
from census.wait.card import card_context

register = template.Library()

MINUTE, HOUR, DAY = 60, 3600, 86_400
STATE_ICONS = {
    Tab.ALL: "person-x",  # a person without a lookup
    Tab.IN_FLIGHT: "clock",
    Tab.FOUND: "check-circle-fill",
    Tab.CANCELLED: "slash-circle-fill",
    Tab.NOT_FOUND: "question-circle-fill",
    Tab.FAILED: "exclamation-triangle-fill",
}
"""Each tab has an icon of its own beside its word and colour."""


@register.inclusion_tag("census/_censo_card.html", takes_context=True)
def censo_card(context: Context, person: CustomUser) -> dict[str, Any]:
    """The card, with the same context as the fragment that replaces it."""
    return card_context(person, context["request"].user)


@register.simple_tag
def state_icon(tab: str) -> SafeString:
    """The icon of a tab, by the tab's name."""
    return icon(STATE_ICONS[Tab(tab)])


@register.filter
def roughly(seconds: float) -> str:
    """A duration in seconds, rounded as people would say it: 20 s, 1 min 30 s, 2 h.

    From 25 s on the rounding is a tenth at most: times on a page must be right to a fifth.
    """
    step = next(step for shorter_than, step in _STEPS if seconds < shorter_than)
    return _in_words(max(round(seconds / step), 1) * step)


_STEPS = (
    (MINUTE, 5),
    (3 * MINUTE, 10),
    (10 * MINUTE, 30),
    (HOUR, MINUTE),
    (3 * HOUR, 10 * MINUTE),
    (12 * HOUR, 30 * MINUTE),
    (inf, HOUR),
)
"""(Upper bound, rounding step), both in seconds."""


def _in_words(seconds: int) -> str:
    hours, minutes, seconds = seconds // HOUR, seconds % HOUR // MINUTE, seconds % MINUTE
    parts = ((hours, "h"), (minutes, "min"), (seconds, "s"))
    return " ".join(f"{number} {unit}" for number, unit in parts if number)


@register.filter
def age(when: datetime, now: datetime) -> str:
    """The time between `when` and `now`, rounded down: 20 s, 3 min, 2 h, 4 d."""
    seconds = max((now - when).total_seconds(), 0)
    for length, unit in ((DAY, "d"), (HOUR, "h"), (MINUTE, "min")):
        if seconds >= length:
            return f"{int(seconds // length)} {unit}"
    return f"{int(seconds)} s"


@register.simple_tag
def day(when: datetime) -> SafeString:
    """A <time> with the day, such as 3 de marzo de 2026."""
    return _time(when, date_format(timezone.localtime(when), "j \\d\\e F \\d\\e Y").lower())


@register.simple_tag
def time(when: datetime) -> SafeString:
    """A <time> with `moment`."""
    return _time(when, moment(when))


def _time(when: datetime, words: str) -> SafeString:
    attribute = timezone.localtime(when).isoformat()
    return format_html('<time datetime="{}">{}</time>', attribute, words)


@register.filter
def moment(when: datetime) -> str:
    """A moment in words: `a las 3:45 p.m.`, on another day `el 3 de marzo a las 8:10 a.m.`.

    It ends with a full stop, which also ends a sentence.
    """
    local = timezone.localtime(when)
    clock = f"a la{'' if local.hour % 12 == 1 else 's'} {date_format(local, 'g:i a')}"
    if local.date() == timezone.localdate():
        return clock
    form = "j \\d\\e F" if local.year == timezone.localdate().year else "j \\d\\e F \\d\\e Y"
    return f"el {date_format(local, form).lower()} {clock}"
