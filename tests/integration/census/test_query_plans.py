"""What pages and workers read all the time is found by an index, however many rows there are.

The database itself is asked, with each statement that is really made, how it would carry it out:
by pages, by their views; by workers, by the functions that their rounds call. A statement that is
new there is asked about without anybody's doing.
"""

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection, transaction
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoDbBlocker

from accounts.models import CustomUser
from census.lookups import lifecycle, sweep
from census.lookups.lifecycle import Claim, Trace
from census.models import CedulaInfo, LookupAttempt
from census.operation import attempts, metrics, state
from census.operation.damage import number_of_damaged_answers
from census.referidos import bulk, changes, queries
from census.referidos.listing import Listing, Sort, Tab
from census.states import Status
from scraper.errors import SiteTimeout
from scraper.results import NotFound
from scraper.turn import Stage
from tests.crowds import new_referidos
from tests.people import HTMX, new_person

pytestmark = pytest.mark.django_db

Read = Callable[[CustomUser], object]

FULL_SCAN = re.compile(
    # SQLite's words, whose aliases are U0, V0 …; then PostgreSQL's.
    r"\bSCAN (?:accounts_customuser|census_cedulainfo|[A-Z]\d)\b"
    r"|\bSCAN census_lookupattempt(?! USING INDEX)"  # the latest come in its order, up to a limit
    r"|Seq Scan on (?:accounts_customuser|census_cedulainfo|census_lookupattempt)"
)
SORT = re.compile(r"TEMP B-TREE FOR (?:LAST TERM OF )?ORDER BY|\bSort\b")


@pytest.fixture(scope="module")
def leaders_id(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[int]:
    """The id of a leader with some referidos and a running bulk, among hundreds of another's.

    Made once for all tests here, in a transaction around those that each of them has to itself.
    """
    with django_db_blocker.unblock(), transaction.atomic():
        yield make_crowd().pk
        transaction.set_rollback(True)


@pytest.fixture
def leader(leaders_id: int, db: None) -> CustomUser:
    number_of_damaged_answers()  # reads all rows, once an hour at most
    return CustomUser.objects.get(pk=leaders_id)


def make_crowd() -> CustomUser:
    leader, other = (new_person(role=CustomUser.Role.LEADER) for _ in range(2))
    long_ago = timezone.now() - timedelta(days=9)
    for person, number in ((leader, 15), (other, 80)):
        lookups = [{"status": status, "updated_at": long_ago} for status in Status]
        new_referidos(person, lookups * number)
    for person in (leader, other):
        some = CustomUser.objects.filter(referred_by=person, pk__gt=leader.pk + 9)
        bulk.refresh_people(person, some)
    CedulaInfo.objects.update(updated_at=long_ago)
    LookupAttempt.objects.bulk_create(
        LookupAttempt(
            info=info, claim=uuid4(), number=1, worker="w", started_at=long_ago, ended_at=long_ago
        )
        for info in CedulaInfo.objects.all()
    )
    lifecycle.claim_next("worker")
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
            # It reads so small a table as a whole, sorts it, and merges two of them: that tells
            # nothing of large ones.
            for way in ("seqscan", "sort", "mergejoin"):
                cursor.execute(f"SET LOCAL enable_{way} = off")
    return leader


def plans(read: Callable[[], object]) -> list[str]:
    """Return the query plan of each statement of `read` that finds rows."""
    explained = []

    def explain(
        execute: Callable[..., Any],
        sql: str,
        params: Any,
        many: bool,  # noqa: FBT001  Django passes it so
        context: Any,
    ) -> Any:
        if sql.lstrip("(").startswith(("SELECT", "UPDATE", "DELETE", "WITH")):
            word = "EXPLAIN QUERY PLAN" if connection.vendor == "sqlite" else "EXPLAIN"
            with connection.cursor() as cursor:
                cursor.execute(f"{word} {sql}", params)
                lines = [str(line[-1]) for line in cursor.fetchall()]
                explained.append("\n".join([*lines, f"-- {sql}"]))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(explain):
        read()
    assert explained
    return explained


def page(order: str) -> Read:
    listing = Listing.from_address({"orden": order})
    counts = queries.Counts(dict.fromkeys(Tab, 270))
    return lambda leader: queries.page_of(leader, listing, counts)


READS: dict[str, tuple[Read, set[str]]] = {
    "what changed": (
        lambda leader: changes.changed_since(leader, changes.moment_now()),
        {"cedulainfo_changes"},
    ),
    "who came": (
        lambda leader: changes.arrivals_since(leader, changes.moment_now()),
        {"cedulainfo_changes"},
    ),
    "who is in flight": (changes.in_flight, {"cedulainfo_counts"}),
    "how many are in each group": (
        queries.counts_of,
        # Both begin with the referrer. PostgreSQL reads the first without its table, but only where
        # that has been vacuumed, which a test's rows never are.
        {"cedulainfo_(counts|changes)", "user_referrals_"},
    ),
    "how far a bulk is": (bulk.progress_of, {"bulk_latest", "cedulainfo_bulk", "cedulainfo_line"}),
    "the newest": (page("-registro"), {"user_referrals_date"}),
    "the oldest": (page("registro"), {"user_referrals_date"}),
    "by name": (page("nombre"), {"user_referrals_name"}),
    "by name, backwards": (page("-nombre"), {"user_referrals_name"}),
    "by mesa": (page("mesa"), {"user_referrals_"}),
    "the next in the queue": (lambda _: lifecycle.claim_next("worker"), {"cedulainfo_line"}),
    "whether anything is due": (
        lambda _: lifecycle.is_anything_due(),
        {"cedulainfo_(leases|line|bulk)"},  # each knows the status
    ),
    "claims that were lost": (
        lambda _: list(lifecycle.lost_claims()),
        {"cedulainfo_(leases|line|bulk)"},  # the same
    ),
    "what came back after a cancel": (
        lambda _: sweep.call_off_what_came_back(),
        {"bulk_cancelled", "cedulainfo_bulk"},
    ),
    "what waits": (
        lambda _: state.waiting(timezone.now()),
        {"cedulainfo_(line|leases|bulk|counts)"},  # each knows the status
    ),
    "what is in flight": (
        lambda _: state.flights(),
        {"cedulainfo_(leases|line)|attempt_ended"},
    ),
    "how attempts ended lately": (
        lambda _: attempts.last_hour_and_day(timezone.now()),
        {"attempt_ended"},
    ),
    "what a monitor reads": (
        lambda _: metrics.exposition(),
        {"cedulainfo_(line|leases|bulk)", "attempt_ended"},
    ),
    "a cancel": (bulk.cancel, {"bulk_latest", "cedulainfo_bulk"}),
}
"""(a read, indexes that must be among those it uses)."""


@pytest.mark.parametrize("name", READS)
def test_a_read_that_is_made_all_the_time_goes_by_an_index(leader: CustomUser, name: str) -> None:
    read, indexes = READS[name]

    explained = plans(lambda: read(leader))

    assert [plan for plan in explained if FULL_SCAN.search(plan)] == []
    everything = "\n".join(explained)
    assert [index for index in indexes if not re.search(index, everything)] == [], everything


def at(
    path: str, status: int = 200, *, of: Callable[[CustomUser], CustomUser] | None = None
) -> Read:
    """A page as its view makes it, for the leader or whom `of` names."""

    def ask(leader: CustomUser) -> None:
        client = Client()
        client.force_login(of(leader) if of else leader)
        referidos_ = CustomUser.objects.filter(referred_by=leader)
        now = timezone.now().timestamp()
        address = path.format(
            referido=referidos_.order_by("date_joined")[0].pk,
            lately=now - 60,
            just_now=now,
        )
        response = client.get(address, headers=HTMX)
        assert response.status_code == status, response.content

    return ask


def waiting(leader: CustomUser) -> CustomUser:
    """A referido who has waited so long that a standstill is thought of."""
    info = CedulaInfo.objects.filter(referrer=leader, status=Status.PENDING).select_related("user")
    found = info.order_by("next_attempt_at")[0]
    CedulaInfo.objects.filter(pk=found.pk).update(
        next_attempt_at=timezone.now() - timedelta(minutes=5)
    )
    return found.user


def waiting_for_a_retry(leader: CustomUser) -> CustomUser:
    person = waiting(leader)
    CedulaInfo.objects.filter(user=person).update(
        attempts=1, error_kind="SiteTimeout", next_attempt_at=timezone.now() + timedelta(minutes=1)
    )
    return person


def with_news(leader: CustomUser) -> CustomUser:
    """The leader, one of whose rows has changed just now."""
    row = CedulaInfo.objects.filter(referrer=leader).order_by("updated_at")[0]
    CedulaInfo.objects.filter(pk=row.pk).update(updated_at=timezone.now())
    return leader


def looked_up(_: CustomUser) -> CustomUser:
    claim = lifecycle.claim_next("worker")
    assert claim is not None
    return CustomUser.objects.get(pk=claim.user_id)


def ending(end: Callable[[Claim], bool]) -> Read:
    """A lookup from its claim to this end."""

    def look_up(_: CustomUser) -> None:
        claim = lifecycle.claim_next("worker")
        assert claim is not None
        assert lifecycle.note_stages(claim, {Stage.OPENING: timezone.now()})
        assert lifecycle.renew([claim]) == lifecycle.held([claim]) == {claim.token}
        assert end(claim)

    return look_up


def lose_a_claim(_: CustomUser) -> None:
    claim = lifecycle.claim_next("worker")
    assert claim is not None
    CedulaInfo.objects.filter(pk=claim.info_id).update(
        lease_expires_at=timezone.now() - timedelta(minutes=1)
    )
    assert sweep.take_back_lost_claims() >= 1


PATHS: dict[str, Read] = {
    "a lookup that is answered": ending(lambda claim: lifecycle.settle(claim, NotFound(), Trace())),
    "a lookup that is tried again": ending(
        lambda claim: lifecycle.postpone(claim, 60, SiteTimeout("slow"), Trace())
    ),
    "a lookup that fails": ending(
        lambda claim: lifecycle.fail(claim, Status.TIMEOUT, SiteTimeout("slow"), Trace())
    ),
    "a lookup that is handed back": ending(lambda claim: lifecycle.hand_back(claim, Trace())),
    "the sweep of a lost claim": lose_a_claim,
    "the sweep for the dead": lambda _: sweep.take_back_claims_of_the_dead(),
    "the sweep for impossible times": lambda _: sweep.mend_impossible_times(),
    "the card of who waits": at("/censo/", of=waiting),
    "the card of who waits for another try": at("/censo/", of=waiting_for_a_retry),
    "the card of who is looked up": at("/censo/", of=looked_up),
    "the poll of the table, nothing new": at("/referidos/pending/?since={just_now}", 204),
    "the poll of the table, one row new": at("/referidos/pending/?since={lately}", of=with_news),
    "the poll of the table, all new": at("/referidos/pending/?since=0"),
    "home": at("/"),
    "profile": at("/perfil/"),
    "details of a row": at("/referido/{referido}/"),
    "names alone": at("/referidos/", of=waiting),
    "the summary": at("/referidos/resumen/"),
    "the summary of a municipio": at("/referidos/resumen/?departamento=a&municipio=b"),
    "the operations page": lambda _: state.operation(),
    "/salud/": at("/salud/", 503),
    **{f"the table by {order}": at(f"/referidos/?orden={order}") for order in Sort},
    **{f"the table, {tab} alone": at(f"/referidos/?estado={tab}") for tab in Tab},
    "the table, found by a name": at("/referidos/?q=beatriz+arias"),
    "the table, of a municipio": at("/referidos/?departamento=a&municipio=b"),
}
"""Whole operations that run all the time."""


@pytest.mark.parametrize("name", PATHS)
def test_nothing_on_a_hot_path_reads_a_whole_table(leader: CustomUser, name: str) -> None:
    explained = plans(lambda: PATHS[name](leader))

    assert [plan for plan in explained if FULL_SCAN.search(plan)] == []


@pytest.mark.parametrize("order", ["-registro", "registro", "nombre", "-nombre"])
def test_a_page_in_one_of_the_usual_orders_is_read_in_it_and_not_sorted(
    leader: CustomUser, order: str
) -> None:
    (plan,) = plans(lambda: page(order)(leader))

    assert not SORT.search(plan), plan


def test_a_claim_takes_the_next_row_and_does_not_sort_the_line(leader: CustomUser) -> None:
    for plan in plans(lambda: lifecycle.claim_next("worker")):
        assert not SORT.search(plan), plan


def test_a_read_without_an_index_would_be_noticed(leader: CustomUser) -> None:
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL enable_seqscan = on; SET LOCAL enable_sort = on")

    (plan,) = plans(lambda: list(CedulaInfo.objects.filter(resolucion="none")))
    (sorted_plan,) = plans(lambda: list(CedulaInfo.objects.filter(pk__gt=0).order_by("mesa")))

    assert FULL_SCAN.search(plan)
    assert SORT.search(sorted_plan)
