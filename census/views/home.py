"""The home page: how far one's own goal is, and the link to bring others with."""

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.http import PersonRequest, public_address


@require_safe
@never_cache
def home(request: PersonRequest) -> HttpResponse:
    person = request.user
    link = f"{reverse('accounts:registro')}?ref={person.referral_code}"
    count = person.referrals.count()
    context = {
        "referral_count": count,
        "progress": min(count, person.referral_goal),
        "personal_link": public_address(request, link),
    }
    return render(request, "census/inicio.html", context)
