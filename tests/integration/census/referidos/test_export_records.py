"""Every export is recorded before the file is sent, and without a cédula."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import quote

import pytest
from django.db import connection
from django.test import Client

from accounts.models import CustomUser
from census.models import DataAccess, ExportRecord
from census.privacy.accesses import BATCH
from tests.exported import ADDRESS, SUMMARY_ADDRESS, downloaded
from tests.people import new_person
from tests.voters import new_voters

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("file_format", list(ExportRecord.Format))
def test_it_stands_before_the_first_byte_leaves(
    client: Client, stranger: CustomUser, file_format: ExportRecord.Format
) -> None:
    new_voters(stranger, [{"municipio": "CALI"}] * 3)
    client.force_login(stranger)

    response = client.get(
        ADDRESS, {"municipio": "Cali", "departamento": "Antioquia", "formato": file_format}
    )

    record = ExportRecord.objects.get()
    assert (record.exported_by, record.row_count) == (stranger, 3)
    assert (record.content, record.format) == ("referidos", file_format)
    assert record.filter == "?departamento=antioquia&municipio=cali"
    assert response.getvalue()


@pytest.mark.parametrize(
    ("search", "kept"),
    [
        ("1.030.456.789", "••••789"),
        ("ana 1030456789", "ana ••••789"),
        ("c.c. 1.030.456.789 ana", "c.c. ••••789 ana"),
        ("ana", "ana"),
    ],
)
def test_it_holds_no_cedula_that_was_searched(
    client: Client, stranger: CustomUser, search: str, kept: str
) -> None:
    client.force_login(stranger)
    downloaded(client, f"{ADDRESS}?q={quote(search)}&pagina=2")

    assert ExportRecord.objects.get().filter == f"?q={quote(kept).replace('%20', '+')}"


def test_a_filter_beyond_its_room_is_cut(client: Client, stranger: CustomUser) -> None:
    client.force_login(stranger)
    downloaded(client, f"{ADDRESS}?q={quote('ñ😀' * 50)}")

    assert len(ExportRecord.objects.get().filter) == 500


def test_a_superadmin_reads_it_in_words(client: Client, superadmin: CustomUser) -> None:
    client.force_login(superadmin)
    downloaded(client, f"{ADDRESS}?q=1030456789")
    downloaded(client, ADDRESS)

    listed = client.get("/admin/census/exportrecord/").content.decode()
    assert "?q=" not in listed
    assert "q=••••789" in listed
    assert "Sin filtro" in listed


def test_who_may_not_takes_nothing_and_leaves_no_record(
    client: Client, person: CustomUser, leader: CustomUser
) -> None:
    new_person(referred_by=person)
    client.force_login(person)
    for address in (ADDRESS, SUMMARY_ADDRESS):
        assert client.get(address).status_code == 403
    client.force_login(leader)
    for address in (ADDRESS, SUMMARY_ADDRESS):
        assert client.head(address).status_code == 405

    assert not ExportRecord.objects.exists()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("file_format", list(ExportRecord.Format))
def test_whoever_writes_in_the_meantime_stops_no_export(
    client: Client, stranger: CustomUser, file_format: ExportRecord.Format
) -> None:
    new_voters(stranger, [{"municipio": "CALI"}] * (BATCH + 10))
    client.force_login(stranger)
    begins = "BEGIN" if connection.vendor == "sqlite" else 'INSERT INTO "census_dataaccess"'
    written = 0

    def write() -> None:
        CustomUser.objects.filter(pk=stranger.pk).update(referral_goal=20)
        connection.close()

    def write_elsewhere(execute: Any, sql: str, *rest: Any) -> Any:
        nonlocal written
        if sql.startswith(begins):
            with ThreadPoolExecutor(1) as another:
                another.submit(write).result()
            written += 1
        return execute(sql, *rest)

    with connection.execute_wrapper(write_elsewhere):
        response = client.get(ADDRESS, {"formato": file_format})

    assert response.status_code == 200
    assert response.getvalue()
    assert written >= 2, "both lots were written after somebody else's"
    assert DataAccess.objects.count() == ExportRecord.objects.get().row_count > BATCH
