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
    count, goal = person.referrals.count(), person.referral_goal
    context = {
        "referral_count": count,
        "goal": goal,
        "reached": min(count, goal),
        "missing": max(goal - count, 0),
        "beyond": max(count - goal, 0),
        "personal_link": public_address(request, link),
    }
    return render(request, "census/inicio.html", context)
