"""The home page: referidos against the goal; the link that brings them, also as a code."""

from urllib.parse import parse_qs, urlsplit

import pytest
from bs4 import BeautifulSoup, Tag
from django.test import Client
from pytest_django import DjangoAssertNumQueries, Settings

from accounts.models import CustomUser
from tests import qr_reader
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

    def test_whatsapp_is_opened_with_a_message_that_ends_with_it(
        self, client: Client, leader: CustomUser, settings: Settings
    ) -> None:
        settings.SITE_URL = SITE
        client.force_login(leader)

        link = element(client.get("/"), "#whatsapp")

        address = urlsplit(str(link["href"]))
        assert (address.scheme, address.netloc, address.path) == ("https", "wa.me", "/")
        assert "+" not in address.query  # which the app may show as it is
        assert parse_qs(address.query, strict_parsing=True)["text"] == [
            (
                "Te invito a registrarte en Censo al Día: con tu cédula ves dónde votas."
                f" {SITE}/registro/?ref={leader.referral_code}"
            )
        ]
        assert link["target"] == "_blank"
        assert link["rel"] == ["noopener", "noreferrer"]
        assert words(link) == "Enviar por WhatsApp (se abre en otra pestaña)"

    def test_the_system_s_own_sharing_gets_the_same_message(
        self, client: Client, leader: CustomUser
    ) -> None:
        client.force_login(leader)
        soup = page(client.get("/"))

        (share,), (whatsapp,) = soup.select("[data-share]"), soup.select("#whatsapp")

        assert parse_qs(urlsplit(str(whatsapp["href"])).query)["text"] == [share["data-share"]]
        assert share.has_attr("hidden")  # until the script finds that the browser can


class TestTheCode:
    @pytest.mark.parametrize("address", ["/", "/mi-enlace/"])
    def test_it_reads_as_the_link_and_has_a_name(
        self, client: Client, leader: CustomUser, settings: Settings, address: str
    ) -> None:
        settings.SITE_URL = SITE
        client.force_login(leader)

        svg = element(client.get(address), "#qr")

        assert read(svg).text == f"{SITE}/registro/?ref={leader.referral_code}"
        assert svg["role"] == "img"
        assert words(only(svg, f"title#{svg['aria-labelledby']}")) == (
            "Código QR de tu enlace para invitar"
        )

    def test_it_is_black_on_white_whatever_the_colour_scheme(
        self, client: Client, leader: CustomUser
    ) -> None:
        client.force_login(leader)

        svg = element(client.get("/"), "#qr")

        side = str(svg["viewbox"]).split()[-1]
        ground = only(svg, "rect")
        assert (ground["fill"], ground["width"], ground["height"]) == ("#fff", side, side)
        assert only(svg, "path")["fill"] == "#000"

    def test_it_can_be_kept_as_a_picture(self, client: Client, leader: CustomUser) -> None:
        client.force_login(leader)

        response = client.get("/mi-enlace/qr.png")

        assert response.content.startswith(b"\x89PNG\r\n\x1a\n")
        assert response["Content-Type"] == "image/png"
        assert response["Content-Disposition"] == (
            f'attachment; filename="qr-{leader.referral_code}.png"'
        )
        assert "no-store" in response["Cache-Control"]


class TestTheSheet:
    def test_it_names_who_invites_and_says_the_link_in_letters(
        self, client: Client, leader: CustomUser, settings: Settings
    ) -> None:
        settings.SITE_URL = SITE
        client.force_login(leader)

        sheet = element(client.get("/mi-enlace/"), "article.sheet")

        assert "Te invita Amparo Quintero Díaz" in words(sheet)
        assert words(only(sheet, ".sheet__link")) == f"{SITE}/registro/?ref={leader.referral_code}"
        assert f"Código: {leader.referral_code}" in words(sheet)

    def test_a_name_is_text_and_nothing_else(self, client: Client) -> None:
        client.force_login(new_person("Ana <b>Rojas</b>"))

        assert "Te invita Ana <b>Rojas</b>" in text(client.get("/mi-enlace/"))

    def test_one_gets_there_from_the_home_page_and_prints_where_there_is_a_script(
        self, client: Client, leader: CustomUser
    ) -> None:
        client.force_login(leader)
        assert element(client.get("/"), "main a[href='/mi-enlace/']")

        soup = page(client.get("/mi-enlace/"))

        (button,) = soup.select("[data-print]")
        assert words(button) == "Imprimir"
        assert button.has_attr("hidden")
        assert soup.select("a[href='/mi-enlace/qr.png'][download]")


def read(svg: Tag) -> qr_reader.Reading:
    side = int(str(svg["viewbox"]).split()[-1])
    return qr_reader.read(qr_reader.drawn(side, str(only(svg, "path")["d"])))


def only(part: Tag, selector: str) -> Tag:
    (found,) = part.select(selector)
    return found


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
        is_green = bool(soup.select("#goal .goal__arc--full"))
        assert is_green == (0 < goal <= count)
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
