"""Django's administration with the site's own login, and a second step where it is required."""

from typing import Any

from django.contrib import messages
from django.contrib.admin.sites import AdminSite
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, resolve_url
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache

from accounts.http import own_page
from accounts.login import second_step
from accounts.models import CustomUser

SET_IT_UP = "Para entrar a la administración primero activa la verificación en dos pasos."


class Administration(AdminSite):
    site_header = "Censo al Día"
    site_title = "Censo al Día"
    index_title = "Administración"

    def has_permission(self, request: HttpRequest) -> bool:
        """Admit active staff; if REQUIRE_SUPERADMIN_TOTP is set, only in a session with a code."""
        if not super().has_permission(request) or not isinstance(request.user, CustomUser):
            return False
        return second_step.is_verified(request.user) or not (
            second_step.is_required_of(request.user)
        )

    @method_decorator(never_cache)
    @method_decorator(login_not_required)
    def login(
        self,
        request: HttpRequest,
        extra_context: dict[str, Any] | None = None,  # noqa: ARG002  Django's own argument
    ) -> HttpResponse:
        """Redirect to the site's login page, so that there is one login to secure."""
        asked = own_page(request, request.GET.get("next")) or reverse("admin:index")
        if not request.user.is_authenticated:
            return redirect_to_login(asked, resolve_url("accounts:ingresar"))
        if self.has_permission(request):
            return redirect(asked)
        if not super().has_permission(request):
            raise PermissionDenied
        return self._ask_for_a_code(request, asked)

    def password_change(  # type: ignore[override]  # Django's returns a page
        self,
        request: HttpRequest,  # noqa: ARG002  Django's own arguments
        extra_context: dict[str, Any] | None = None,  # noqa: ARG002
    ) -> HttpResponse:
        """Redirect to our own page, which limits tries and ends the other sessions."""
        return redirect("accounts:cambiar_clave")

    def _ask_for_a_code(self, request: HttpRequest, asked: str) -> HttpResponse:
        """Redirect staff without a code in this session to give one, or to set it up first."""
        person = request.user
        if isinstance(person, CustomUser) and second_step.is_on(person):
            second_step.begin_pending(
                request,
                person,
                remember_me=not request.session.get_expire_at_browser_close(),
                next_page=asked,
            )
            return redirect("accounts:codigo")
        messages.warning(request, SET_IT_UP)
        return redirect("accounts:dos_pasos")
