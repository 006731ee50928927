"""A person's open sessions: seen by them, ended by them, and never left over."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.login import sessions
from accounts.models import CustomUser, OpenSession
from tests.markup import page, text, words
from tests.typed import PASSWORD, REGISTRATION

pytestmark = pytest.mark.django_db

PHONE = "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 Chrome/148.0.0.0 Safari/537.36"
OFFICE = "Mozilla/5.0 (Windows NT 10.0; rv:148.0) Gecko/20100101 Firefox/148.0"


def browser(user: CustomUser, user_agent: str = OFFICE, **more: str) -> Client:
    """A browser in which `user` has logged in."""
    client = Client(headers={"User-Agent": user_agent}, REMOTE_ADDR="192.0.2.7")
    typed = {"username": user.cedula, "password": PASSWORD} | more
    assert client.post("/ingresar/", typed).status_code == 302
    return client


def listed(client: Client) -> list[str]:
    lines = page(client.get("/perfil/seguridad/")).select(".sessions li")
    return [words(line) for line in lines]


def is_in(client: Client) -> bool:
    return client.get("/perfil/").status_code == 200


def test_each_is_shown_with_browser_address_and_beginning(person: CustomUser) -> None:
    office = browser(person)
    phone = browser(person, PHONE)

    here, elsewhere = listed(phone)

    assert here.startswith("Chrome en Android Esta sesión Desde el ")
    assert "dirección 192.0.2.7" in here
    assert elsewhere.startswith("Firefox en Windows Desde el ")
    assert "Esta sesión" not in elsewhere
    assert len(listed(office)) == 2


def test_a_registration_opens_one_too(client: Client) -> None:
    client.post("/registro/", REGISTRATION)

    assert len(listed(client)) == 1


def test_one_that_is_ended_is_out_at_its_next_request(person: CustomUser) -> None:
    lost, here, third = browser(person, PHONE), browser(person), browser(person)
    row = OpenSession.objects.get(session_key=lost.session.session_key)

    response = here.post(f"/perfil/seguridad/sesiones/{row.pk}/cerrar/", follow=True)

    assert "Cerraste esa sesión." in text(response)
    assert [is_in(client) for client in (lost, here, third)] == [False, True, True]
    assert len(listed(here)) == 2


def test_all_others_are_ended_at_once(person: CustomUser, stranger: CustomUser) -> None:
    others, here = [browser(person, PHONE), browser(person)], browser(person)
    strangers = browser(stranger)

    here.post("/perfil/seguridad/sesiones/cerrar-otras/")

    assert not any(is_in(client) for client in others)
    assert is_in(here)
    assert is_in(strangers)
    assert "Solo aquí." in text(here.get("/perfil/seguridad/"))


def test_nobody_ends_another_persons(person: CustomUser, stranger: CustomUser) -> None:
    theirs, mine = browser(person), browser(stranger)
    row = OpenSession.objects.get(user=person)

    assert mine.post(f"/perfil/seguridad/sesiones/{row.pk}/cerrar/").status_code == 404
    assert is_in(theirs)
    assert len(listed(mine)) == 1


def test_it_takes_a_post(person: CustomUser) -> None:
    here = browser(person)

    assert here.get("/perfil/seguridad/sesiones/1/cerrar/").status_code == 405
    assert here.get("/perfil/seguridad/sesiones/cerrar-otras/").status_code == 405


def test_logging_out_takes_it_off_the_list(person: CustomUser) -> None:
    browser(person).post("/salir/")

    assert not OpenSession.objects.exists()


def test_a_new_password_leaves_this_one_alone_under_its_new_key(person: CustomUser) -> None:
    other, here = browser(person), browser(person, remember_me="on")
    before = here.session.session_key
    new = {"new_password1": "otra-clave-larga-8", "new_password2": "otra-clave-larga-8"}

    here.post("/cambiar-clave/", {"old_password": PASSWORD} | new)

    assert here.session.session_key != before
    assert not is_in(other)
    (row,) = OpenSession.objects.all()
    assert row.session_key == here.session.session_key
    assert not Session.objects.filter(session_key=other.session.session_key).exists()
    assert "Esta sesión" in listed(here)[0]


def test_a_password_that_an_administrator_sets_ends_them_all(
    client: Client, person: CustomUser, superadmin: CustomUser
) -> None:
    theirs = browser(person)
    client.force_login(superadmin)
    new = {"password1": "otra-clave-larga-8", "password2": "otra-clave-larga-8"}
    page = reverse("admin:auth_user_password_change", args=[person.pk])
    assert client.post(page, new | {"usable_password": "true"}).status_code == 302

    person.refresh_from_db()
    assert sessions.open_sessions(person, None) == []  # before their browser comes back
    assert not is_in(theirs)


def test_one_that_ran_out_is_not_kept(person: CustomUser) -> None:
    browser(person)
    with time_machine.travel(timezone.now() + timedelta(days=15)):
        here = browser(person)

        assert len(listed(here)) == 1
        assert OpenSession.objects.count() == 1


def test_those_of_people_who_never_came_back_are_dropped_too(
    person: CustomUser, stranger: CustomUser
) -> None:
    browser(person)
    browser(stranger)
    Session.objects.update(expire_date=timezone.now() - timedelta(seconds=1))

    sessions.delete_ended()

    assert not OpenSession.objects.exists()


def test_a_login_over_somebody_elses_session_is_a_session_of_its_own(
    client: Client, person: CustomUser, stranger: CustomUser
) -> None:
    """Django empties the other's session then, and leaves one that has no key yet."""
    client.force_login(person)
    theirs: Any = client.session.session_key
    client.force_login(stranger)

    assert client.session.session_key != theirs
    assert OpenSession.objects.get(user=stranger).session_key == client.session.session_key
