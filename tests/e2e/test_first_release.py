"""The database of the first release, brought forward by the code of today.

`tests/upgrades/first-release.sql` was made by that release: a leader and four referidos of theirs
in as many states, one of them being looked up at that moment, and five messages in the queue.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.databases import SqliteFile
from tests.paths import ROOT
from tests.stack import Stack, wait_until
from tests.visitor import Visitor

pytestmark = [pytest.mark.e2e]

DUMP = ROOT / "tests" / "upgrades" / "first-release.sql"

LEADER = "1030060010"
FOUND, FAILED, IN_FLIGHT, WAITING = (f"103006001{number}" for number in range(1, 5))
SUPERADMIN = "1030060020"


@pytest.fixture
def upgraded(tmp_path: Path) -> Iterator[Stack]:
    database = SqliteFile(tmp_path)
    with closing(sqlite3.connect(database.file)) as file:
        file.executescript(DUMP.read_text(encoding="utf-8"))
    stack = Stack(
        tmp_path, database, QUEUE_NAME="censo"
    )  # migrates; the queue's name is the dump's
    yield stack
    stack.stop()


def test_the_data_of_the_first_release_is_all_there_after_the_migrations(upgraded: Stack) -> None:
    lookups = upgraded.lookups()
    assert {cedula: row["status"] for cedula, row in lookups.items()} == {
        LEADER: "NOT_FOUND",
        FOUND: "ACTIVE",
        FAILED: "TIMEOUT",
        IN_FLIGHT: "PROCESSING",
        WAITING: "PENDING",
    }
    found = lookups[FOUND]
    place = ("departamento", "municipio", "puesto", "direccion", "mesa", "latitude", "longitude")
    assert [found[name] for name in place] == [
        *("CAUCA", "POPAYÁN", "COLEGIO EL LAGO", "CALLE 5 # 4-3", "12", 2.44, -76.6)
    ]
    assert found["municipio_key"] != ""  # sorted and searched by, since then
    people = {row["id"]: row for row in upgraded.query("SELECT * FROM accounts_customuser")}
    (leader,) = (person for person in people.values() if person["cedula"] == LEADER)
    for cedula in (FOUND, FAILED, IN_FLIGHT, WAITING):
        assert people[lookups[cedula]["user_id"]]["referred_by_id"] == leader["id"]
        assert lookups[cedula]["referrer_id"] == leader["id"]
    log = upgraded.query("SELECT outcome, solves_paid FROM census_lookupattempt ORDER BY id")
    assert [(line["outcome"], line["solves_paid"]) for line in log] == [
        ("NOT_FOUND", 1),
        ("SiteTimeout", 1),
        ("ACTIVE", 1),
        ("SiteTimeout", 1),
        ("", 0),
    ]
    assert upgraded.query("SELECT count(*) AS waiting FROM django_q_ormq") == [{"waiting": 5}]


def test_consents_of_the_first_release_stand_with_the_words_that_were_accepted(
    upgraded: Stack,
) -> None:
    consents = upgraded.query(
        "SELECT cedula, consent.version, text_sha256, purpose, given_at, withdrawn_at,"
        " person.consent_version, person.consent_withdrawn_at"
        " FROM accounts_consent consent JOIN accounts_customuser person"
        " ON person.id = consent.user_id ORDER BY cedula"
    )
    assert [row["cedula"] for row in consents] == [LEADER, FOUND, FAILED, IN_FLIGHT, WAITING]
    accepted = sqlite_dump_consents()
    assert [(row["version"], row["text_sha256"], row["given_at"]) for row in consents] == accepted
    assert {row["purpose"] for row in consents} == {"DATA"}
    assert {row["withdrawn_at"] or row["consent_withdrawn_at"] for row in consents} == {None}
    assert all(row["consent_version"] == row["version"] for row in consents)


def sqlite_dump_consents() -> list[tuple[str, str, str]]:
    """Return (version, text_sha256, given_at) of each consent in the first release, by cédula."""
    with closing(sqlite3.connect(":memory:")) as first:
        first.executescript(DUMP.read_text(encoding="utf-8"))
        return first.execute(
            "SELECT consent.version, text_sha256, given_at FROM accounts_consent consent"
            " JOIN accounts_customuser person ON person.id = consent.user_id ORDER BY cedula"
        ).fetchall()


def test_people_of_the_first_release_are_asked_again_and_then_their_lookups_go_on(
    upgraded: Stack,
) -> None:
    upgraded.start_simulator()
    upgraded.start_web()
    asked = {cedula: Visitor(upgraded.web_url) for cedula in (LEADER, FOUND, IN_FLIGHT, WAITING)}
    for cedula, visitor in asked.items():
        assert "Cambió la política" in visitor.log_in(cedula).text
        assert "/autorizar/" in visitor.read("/perfil/").url
    superadmin = Visitor(upgraded.web_url)
    assert "/autorizar/" not in superadmin.log_in(SUPERADMIN).url  # nothing is looked up for them
    assert superadmin.read("/admin/").url == f"{upgraded.web_url}/admin/"

    upgraded.start_worker()
    wait_until(lambda: "PROCESSING" not in upgraded.statuses(), "the lost claim is taken back")
    wait_until(
        lambda: upgraded.query("SELECT id FROM django_q_ormq") == [], "the queue is worked off"
    )
    # The policy has changed since: nobody is looked up by what they accepted then.
    assert upgraded.lookups()[WAITING]["attempts"] == 0
    for visitor in asked.values():
        answer = visitor.send("/autorizar/", data_policy_accepted="on")
        assert answer.url == f"{upgraded.web_url}/perfil/", answer.text
    assert "COLEGIO EL LAGO" in asked[FOUND].read("/perfil/").text  # kept, and shown again
    wait_until(
        lambda: (
            {upgraded.lookups()[cedula]["status"] for cedula in (IN_FLIGHT, WAITING)} == {"ACTIVE"}
        ),
        "what was being looked up, and what waited, have their answers",
    )
    assert upgraded.query("SELECT id FROM django_q_task WHERE NOT success") == []
