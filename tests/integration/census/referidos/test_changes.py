"""An open page of a leader hears of changed rows, of newcomers, and of no other leader's people."""

from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import CustomUser
from census.lookups import lifecycle
from census.models import CedulaInfo
from census.referidos import changes
from census.referidos.changes import MOST_LIVE_ROWS
from census.referidos.listing import Tab
from census.referidos.queries import counts_of
from census.states import IN_FLIGHT, Status
from scraper.results import Found
from tests.crowds import new_referidos
from tests.lookups import NO_TRACE, claimed
from tests.people import new_person

pytestmark = pytest.mark.django_db


@pytest.fixture
def leader(db: None) -> CustomUser:
    """A leader who has brought nobody yet."""
    return new_person("Amparo Quintero Díaz", role=CustomUser.Role.LEADER)


def test_another_leaders_changes_are_not_told(leader: CustomUser, stranger: CustomUser) -> None:
    long_ago = timezone.now() - timedelta(hours=1)
    new_referidos(stranger, [{"status": Status.PENDING}] * 2)

    assert changes.changed_since(leader, long_ago) == []
    assert changes.in_flight(leader) == []
    assert changes.arrivals_since(leader, long_ago) == 0


# --- Changes ------------------------------------------------------------------------------------


def changed_at(person: CustomUser, moment: datetime) -> None:
    CedulaInfo.objects.filter(user=person).update(updated_at=moment)


def test_what_changed_at_the_moment_itself_was_on_the_page_that_was_read_then(
    leader: CustomUser,
) -> None:
    before, at, after = new_referidos(leader, [{}] * 3)
    moment = timezone.now().replace(microsecond=500_000)
    changed_at(before, moment - timedelta(microseconds=1))
    changed_at(at, moment)
    changed_at(after, moment + timedelta(microseconds=1))

    assert changes.changed_since(leader, moment) == [after.pk]


def test_every_move_of_a_lookup_is_a_change(leader: CustomUser) -> None:
    person = new_person(referred_by=leader)
    info = person.cedula_info

    def is_changed() -> bool:
        changed = changes.changed_since(leader, timezone.now() - timedelta(minutes=1))
        changed_at(person, timezone.now() - timedelta(hours=1))
        return changed == [person.pk]

    claim = claimed(info)
    assert is_changed()
    lifecycle.hand_back(claim, NO_TRACE)
    assert is_changed()
    lifecycle.settle(claimed(info), Found("CAUCA", "POPAYÁN", "IE SOL", "", "7"), NO_TRACE)
    assert is_changed()
    assert not is_changed()


def test_a_change_made_just_after_a_page_was_read_is_later_than_its_moment(
    leader: CustomUser,
) -> None:
    person = new_person(referred_by=leader)
    changed_at(person, timezone.now() - timedelta(hours=1))
    moment = changes.moment_now()

    claimed(person.cedula_info)

    assert changes.changed_since(leader, moment) == [person.pk]


def test_too_many_changes_are_told_as_one_more_than_the_most(leader: CustomUser) -> None:
    new_referidos(leader, [{"status": Status.PENDING}] * (MOST_LIVE_ROWS + 5))
    long_ago = timezone.now() - timedelta(hours=1)

    assert len(changes.changed_since(leader, long_ago)) == MOST_LIVE_ROWS + 1
    assert len(changes.in_flight(leader)) == MOST_LIVE_ROWS + 1


def test_those_in_flight_wait_or_are_looked_up(leader: CustomUser) -> None:
    states = sorted(Status, key=lambda status: status not in IN_FLIGHT)
    people = new_referidos(leader, [*({"status": status} for status in states), None])

    flying = set(changes.in_flight(leader))

    assert flying == {person.pk for person in people[:2]}


def test_an_arrival_is_somebody_new_and_not_a_change(leader: CustomUser) -> None:
    old, at, new = new_referidos(leader, [{}] * 3)
    moment = timezone.now().replace(microsecond=500_000)
    for person, created in [
        (old, moment - timedelta(seconds=1)),
        (at, moment),
        (new, moment + timedelta(microseconds=1)),
    ]:
        CedulaInfo.objects.filter(user=person).update(
            created_at=created, updated_at=moment + timedelta(seconds=1)
        )

    assert changes.arrivals_since(leader, moment) == 1
    assert len(changes.changed_since(leader, moment)) == 3


def test_a_registration_through_the_link_is_an_arrival(leader: CustomUser) -> None:
    moment = changes.moment_now()
    new_person(referred_by=leader)
    new_person()

    assert changes.arrivals_since(leader, moment) == 1


# --- The copy of who brought a person -----------------------------------------------------------


@pytest.mark.parametrize("fields", [None, ["referred_by"], ["referred_by_id", "phone"]])
def test_a_referido_who_is_given_to_another_leader_is_counted_there(
    leader: CustomUser, stranger: CustomUser, fields: list[str] | None
) -> None:
    person = new_person(referred_by=leader)
    before = counts_of(stranger).by_tab[Tab.IN_FLIGHT]

    person.referred_by = stranger
    person.save(update_fields=fields)

    assert counts_of(leader).by_tab[Tab.IN_FLIGHT] == 0
    assert counts_of(stranger).by_tab[Tab.IN_FLIGHT] == before + 1


def test_a_referido_may_get_a_leader_later_and_lose_them_again(leader: CustomUser) -> None:
    person = new_person()
    assert person.cedula_info.referrer is None

    person.referred_by = leader
    person.save()
    assert CedulaInfo.objects.get(user=person).referrer == leader

    person.referred_by = None
    person.save()
    assert CedulaInfo.objects.get(user=person).referrer is None


def test_the_referidos_of_a_deleted_leader_stay_and_are_nobodys(leader: CustomUser) -> None:
    person = new_person(referred_by=leader)

    leader.delete()

    person.refresh_from_db()
    assert person.referred_by is None
    assert CedulaInfo.objects.get(user=person).referrer is None


def test_saving_anything_else_of_a_person_costs_one_query(leader: CustomUser) -> None:
    person = new_person(referred_by=leader)
    person.last_login = timezone.now()

    with CaptureQueriesContext(connection) as queries:
        person.save(update_fields=["last_login"])

    assert [query["sql"].split()[0] for query in queries] == ["UPDATE"]
