"""How people's data is written on the pages."""

from django import template

from accounts.identity import phone as phones

register = template.Library()


@register.filter
def phone(number: str) -> str:
    """300 123 4567."""
    return phones.formatted(number)
