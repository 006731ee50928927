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
from tests.door import log_in
from tests.people import PASSWORD
from tests.stack import ROOT, Stack, wait_until

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(180)]

DUMP = ROOT / "tests" / "upgrades" / "first-release.sql"

LEADER = "1030060010"
FOUND, FAILED, IN_FLIGHT, WAITING = (f"103006001{number}" for number in range(1, 5))
SUPERADMIN = "1030060020"

ACCEPT_ANEW = """
from accounts.consents import ConsentEvidence, give_consent
from accounts.models import CustomUser
for person in CustomUser.objects.filter(cedula__in={cedulas!r}):
    give_consent(person, ConsentEvidence())
"""


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
        "SELECT cedula, consent.version, text_sha256, channel, given_at, withdrawn_at"
        " FROM accounts_consent consent JOIN accounts_customuser person"
        " ON person.id = consent.user_id ORDER BY cedula"
    )
    assert [row["cedula"] for row in consents] == [LEADER, FOUND, FAILED, IN_FLIGHT, WAITING]
    accepted = sqlite_dump_consents()
    assert [(row["version"], row["text_sha256"], row["given_at"]) for row in consents] == accepted
    assert {row["withdrawn_at"] for row in consents} == {None}


def sqlite_dump_consents() -> list[tuple[str, str, str]]:
    """As the first release kept them, by cédula."""
    with closing(sqlite3.connect(":memory:")) as first:
        first.executescript(DUMP.read_text(encoding="utf-8"))
        return first.execute(
            "SELECT consent.version, text_sha256, given_at FROM accounts_consent consent"
            " JOIN accounts_customuser person ON person.id = consent.user_id ORDER BY cedula"
        ).fetchall()


def test_people_of_the_first_release_log_in_and_their_lookups_go_on(upgraded: Stack) -> None:
    upgraded.start_simulator()
    upgraded.start_web()
    for cedula in (LEADER, FOUND, SUPERADMIN):
        with log_in(upgraded.web_url, cedula, PASSWORD) as session:
            assert session.get(f"{upgraded.web_url}/perfil/", timeout=10).status_code == 200

    upgraded.start_worker()
    wait_until(lambda: "PROCESSING" not in upgraded.statuses(), "the lost claim is taken back")
    wait_until(
        lambda: upgraded.query("SELECT id FROM django_q_ormq") == [], "the queue is worked off"
    )
    # The policy has changed since: nobody is looked up by what they accepted then.
    assert upgraded.lookups()[WAITING]["attempts"] == 0
    again = ACCEPT_ANEW.format(cedulas=[IN_FLIGHT, WAITING])
    upgraded.manage("shell", "-v0", "-c", again)
    wait_until(
        lambda: (
            {upgraded.lookups()[cedula]["status"] for cedula in (IN_FLIGHT, WAITING)} == {"ACTIVE"}
        ),
        "what was being looked up, and what waited, have their answers",
    )
    assert upgraded.query("SELECT id FROM django_q_task WHERE NOT success") == []
