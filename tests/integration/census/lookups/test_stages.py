"""The stage that a lookup is in: who may write it, what that costs, and who sees it."""

import itertools
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, Settings

from accounts.models import CustomUser
from census import tasks
from census.lookups import lifecycle, sweep
from census.lookups.lifecycle import Claim, Trace
from census.models import STAGE_FIELDS, CedulaInfo, LookupAttempt
from census.states import Status
from census.wait.wording import STAGES
from scraper.errors import SiteTimeout, UnknownPage
from scraper.gate.visits import Gate
from scraper.results import NotFound
from scraper.simulator import Simulator
from scraper.turn import LookupFuture, Stage
from tests.lookups import NO_TRACE, claimed, expire, new_lookup
from tests.markup import element, page, words
from tests.people import HTMX
from tests.referidos import referido

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 24, 15, 0, tzinfo=UTC)
ORDER = list(Stage)
LABELS = list(STAGES.values())


def enter(claim: Claim, stage: Stage, at: datetime | None = None) -> bool:
    return lifecycle.note_stages(claim, {stage: at or timezone.now()})


def attempt_of(claim: Claim) -> LookupAttempt:
    return LookupAttempt.objects.get(claim=claim.token)


class TestWhoMaySay:
    def test_a_claim_waits_for_its_turn_until_it_is_told_more(self) -> None:
        claim = claimed(new_lookup())

        assert attempt_of(claim).stage is Stage.WAITING
        assert attempt_of(claim).stage_since == attempt_of(claim).started_at

    @pytest.mark.parametrize("stage", ORDER[1:])
    def test_the_holder_says_what_it_does(self, stage: Stage) -> None:
        claim = claimed(new_lookup())

        assert enter(claim, stage, NOW)

        assert (attempt_of(claim).stage, attempt_of(claim).stage_since) == (stage, NOW)

    def test_the_row_is_not_touched(self) -> None:
        """Its `updated_at` is what every open page of the leader asks for."""
        info = new_lookup()
        claim = claimed(info)
        before = CedulaInfo.objects.values().get()

        for stage in ORDER[1:]:
            enter(claim, stage)

        assert CedulaInfo.objects.values().get() == before

    @pytest.mark.parametrize(
        "end",
        [
            lambda claim: lifecycle.settle(claim, NotFound(), NO_TRACE),
            lambda claim: lifecycle.postpone(claim, 60, SiteTimeout("slow"), NO_TRACE),
            lambda claim: lifecycle.fail(claim, Status.ERROR, UnknownPage("?"), NO_TRACE),
            lambda claim: lifecycle.hand_back(claim, NO_TRACE),
        ],
        ids=["settled", "postponed", "failed", "handed back"],
    )
    def test_whoever_has_ended_changes_nothing(self, end: object) -> None:
        info = new_lookup()
        claim = claimed(info)
        assert callable(end)
        assert end(claim)
        rows = CedulaInfo.objects.values().get(), LookupAttempt.objects.values().get()

        assert not enter(claim, Stage.READING)

        assert (CedulaInfo.objects.values().get(), LookupAttempt.objects.values().get()) == rows

    def test_whoever_lost_the_claim_says_nothing_about_the_next_one(self) -> None:
        info = new_lookup()
        late = claimed(info)
        expire(info)
        assert sweep.take_back(info)
        claim = claimed(info, "another")

        assert not enter(late, Stage.READING)

        assert attempt_of(claim).stage is Stage.WAITING

    def test_another_try_begins_anew(self) -> None:
        info = new_lookup()
        first = claimed(info)
        enter(first, Stage.SOLVING)
        lifecycle.postpone(first, 0, SiteTimeout("slow"), NO_TRACE)

        assert attempt_of(claimed(info)).stage is Stage.WAITING

    def test_of_whoever_withdrew_nothing_is_left_to_say_it_of(self) -> None:
        info = new_lookup()
        claim = claimed(info)
        info.delete()

        assert not enter(claim, Stage.SOLVING)

        assert not LookupAttempt.objects.exists()

    def test_the_end_writes_what_was_not_told_before(self) -> None:
        claim = claimed(new_lookup())
        lifecycle.settle(claim, NotFound(), Trace("A", 1, {Stage.READING: NOW}))

        assert attempt_of(claim).reading_at == NOW


class TestWhatItCosts:
    def test_all_that_began_since_the_last_round_is_one_write(
        self, django_assert_num_queries: DjangoAssertNumQueries
    ) -> None:
        claim, future = claimed(new_lookup()), LookupFuture()
        for stage in ORDER[1:]:
            future.enter(stage)

        with django_assert_num_queries(1):
            lifecycle.note_stages(claim, dict(future.stages))

        began = attempt_of(claim)
        moments = [began.started_at, *(getattr(began, field) for field in STAGE_FIELDS.values())]
        assert moments == sorted(moments)

    @pytest.mark.django_db(transaction=True)
    def test_a_real_lookup_writes_each_of_its_stages_once_at_the_most(
        self, settings: Settings
    ) -> None:
        with Simulator(port=0, captcha_latency=1.5) as simulator:
            _ask(settings, simulator)
            info = new_lookup("1020030011")
            with CaptureQueriesContext(connection) as asked:
                tasks.validate_cedula(info.user_id)

        began = LookupAttempt.objects.get(outcome=Status.ACTIVE)  # a busy machine may miss a turn
        moments = [began.started_at, *(getattr(began, field) for field in STAGE_FIELDS.values())]
        assert [*moments, began.ended_at] == sorted([*moments, began.ended_at])
        lasted = [later - earlier for earlier, later in itertools.pairwise(moments)]
        assert lasted[2] >= timedelta(seconds=1.5), "that is how long the captcha took"
        names = (str(began.claim), began.claim.hex)  # PostgreSQL writes it so, and SQLite so
        writes = [query["sql"] for query in asked if any(name in query["sql"] for name in names)]
        told = [sql for sql in writes if sql.startswith('UPDATE "census_lookupattempt"')]
        stages = [sql for sql in told if any(field in sql for field in STAGE_FIELDS.values())]
        assert 2 <= len(stages) <= len(STAGE_FIELDS) + 1, "its end writes what is left to tell"


def _ask(settings: Settings, simulator: Simulator) -> None:
    settings.REGISTRADURIA_URL = simulator.page_url("A")
    settings.LOOKUP_INTERVAL_SECONDS = 0.2
    settings.LOOKUP_TIMEOUT_SECONDS = 60
    settings.CAPTCHA_SOLVER = "2captcha"
    settings.TWOCAPTCHA_URL = simulator.url
    settings.TWOCAPTCHA_API_KEY = "demo"
    settings.TWOCAPTCHA_POLLING_SECONDS = 0.1


@pytest.fixture
def _at_ten() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


class TestTheCard:
    @pytest.mark.parametrize("stage", ORDER)
    @pytest.mark.usefixtures("_at_ten")
    def test_it_marks_what_is_being_done(self, client: Client, stage: Stage) -> None:
        info = new_lookup()
        claim = claimed(info)
        for earlier in ORDER[1 : ORDER.index(stage) + 1]:
            enter(claim, earlier, NOW)
        client.force_login(info.user)

        card = client.get("/censo/", headers=HTMX)

        steps = page(card).select("ol.steps > li")
        assert [words(step) for step in steps] == [
            f"{label} {word}"
            for label, word in zip(
                LABELS,
                ["listo"] * ORDER.index(stage) + ["ahora"] + ["falta"] * 3,
                strict=False,
            )
        ]
        assert words(element(card, "[aria-current=step]")).startswith(STAGES[stage])
        announced = words(element(card, "[data-announce]"))
        assert announced == f"Estamos consultando el censo : {STAGES[stage].lower()}"

    @pytest.mark.usefixtures("_at_ten")
    def test_whoever_waits_in_the_line_sees_what_is_to_come(self, client: Client) -> None:
        client.force_login(new_lookup(next_attempt_at=NOW).user)

        card = client.get("/censo/", headers=HTMX)

        assert words(element(card, "[aria-current=step]")) == f"{LABELS[0]} ahora"
        assert element(card, "#censo_card")["data-seconds-left"] == "15"

    def test_the_time_left_and_the_bar_move_towards_the_end(self, client: Client) -> None:
        told, bars = [], []
        with time_machine.travel(NOW, tick=False) as clock:
            info = new_lookup(next_attempt_at=NOW)
            client.force_login(info.user)
            claim = claimed(info)
            for seconds, stage in ((0, None), (1, Stage.OPENING), (2, Stage.SOLVING), (6, None)):
                clock.shift(seconds)
                if stage is not None:
                    enter(claim, stage)
                card = client.get("/censo/", headers=HTMX)
                told.append(int(str(element(card, "#censo_card")["data-seconds-left"])))
                bars.append(int(str(element(card, "progress")["value"])))

        assert told == [15, 15, 13, 7]
        assert bars == [0, 6, 18, 56]

    def test_what_takes_longer_than_ever_is_never_told_as_no_time_at_all(
        self, client: Client
    ) -> None:
        with time_machine.travel(NOW, tick=False) as clock:
            info = new_lookup(next_attempt_at=NOW)
            client.force_login(info.user)
            enter(claimed(info), Stage.SOLVING)
            clock.shift(29)  # the lease still holds

            card = client.get("/censo/", headers=HTMX)

        assert "Falta un poco más ." in words(element(card, "#censo_steps"))
        assert not element(card, "#censo_card").has_attr("data-seconds-left")
        assert element(card, "progress")["value"] == "97"

    def test_another_try_and_a_pause_have_no_steps(self, client: Client) -> None:
        info = new_lookup()
        client.force_login(info.user)
        lifecycle.postpone(claimed(info), 300, SiteTimeout("slow"), NO_TRACE)

        card = client.get("/censo/", headers=HTMX)

        assert page(card).select("ol.steps, progress") == []
        assert "Si todo va bien, la respuesta llega más o menos en 5 min ." in words(page(card))

    def test_a_stop_puts_the_person_back_into_the_line(self, client: Client) -> None:
        info = new_lookup()
        client.force_login(info.user)
        claim = claimed(info)
        enter(claim, Stage.SOLVING)
        lifecycle.hand_back(claim, NO_TRACE)

        card = client.get("/censo/", headers=HTMX)

        assert words(element(card, "[aria-current=step]")).startswith(LABELS[0])
        assert "Estás en la fila" in words(page(card))

    @pytest.mark.parametrize(("stage", "queries"), [(None, 8), (Stage.SOLVING, 5)])
    @pytest.mark.parametrize("others", [0, 30])
    def test_it_costs_the_same_however_many_wait(
        self,
        client: Client,
        django_assert_num_queries: DjangoAssertNumQueries,
        stage: Stage | None,
        queries: int,
        others: int,
    ) -> None:
        """docs/architecture.md gives these numbers. PostgreSQL is asked for its clock as well."""
        for number in range(others):
            waiting = new_lookup(f"530003{number:02}")
            if number % 3 == 0:
                lifecycle.settle(claimed(waiting), NotFound(), NO_TRACE)
            elif number % 3 == 1:
                enter(claimed(waiting), Stage.OPENING)
        Gate(5).reserve()
        info = new_lookup()
        client.force_login(info.user)
        if stage is not None:
            enter(claimed(info), stage)
        client.get("/censo/", headers=HTMX)

        clock = connection.vendor == "postgresql" and stage is None
        with django_assert_num_queries(queries + clock):
            client.get("/censo/", headers=HTMX)


class TestTheLeader:
    def test_the_details_say_what_is_being_done(self, client: Client, leader: CustomUser) -> None:
        person = referido(leader, "Ana Gil", Status.PENDING)
        info = CedulaInfo.objects.get(user=person)
        enter(claimed(info), Stage.SOLVING)
        client.force_login(leader)

        details = words(page(client.get(f"/referido/{person.pk}/", headers=HTMX)))

        assert "En consulta Resolviendo la verificación, falta más o menos" in details

    def test_the_table_is_not_read_again_for_each_stage(
        self, client: Client, leader: CustomUser
    ) -> None:
        person = referido(leader, "Ana Gil", Status.PENDING)
        info = CedulaInfo.objects.get(user=person)
        claim = claimed(info)
        info.refresh_from_db()
        client.force_login(leader)

        enter(claim, Stage.SOLVING)

        since = {"since": str(info.updated_at.timestamp())}
        assert client.get("/referidos/pending/", since, headers=HTMX).status_code == 204
