"""The summary's page: what it says beside the numbers, what it leads to, and who may look."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import CustomUser
from census.models import CedulaInfo, ExportRecord
from census.states import Status
from tests.markup import element, page, text, words
from tests.people import new_person
from tests.summary import ADDRESS, ANTIOQUIA, numbers
from tests.voters import new_voter, new_voters

pytestmark = pytest.mark.django_db


class TestThePage:
    def test_it_tells_how_many_are_known_and_why_others_are_not(
        self, client: Client, fresh_leader: CustomUser
    ) -> None:
        voters = new_voters(fresh_leader, [{}] * 6)
        for voter, status in zip(
            voters,
            (Status.PENDING, Status.ERROR, Status.CANCELLED_DECEASED, Status.NOT_FOUND),
            strict=False,
        ):
            CedulaInfo.objects.filter(user=voter).update(status=status)
        CustomUser.objects.create_user(
            "71234567", nombre_completo="Yesid", referred_by=fresh_leader
        )

        response = client.get(ADDRESS)

        assert "Sabemos dónde votan 2 de tus 7 referidos. De 5 todavía no." in text(response)
        reasons = element(response, ".unknown").select("li")
        assert [words(reason) for reason in reasons] == [
            "1 en espera de la respuesta del censo",
            "1 con una consulta que falló",
            "1 sin registro en el censo",
            "1 con la cédula cancelada o suspendida",
            "1 sin autorización para consultar sus datos",
        ]
        links = [link["href"] for link in element(response, ".unknown").select("a")]
        assert links == [
            f"/referidos/?estado={tab}"
            for tab in ("pendientes", "errores", "no-encontrados", "cancelados")
        ]

    def test_the_table_tells_what_it_is_and_what_heads_what(
        self, client: Client, fresh_leader: CustomUser
    ) -> None:
        new_voter(fresh_leader)

        response = client.get(ANTIOQUIA)

        assert words(element(response, "caption")) == (
            "Personas por municipio en ANTIOQUIA: 1 en total"
        )
        heads = page(response).select("thead th[scope=col]")
        assert [words(head) for head in heads] == ["Municipio", "Personas", "Porcentaje"]
        assert element(response, "tbody th[scope=row]")

    def test_its_files_are_of_the_place_that_is_shown(
        self, client: Client, fresh_leader: CustomUser
    ) -> None:
        new_voters(fresh_leader, [{}, {"departamento": "VALLE"}])

        for address, query in ((ADDRESS, ""), (ANTIOQUIA, "?departamento=antioquia")):
            listing, *files = page(client.get(address)).select(".actions a")
            assert listing["href"] == f"/referidos/{query}"
            for link, file_format in zip(files, ("xlsx", "csv"), strict=True):
                assert client.get(str(link["href"])).getvalue()
                record = ExportRecord.objects.latest("pk")
                assert (record.content, record.format) == ("resumen", file_format)
                assert record.filter == query

    @pytest.mark.usefixtures("fresh_leader")
    def test_without_referidos_it_says_how_to_begin(self, client: Client) -> None:
        assert "Todavía nadie se ha registrado con tu enlace." in text(client.get(ADDRESS))

    def test_without_answers_it_says_so(self, client: Client, fresh_leader: CustomUser) -> None:
        new_person(referred_by=fresh_leader)

        response = client.get(ADDRESS)

        assert "Todavía no sabemos dónde vota tu único referido." in text(response)
        assert "Todavía no sabemos dónde vota ninguno" in text(response)
        assert not page(response).select("table, .actions")

    def test_a_place_where_nobody_votes_says_so(
        self, client: Client, fresh_leader: CustomUser
    ) -> None:
        new_voter(fresh_leader)

        response = client.get(f"{ADDRESS}?departamento=choco")

        assert "Ninguno de tus referidos vota en este lugar." in text(response)
        assert words(page(response).select(".crumbs [aria-current]")[0]) == "CHOCO"


class TestWho:
    def test_nobody_elses_people_are_counted(
        self, client: Client, leader: CustomUser, fresh_leader: CustomUser
    ) -> None:
        new_voter(leader, departamento="CHOCÓ")
        new_voter(fresh_leader)

        assert numbers(client, ADDRESS) == {"ANTIOQUIA": 1}
        assert "CHOCÓ" not in text(client.get(f"{ADDRESS}?departamento=choco"))

    def test_somebody_who_was_moved_to_another_leader_is_not_counted(
        self, client: Client, leader: CustomUser, fresh_leader: CustomUser
    ) -> None:
        moved, _ = new_voters(fresh_leader, [{"departamento": "CHOCÓ"}, {}])
        CustomUser.objects.filter(pk=moved.pk).update(referred_by=leader)  # past the signal

        assert numbers(client, ADDRESS) == {"ANTIOQUIA": 1}

    def test_whoever_leads_nobody_is_refused(self, client: Client, person: CustomUser) -> None:
        new_person(referred_by=person)
        client.force_login(person)

        assert client.get(ADDRESS).status_code == 403

    def test_the_queries_do_not_grow_with_the_people(
        self, client: Client, fresh_leader: CustomUser
    ) -> None:
        new_voters(fresh_leader, [{"departamento": f"D{n}"} for n in range(3)])
        with CaptureQueriesContext(connection) as few:
            client.get(ADDRESS)
        new_voters(fresh_leader, [{"departamento": f"D{n}"} for n in range(127)])
        with CaptureQueriesContext(connection) as many:
            client.get(ADDRESS)

        assert len(few) == len(many)
