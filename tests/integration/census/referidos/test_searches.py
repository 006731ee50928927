"""A cédula that is searched for stands in no address, and is found all the same."""

import re
from collections.abc import Mapping
from typing import Protocol
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client

from accounts.identity import cedula as cedulas
from accounts.models import CustomUser
from census.models import CedulaInfo
from census.referidos.listing import Listing
from census.referidos.searches import MOST_KEPT
from census.states import Status
from tests.markup import HasContent, element, page, text, words
from tests.people import HTMX, new_person, set_lookup

pytestmark = pytest.mark.django_db

SEARCH = "/referidos/buscar/"
CEDULA = "1098765432"
TYPED = [CEDULA, "1.098.765.432", "1 098 765 432", "98765", "CC 1098765432", "1-098-765-432"]


class Answer(HasContent, Protocol):
    """An answer of the test client, with its headers."""

    @property
    def headers(self) -> Mapping[str, str]: ...


@pytest.fixture
def sought(leader: CustomUser) -> CustomUser:
    """Somebody of `leader`'s with a cédula of their own kind."""
    sought = new_person("Wilmar Cano Ríos", referred_by=leader)
    CustomUser.objects.filter(pk=sought.pk).update(cedula=CEDULA)
    sought.refresh_from_db()
    return sought


@pytest.fixture
def client(client: Client, leader: CustomUser, sought: CustomUser) -> Client:
    client.force_login(leader)
    return client


def names(response: Answer) -> list[str]:
    return [words(cell) for cell in page(response).select("tr.referido th")]


def name_in(address: str) -> str:
    """The one parameter of an address, which is the name of a kept search."""
    ((key, (name,)),) = parse_qs(urlsplit(address).query).items()
    assert key == "b"
    return name


def addresses(response: Answer) -> list[str]:
    """Every address that a page or its headers hold, and what its forms would send along."""
    soup = page(response)
    found = [str(tag[key]) for tag in soup.select("*") for key in tag.attrs if _leads(key)]
    sent = [str(field.get("value", "")) for field in soup.select("input[type=hidden]")]
    sent = [value for value in sent if not re.fullmatch(r"\d+\.\d+", value)]  # since, opened
    return found + sent + [str(value) for value in response.headers.values()]


def _leads(attribute: str) -> bool:
    return attribute in {"href", "action", "formaction", "hx-get", "hx-post", "src"}


@pytest.mark.parametrize("typed", TYPED)
def test_a_search_with_digits_is_at_an_address_without_them(client: Client, typed: str) -> None:
    response = client.post(SEARCH, {"q": typed, "orden": "nombre"}, headers=HTMX)

    assert re.fullmatch(r"/referidos/\?b=[a-z]{8}&orden=nombre", response["HX-Push-Url"])
    assert names(response) == (["Wilmar Cano Ríos"] if re.fullmatch(r"[\d. ]+", typed) else [])
    plain = client.post(SEARCH, {"q": typed})
    assert re.fullmatch(r"/referidos/\?b=[a-z]{8}", plain["Location"])


@pytest.mark.parametrize("door", ["kept", "by hand"])
@pytest.mark.parametrize("typed", TYPED)
def test_no_link_or_form_of_the_page_repeats_the_digits(
    client: Client, typed: str, door: str
) -> None:
    for status in (Status.ERROR, Status.PENDING):
        CedulaInfo.objects.update(status=status)
        address = client.post(SEARCH, {"q": typed})["Location"]
        asked = address if door == "kept" else "/referidos/"
        given = {} if door == "kept" else {"q": typed}
        for headers in ({}, HTMX):
            response = client.get(asked, given, headers=headers)
            assert response.status_code == 200
            for found in addresses(response):
                assert "98765" not in re.sub(r"%..|[^0-9A-Za-z]", "", found), found


def test_words_stand_in_the_address_as_ever(client: Client) -> None:
    response = client.post(SEARCH, {"q": "wilmar  cano", "estado": "pendientes"})

    assert response["Location"] == "/referidos/?q=wilmar+cano&estado=pendientes"
    assert names(client.get(response["Location"])) == ["Wilmar Cano Ríos"]
    assert client.post(SEARCH, {"q": " "})["Location"] == "/referidos/"


def test_the_name_goes_on_working_through_a_reload_the_columns_and_the_tabs(
    client: Client,
) -> None:
    address = client.post(SEARCH, {"q": CEDULA})["Location"]
    first = client.get(address)
    assert names(client.get(address)) == names(first) == ["Wilmar Cano Ríos"]
    assert element(first, "#q")["value"] == CEDULA

    for link in ("#sort_nombre", "#tab_pendientes"):
        followed = client.get(str(element(first, link)["href"]))
        assert names(followed) == ["Wilmar Cano Ríos"]
    assert names(client.get(str(element(first, "#tab_errores")["href"]))) == []


def test_the_same_text_has_one_name(client: Client) -> None:
    addresses_ = {client.post(SEARCH, {"q": CEDULA})["Location"] for _ in range(3)}

    assert len(addresses_) == 1


def test_refreshing_all_that_match_refreshes_those_alone(
    client: Client, sought: CustomUser
) -> None:
    CedulaInfo.objects.update(status=Status.ERROR)
    name = name_in(client.post(SEARCH, {"q": CEDULA})["Location"])

    client.post("/bulk-refresh/", {"todos": "1", "b": name})

    queued = CedulaInfo.objects.filter(status=Status.PENDING)
    assert [info.user for info in queued] == [sought]


class TestAnUnknownName:
    @pytest.fixture
    def address(self, leader: CustomUser) -> str:
        """One that another browser of the same leader was given."""
        elsewhere = Client()
        elsewhere.force_login(leader)
        return str(elsewhere.post(SEARCH, {"q": CEDULA})["Location"])

    def test_shows_everybody_and_says_why(self, client: Client, address: str) -> None:
        response = client.get(address)

        assert len(names(response)) == 2
        assert "La búsqueda de este enlace ya no está" in text(response)
        assert "b=" not in str(element(response, "#sort_nombre")["href"])

    def test_refreshes_nobody(self, client: Client, address: str) -> None:
        CedulaInfo.objects.update(status=Status.ERROR)

        client.post("/bulk-refresh/", {"todos": "1", "b": name_in(address)})

        assert not CedulaInfo.objects.filter(status=Status.PENDING).exists()

    def test_a_page_without_one_says_nothing_of_it(self, client: Client) -> None:
        assert "ya no está" not in text(client.get("/referidos/"))


def test_a_session_keeps_the_newest_alone(client: Client) -> None:
    kept = [client.post(SEARCH, {"q": str(100000 + n)})["Location"] for n in range(MOST_KEPT + 1)]

    assert "ya no está" in text(client.get(kept[0]))
    assert "ya no está" not in text(client.get(kept[1]))
    assert len(client.session["searches"]) == MOST_KEPT


def test_logging_out_forgets_them(client: Client, leader: CustomUser) -> None:
    address = client.post(SEARCH, {"q": CEDULA})["Location"]
    client.post("/salir/")
    client.force_login(leader)

    assert "ya no está" in text(client.get(address))


def test_what_changes_and_what_is_retried_stays_within_the_search(
    client: Client, sought: CustomUser
) -> None:
    name = name_in(client.post(SEARCH, {"q": CEDULA})["Location"])
    set_lookup(sought, status=Status.ERROR)

    changes = client.get("/referidos/pending/", {"since": "1", "b": name})
    retried = client.post(
        f"/refrescar-cedula/{sought.pk}/",
        {"b": name},
        headers=HTMX | {"HX-Target": f"referido_{sought.pk}"},
    )

    for response in (changes, retried):
        assert response.status_code == 200
        assert f'name="b" value="{name}"' in " ".join(response.content.decode().split())


class TestForgery:
    def test_a_form_from_elsewhere_searches_nothing(self, leader: CustomUser) -> None:
        strict = Client(enforce_csrf_checks=True)
        strict.force_login(leader)

        assert strict.post(SEARCH, {"q": CEDULA}).status_code == 403
        assert "searches" not in strict.session

    def test_a_link_searches_nothing(self, client: Client) -> None:
        assert client.get(SEARCH, {"q": CEDULA}).status_code == 405

    def test_only_ones_own_referidos_are_found(
        self, stranger: CustomUser, sought: CustomUser
    ) -> None:
        other = Client()
        other.force_login(stranger)

        response = other.post(SEARCH, {"q": sought.cedula}, headers=HTMX)

        assert names(response) == []

    def test_who_does_not_lead_is_refused(self, person: CustomUser) -> None:
        plain = Client()
        plain.force_login(person)

        assert plain.post(SEARCH, {"q": CEDULA}).status_code == 403


@pytest.mark.parametrize("typed", TYPED)
def test_a_record_of_an_export_masks_the_digits(typed: str) -> None:
    query = Listing.from_address({"q": typed, "estado": "errores"}).masked_query()

    assert query.endswith("&estado=errores")
    assert not re.search(r"\d{4}", parse_qs(query[1:])["q"][0])
    assert cedulas.masked(typed)[-2:] in query
