"""Bugs that a first version of such a system met, one test each; each docstring names its bug.

Those that need the product as real processes are in tests/e2e/test_regressions.py.
"""

import ast
import pydoc
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from django.contrib import admin
from django.contrib.auth.models import Group
from django.db.models import Model
from django.template import TemplateSyntaxError, engines
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django_q.models import Failure, OrmQ, Success
from pytest_django import DjangoCaptureOnCommitCallbacks, Settings

from accounts.models import Consent, CustomUser
from census.lookups import wakeups
from census.models import (
    BulkRefresh,
    CedulaInfo,
    ExportRecord,
    LookupAttempt,
    PurgeRun,
    WorkerHeartbeat,
)
from census.referidos.listing import Listing
from scraper.models import SiteGate
from tests.lookups import claimed, expire
from tests.markup import element, words
from tests.paths import ROOT
from tests.people import HTMX
from tests.typed import PASSWORD, REGISTRATION

# --- A template condition that cannot be parsed -------------------------------------------------

TEMPLATES = ROOT / "templates"


def test_every_template_compiles() -> None:
    """Bug: a condition that Django cannot parse was found by the first person who saw the page."""
    engine = engines["django"]
    problems = []
    names = [path.relative_to(TEMPLATES).as_posix() for path in files_under(TEMPLATES)]
    for name in names:
        try:
            engine.get_template(name)
        except TemplateSyntaxError as problem:
            problems.append(f"{name}: {problem}")

    assert "base.html" in names
    assert problems == []


def files_under(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


# --- The admin's pages failing ------------------------------------------------------------------

REGISTERED = admin.site._registry  # noqa: SLF001  it offers no other list


@pytest.fixture
def rows(person: CustomUser) -> dict[type[Model], Model]:
    """A row of each kind that the administration shows, django-q2's and Django's own included."""
    now = timezone.now()
    wakeups.wake_for(person.pk)
    attempt = LookupAttempt.objects.create(
        info=person.cedula_info, claim=uuid4(), number=1, worker="host:1", ended_at=now
    )
    beat = WorkerHeartbeat.objects.create(
        cluster_id=uuid4(), host="host", pid=1, version="1", started_at=now, beat_at=now
    )
    gate, _ = SiteGate.objects.get_or_create(pk=1)
    task = {"name": "ana-rojas", "func": "math.copysign", "started": now, "stopped": now}
    listed: list[Model] = [
        person,
        Consent.objects.get(user=person),
        person.cedula_info,
        attempt,
        beat,
        gate,
        PurgeRun.objects.create(deleted={"attempts": 2}),
        BulkRefresh.objects.create(requested_by=person, queued=3),
        ExportRecord.objects.create(
            exported_by=person,
            content=ExportRecord.Content.REFERIDOS,
            format=ExportRecord.Format.CSV,
            row_count=3,
        ),
        Group.objects.create(name="Coordinación"),
        Success.objects.create(id=uuid4().hex, success=True, **task),
        Failure.objects.create(id=uuid4().hex, success=False, result="Traceback", **task),
        OrmQ.objects.get(),
    ]
    return {type(row): row for row in listed}


def address(model: type[Model], page: str, *args: object) -> str:
    name = model._meta.label_lower.replace(".", "_")  # noqa: SLF001  Django documents it
    return reverse(f"admin:{name}_{page}", args=args)


def pages(client: Client, model: type[Model], row: Model) -> Iterator[str]:
    """The addresses of a model's pages in the administration, each filter's links included."""
    the_list = address(model, "changelist")
    yield the_list
    yield f"{the_list}?q=52.345.678"
    yield f"{the_list}?q=rojas+medell%C3%ADn"
    yield address(model, "change", row.pk)
    yield address(model, "history", row.pk)
    response = client.get(the_list)
    model_admin = REGISTERED[model]
    if model_admin.has_add_permission(response.wsgi_request):
        yield address(model, "add")
    if model_admin.has_delete_permission(response.wsgi_request, row):
        yield address(model, "delete", row.pk)
    changes = response.context["cl"]
    assert len(changes.filter_specs) == len(model_admin.get_list_filter(response.wsgi_request))
    for filter_ in changes.filter_specs:
        yield from (the_list + choice["query_string"] for choice in filter_.choices(changes))


@pytest.mark.django_db
@pytest.mark.parametrize("model", REGISTERED, ids=lambda model: model._meta.label)  # noqa: SLF001
def test_every_page_of_the_administration_opens(
    client: Client, superadmin: CustomUser, rows: dict[type[Model], Model], model: type[Model]
) -> None:
    """Bug: pages of the administration failed as soon as there was a row to show."""
    assert model in rows, "The administration shows a new model: make a row of it above."
    client.force_login(superadmin)

    opened = [(page, client.get(page).status_code) for page in pages(client, model, rows[model])]

    assert len(opened) >= 5
    assert [(page, status) for page, status in opened if status != 200] == []


@pytest.mark.django_db
def test_a_superadmin_enters_the_administration(client: Client, superadmin: CustomUser) -> None:
    """Bug: the administration's login and first page failed for a user model of our own."""
    assert client.get("/admin/login/", follow=True).status_code == 200

    response = client.post(
        "/ingresar/",
        {"username": superadmin.cedula, "password": PASSWORD, "next": "/admin/"},
        follow=True,
    )

    assert response.redirect_chain == [("/admin/", 302)]
    assert response.status_code == 200


# --- "Function is not defined" in workers -------------------------------------------------------


def queued_paths() -> list[str]:
    """The tasks that the product queues, read from the calls themselves."""
    tree = ast.parse(Path(wakeups.__file__).read_text(encoding="utf-8"))
    return [
        ast.literal_eval(call.args[0])
        for call in ast.walk(tree)
        if isinstance(call, ast.Call)
        and isinstance(call.func, ast.Name)
        and call.func.id == "async_task"
    ]


def test_every_task_that_is_queued_can_be_called() -> None:
    """Bug: workers said "Function … is not defined", because the path that was queued led nowhere.

    Found as the worker finds it, which takes a path that cannot be imported for one that is not
    there.
    """
    paths = queued_paths()

    assert paths
    assert [path for path in paths if not callable(pydoc.locate(path))] == []


# --- A task not queued when the client is remote ------------------------------------------------


@pytest.mark.django_db
@pytest.mark.parametrize("htmx", [{}, HTMX], ids=["a plain form", "htmx"])
def test_a_registration_from_afar_queues_one_task(
    client: Client,
    settings: Settings,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
    htmx: dict[str, str],
) -> None:
    """Bug: who registered from another machine than the server's own was never looked up."""
    settings.ALLOWED_HOSTS = ["censo.example.org"]
    from_afar = {"Host": "censo.example.org", "X-Forwarded-For": "198.51.100.7, 203.0.113.9"}

    with django_capture_on_commit_callbacks() as callbacks:
        response = client.post(
            "/registro/", REGISTRATION, headers=from_afar | htmx, REMOTE_ADDR="203.0.113.9"
        )
    assert (response.status_code, OrmQ.objects.count()) == (302, 0)

    run_all(callbacks)
    person = CustomUser.objects.get(cedula="52345678")
    task = OrmQ.objects.get().task
    assert (task["func"], task["args"]) == ("census.tasks.validate_cedula", (person.pk,))


def run_all(callbacks: list[Callable[[], object]]) -> None:
    for callback in callbacks:
        callback()


# --- A spinner that never ends ------------------------------------------------------------------


@pytest.mark.django_db
@pytest.mark.parametrize("page", ["/perfil/", "/censo/"])
def test_a_lookup_whose_worker_died_is_shown_as_waiting(
    client: Client, person: CustomUser, page: str
) -> None:
    """Bug: a card said for ever that the census was being asked, when nobody was asking."""
    info = CedulaInfo.objects.get(user=person)
    claimed(info)
    expire(info)
    client.force_login(person)

    card = words(element(client.get(page, headers=HTMX), "#censo_card"))

    assert "Estás en la fila" in card
    assert "Estamos consultando" not in card


def test_a_null_character_in_a_place_is_not_there(client: Client, leader: CustomUser) -> None:
    """`/referidos/?departamento=%00` failed on PostgreSQL, which takes no such text."""
    client.force_login(leader)
    page = client.get("/referidos/?departamento=ANTIO%00QUIA&q=a%00b")
    assert page.status_code == 200
    assert Listing.from_address({"departamento": "ANTIO\0QUIA"}).places == ("antioquia",)
