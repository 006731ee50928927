"""One id leads from a request to its lines in the log, and to the lookup that it asked for."""

import json
import logging
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.contrib.auth.decorators import login_not_required
from django.db import connection
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.test import Client
from django.urls import include, path
from django.utils import timezone
from pytest_django import Settings

from accounts import consents
from accounts.consents import ClientDetails
from accounts.logs import context
from accounts.models import CustomUser
from census.lookups import lifecycle, refresh, sweep
from census.models import BulkRefresh, CedulaInfo, LookupAttempt
from census.referidos import bulk
from census.states import Priority, Status
from config.logs.lines import formatter
from scraper.errors import SiteTimeout
from tests.lookups import NO_TRACE, claimed, expire, new_lookup
from tests.people import new_person, set_lookup, take_consent_away
from tests.typed import REGISTRATION

pytestmark = pytest.mark.django_db

GIVEN = "proxy-0001-request-abcdefghijkl"
FAILED = {"status": Status.ERROR, "request_id": "before"}


@login_not_required
def fails(request: HttpRequest) -> HttpResponse:
    raise ValueError("broken")


@login_not_required
def streams(request: HttpRequest) -> StreamingHttpResponse:
    def parts() -> Iterator[str]:
        logging.getLogger("census").info("In the middle.")
        yield "x"

    return StreamingHttpResponse(parts())


urlpatterns = [path("falla/", fails), path("fluye/", streams), path("", include("config.urls"))]
handler500 = "config.web.errors.server_error"


@pytest.fixture
def lines() -> Iterator[Callable[[], list[dict[str, Any]]]]:
    """Return what was logged so far, as a server writes it."""
    formatted: list[str] = []

    class Kept(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            formatted.append(self.format(record))

    handler = Kept()
    handler.setFormatter(formatter("json"))
    logging.getLogger().addHandler(handler)
    yield lambda: [json.loads(line) for line in formatted]
    logging.getLogger().removeHandler(handler)


@pytest.fixture
def asked() -> Iterator[str]:
    """The id of a request that is being answered while the test runs."""
    context.begin_request("asked-by-the-test")
    yield "asked-by-the-test"
    context.end_request()


class TestTheAnswer:
    @pytest.mark.parametrize("address", ["/ingresar/", "/no-existe/", "/perfil/", "/salud/"])
    def test_every_answer_tells_an_id_of_its_own(self, client: Client, address: str) -> None:
        ids = {client.get(address).headers["X-Request-ID"] for _ in range(3)}

        assert len(ids) == 3
        assert all(context.WELL_FORMED.fullmatch(one) for one in ids)

    def test_a_refusal_before_any_view_has_one_too(self) -> None:
        client = Client(enforce_csrf_checks=True)

        assert client.post("/ingresar/", {}).headers["X-Request-ID"]
        assert client.get("/ingresar/", headers={"host": "evil.example"}).headers["X-Request-ID"]

    def test_the_name_that_a_proxy_of_ours_gave_is_kept(
        self, client: Client, settings: Settings
    ) -> None:
        settings.TRUSTED_PROXIES = 1

        answer = client.get("/ingresar/", headers={"X-Request-ID": GIVEN})

        assert answer.headers["X-Request-ID"] == GIVEN

    def test_without_a_proxy_anybody_could_have_sent_it(self, client: Client) -> None:
        answer = client.get("/ingresar/", headers={"X-Request-ID": GIVEN})

        assert answer.headers["X-Request-ID"] != GIVEN

    @pytest.mark.parametrize("given", ["1098765432", "", "<script>" * 4, "a" * 65, 'x" y="' * 4])
    def test_what_is_no_id_is_replaced(
        self, client: Client, settings: Settings, given: str
    ) -> None:
        settings.TRUSTED_PROXIES = 1

        answer = client.get("/ingresar/", headers={"X-Request-ID": given})

        assert answer.headers["X-Request-ID"] != given

    def test_the_page_for_a_failure_shows_it(self, client: Client, settings: Settings) -> None:
        settings.ROOT_URLCONF = __name__
        client.raise_request_exception = False

        answer = client.get("/falla/")

        assert answer.status_code == 500
        code = answer.headers["X-Request-ID"]
        assert f"Si nos escribes, di este código: <code>{code}</code>" in answer.content.decode()


class TestTheLog:
    def test_the_lines_of_a_request_carry_it(
        self, client: Client, settings: Settings, lines: Callable[[], list[dict[str, Any]]]
    ) -> None:
        settings.ROOT_URLCONF = __name__
        client.raise_request_exception = False

        request_id = client.get("/falla/").headers["X-Request-ID"]

        (line,) = [line for line in lines() if "exception" in line]
        assert line["request_id"] == request_id
        assert line["message"] == "Internal Server Error: /falla/"
        assert "ValueError: broken" in line["exception"]

    def test_so_do_those_of_a_streamed_answer_and_none_after_it(
        self, client: Client, settings: Settings, lines: Callable[[], list[dict[str, Any]]]
    ) -> None:
        settings.ROOT_URLCONF = __name__

        answer = client.get("/fluye/")
        b"".join(answer)  # a streamed one is read so
        logging.getLogger("census").info("Afterwards.")

        of_the_answer, afterwards = lines()
        assert of_the_answer["request_id"] == answer.headers["X-Request-ID"]
        assert "request_id" not in afterwards


class TestTheRow:
    @pytest.mark.django_db(transaction=True)
    def test_a_registration(
        self, client: Client, lines: Callable[[], list[dict[str, Any]]]
    ) -> None:
        answer = client.post("/registro/", REGISTRATION)

        request_id = answer.headers["X-Request-ID"]
        info = CedulaInfo.objects.get()
        assert info.request_id == request_id
        queued = [line for line in lines() if line["message"].endswith("is queued.")]
        assert [line["request_id"] for line in queued] == [request_id]
        assert [line["user_id"] for line in queued] == [info.user_id]

    def test_a_consent_that_is_given_anew(self, asked: str) -> None:
        person = new_person()
        take_consent_away([person])
        set_lookup(person, request_id="before")

        consents.give_consent(person, ClientDetails())

        assert CedulaInfo.objects.get(user=person).request_id == asked

    @pytest.mark.usefixtures("asked")
    def test_an_answer_that_is_there_is_nobody_elses(self) -> None:
        person = new_person()
        take_consent_away([person])
        set_lookup(person, request_id="before", status=Status.ACTIVE)

        consents.give_consent(person, ClientDetails())

        assert CedulaInfo.objects.get(user=person).request_id == "before"

    def test_a_refresh(self, asked: str) -> None:
        info = new_lookup(**FAILED)

        refresh.request_refresh(info)

        info.refresh_from_db()
        assert info.request_id == asked

    @pytest.mark.usefixtures("asked")
    def test_a_refresh_that_is_refused_changes_nothing(self) -> None:
        info = new_lookup(**FAILED, refresh_requested_at=timezone.now())

        refresh.request_refresh(info)

        info.refresh_from_db()
        assert info.request_id == "before"

    def test_a_bulk_gives_all_its_rows_the_same(
        self, fresh_leader: CustomUser, asked: str, lines: Callable[[], list[dict[str, Any]]]
    ) -> None:
        people = [new_person(referred_by=fresh_leader) for _ in range(3)]
        CedulaInfo.objects.filter(user__in=people).update(**FAILED)

        bulk.refresh_ids(fresh_leader, [person.pk for person in people])

        rows = CedulaInfo.objects.filter(bulk=BulkRefresh.objects.get())
        assert [info.request_id for info in rows] == [asked] * 3
        assert any(line["message"].endswith("3 lookups are queued.") for line in lines())

    def test_a_retry_keeps_it_and_each_attempt_copies_it(self) -> None:
        info = new_lookup(request_id="asked")
        lifecycle.postpone(claimed(info), 0, SiteTimeout("x"), NO_TRACE)
        lifecycle.hand_back(claimed(info), NO_TRACE)
        claimed(info)
        expire(info)
        sweep.take_back_lost_claims()

        claim = claimed(info)

        info.refresh_from_db()
        assert info.request_id == claim.request_id == "asked"
        copies = LookupAttempt.objects.values_list("request_id", flat=True)
        assert list(copies) == ["asked"] * 4

    @pytest.mark.usefixtures("asked")
    def test_what_a_stale_row_was_asked_by_stays(self) -> None:
        info = new_lookup(request_id="before", next_attempt_at=timezone.now().replace(year=2001))

        assert info.reset_if_stale()

        assert info.request_id == "before"

    def test_a_row_that_no_request_asked_for_gets_one_when_it_is_claimed(self) -> None:
        info = new_lookup()
        assert info.request_id == ""

        claim = claimed(info)

        info.refresh_from_db()
        assert context.WELL_FORMED.fullmatch(claim.request_id)
        assert info.request_id == claim.request_id

    def test_the_attempts_of_an_earlier_request_keep_theirs(self, asked: str) -> None:
        info = new_lookup(request_id="first", priority=Priority.BULK)
        lifecycle.fail(claimed(info), Status.ERROR, SiteTimeout("x"), NO_TRACE)
        info.refresh_from_db()
        refresh.request_refresh(info)
        claimed(info)

        copies = LookupAttempt.objects.order_by("pk").values_list("request_id", flat=True)
        assert list(copies) == ["first", asked]

    def test_code_of_before_the_column_writes_attempts_beside_the_new(self) -> None:
        info = new_lookup()
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO census_lookupattempt"
                " (info_id, claim, number, worker, started_at, outcome, page_shape, solves_paid)"
                " VALUES (%s, %s, 1, 'old', %s, '', '', 0)",
                [info.pk, uuid.uuid4().hex, timezone.now()],
            )

        assert LookupAttempt.objects.get().request_id == ""


class TestTheAdministration:
    @pytest.mark.parametrize("model", ["cedulainfo", "lookupattempt"])
    def test_it_shows_and_finds_a_lookup_by_it(
        self, client: Client, superadmin: CustomUser, model: str
    ) -> None:
        infos = [new_lookup(f"5200010{number}", request_id=f"asked-{number}") for number in (1, 2)]
        for info in infos:
            claimed(info)
        client.force_login(superadmin)
        listed = client.get(f"/admin/census/{model}/", {"q": "asked-2"})

        (found,) = listed.context["cl"].result_list
        assert found.request_id == "asked-2"
        shown = client.get(f"/admin/census/{model}/{found.pk}/change/").content.decode()
        assert "asked-2" in shown
