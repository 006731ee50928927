"""Logs, error reports and the administration's lists tell nobody's cédula."""

import io
import logging
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.admin.models import ADDITION, LogEntry
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.models import Permission
from django.core import mail
from django.db import IntegrityError
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from django.urls import include, path
from django.utils import timezone
from django_q.models import Failure, OrmQ, Task
from django_q.tasks import async_task
from pytest_django import Settings

from accounts.forms.people import RegistrationForm
from accounts.logs.masking import PrivateReporter, PrivateReporterFilter
from accounts.models import CustomUser
from tests.lookups import claimed
from tests.people import HTMX, new_person
from tests.typed import PASSWORD, REGISTRATION

pytestmark = pytest.mark.django_db

CEDULA = "1098765432"
FORMS = (CEDULA, "1.098.765.432", "1 098 765 432", "1+098+765+432")
TAKEN = f"duplicate key value violates unique constraint\nDETAIL: Key (cedula)=({CEDULA}) exists."


@login_not_required
def fails(request: HttpRequest) -> HttpResponse:
    """A view in which what is typed stands in variables when the database refuses it."""
    form = RegistrationForm(request.POST)
    form.is_valid()
    cedula, password1, data = request.POST["cedula"], request.POST["password1"], dict(form.data)
    raise IntegrityError(TAKEN, len((cedula, password1, data)))


urlpatterns = [path("falla/", fails), path("", include("config.urls"))]


@pytest.fixture
def written() -> Iterator[io.StringIO]:
    """All that a handler of every logger writes, from DEBUG on."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(logging.Formatter("%(levelname)s %(name)s %(message)s"))
    root = logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield stream
    root.removeHandler(handler)
    root.setLevel(level)


def holds_a_cedula(text: str) -> bool:
    return any(form in text for form in FORMS)


class TestLogs:
    def test_what_people_do_leaves_no_cedula_in_them(
        self, client: Client, leader: CustomUser, written: io.StringIO
    ) -> None:
        logging.getLogger("django.db.backends").setLevel(logging.INFO)  # DEBUG logs every query
        client.post("/registro/", REGISTRATION | {"cedula": FORMS[1]})
        client.post("/salir/")
        client.post("/ingresar/", {"username": CEDULA, "password": "no es esta"})
        client.get(f"/referido/{CEDULA}/")
        client.get(f"/no-hay/{CEDULA}/")
        Client(enforce_csrf_checks=True).post("/ingresar/", {"username": CEDULA})
        client.force_login(leader)
        client.get("/referidos/", {"q": CEDULA})
        client.get(f"/referido/{CEDULA}/")
        client.post("/referidos/buscar/", {"q": CEDULA}, headers=HTMX)
        claimed(CustomUser.objects.get(cedula=CEDULA).cedula_info)

        assert "/no-hay/••••432/" in written.getvalue()
        assert not holds_a_cedula(written.getvalue())

    def test_the_exception_and_its_traceback_are_masked(self, written: io.StringIO) -> None:
        problem = IntegrityError(TAKEN)
        logging.getLogger("census").error("Failed: %s", problem, exc_info=problem)
        logging.getLogger("census").error(problem)

        assert written.getvalue().count("Key (cedula)=(••••432)") == 3
        assert not holds_a_cedula(written.getvalue())

    def test_ids_and_times_of_our_own_lines_stay(self, written: io.StringIO) -> None:
        logging.getLogger("census").info("Lookup %s, task %s.", 1234567, "7012345678")

        assert "Lookup 1234567, task 7012345678." in written.getvalue()

    @pytest.mark.parametrize("form", FORMS)
    def test_servers_lines_are_masked(self, written: io.StringIO, form: str) -> None:
        line = f"GET /referidos/?q={form} HTTP/1.1"
        logging.getLogger("django.server").info('"%s" %s %s', line, "200", "17")
        logging.getLogger("gunicorn.error").error("Error handling request %s", line)
        atoms: dict[str, Any] = {"r": line, "b": "1234567", "q": f"q={form}", "f": line}
        logging.getLogger("gunicorn.access").info("%(r)s %(b)s %(q)s %(f)s", atoms)
        logging.getLogger("django-q").error(f"Failed 'task' - {form}")  # noqa: G004  it does so

        assert written.getvalue().count("••••432") == 6
        assert " 1234567 " in written.getvalue()  # how many bytes
        assert not holds_a_cedula(written.getvalue())


@pytest.mark.parametrize("mode", ["production", "debug"])
class TestErrorReports:
    TYPED = REGISTRATION | {"cedula": CEDULA, "username": FORMS[1], "q": "otra cosa"}
    ADDRESS = f"/falla/?q={CEDULA}&next=/referidos/%3Fq%3D{CEDULA}"

    @pytest.fixture(autouse=True)
    def site(self, settings: Settings, mode: str) -> None:
        settings.ROOT_URLCONF = __name__
        settings.ADMINS = [("Operador", "op@example.org")]
        settings.DEBUG = mode == "debug"

    def test_a_failure_tells_nothing_that_was_typed(self, client: Client, mode: str) -> None:
        client.raise_request_exception = False
        response = client.post(self.ADDRESS, self.TYPED, headers={"Referer": self.ADDRESS})
        assert response.status_code == 500
        by_mail = mode == "production"
        report = str(mail.outbox[0].body) if by_mail else response.content.decode()

        assert "IntegrityError" in report
        assert not holds_a_cedula(report)
        for typed in (PASSWORD, "300 123 4567", "Luz Dary", "otra cosa"):
            assert typed not in report

    def test_fields_are_hidden_by_their_names_whatever_was_typed(self) -> None:
        private = ("cedula", "username", "phone", "password1", "old_password", "q")
        request = RequestFactory().post("/", dict.fromkeys((*private, "orden"), "abc"))

        shown = PrivateReporterFilter().get_post_parameters(request)

        assert [name for name, value in shown.items() if value == "abc"] == ["orden"]

    def test_both_forms_of_a_report_are_masked(self) -> None:
        request = RequestFactory().post(self.ADDRESS, self.TYPED)
        with pytest.raises(IntegrityError) as caught:
            fails(request)
        reporter = PrivateReporter(request, caught.type, caught.value, caught.tb)
        texts = [reporter.get_traceback_text(), reporter.get_traceback_html()]

        for text in texts:
            assert "••••432" in text
            assert not holds_a_cedula(text)
            assert PASSWORD not in text


class TestTheQueue:
    def test_a_failed_tasks_traceback_is_stored_masked(self) -> None:
        now = timezone.now()
        task = Task.objects.create(
            id=uuid.uuid4().hex, name="x", func="f", started=now, stopped=now, success=False,
            result=f"{TAKEN} : Traceback",
        )  # fmt: skip

        assert "(••••432)" in Failure.objects.get(pk=task.pk).result

    def test_a_task_holds_the_persons_id_alone(self) -> None:
        OrmQ.objects.all().delete()
        person = new_person()
        async_task("census.tasks.validate_cedula", person.pk)

        (queued,) = OrmQ.objects.all()
        assert queued.task["args"] == (person.pk,)
        assert person.cedula not in str(queued.task)


class TestTheAdministration:
    def test_no_list_of_any_model_shows_a_cedula(
        self, client: Client, superadmin: CustomUser
    ) -> None:
        person = new_person()
        CustomUser.objects.filter(pk=person.pk).update(cedula=CEDULA)
        person.refresh_from_db()
        now = timezone.now()
        LogEntry.objects.create(
            user=superadmin, object_id=str(person.pk), object_repr=str(person), action_flag=ADDITION
        )
        async_task("census.tasks.validate_cedula", person.pk)
        Task.objects.create(
            id=uuid.uuid4().hex, name="x", func="f", args=(person.pk,), started=now, stopped=now,
            success=False, result=TAKEN,
        )  # fmt: skip
        client.force_login(superadmin)
        index = client.get("/admin/")

        lists = [model["admin_url"] for app in index.context["app_list"] for model in app["models"]]
        pages = [index, *(client.get(address) for address in lists)]

        assert len(pages) > 8
        for page in pages:
            assert page.status_code == 200
            assert not holds_a_cedula(page.content.decode())

    def test_a_persons_page_shows_it_to_superusers_alone(
        self, client: Client, superadmin: CustomUser
    ) -> None:
        person, helper = new_person(), new_person()
        CustomUser.objects.filter(pk=helper.pk).update(is_staff=True)
        helper.user_permissions.set(Permission.objects.all())
        address = f"/admin/accounts/customuser/{person.pk}/change/"

        client.force_login(superadmin)
        assert person.cedula in client.get(address).content.decode()
        client.force_login(CustomUser.objects.get(pk=helper.pk))
        seen = client.get(address)
        assert seen.status_code == 200
        assert person.cedula not in seen.content.decode()
        assert f"••••{person.cedula[-3:]}" in seen.content.decode()
