"""Who may see and do what concerns another person."""

from collections.abc import Callable
from functools import wraps
from typing import Any, cast

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase

from accounts.http import TargetRequest
from accounts.models import CustomUser


def may_see(viewer: CustomUser, person: CustomUser) -> bool:
    """Whether `viewer` may see what the census says of `person`, and have it looked up again.

    The person themself, the leader who brought them (not that leader's leader), and superusers.
    """
    if viewer.pk == person.pk or viewer.is_superuser:
        return True
    return viewer.is_leader and person.referred_by_id == viewer.pk


def leads(viewer: CustomUser) -> bool:
    """Whether `viewer` may see what the census says of those whom they brought."""
    return viewer.is_leader or viewer.is_superuser


def consent_not_required(
    view: Callable[..., HttpResponseBase],
) -> Callable[..., HttpResponseBase]:
    """For a view that stays open to whoever has not authorised the use of their data.

    `ConsentRequiredMiddleware` leads them to `/autorizar/` from every other.
    """

    @wraps(view)
    def open_view(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        return view(request, *args, **kwargs)

    open_view.consent_required = False  # type: ignore[attr-defined]
    return open_view


def leader_required(
    view: Callable[..., HttpResponseBase],
) -> Callable[..., HttpResponseBase]:
    """For a view of one's own referidos' census data: everybody who does not lead gets 403."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not isinstance(request.user, CustomUser) or not leads(request.user):
            raise PermissionDenied
        return view(request, *args, **kwargs)

    return guarded


def leader_or_self_required(
    view: Callable[..., HttpResponseBase],
) -> Callable[..., HttpResponseBase]:
    """For a view whose address holds a user id, as the argument `user_id`.

    The view is called as before, and finds the person as `request.target_user`. Everybody whom
    `may_see` refuses gets 403, whether the person exists or not: an address that answered 404 for
    some ids and 403 for others would tell who is registered. Superusers, who see everybody, get
    404 where there is nobody.
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
