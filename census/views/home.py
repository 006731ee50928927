"""The home page, and the link and QR code to invite others with, also as a sheet to print."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.http import PersonRequest
from accounts.invitation import invitation_text, personal_link, whatsapp_url
from accounts.qr import qr_code, qr_png


@require_safe
@never_cache
def home(request: PersonRequest) -> HttpResponse:
    return render(request, "census/inicio.html", _goal_context(request) | _link_context(request))


@require_safe
@never_cache
def my_link(request: PersonRequest) -> HttpResponse:
    """A sheet to print, with the link and the QR code."""
    return render(request, "census/mi_enlace.html", _link_context(request))


@require_safe
@never_cache
def my_qr(request: PersonRequest) -> HttpResponse:
    """The QR code as a PNG, for a flyer or a WhatsApp status."""
    return HttpResponse(
        qr_png(personal_link(request)),
        content_type="image/png",
        headers={
            "Content-Disposition": f'attachment; filename="qr-{request.user.referral_code}.png"'
        },
    )


def _goal_context(request: PersonRequest) -> dict[str, Any]:
    count, goal = request.user.referrals.count(), request.user.referral_goal
    return {
        "referral_count": count,
        "goal": goal,
        "reached": min(count, goal),
        "missing": max(goal - count, 0),
        "beyond": max(count - goal, 0),
    }


def _link_context(request: PersonRequest) -> dict[str, Any]:
    link = personal_link(request)
    message = invitation_text(link)
    return {
        "personal_link": link,
        "message": message,
        "whatsapp_url": whatsapp_url(message),
        "qr": qr_code(link),
    }
