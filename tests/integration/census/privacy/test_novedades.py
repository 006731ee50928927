"""Why a cédula is cancelled is told to the person and to superusers, and to nobody else."""

import pytest
from django.test import Client
from pytest_django import Settings

from accounts.models import CustomUser
from census.privacy.novedades import may_read_novedad, may_read_novedades
from census.states import CANCELLED, Status
from tests.markup import element, text, words
from tests.people import HTMX, new_person, set_lookup

pytestmark = pytest.mark.django_db

REASON = {
    "novedad": "Cancelada por Muerte",
    "resolucion": "5124-A",
    "fecha_novedad": "3 de mayo de 2024",
}
TELLING = (*REASON.values(), *CANCELLED, "falleci", "muerte", "resolución", "DECEASED")


def answers(client: Client, person: CustomUser) -> list[str]:
    """All that the routes show of a referido to who brought them, markup included."""
    pages = [
        client.get(f"/referido/{person.pk}/", headers=HTMX),
        client.get(f"/referido/{person.pk}/"),
        client.get(f"/referidos/{person.pk}/"),
        client.get(f"/censo/{person.pk}/", headers=HTMX),
        client.get("/referidos/"),
        client.get("/referidos/?estado=cancelados&orden=estado"),
        client.get("/referidos/pending/?since=1"),
    ]
    assert [page.status_code for page in pages] == [200] * len(pages)
    return [page.content.decode() for page in pages]


@pytest.mark.parametrize("status", sorted(CANCELLED))
class TestALeader:
    @pytest.fixture(autouse=True)
    def cancelled(self, person: CustomUser, status: Status) -> None:
        set_lookup(person, status=status, **REASON)

    def test_reads_that_it_is_cancelled_and_nowhere_why(
        self, client: Client, person: CustomUser, leader: CustomUser
    ) -> None:
        client.force_login(leader)

        for answer in answers(client, person):
            assert not [word for word in TELLING if word.lower() in answer.lower()]
            assert "ancelad" in answer

    def test_sees_the_same_whatever_the_reason(
        self, client: Client, person: CustomUser, leader: CustomUser, status: Status
    ) -> None:
        client.force_login(leader)
        seen = {text(client.get(f"/referidos/{person.pk}/"))}
        for other in CANCELLED - {status}:
            set_lookup(person, status=other, novedad="")
            seen.add(text(client.get(f"/referidos/{person.pk}/")))

        assert len(seen) == 1

    def test_reads_why_where_the_operator_has_decided_so(
        self, client: Client, person: CustomUser, leader: CustomUser, settings: Settings
    ) -> None:
        settings.SHOW_NOVEDAD_TO_LEADERS = True
        client.force_login(leader)

        for address in (f"/referido/{person.pk}/", f"/censo/{person.pk}/"):
            shown = text(client.get(address, headers=HTMX))
            assert all(part in shown for part in REASON.values())

    def test_the_person_reads_why(self, client: Client, person: CustomUser) -> None:
        client.force_login(person)

        card = words(element(client.get("/perfil/"), "#censo_card"))

        assert all(part in card for part in REASON.values())

    def test_a_superadmin_reads_why(
        self, client: Client, person: CustomUser, superadmin: CustomUser
    ) -> None:
        client.force_login(superadmin)

        shown = text(client.get(f"/referido/{person.pk}/", headers=HTMX))

        assert all(part in shown for part in REASON.values())


def test_sorting_by_state_does_not_set_the_dead_apart(client: Client, leader: CustomUser) -> None:
    client.force_login(leader)
    statuses = sorted(CANCELLED) * 2
    people = [new_person(referred_by=leader) for _ in statuses]
    for person, status in zip(people, statuses, strict=True):
        set_lookup(person, status=status)

    def order(address: str) -> list[int]:
        page = element(client.get(address), "table.referidos")
        return [int(str(row["id"]).removeprefix("referido_")) for row in page.select("tr.referido")]

    ids = [person.pk for person in people]
    assert order("/referidos/?estado=cancelados&orden=estado") == ids
    assert order("/referidos/?estado=cancelados&orden=-estado") == ids[::-1]


def test_who_may_read_it(
    person: CustomUser,
    leader: CustomUser,
    stranger: CustomUser,
    superadmin: CustomUser,
    settings: Settings,
) -> None:
    viewers = (person, leader, stranger, superadmin)
    assert [may_read_novedad(viewer, person) for viewer in viewers] == [True, False, False, True]
    assert [may_read_novedades(viewer) for viewer in viewers] == [False, False, False, True]

    settings.SHOW_NOVEDAD_TO_LEADERS = True

    assert [may_read_novedad(viewer, person) for viewer in viewers] == [True, True, False, True]
    assert [may_read_novedades(viewer) for viewer in viewers] == [False, True, True, True]
