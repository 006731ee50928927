"""New people are queued; failed lookups are asked for again, within the cooldown's bounds."""

from datetime import timedelta

import pytest
from django.utils import timezone
from django_q.models import OrmQ
from pytest_django import DjangoCaptureOnCommitCallbacks, Settings

from accounts.models import CustomUser
from accounts.services import register_user
from census.lookups.refresh import Refresh, RefreshOutcome, request_refresh
from census.models import CedulaInfo
from census.states import FAILED, IN_FLIGHT, SETTLED, Priority, Status
from tests.lookups import new_lookup

pytestmark = pytest.mark.django_db


def queued_tasks() -> list[tuple[str, tuple[object, ...]]]:
    return [(message.func(), message.task["args"]) for message in OrmQ.objects.order_by("id")]


@pytest.mark.django_db(transaction=True)
def test_a_registration_is_looked_up_once_it_is_committed() -> None:
    user = register_user("52000131", "Ana Rojas", "3001234567", "una-clave-larga")

    assert user.cedula_info.status == Status.PENDING
    assert queued_tasks() == [("census.tasks.validate_cedula", (user.pk,))]


@pytest.mark.django_db(transaction=True)
def test_no_cedula_travels_through_the_queue() -> None:
    register_user("52000131", "Ana Rojas", "3001234567", "una-clave-larga")

    task = OrmQ.objects.get().task
    assert "52000131" not in repr(task)


@pytest.mark.django_db(transaction=True)
def test_a_registration_that_is_rolled_back_leaves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    from accounts.models import Consent

    def refuse(*args: object, **kwargs: object) -> None:
        raise RuntimeError("no disk")

    monkeypatch.setattr(Consent.objects, "bulk_create", refuse)

    with pytest.raises(RuntimeError, match="no disk"):
        register_user("52000131", "Ana Rojas", "3001234567", "una-clave-larga")

    assert not CustomUser.objects.exists()
    assert not CedulaInfo.objects.exists()
    assert not OrmQ.objects.exists()


def test_a_superuser_gave_no_consent_and_is_not_looked_up() -> None:
    CustomUser.objects.create_superuser("52000132", "una-clave-larga", nombre_completo="Jefa")

    assert not CedulaInfo.objects.exists()


def test_saving_a_person_again_queues_nothing(
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    info = new_lookup()
    with django_capture_on_commit_callbacks(execute=True) as callbacks:
        info.user.save()

    assert callbacks == []


@pytest.mark.django_db(transaction=True)
def test_a_queue_that_is_down_is_logged_and_the_registration_stands(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def down(*args: object, **kwargs: object) -> None:
        raise ConnectionError("the broker is down")

    monkeypatch.setattr("census.lookups.wakeups.async_task", down)

    user = register_user("52000131", "Ana Rojas", "3001234567", "una-clave-larga")

    assert user.cedula_info.status == Status.PENDING
    assert "could not be queued" in caplog.text
    assert "the broker is down" in caplog.text


def test_the_task_is_importable_by_the_name_that_is_queued() -> None:
    from pydoc import locate

    assert callable(locate("census.tasks.validate_cedula"))
    assert callable(locate("census.tasks.look_up_what_is_due"))


def test_one_wake_up_waits_at_most() -> None:
    from census.lookups import wakeups

    wakeups.wake_if_none_waits()
    wakeups.wake_if_none_waits()

    assert OrmQ.objects.count() == 1


# --- Asking again -------------------------------------------------------------------------------


@pytest.mark.parametrize("status", sorted(FAILED))
def test_a_failed_lookup_goes_back_to_the_line_before_any_bulk(
    status: Status, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    info = new_lookup(status=status, priority=Priority.BULK, attempts=4)

    with django_capture_on_commit_callbacks(execute=True):
        assert request_refresh(info) == Refresh(RefreshOutcome.QUEUED)

    info.refresh_from_db()
    assert (info.status, info.priority, info.attempts) == (Status.PENDING, Priority.PERSON, 0)
    assert queued_tasks()[-1] == ("census.tasks.validate_cedula", (info.user_id,))


@pytest.mark.parametrize("status", sorted(SETTLED))
def test_an_answered_lookup_is_not_asked_for_again(status: Status) -> None:
    info = new_lookup(status=status)

    assert request_refresh(info).outcome == RefreshOutcome.SETTLED
    info.refresh_from_db()
    assert info.status == status


@pytest.mark.parametrize("status", sorted(IN_FLIGHT))
def test_a_lookup_on_its_way_is_not_asked_for_twice(status: Status) -> None:
    assert request_refresh(new_lookup(status=status)).outcome == RefreshOutcome.IN_FLIGHT


def test_the_cooldown_counts_from_the_last_request_and_tells_what_is_left() -> None:
    asked = timezone.now() - timedelta(seconds=12)
    info = new_lookup(status=Status.ERROR, refresh_requested_at=asked)

    refresh = request_refresh(info)

    assert refresh.outcome == RefreshOutcome.COOLDOWN
    assert refresh.seconds_left in {17, 18}
    info.refresh_from_db()
    assert info.status == Status.ERROR


def test_after_the_cooldown_one_may_ask_again(settings: Settings) -> None:
    settings.REFRESH_COOLDOWN_SECONDS = 5
    info = new_lookup(
        status=Status.ERROR, refresh_requested_at=timezone.now() - timedelta(seconds=6)
    )

    assert request_refresh(info).outcome == RefreshOutcome.QUEUED


def test_without_consent_nothing_is_asked() -> None:
    info = new_lookup(status=Status.ERROR)
    info.user.consented_at = None

    assert request_refresh(info).outcome == RefreshOutcome.NO_CONSENT
