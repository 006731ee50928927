"""An error report shows nothing that was typed into a form: every form's fields are tried."""

import pkgutil
from collections.abc import Iterator
from importlib import import_module

import pytest
from django import forms
from django.contrib.auth.forms import AdminPasswordChangeForm
from django.http import HttpRequest
from django.test import RequestFactory

import accounts
import census
from accounts.logs.masking import PrivateReporter

OUR_MODULES = ("accounts.", "census.")
CHOSEN = (forms.BooleanField, forms.ChoiceField)
"""Ticks and choices among what the site offers: nobody types into these."""
READ_ONLY = {"last_login"}
"""Shown by the administration, and never sent."""


def all_forms() -> list[type[forms.BaseForm]]:
    """Every form class of ours, and Django's that the administration adds."""
    for app in (accounts, census):
        for module in pkgutil.walk_packages(app.__path__, f"{app.__name__}."):
            import_module(module.name)
    ours = [form for form in below(forms.BaseForm) if form.__module__.startswith(OUR_MODULES)]
    return sorted({*ours, AdminPasswordChangeForm}, key=lambda form: form.__qualname__)


def below(form: type[forms.BaseForm]) -> Iterator[type[forms.BaseForm]]:
    for one in form.__subclasses__():
        yield one
        yield from below(one)


def typed_into(form: type[forms.BaseForm]) -> dict[str, str]:
    """{field: a text that stands nowhere else}, for the fields that people type into."""
    fields: dict[str, forms.Field] = getattr(form, "base_fields", {})
    return {
        name: f"typed into {name} of {form.__qualname__}"
        for name, field in fields.items()
        if not isinstance(field, CHOSEN) and name not in READ_ONLY
    }


def fails(request: HttpRequest) -> None:
    """Raise with what was typed in local variables, as views and forms have it."""
    form_data = request.POST
    cleaned_data = form_data.dict()
    raise RuntimeError(len(cleaned_data))


@pytest.mark.parametrize("form", all_forms(), ids=lambda form: form.__qualname__)
def test_no_field_that_is_typed_into_is_in_an_error_report(form: type[forms.BaseForm]) -> None:
    typed = typed_into(form)
    request = RequestFactory().post("/", typed)
    with pytest.raises(RuntimeError) as caught:
        fails(request)
    reporter = PrivateReporter(request, caught.type, caught.value, caught.tb)
    reports = reporter.get_traceback_text() + reporter.get_traceback_html()

    assert "cleaned_data" in reports
    assert [name for name, value in typed.items() if value in reports] == []


def test_the_forms_are_found() -> None:
    names = {form.__qualname__ for form in all_forms() if typed_into(form)}
    assert names >= {"RegistrationForm", "PersonCreationForm", "PauseForm", "SignInForm"}
