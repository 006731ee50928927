"""The home page: referidos against the goal, and the link that brings them."""

import pytest
from bs4 import BeautifulSoup
from django.test import Client
from pytest_django import DjangoAssertNumQueries, Settings

from accounts.models import CustomUser
from tests.markup import element, text
from tests.people import new_person

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
        ("count", "goal", "sentence", "bar"),
        [
            (0, 10, "Todavía nadie se ha registrado con tu enlace.", ("0", "10")),
            (1, 10, "Has invitado a 1 persona de las 10 de tu meta.", ("1", "10")),
            (2, 2, "¡Cumpliste tu meta! Has invitado a 2 personas.", ("2", "2")),
            (3, 2, "¡Cumpliste tu meta! Has invitado a 3 personas.", ("2", "2")),
            (0, 0, "0 personas Se registraron con tu enlace. No tienes una meta.", None),
            (1, 0, "1 persona Se registró con tu enlace. No tienes una meta.", None),
        ],
    )
    def test_it_counts_referidos_against_the_goal(
        self,
        client: Client,
        count: int,
        goal: int,
        sentence: str,
        bar: tuple[str, str] | None,
    ) -> None:
        person = new_person()
        CustomUser.objects.filter(pk=person.pk).update(referral_goal=goal)
        for _ in range(count):
            new_person(referred_by=person)
        client.force_login(person)

        response = client.get("/")

        assert sentence in text(response)
        bars = BeautifulSoup(response.content, "html.parser").select("progress")
        assert [(one["value"], one["max"]) for one in bars] == ([bar] if bar else [])

    def test_it_takes_few_queries_however_many_referidos(
        self, client: Client, leader: CustomUser, django_assert_num_queries: DjangoAssertNumQueries
    ) -> None:
        for _ in range(5):
            new_person(referred_by=leader)
        client.force_login(leader)

        with django_assert_num_queries(3):  # session, person, count
            client.get("/")
