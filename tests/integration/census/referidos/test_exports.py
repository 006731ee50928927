"""A leader's referidos as a file: whose, which, in which order, and how it arrives."""

import gc
import tracemalloc
from collections.abc import Sequence
from datetime import UTC, datetime

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from accounts.consents import withdraw_consent
from accounts.models import CustomUser
from census.models import CedulaInfo, ExportRecord
from census.states import Status
from tests.exported import ADDRESS, SUMMARY_ADDRESS, csv_rows, downloaded, xlsx_rows
from tests.people import set_lookup
from tests.voters import PLACE, new_voter, new_voters

pytestmark = pytest.mark.django_db

JOINED = datetime(2026, 11, 25, 3, 5, 30, tzinfo=UTC)
"""In Bogotá still the day before."""
ANSWERED = datetime(2026, 11, 25, 17, 0, tzinfo=UTC)


NOVEDAD = {
    "novedad": "Cancelada por Doble Cedulación",
    "resolucion": "1234 de 2019",
    "fecha_novedad": "12/03/2019",
}
NOVEDAD_CELLS = dict(zip(("Novedad", "Resolución", "Fecha novedad"), NOVEDAD.values(), strict=True))


def names(rows: Sequence[Sequence[object]]) -> list[object]:
    return [row[0] for row in rows[1:]]


def cells(rows: Sequence[Sequence[object]]) -> list[dict[object, object]]:
    """{title: cell} of each row below the titles, in the file's order."""
    titles, *below = rows
    return [dict(zip(titles, row, strict=True)) for row in below]


class TestContent:
    def test_a_row_tells_all_that_is_known(self, client: Client, stranger: CustomUser) -> None:
        CustomUser.objects.filter(referred_by=stranger).delete()
        voter = new_voter(stranger, "Núñez; Ana «la Mona»")
        CustomUser.objects.filter(pk=voter.pk).update(date_joined=JOINED)
        set_lookup(voter, fetched_at=ANSWERED)
        client.force_login(stranger)
        known = {
            "Nombre": "Núñez; Ana «la Mona»",
            "Cédula": voter.cedula,
            "Celular": "3001234567",
            "Estado": "Encontrado",
            "Departamento": "ANTIOQUIA",
            "Municipio": "MEDELLÍN",
            "Puesto": "IE LA ESPERANZA",
            "Dirección": "CALLE 45 # 23-12",
            "Mesa": "7",
        }
        texts = known | {"Se registró": "2026-11-24 22:05", "Consultado el": "2026-11-25 12:00"}
        moments = known | {
            "Se registró": datetime(2026, 11, 24, 22, 5, 30),  # noqa: DTZ001  a cell has no zone
            "Consultado el": datetime(2026, 11, 25, 12, 0),  # noqa: DTZ001
        }

        assert csv_rows(client) == [[*texts], [*texts.values()]]
        assert xlsx_rows(client) == [[*moments], [*moments.values()]]

    def test_a_row_has_all_that_people_tell_about_themselves(
        self, client: Client, stranger: CustomUser
    ) -> None:
        told = {name: f"dicho en {name}"[:20] for name in CustomUser.OWN_FIELDS}
        CustomUser.objects.filter(referred_by=stranger).update(**told)
        client.force_login(stranger)

        (row,) = csv_rows(client)[1:]
        assert [name for name, value in told.items() if value not in row] == []

    @pytest.mark.parametrize("status", [Status.CANCELLED_OTHER, Status.CANCELLED_DECEASED])
    def test_a_leader_takes_out_that_a_cedula_is_cancelled_and_not_why(
        self, client: Client, stranger: CustomUser, status: Status
    ) -> None:
        set_lookup(CustomUser.objects.get(referred_by=stranger), status=status, **NOVEDAD)
        client.force_login(stranger)

        for rows in (csv_rows(client), xlsx_rows(client)):
            (row,) = cells(rows)
            assert row["Estado"] == "Cancelada"
            assert not NOVEDAD_CELLS.keys() & row.keys()
            assert not set(NOVEDAD.values()) & set(row.values())

    def test_where_the_operator_shows_them_the_reasons_leave_too(
        self, client: Client, stranger: CustomUser, settings: Settings
    ) -> None:
        settings.SHOW_NOVEDAD_TO_LEADERS = True
        set_lookup(
            CustomUser.objects.get(referred_by=stranger), status=Status.CANCELLED_OTHER, **NOVEDAD
        )
        client.force_login(stranger)

        (row,) = cells(csv_rows(client))
        assert row | NOVEDAD_CELLS == row

    def test_who_is_not_looked_up_is_told_apart_from_who_withdrew(
        self, client: Client, stranger: CustomUser
    ) -> None:
        withdraw_consent(CustomUser.objects.get(referred_by=stranger))
        CustomUser.objects.create_user("71234567", nombre_completo="Yesid", referred_by=stranger)
        client.force_login(stranger)

        first, second = cells(csv_rows(client, "orden=nombre"))
        assert (first["Estado"], second["Estado"]) == ("Retiró su autorización", "Sin autorización")
        filled = {title for title, cell in second.items() if cell}
        assert filled == {"Nombre", "Cédula", "Estado", "Se registró"}

    def test_what_people_typed_stays_text(self, client: Client, stranger: CustomUser) -> None:
        new_voter(stranger, "=1+1", puesto="<r></is></c></r>", direccion="＋57\x07")
        client.force_login(stranger)

        for rows in (csv_rows(client), xlsx_rows(client)):
            (row,) = [row for row in cells(rows) if row["Nombre"] == "'=1+1"]
            assert (row["Puesto"], row["Dirección"]) == ("'<r></is></c></r>", "'＋57")


class TestWhichRows:
    @pytest.fixture
    def people(self, stranger: CustomUser, client: Client) -> None:
        CustomUser.objects.filter(referred_by=stranger).delete()
        for name, mesa in (("Yesid", "9"), ("Álvaro", "10"), ("Berta", "2"), ("Zoila", "")):
            new_voter(stranger, name, mesa=mesa)
        new_voter(stranger, "Ximena", municipio="CALI", mesa="1")
        CedulaInfo.objects.filter(user__nombre_completo="Zoila").update(status=Status.NOT_FOUND)
        client.force_login(stranger)

    @pytest.mark.usefixtures("people")
    @pytest.mark.parametrize(
        ("query", "left"),
        [
            ("", ["Ximena", "Zoila", "Berta", "Álvaro", "Yesid"]),
            ("orden=nombre", ["Álvaro", "Berta", "Ximena", "Yesid", "Zoila"]),
            ("orden=-nombre", ["Zoila", "Yesid", "Ximena", "Berta", "Álvaro"]),
            ("orden=mesa", ["Ximena", "Berta", "Yesid", "Álvaro", "Zoila"]),
            ("estado=no-encontrados", ["Zoila"]),
            ("q=alvaro", ["Álvaro"]),
            ("departamento=antioquia&municipio=Cali", ["Ximena"]),
            ("pagina=2&orden=nombre", ["Álvaro", "Berta", "Ximena", "Yesid", "Zoila"]),
            ("q=nadie", []),
            ("orden=nada&estado=nada&pagina=-1", ["Ximena", "Zoila", "Berta", "Álvaro", "Yesid"]),
        ],
    )
    def test_they_are_the_listings_in_its_order(
        self, client: Client, query: str, left: list[str]
    ) -> None:
        assert names(csv_rows(client, query)) == left
        assert names(xlsx_rows(client, query)) == left

    def test_a_search_that_the_session_has_lost_takes_nobody_out(
        self, client: Client, stranger: CustomUser
    ) -> None:
        client.force_login(stranger)

        response = client.get(f"{ADDRESS}?b=unknown&formato=csv")

        assert response.status_code == 302
        assert response["Location"] == "/referidos/?b=unknown"
        assert not ExportRecord.objects.exists()

    def test_all_pages_of_ones_own_and_nobody_elses(
        self, client: Client, leader: CustomUser, stranger: CustomUser
    ) -> None:
        new_voters(leader, [{}] * 130)
        client.force_login(stranger)
        assert names(csv_rows(client)) == names(xlsx_rows(client)) == ["Hernando Ortiz Vega"]

        client.force_login(leader)
        assert len(names(csv_rows(client))) == len(names(xlsx_rows(client))) == 131

    @pytest.mark.parametrize("file_format", ["csv", "xlsx"])
    def test_the_queries_do_not_grow_with_the_rows(
        self, client: Client, stranger: CustomUser, file_format: str
    ) -> None:
        new_voters(stranger, [{}] * 2)
        client.force_login(stranger)
        with CaptureQueriesContext(
            connection,
        ) as few:
            downloaded(client, f"{ADDRESS}?formato={file_format}")
        new_voters(stranger, [{}] * 127)
        with CaptureQueriesContext(connection) as many:
            downloaded(client, f"{ADDRESS}?formato={file_format}")

        assert len(few) == len(many)

    def test_the_memory_does_not_grow_with_the_rows(
        self, client: Client, stranger: CustomUser
    ) -> None:
        client.force_login(stranger)
        new_voters(stranger, [{}] * 1000)
        downloaded(client, f"{ADDRESS}?formato=csv")  # loads what is loaded once
        few = peak(client)
        new_voters(stranger, [{}] * 2000)

        growth = (peak(client) - few) / 2000
        # Recording whose data leaves takes some 75 bytes for each row; a row in memory takes more
        # than 900. Garbage that is not collected yet makes a difference of some 50.
        assert growth < 400


def peak(client: Client) -> int:
    """Return the most bytes in use while the file is read piece by piece, as a server does."""
    gc.collect()
    tracemalloc.start()
    response = client.get(f"{ADDRESS}?formato=csv")
    for _ in response:
        pass
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return most


class TestTheFile:
    @pytest.mark.parametrize(
        ("asked", "extension", "content_type"),
        [
            ("csv", "csv", "text/csv; charset=utf-8"),
            *(
                (
                    asked,
                    "xlsx",
                    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
                )
                for asked in ("xlsx", "", "pdf", "CSV", "../x")
            ),
        ],
    )
    @pytest.mark.parametrize(
        ("address", "name"), [(ADDRESS, "referidos"), (SUMMARY_ADDRESS, "resumen")]
    )
    def test_it_has_the_days_name_and_is_not_kept(  # noqa: PLR0917  as many facts
        self,
        client: Client,
        stranger: CustomUser,
        asked: str,
        extension: str,
        content_type: str,
        address: str,
        name: str,
    ) -> None:
        with time_machine.travel(JOINED, tick=False):
            client.force_login(stranger)
            response = client.get(address, {"formato": asked})

        assert response["Content-Disposition"] == (
            f'attachment; filename="{name}-2026-11-24.{extension}"'
        )
        assert response["Content-Type"] == content_type
        assert "no-store" in response["Cache-Control"]
        assert response["X-Content-Type-Options"] == "nosniff"
        assert response.getvalue()

    def test_the_length_of_an_excel_file_is_told(
        self, client: Client, stranger: CustomUser
    ) -> None:
        client.force_login(stranger)
        response = client.get(ADDRESS)

        assert int(response["Content-Length"]) == len(response.getvalue())


class TestTheSummary:
    @pytest.fixture(autouse=True)
    def _people(self, leader: CustomUser, stranger: CustomUser, client: Client) -> None:
        new_voters(
            stranger,
            [
                {"mesa": "10"},
                {"mesa": "9"},
                {"mesa": "09", "municipio": "MEDELLIN"},
                {"municipio": "", "puesto": "", "mesa": ""},
                {"departamento": "VALLE", "municipio": "CALI"},
            ],
        )
        new_voter(leader, departamento="CHOCÓ")
        client.force_login(stranger)

    def test_every_mesa_with_all_its_levels(self, client: Client) -> None:
        rows = [
            ["ANTIOQUIA", "MEDELLÍN", PLACE["puesto"], "9", 2],
            ["ANTIOQUIA", "MEDELLÍN", PLACE["puesto"], "10", 1],
            ["ANTIOQUIA", "Sin municipio", "Sin puesto", "Sin mesa", 1],
            ["VALLE", "CALI", PLACE["puesto"], "7", 1],
        ]

        head, *lines = xlsx_rows(client, address=SUMMARY_ADDRESS)
        assert head == ["Departamento", "Municipio", "Puesto", "Mesa", "Personas"]
        assert lines == rows
        assert csv_rows(client, address=SUMMARY_ADDRESS)[1:] == [[*map(str, row)] for row in rows]

    def test_of_one_place_and_on_record(self, client: Client) -> None:
        query = "departamento=ANTIOQUIA&municipio=medell%C3%ADn&puesto=x&mesa=9"
        assert csv_rows(client, query, SUMMARY_ADDRESS)[1:] == []
        query = "departamento=ANTIOQUIA&municipio=medell%C3%ADn"
        assert [row[4] for row in csv_rows(client, query, SUMMARY_ADDRESS)[1:]] == ["2", "1"]

        record = ExportRecord.objects.first()
        assert record is not None
        assert (record.content, record.format, record.row_count) == ("resumen", "csv", 2)
        assert record.filter == "?departamento=antioquia&municipio=medellin"
