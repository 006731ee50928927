"""Read JSON from the site without trusting its structure."""

import json
import math

from scraper.parsers.values import field_value


def json_object(text: str) -> dict[str, object] | None:
    """Return the text as a JSON object with keys in lower case, or None if it is anything else."""
    try:
        value = json.loads(text.removeprefix("\ufeff"))
    except (ValueError, RecursionError):
        return None
    return lower_keys(value)


def lower_keys(value: object) -> dict[str, object] | None:
    """Return the object with its own keys in lower case, or None if the value is no object."""
    if not isinstance(value, dict):
        return None
    return {str(key).lower(): item for key, item in value.items()}


def scalar_text(value: object) -> str:
    """Return a text or a number as a field keeps it; '' for anything else, also for booleans."""
    match value:
        case bool():
            return ""
        case float() if not math.isfinite(value):
            return ""
        case float() if value.is_integer():
            return str(int(value))
        case str() | int() | float():
            return field_value(str(value))
        case _:
            return ""
