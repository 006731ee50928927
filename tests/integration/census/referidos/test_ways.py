"""Links from the page of referidos: to the summary, and to the files of what it shows."""

import pytest
from django.test import Client

from accounts.models import CustomUser
from tests.exported import csv_rows
from tests.markup import element, words
from tests.voters import new_voter

pytestmark = pytest.mark.django_db


@pytest.fixture
def _two_places(leader: CustomUser, client: Client) -> None:
    new_voter(leader, "Álvaro Gil", municipio="MEDELLÍN")
    new_voter(leader, "Berta Cano", municipio="CALI")
    client.force_login(leader)


@pytest.mark.usefixtures("_two_places")
def test_the_links_of_the_files_take_out_what_is_filtered(client: Client) -> None:
    page = client.get("/referidos/?q=alvaro&orden=nombre")

    link = str(element(page, "#export_csv")["href"])
    query = link.removeprefix("/referidos/exportar/?").removesuffix("&formato=csv")
    assert [row[0] for row in csv_rows(client, query)[1:]] == ["Álvaro Gil"]
    assert client.get(str(element(page, "#export_xlsx")["href"])).status_code == 200


@pytest.mark.usefixtures("_two_places")
def test_an_unfiltered_page_has_working_links_too(client: Client) -> None:
    page = client.get("/referidos/")

    assert client.get(str(element(page, "#export_xlsx")["href"])).status_code == 200
    (summary,) = element(page, ".referidos-head").select("a[href='/referidos/resumen/']")
    assert client.get(str(summary["href"])).status_code == 200


@pytest.mark.usefixtures("_two_places")
def test_a_place_is_named_as_the_census_writes_it(client: Client) -> None:
    page = client.get("/referidos/?departamento=antioquia&municipio=medellin")

    assert "Solo de ANTIOQUIA, MEDELLÍN ." in words(element(page, ".filter-note"))


@pytest.mark.usefixtures("_two_places")
def test_a_place_of_nobody_is_named_as_it_was_asked_for(client: Client) -> None:
    page = client.get("/referidos/?departamento=narnia")

    assert "Solo de narnia ." in words(element(page, ".filter-note"))
