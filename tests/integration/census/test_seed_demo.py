"""The demo's people: as many as are asked for, alike every time, and nowhere but in development."""

import itertools
from collections import Counter
from datetime import timedelta
from io import StringIO

import pytest
from django.contrib.auth import authenticate
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection
from django.db.models import F
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django import Settings

from accounts import policy
from accounts.identity import cedula as cedulas
from accounts.identity import phone as phones
from accounts.identity.names import folded
from accounts.models import Consent, CustomUser
from census.lookups import lifecycle
from census.management.commands import seed_demo
from census.models import CedulaInfo, LookupAttempt
from census.places import LEVELS
from census.referidos.listing import TAB_STATUSES, Tab
from census.referidos.queries import counts_of
from census.states import FAILED, SETTLED, Status
from census.wait.pace import typical_lookup_seconds
from census.wait.wording import FAILURES
from tests.summary import ADDRESS, numbers

pytestmark = pytest.mark.django_db

NUMBER = 400


@pytest.fixture(autouse=True)
def _in_development(settings: Settings) -> None:
    settings.DEBUG = True


def seed(*arguments: str) -> str:
    said = StringIO()
    call_command("seed_demo", *arguments, stdout=said)
    return said.getvalue()


def leader() -> CustomUser:
    return CustomUser.objects.get(cedula=seed_demo.LEADER)


def brought() -> list[CustomUser]:
    """Return the people whom the leader brought in bulk, in the order of their ids."""
    few = {seed_demo.PERSON, *(answer[0] for answer in seed_demo.ANSWERS)}
    people = CustomUser.objects.filter(referred_by=leader()).exclude(cedula__in=few)
    return list(people.select_related("cedula_info").order_by("pk"))


def test_the_leader_brings_as_many_more_as_are_asked_for() -> None:
    seed()
    few = CustomUser.objects.filter(referred_by=leader()).count()

    said = seed("--referidos", str(NUMBER))

    assert CustomUser.objects.filter(referred_by=leader()).count() == few + NUMBER
    assert said.endswith(f"{NUMBER} of {NUMBER} more referidos of the leader are new.\n")


def test_twice_makes_nobody_twice_and_more_makes_only_the_missing() -> None:
    seed("--referidos", "30")
    before = list(CedulaInfo.objects.order_by("pk").values())

    assert "0 of 30 " in seed("--referidos", "30")
    assert list(CedulaInfo.objects.order_by("pk").values()) == before
    assert "20 of 50 " in seed("--referidos", "50")
    assert len(brought()) == len({person.cedula for person in brought()}) == 50


def test_they_are_the_same_people_every_time() -> None:
    seed("--referidos", "40")
    first = [(person.cedula, person.nombre_completo, person.cedula_info.status)
             for person in brought()]  # fmt: skip
    CustomUser.objects.filter(pk__in=[person.pk for person in brought()]).delete()

    seed("--referidos", "60")

    again = [(person.cedula, person.nombre_completo, person.cedula_info.status)
             for person in brought()]  # fmt: skip
    assert again[:40] == first


def test_they_are_plausible_and_registered_one_after_the_other() -> None:
    seed("--referidos", str(NUMBER))
    people = brought()

    for person in people:
        assert cedulas.normalise(person.cedula) == person.cedula
        assert len(person.cedula) == 10
        assert phones.normalise(person.phone) == person.phone
        assert person.search_name == folded(person.nombre_completo)
        assert person.consented_at == person.date_joined
    dates = [person.date_joined for person in people]
    assert dates == sorted(set(dates))
    now = timezone.now()
    assert now - timedelta(days=60, minutes=1) < dates[0] < dates[-1] < now
    names = [person.nombre_completo for person in people]
    assert len(set(names)) > NUMBER * 0.9
    assert any("ñ" in name for name in names)
    assert {"Á", "Ó", "í", "é"} <= set("".join(names))


def test_each_has_proof_of_a_consent_to_the_policy_in_force() -> None:
    seed("--referidos", "30")

    consents = Consent.objects.filter(user__in=brought())

    assert consents.count() == 30
    assert not consents.exclude(version=policy.VERSION, text_sha256=policy.text_sha256()).exists()
    assert not consents.exclude(given_at=F("user__consented_at")).exists()


def test_they_can_log_in_with_the_password_that_is_printed() -> None:
    said = seed("--referidos", "2")

    assert seed_demo.PASSWORD in said
    one, other = brought()
    assert authenticate(username=one.cedula, password=seed_demo.PASSWORD) == one
    assert one.password == other.password  # hashed once


def test_every_state_but_being_looked_up_is_there_in_a_plausible_share() -> None:
    seed("--referidos", str(NUMBER))
    states = Counter(person.cedula_info.status for person in brought())

    assert set(states) == set(Status) - {Status.PROCESSING}
    shares = {tab: sum(states[status] for status in statuses) / NUMBER
              for tab, statuses in TAB_STATUSES.items()}  # fmt: skip
    assert shares == pytest.approx(
        {Tab.FOUND: 0.7, Tab.NOT_FOUND: 0.06, Tab.CANCELLED: 0.04, Tab.FAILED: 0.12,
         Tab.IN_FLIGHT: 0.08}, abs=0.06
    )  # fmt: skip
    counts = counts_of(leader())
    assert counts.by_tab[Tab.ALL] - NUMBER == len(seed_demo.ANSWERS) + 1  # and the plain person


def test_a_lookup_holds_what_its_state_promises() -> None:
    seed("--referidos", str(NUMBER))

    for info in (person.cedula_info for person in brought()):
        names = {level: getattr(info, level) for level in LEVELS}
        assert all(names.values()) == (info.status == Status.ACTIVE)
        assert (info.fetched_at is not None) == (info.status in SETTLED)
        assert (info.error_kind in FAILURES) == (info.status in {*FAILED, Status.PENDING})
        assert bool(info.novedad) == info.is_cancelled
        assert info.created_at == info.requested_at == info.user.date_joined


@pytest.mark.parametrize("arguments", [[], ["--referidos", "30"]])
def test_everybody_with_an_answer_has_a_departamento_in_the_summary(
    client: Client, arguments: list[str]
) -> None:
    seed(*arguments)
    client.force_login(leader())

    counted = numbers(client, ADDRESS)

    assert "Sin departamento" not in counted
    assert sum(counted.values()) == CedulaInfo.objects.filter(status=Status.ACTIVE).count() >= 2


def test_the_few_have_the_lookups_that_a_worker_would_have_left() -> None:
    seed()
    few = CedulaInfo.objects.exclude(user__cedula=seed_demo.PERSON).exclude(user=leader())

    assert list(few.order_by("user__cedula").values_list("status", "attempts", "error_kind")) == [
        (Status.ACTIVE, 1, ""),
        (Status.ACTIVE, 1, ""),
        (Status.NOT_FOUND, 1, ""),
        (Status.CANCELLED_OTHER, 1, ""),
        (Status.TIMEOUT, 4, "SiteTimeout"),
        (Status.BLOCKED, 4, "SiteBlocked"),
    ]
    assert LookupAttempt.objects.filter(info__in=few, outcome__gt="").count() == 6


def test_places_are_several_and_some_are_written_in_two_ways() -> None:
    seed("--referidos", str(NUMBER))
    found = CedulaInfo.objects.filter(user__in=brought(), status=Status.ACTIVE)

    assert found.values("departamento_key").distinct().count() >= 4
    assert set(found.filter(municipio_key="medellin").values_list("municipio", flat=True)) == {
        "MEDELLIN",
        "MEDELLÍN",
    }
    assert found.filter(latitude__isnull=False).exists()
    assert found.filter(latitude__isnull=True).exists()


def test_each_has_its_last_attempt_in_the_log_so_that_times_can_be_measured() -> None:
    seed("--referidos", str(NUMBER))
    LookupAttempt.objects.exclude(info__user__in=brought()).delete()

    attempts = LookupAttempt.objects.all()

    assert attempts.filter(outcome__in=SETTLED).count() == (
        CedulaInfo.objects.filter(user__in=brought(), status__in=SETTLED).count()
    )
    assert not attempts.filter(ended_at=None).exists()
    assert not attempts.exclude(number=F("info__attempts")).exists()
    assert 9 <= typical_lookup_seconds() <= 45


def test_a_few_are_due_and_the_others_follow_one_a_minute() -> None:
    seed("--referidos", str(NUMBER))

    waiting = CedulaInfo.objects.filter(user__in=brought(), status=Status.PENDING)
    moments = sorted(waiting.values_list("next_attempt_at", flat=True))
    due = lifecycle.due_rows().filter(user__in=brought()).count()

    assert due == 5 < len(moments)
    later = moments[due - 1 :]
    assert {after - before for before, after in itertools.pairwise(later)} == {timedelta(minutes=1)}


def test_thousands_cost_far_fewer_statements_than_people() -> None:
    seed()

    with CaptureQueriesContext(connection) as queries:
        seed("--referidos", "2100")

    assert len(queries) < 2100 / 10


@pytest.mark.parametrize("text", ["-1", "200001", "1e3", "many", "", "²", "9" * 5000])
def test_a_number_that_makes_no_sense_is_refused_in_a_sentence(text: str) -> None:
    with pytest.raises(CommandError, match=r"whole number from 0 to 200000"):
        seed(f"--referidos={text}")

    assert not CustomUser.objects.exists()


def test_nobody_is_made_where_debug_is_off(settings: Settings) -> None:
    settings.DEBUG = False

    with pytest.raises(CommandError, match="only where DEBUG is on"):
        seed("--referidos", "3")

    assert not CustomUser.objects.exists()
