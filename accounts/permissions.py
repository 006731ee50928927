"""Permissions on other people's data, and decorators for views."""

from collections.abc import Callable
from functools import wraps
from typing import Any, cast

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase

from accounts.http import TargetRequest, View
from accounts.models import CustomUser

AnyView = Callable[..., HttpResponseBase]


def may_see(viewer: CustomUser, person: CustomUser) -> bool:
    """True if `viewer` may see the census's answer about `person` and ask for a new lookup.

    That is the person, the leader who brought them (not that leader's leader), and superusers.
    """
    if viewer.pk == person.pk or viewer.is_superuser:
        return True
    return viewer.is_leader and person.referred_by_id == viewer.pk


def leads(viewer: CustomUser) -> bool:
    """True if `viewer` may see the census's answers about their own referidos."""
    return viewer.is_leader or viewer.is_superuser


def consent_not_required(view: View) -> View:
    """Keep a view open to people who have not authorised the use of their data.

    `ConsentRequiredMiddleware` redirects them to `/autorizar/` from any other.
    """
    view.consent_required = False  # type: ignore[attr-defined]
    return view


def leader_required(view: AnyView) -> AnyView:
    """Answer 403 to people who may not see their referidos' census data."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not isinstance(request.user, CustomUser) or not leads(request.user):
            raise PermissionDenied
        return view(request, *args, **kwargs)

    return guarded


def leader_or_self_required(view: AnyView) -> AnyView:
    """Guard a view whose URL has a `user_id`, and set `request.target_user` to that person.

    People whom `may_see` refuses get 403 whether the person exists or not: 404 for some ids and
    403 for others would reveal who is registered. Superusers, who may see everybody, get 404 for
    an unknown id.
    """

    @wraps(view)
    def guarded(request: HttpRequest, user_id: int, *args: Any, **kwargs: Any) -> HttpResponseBase:
        viewer = request.user
        if not isinstance(viewer, CustomUser):
            raise PermissionDenied
        person = CustomUser.objects.filter(pk=user_id).first()
        if person is None and viewer.is_superuser:
            raise Http404
        if person is None or not may_see(viewer, person):
            raise PermissionDenied
        cast("TargetRequest", request).target_user = person
        return view(request, user_id, *args, **kwargs)

    return guarded
