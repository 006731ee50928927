"""Django's messages reach htmx as an event, everybody else in the page, and nobody twice."""

import json

import pytest
from django.contrib import messages
from django.contrib.auth.models import AnonymousUser
from django.contrib.messages.storage.fallback import FallbackStorage
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.test import RequestFactory
from django_htmx.http import HttpResponseClientRedirect
from django_htmx.middleware import HtmxMiddleware

from accounts.middleware import toast_middleware
from tests.people import HTMX

TOAST = {"messages": [{"text": "Guardado: ñandú", "level": "success"}]}


def answer(
    response: HttpResponse, headers: dict[str, str] = HTMX, *, shown: bool = False
) -> HttpRequest:
    """Pass `response`, with one message, through the middleware; returns its request."""
    request = RequestFactory().get("/", headers=headers)
    request.session = {}  # type: ignore[assignment]
    request.user = AnonymousUser()
    vars(request)["_messages"] = FallbackStorage(request)  # as Django's middleware does

    def view(request: HttpRequest) -> HttpResponse:
        messages.success(request, "Guardado: ñandú")
        if shown:
            list(messages.get_messages(request))
        return response

    HtmxMiddleware(toast_middleware(view))(request)
    return request


def still_there(request: HttpRequest) -> bool:
    """Return True if the message will be stored for the next page."""
    storage = messages.get_messages(request)
    assert isinstance(storage, FallbackStorage)
    return not storage.used


def test_a_message_becomes_an_event() -> None:
    response = HttpResponse()

    request = answer(response)

    assert json.loads(response["HX-Trigger"]) == {"toast": TOAST}
    assert response["HX-Trigger"].isascii()
    assert not still_there(request)


@pytest.mark.parametrize(
    ("header", "others"),
    [
        ("rowChanged", {"rowChanged": None}),
        ("one, two", {"one": None, "two": None}),
        ('{"rowChanged": {"id": 3}}', {"rowChanged": {"id": 3}}),
    ],
)
def test_other_events_are_kept(header: str, others: dict[str, object]) -> None:
    response = HttpResponse(headers={"HX-Trigger": header})

    answer(response)

    assert json.loads(response["HX-Trigger"]) == others | {"toast": TOAST}


@pytest.mark.parametrize(
    "response",
    [
        HttpResponseRedirect("/perfil/"),
        HttpResponseClientRedirect("/perfil/"),
        HttpResponse(headers={"HX-Refresh": "true"}),
        HttpResponse(headers={"HX-Location": "/perfil/"}),
    ],
    ids=["302", "HX-Redirect", "HX-Refresh", "HX-Location"],
)
def test_an_answer_that_leads_elsewhere_leaves_the_message_to_that_page(
    response: HttpResponse,
) -> None:
    request = answer(response)

    assert "HX-Trigger" not in response
    assert still_there(request)


def test_without_htmx_the_message_waits_for_a_page() -> None:
    response = HttpResponse()

    request = answer(response, headers={})

    assert "HX-Trigger" not in response
    assert still_there(request)


def test_what_the_template_has_shown_is_not_told_again() -> None:
    response = HttpResponse()

    answer(response, shown=True)

    assert "HX-Trigger" not in response


def test_an_answer_without_messages_is_left_alone() -> None:
    request = RequestFactory().get("/", headers=HTMX)
    response = HtmxMiddleware(toast_middleware(lambda _: HttpResponse()))(request)

    assert "HX-Trigger" not in response  # type: ignore[operator]
