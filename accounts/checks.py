"""What `manage.py check --deploy` asks of an installation that real people will use."""

from typing import Any

from django.core.checks import CheckMessage, Error, Tags, register

from accounts import policy

NEEDED = {
    "RESPONSIBLE_NAME": "name",
    "RESPONSIBLE_ADDRESS": "address",
    "RESPONSIBLE_EMAIL": "email",
}
"""By variable, what of the responsible party the policy cannot do without."""


@register(Tags.security, deploy=True)
def responsible_is_named(**_: Any) -> list[CheckMessage]:
    """An error for each setting without which the policy does not say who answers for the data."""
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
