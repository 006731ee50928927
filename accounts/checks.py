"""Checks of `manage.py check --deploy` for an installation with real people."""

from typing import Any

from django.core.checks import CheckMessage, Error, Tags, register

from accounts import policy

NEEDED = {
    "RESPONSIBLE_NAME": "name",
    "RESPONSIBLE_ADDRESS": "address",
    "RESPONSIBLE_EMAIL": "email",
}
"""{environment variable: attribute of Responsible} that the policy must state."""


@register(Tags.security, deploy=True)
def responsible_is_named(**_: Any) -> list[CheckMessage]:
    """Return an error for each missing setting about who is responsible for the data."""
    named = policy.responsible()
    return [
        Error(
            f"{variable} must be set: the policy has to say who answers for people's data.",
            hint="Ley 1581 de 2012, artículo 12; Decreto 1377 de 2013, artículo 13.",
            id="accounts.E001",
        )
        for variable, attribute in NEEDED.items()
        if not getattr(named, attribute)
    ]
