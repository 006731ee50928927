"""Pausing, resuming, and having what failed looked up again: from the administration's pages."""

from datetime import timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoCaptureOnCommitCallbacks

from accounts.models import CustomUser
from census.models import BulkRefresh, CedulaInfo
from census.states import FAILED, Priority, Status
from scraper.gate.pauses import OPEN_END, PauseReason
from scraper.gate.visits import Gate
from tests.lookups import new_lookup
from tests.markup import page as soup_of
from tests.markup import text, words
from tests.people import new_person

pytestmark = pytest.mark.django_db

PAGE, PAUSE, RESUME = (f"/admin/operacion/{name}" for name in ("", "pausar/", "reanudar/"))
LIST = "/admin/census/cedulainfo/"


@pytest.fixture
def inside(client: Client, superadmin: CustomUser) -> Client:
    client.force_login(superadmin)
    return client


@pytest.fixture
def woken(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The wake-ups that were queued."""
    tasks: list[str] = []
    monkeypatch.setattr("census.lookups.wakeups.async_task", lambda name, *_: tasks.append(name))
    return tasks


# --- The gate -----------------------------------------------------------------------------------


def test_a_superadmin_pauses_everybody_for_some_minutes(
    inside: Client, superadmin: CustomUser
) -> None:
    response = inside.post(PAUSE, {"how": "minutos", "amount": "45"}, follow=True)

    state = Gate.state()
    assert state.pause_reason is PauseReason.OPERATOR
    assert state.paused_until is not None
    left = state.paused_until - timezone.now()
    assert left == pytest.approx(timedelta(minutes=45), abs=timedelta(minutes=1))
    assert "En pausa porque alguien de la administración la pidió" in text(response)
    entry = LogEntry.objects.get()
    assert (entry.user, entry.get_change_message()) == (
        superadmin,
        "Pausó las consultas por 45 min.",
    )
    assert "Nubia" in text(response)
    assert "Pausó las consultas por 45 min." in text(response)


def test_or_until_somebody_resumes(inside: Client) -> None:
    response = inside.post(PAUSE, {"how": "indefinida", "amount": ""}, follow=True)

    assert Gate.state().paused_until == OPEN_END
    assert "hasta que alguien la quite" in text(response)
    assert "9999" not in text(response)
    assert inside.get("/salud/").json()["pause_reason"] == "operator"
    assert inside.get("/salud/").json()["paused_until"].startswith("9999-")


@pytest.mark.parametrize(
    "typed",
    [
        {},
        {"how": "minutos"},
        {"how": "minutos", "amount": "0"},
        {"how": "minutos", "amount": "-5"},
        {"how": "minutos", "amount": "99999999"},
        {"how": "minutos", "amount": "media hora"},
        {"how": "siempre", "amount": "5"},
    ],
)
def test_a_length_that_makes_no_sense_pauses_nobody(inside: Client, typed: dict[str, str]) -> None:
    response = inside.post(PAUSE, typed)

    assert response.status_code == 422
    assert soup_of(response).select(".errorlist")
    assert Gate.state().pause_reason is None
    assert not LogEntry.objects.exists()


def test_looking_at_the_question_changes_nothing(inside: Client) -> None:
    Gate(5).pause(None)

    assert inside.get(RESUME).status_code == 200
    assert inside.get(PAUSE).status_code == 200

    assert Gate.state().pause_reason is PauseReason.OPERATOR


@pytest.mark.parametrize("reason", PauseReason)
def test_a_superadmin_ends_whatever_pause_there_is(
    inside: Client,
    woken: list[str],
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
    reason: PauseReason,
) -> None:
    gate = Gate(5)
    match reason:
        case PauseReason.OPERATOR:
            gate.pause(None)
        case PauseReason.BLOCKED:
            gate.record_block(1, [600.0])
        case PauseReason.SOLVER:
            gate.record_unusable_solver([600.0])
        case PauseReason.LIMIT:
            gate.record_spent_budget(timezone.now() + timedelta(hours=3))
    assert "no están en pausa" not in text(inside.get(RESUME))
    with django_capture_on_commit_callbacks(execute=True):
        inside.post(RESUME)

    assert Gate.state().pause_reason is None
    assert f"(pausa: {reason})" in LogEntry.objects.get().get_change_message()
    assert woken == ["census.tasks.look_up_what_is_due"]


def test_resuming_what_does_not_pause_is_told_and_not_recorded(inside: Client) -> None:
    response = inside.post(RESUME, follow=True)

    assert "No había ninguna pausa" in text(response)
    assert not LogEntry.objects.exists()


def test_a_form_from_elsewhere_pauses_nobody(superadmin: CustomUser) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(superadmin)

    assert client.post(PAUSE, {"how": "indefinida"}).status_code == 403
    assert client.post(RESUME).status_code == 403
    assert Gate.state().pause_reason is None


# --- Failed ones, again -------------------------------------------------------------------------


def ask_again(client: Client, *rows: CedulaInfo, query: str = "", everything: bool = False) -> str:
    """Choose rows in the list, and the action; what the next page says."""
    response = client.post(
        LIST + query,
        {
            "action": "look_up_again",
            "_selected_action": [str(row.pk) for row in rows],
            "select_across": "1" if everything else "0",
            "index": "0",
        },
        follow=True,
    )
    return " ".join(words(line) for line in soup_of(response).select(".messagelist li"))


def test_failed_ones_go_back_into_the_line_and_others_are_counted(
    inside: Client,
    superadmin: CustomUser,
    woken: list[str],
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    failed = [
        new_lookup(f"5300010{i}", status=status, attempts=4, refresh_requested_at=timezone.now())
        for i, status in enumerate(sorted(FAILED))
    ]
    found = new_lookup("53000110", status=Status.ACTIVE, mesa="7")
    flying = new_lookup("53000111")
    without = new_lookup("53000112", status=Status.ERROR)
    CustomUser.objects.filter(pk=without.user_id).update(consent_version="old")

    with django_capture_on_commit_callbacks(execute=True):
        said = ask_again(inside, *failed, found, flying, without)

    assert f"{len(FAILED)} consultas volvieron a la fila." in said
    assert "1 con respuesta del censo, 1 en camino, 1 sin autorización vigente" in said
    for row in failed:
        row.refresh_from_db()
        assert (row.status, row.attempts, row.priority) == (Status.PENDING, 0, Priority.BULK)
    found.refresh_from_db()
    without.refresh_from_db()
    assert (found.status, found.mesa, without.status) == (Status.ACTIVE, "7", Status.ERROR)
    assert woken == ["census.tasks.look_up_what_is_due"]
    entry = LogEntry.objects.get()
    assert (entry.user, entry.object_repr) == (superadmin, f"{len(FAILED)} consultas")


def test_over_all_that_the_list_holds(inside: Client) -> None:
    rows = [
        new_lookup(f"530002{i:02}", status=Status.TIMEOUT if i % 2 else Status.BLOCKED)
        for i in range(130)  # a page of the list holds a hundred
    ]

    said = ask_again(inside, rows[0], query="?status__exact=BLOCKED", everything=True)

    assert "65 consultas volvieron a la fila." in said
    statuses = CedulaInfo.objects.values_list("status", flat=True)
    assert sorted(statuses) == [Status.PENDING] * 65 + [Status.TIMEOUT] * 65


def test_a_row_of_a_bulk_is_the_operators_from_then_on(inside: Client, leader: CustomUser) -> None:
    person = new_person(referred_by=leader)
    bulk = BulkRefresh.objects.create(requested_by=leader, queued=1)
    CedulaInfo.objects.filter(user=person).update(status=Status.ERROR, bulk=bulk)

    ask_again(inside, CedulaInfo.objects.get(user=person))

    assert CedulaInfo.objects.get(user=person).bulk is None


def test_nothing_that_failed_is_told_and_not_recorded(inside: Client) -> None:
    said = ask_again(inside, new_lookup(status=Status.ACTIVE))

    assert "Ninguno de los seleccionados se vuelve a consultar" in said
    assert not LogEntry.objects.exists()


def test_staff_who_are_no_superusers_are_not_offered_it(client: Client, leader: CustomUser) -> None:
    from django.contrib.auth.models import Permission

    leader.is_staff = True
    leader.save()
    leader.user_permissions.set(Permission.objects.all())
    client.force_login(leader)
    row = new_lookup(status=Status.ERROR)

    assert "Consultar de nuevo" not in text(client.get(LIST))
    ask_again(client, row)

    row.refresh_from_db()
    assert row.status == Status.ERROR
