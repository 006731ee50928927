"""Accounts in the administration. Only superusers change roles and permissions."""

from contextlib import suppress
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.widgets import AdminTextInputWidget
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.forms import AdminUserCreationForm, UserChangeForm
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse

from accounts.erasure import LastSuperadmin, erase_account, is_last_superadmin
from accounts.forms.fields import CedulaField
from accounts.identity import cedula as cedulas
from accounts.models import Consent, CustomUser
from accounts.signals import person_opened

POWERS = ("role", "is_staff", "is_superuser", "groups", "user_permissions")
"""The fields that give a person more rights."""

_ABOUT = ("cedula", "password", *CustomUser.OWN_FIELDS)
_NEW = ("cedula", *CustomUser.OWN_FIELDS, "usable_password", "password1", "password2")


class ReadOnlyAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # not subscriptable at run time
    """Rows that can be viewed but not edited: only code writes them."""

    def has_add_permission(self, request: HttpRequest) -> bool:  # noqa: ARG002
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        return False


class PersonCreationForm(AdminUserCreationForm):  # type: ignore[type-arg]
    """A person whom staff create. They have given no consent, so they are not looked up."""

    cedula = CedulaField(widget=AdminTextInputWidget())

    class Meta:
        model = CustomUser
        fields = ("cedula", *CustomUser.OWN_FIELDS)


class PersonChangeForm(UserChangeForm):  # type: ignore[type-arg]
    class Meta:
        model = CustomUser
        fields = forms.ALL_FIELDS


@admin.register(CustomUser)
class PersonAdmin(UserAdmin):  # type: ignore[type-arg]
    form = PersonChangeForm
    add_form = PersonCreationForm
    list_display = ("nombre_completo", "cedula_masked", "role", "referred_by", "date_joined")
    list_select_related = ("referred_by",)  # nullable, so Django does not join it by itself
    list_filter = ("role", "is_active", "is_staff", "date_joined")
    search_fields = ("nombre_completo", "=cedula", "=phone", "=referral_code")
    ordering = ("-date_joined",)
    autocomplete_fields = ("referred_by",)
    filter_horizontal = ("groups", "user_permissions")
    readonly_fields = (
        *("cedula", "cedula_masked", "referral_code"),
        *("consented_at", "consent_version", "consent_withdrawn_at"),
        *("date_joined", "last_login"),
    )
    fieldsets = (
        (None, {"fields": _ABOUT}),
        ("Referidos", {"fields": ("referral_code", "referred_by", "referral_goal")}),
        ("Permisos", {"fields": ("is_active", *POWERS)}),
        ("Autorización", {"fields": ("consented_at", "consent_version", "consent_withdrawn_at")}),
        ("Fechas", {"fields": ("date_joined", "last_login")}),
    )
    add_fieldsets = ((None, {"classes": ("wide",), "fields": _NEW}),)

    @admin.display(description="cédula")
    def cedula_masked(self, person: CustomUser) -> str:
        return cedulas.masked(person.cedula)

    def get_fieldsets(self, request: HttpRequest, obj: CustomUser | None = None) -> Any:
        """Show the whole cédula to superusers only."""
        fieldsets = super().get_fieldsets(request, obj)
        if obj is None or _is_superuser(request):
            return fieldsets
        shown = tuple("cedula_masked" if name == "cedula" else name for name in _ABOUT)
        return ((None, {"fields": shown}), *fieldsets[1:])

    def get_readonly_fields(
        self, request: HttpRequest, obj: CustomUser | None = None
    ) -> tuple[str, ...]:
        if obj is None:  # the cédula can be set only when the person is created
            return ()
        return self.readonly_fields if _is_superuser(request) else (*self.readonly_fields, *POWERS)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[CustomUser], search_term: str
    ) -> tuple[QuerySet[CustomUser], bool]:
        """Find a cédula that was pasted with dots."""
        with suppress(cedulas.InvalidCedula):  # it may be a name, a number or a code
            search_term = cedulas.normalise(search_term)
        return super().get_search_results(request, queryset, search_term)

    def render_change_form(
        self,
        request: HttpRequest,
        context: dict[str, Any],
        add: bool = False,  # noqa: FBT001, FBT002  Django's own signature
        change: bool = False,  # noqa: FBT001, FBT002
        form_url: str = "",
        obj: CustomUser | None = None,
    ) -> HttpResponse:
        if obj is not None:
            person_opened.send(CustomUser, viewer=request.user, person=obj)
        return super().render_change_form(request, context, add, change, form_url, obj)

    # A person who can edit a superuser or set their password can become one.

    def has_change_permission(self, request: HttpRequest, obj: CustomUser | None = None) -> bool:
        return _may_touch(request, obj) and super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: CustomUser | None = None) -> bool:
        if obj is not None and is_last_superadmin(obj):
            return False
        return _may_touch(request, obj) and super().has_delete_permission(request, obj)

    def delete_model(self, request: HttpRequest, obj: CustomUser) -> None:  # noqa: ARG002
        erase_account(obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[CustomUser]) -> None:
        for person in queryset:
            try:
                erase_account(person)
            except LastSuperadmin as problem:
                messages.error(request, f"{person}: {problem}")

    def get_deleted_objects(
        self, objs: Any, request: HttpRequest
    ) -> tuple[list[Any], dict[Any, int], set[Any], list[Any]]:
        """Allow deleting a person's related rows, which nobody may delete by themselves."""
        doomed, counts, needed, protected = super().get_deleted_objects(objs, request)
        return doomed, counts, needed & {self.opts.verbose_name}, protected


@admin.register(Consent)
class ConsentAdmin(ReadOnlyAdmin):
    list_display = ("user", "purpose", "version", "channel", "given_at", "withdrawn_at")
    list_filter = ("purpose", "version", "channel", "given_at")
    search_fields = ("user__nombre_completo", "=user__cedula")


def _is_superuser(request: HttpRequest) -> bool:
    return isinstance(request.user, CustomUser) and request.user.is_superuser


def _may_touch(request: HttpRequest, person: CustomUser | None) -> bool:
    return person is None or not person.is_superuser or _is_superuser(request)
