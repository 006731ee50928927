"""The icons of the pages: symbols of one sprite, in the colour of the words beside them."""

from functools import cache

from django import template
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString

register = template.Library()

SPRITE = "vendor/bootstrap-icons/icons.svg"


@register.simple_tag
@cache
def icon(name: str) -> SafeString:
    """The symbol of that name, 1em high; a picture beside words, so screen readers skip it."""
    return format_html(
        '<svg class="icon" aria-hidden="true" focusable="false"><use href="{}#{}"/></svg>',
        static(SPRITE),  # the hash in it does not change while the process lives
        name,
    )
