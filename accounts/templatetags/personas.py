"""Filters that format people's data."""

from django import template

from accounts.identity import phone as phones

register = template.Library()


@register.filter
def phone(number: str) -> str:
    """Format as 300 123 4567."""
    return phones.formatted(number)
