"""What a person sends to bring others: their link, and a message with it."""

from urllib.parse import quote, urlencode

from django.urls import reverse

from accounts.http import PersonRequest, public_address

MESSAGE = "Te invito a registrarte en Censo al Día: con tu cédula ves dónde votas. {link}"
"""The link stands last and alone: WhatsApp makes what follows it part of it."""


def personal_link(request: PersonRequest) -> str:
    """The whole address that registers people as referidos of who is logged in."""
    path = f"{reverse('accounts:registro')}?{urlencode({'ref': request.user.referral_code})}"
    return public_address(request, path)


def invitation_text(link: str) -> str:
    """The message that goes with `link`, in Spanish, ready to be sent."""
    return MESSAGE.format(link=link)


def whatsapp_url(text: str) -> str:
    """Opens WhatsApp with `text` written, to be sent to whom the person chooses."""
    # %20, not +: some versions of the app show the plus signs.
    return "https://wa.me/?" + urlencode({"text": text}, quote_via=quote, safe="")
