"""Icons: symbols of one SVG sprite, in the colour of the text around them."""

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
    """The symbol `name`, 1em high. Screen readers skip it, because it stands beside words."""
    return format_html(
        '<svg class="icon" aria-hidden="true" focusable="false"><use href="{}#{}"/></svg>',
        static(SPRITE),  # its hash does not change while the process runs
        name,
    )
