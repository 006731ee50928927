"""The home page: referidos against the goal, and the link that brings them."""

import pytest
from bs4 import BeautifulSoup, Tag
from django.test import Client
from pytest_django import DjangoAssertNumQueries, Settings

from accounts.models import CustomUser
from tests.markup import element, page, text, words
from tests.people import new_cedula, new_person

pytestmark = pytest.mark.django_db

SITE = "https://censo.example.org"


class TestTheLink:
    def test_it_is_whole_and_registers_referidos(self, client: Client, leader: CustomUser) -> None:
        client.force_login(leader)
        link = shown_link(client)
        assert link == f"http://testserver/registro/?ref={leader.referral_code}"

        client.logout()
        assert "Te invita Amparo" in text(client.get(link))

    def test_it_begins_where_people_find_the_site_whatever_the_request_says(
        self, client: Client, leader: CustomUser, settings: Settings
    ) -> None:
        settings.SITE_URL = SITE
        client.force_login(leader)

        assert shown_link(client) == f"{SITE}/registro/?ref={leader.referral_code}"


def shown_link(client: Client) -> str:
    return str(element(client.get("/"), "#enlace")["value"])


class TestTheGoal:
    @pytest.mark.usefixtures("stranger")
    @pytest.mark.parametrize(
        ("count", "goal", "sentences"),
        [
            (
                0,
                10,
                "Todavía nadie se ha registrado con tu enlace. Tu meta es de 10 personas.",
            ),
            (0, 1, "Tu meta es de 1 persona."),
            (1, 10, "Te faltan 9 Has invitado a 1 persona de las 10 de tu meta."),
            (7, 10, "Te faltan 3 Has invitado a 7 personas de las 10 de tu meta."),
            (1, 2, "Te falta 1 Has invitado a 1 persona de las 2 de tu meta."),
            (1, 1, "¡Cumpliste tu meta! Has invitado a 1 persona."),
            (2, 2, "¡Cumpliste tu meta! Has invitado a 2 personas."),
            (3, 2, "¡Pasaste tu meta! Has invitado a 3 personas: 1 más que tu meta de 2."),
            (0, 0, "0 personas Se registraron con tu enlace. No tienes una meta."),
            (1, 0, "1 persona Se registró con tu enlace. No tienes una meta."),
            (0, 1234, "Tu meta es de 1.234 personas."),
            (2, 100_000, "Te faltan 99.998 Has invitado a 2 personas de las 100.000 de tu meta."),
        ],
    )
    def test_it_is_said_in_words(
        self, client: Client, count: int, goal: int, sentences: str
    ) -> None:
        client.force_login(inviter(count, goal))

        assert sentences in words(element(client.get("/"), "#goal .goal__words"))

    def test_a_large_number_of_referidos_is_grouped(self, client: Client) -> None:
        person = inviter(0, 1000)
        CustomUser.objects.bulk_create(
            CustomUser(cedula=new_cedula(), referred_by=person) for _ in range(1234)
        )
        client.force_login(person)

        shown = words(element(client.get("/"), "#goal"))

        assert "1.234 de 1.000" in shown
        assert "Has invitado a 1.234 personas: 234 más que tu meta de 1.000." in shown

    @pytest.mark.parametrize(
        ("count", "goal", "arc"),
        [
            (0, 10, []),
            (7, 10, [("7 10", "10")]),
            (2, 2, [("2 2", "2")]),
            (3, 2, [("2 2", "2")]),
            (2, 1234, [("2 1234", "1234")]),
            (1, 0, []),
        ],
    )
    def test_the_ring_is_as_full_as_the_goal_and_never_fuller(
        self, client: Client, count: int, goal: int, arc: list[tuple[str, str]]
    ) -> None:
        client.force_login(inviter(count, goal))

        soup = page(client.get("/"))

        drawn = [(str(one["stroke-dasharray"]), str(one["pathlength"])) for one in arcs(soup)]
        assert drawn == arc
        assert len(soup.select("#goal svg[aria-hidden=true]")) == (1 if goal else 0)

    def test_it_takes_few_queries_however_many_referidos(
        self, client: Client, leader: CustomUser, django_assert_num_queries: DjangoAssertNumQueries
    ) -> None:
        for _ in range(5):
            new_person(referred_by=leader)
        client.force_login(leader)

        with django_assert_num_queries(3):  # session, person, count
            client.get("/")


def inviter(count: int, goal: int) -> CustomUser:
    """Somebody with a goal, and with so many referidos of their own."""
    person = new_person()
    person.referral_goal = goal
    person.save(update_fields=["referral_goal"])
    for _ in range(count):
        new_person(referred_by=person)
    return person


def arcs(soup: BeautifulSoup) -> list[Tag]:
    return soup.select("#goal .goal__arc")
