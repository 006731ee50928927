"""Whoever opens or exports somebody's answer is recorded before they see it."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.models import CustomUser
from census.models import CedulaInfo, DataAccess
from census.privacy import accesses
from census.privacy.accesses import record_access, record_exported
from census.states import Status
from tests.markup import text
from tests.people import HTMX, new_person, set_lookup

pytestmark = pytest.mark.django_db

OPENED, EXPORTED = DataAccess.Action.OPENED, DataAccess.Action.EXPORTED


def noted() -> list[tuple[int, int | None, str]]:
    return list(DataAccess.objects.order_by("pk").values_list("person", "viewer", "action"))


@pytest.mark.parametrize(
    ("address", "headers"),
    [
        ("/referido/{}/", HTMX),
        ("/referido/{}/", {}),
        ("/referidos/{}/", {}),
        ("/censo/{}/", HTMX),
    ],
)
@pytest.mark.parametrize("name", ["leader", "superadmin"])
def test_each_way_to_open_a_referido_is_noted(
    client: Client, request: pytest.FixtureRequest, person: CustomUser, name: str,
    address: str, headers: dict[str, str],
) -> None:  # fmt: skip
    viewer = request.getfixturevalue(name)
    client.force_login(viewer)

    assert client.get(address.format(person.pk), headers=headers).status_code == 200

    assert noted() == [(person.pk, viewer.pk, OPENED)]


def test_a_refresh_that_shows_the_answer_is_noted(
    client: Client, leader: CustomUser, person: CustomUser
) -> None:
    set_lookup(person, status=Status.ERROR)
    client.force_login(leader)

    client.post(f"/refrescar-cedula/{person.pk}/")
    assert noted() == []  # it led elsewhere
    client.post(f"/refrescar-cedula/{person.pk}/", headers=HTMX)

    assert noted() == [(person.pk, leader.pk, OPENED)]


def test_who_is_refused_is_not_noted(
    client: Client, stranger: CustomUser, person: CustomUser
) -> None:
    client.force_login(stranger)

    client.get(f"/referidos/{person.pk}/")

    assert noted() == []


def test_ones_own_data_is_no_access(client: Client, leader: CustomUser) -> None:
    client.force_login(leader)

    for address in ("/perfil/", "/censo/", f"/censo/{leader.pk}/", f"/referido/{leader.pk}/"):
        client.get(address, headers=HTMX)

    assert noted() == []


@pytest.mark.parametrize("model", [CustomUser, CedulaInfo])
def test_the_administration_is_no_way_around(
    client: Client, superadmin: CustomUser, person: CustomUser, model: type
) -> None:
    client.force_login(superadmin)
    key = person.pk if model is CustomUser else CedulaInfo.objects.get(user=person).pk
    name = model.__name__.lower()

    page = f"/admin/{'accounts' if model is CustomUser else 'census'}/{name}/{key}/change/"
    assert client.get(page).status_code == 200

    assert noted() == [(person.pk, superadmin.pk, OPENED)]


class TestOnceAnHour:
    def test_the_same_look_again_is_not_noted_again(
        self, leader: CustomUser, person: CustomUser,
        django_assert_num_queries: DjangoAssertNumQueries,
    ) -> None:  # fmt: skip
        record_access(leader, [person], OPENED)

        with django_assert_num_queries(1):
            record_access(leader, [person], OPENED)

        assert len(noted()) == 1

    def test_another_hour_viewer_person_or_action_is(
        self, leader: CustomUser, person: CustomUser, superadmin: CustomUser
    ) -> None:
        record_access(leader, [person], OPENED)
        record_access(superadmin, [person], OPENED)
        record_access(leader, [person, new_person(referred_by=leader)], OPENED)
        record_access(leader, [person], EXPORTED)
        assert len(noted()) == 4

        DataAccess.objects.update(at=timezone.now() - timedelta(minutes=61))
        record_access(leader, [person], OPENED)

        assert len(noted()) == 5


class TestExports:
    def test_everybody_in_it_is_noted_each_time_but_never_oneself(
        self, leader: CustomUser, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(accesses, "BATCH", 2)
        people = [new_person(referred_by=leader) for _ in range(3)]
        everybody = CustomUser.objects.filter(referred_by=leader)
        brought = everybody.count()

        assert record_exported(leader, everybody) == brought
        assert record_exported(leader, [person.pk for person in [*people, leader]]) == 3

        rows = noted()
        assert len(rows) == brought + 3
        assert {action for _, _, action in rows} == {EXPORTED}
        assert leader.pk not in {person for person, _, _ in rows}

    @pytest.mark.django_db(transaction=True)
    def test_who_left_in_that_moment_is_left_out(self, leader: CustomUser) -> None:
        person, gone = new_person(), new_person()
        CustomUser.objects.filter(pk=gone.pk).delete()

        assert record_exported(leader, [person.pk, gone.pk]) == 1

        assert noted() == [(person.pk, leader.pk, EXPORTED)]


def test_people_see_who_it_was_also_when_the_account_is_gone(
    client: Client, leader: CustomUser, person: CustomUser, superadmin: CustomUser
) -> None:
    record_access(leader, [person], OPENED)
    record_exported(superadmin, [person.pk])
    client.force_login(person)
    assert "Amparo Quintero Díaz: vio tus datos" in text(client.get("/perfil/mis-datos/"))

    CustomUser.objects.filter(pk=superadmin.pk).delete()

    told = text(client.get("/perfil/mis-datos/"))
    assert "Una cuenta que ya no existe: exportó tus datos" in told
