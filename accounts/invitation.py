"""A person's invitation: their link, and a message with it."""

from urllib.parse import quote, urlencode

from django.urls import reverse

from accounts.http import PersonRequest, public_address

MESSAGE = "Te invito a registrarte en Censo al Día: con tu cédula ves dónde votas. {link}"
"""The link comes last, because WhatsApp takes any text right after it for part of it."""


def personal_link(request: PersonRequest) -> str:
    """The absolute URL that registers people as referidos of the logged-in person."""
    path = f"{reverse('accounts:registro')}?{urlencode({'ref': request.user.referral_code})}"
    return public_address(request, path)


def invitation_text(link: str) -> str:
    """The message with `link`, in Spanish, ready to send."""
    return MESSAGE.format(link=link)


def whatsapp_url(text: str) -> str:
    """The URL that opens WhatsApp with `text`, for a recipient whom the person chooses."""
    # %20, not +: some versions of the app show the plus signs.
    return "https://wa.me/?" + urlencode({"text": text}, quote_via=quote, safe="")
