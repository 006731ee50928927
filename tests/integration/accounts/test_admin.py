"""The administration: it opens, shows no cédula in lists, and hands out no power."""

from uuid import uuid4

import pytest
from django.contrib.auth.models import Permission
from django.db.models import Model
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.models import Consent, CustomUser
from census.models import CedulaInfo, ExportRecord, LookupAttempt, PurgeRun, WorkerHeartbeat
from scraper.models import SiteGate
from tests.markup import element, page, text, words
from tests.people import new_person
from tests.typed import PASSWORD

pytestmark = pytest.mark.django_db

READ_ONLY = (Consent, CedulaInfo, ExportRecord, LookupAttempt, PurgeRun, WorkerHeartbeat, SiteGate)


def address(model: type[Model], page: str, *args: object) -> str:
    name = model._meta.label_lower.replace(".", "_")  # noqa: SLF001  Django documents it
    return reverse(f"admin:{name}_{page}", args=args)


@pytest.fixture
def rows(person: CustomUser) -> dict[type[Model], Model]:
    """One row of each kind that the administration shows."""
    info = CedulaInfo.objects.get(user=person)
    attempt = LookupAttempt.objects.create(
        info=info, claim=uuid4(), number=1, worker="host:1", ended_at=timezone.now()
    )
    LookupAttempt.objects.create(info=info, claim=uuid4(), number=2, worker="host:1")
    beat = WorkerHeartbeat.objects.create(
        cluster_id=uuid4(), host="host", pid=1, version="1", started_at=timezone.now(),
        beat_at=timezone.now(),
    )  # fmt: skip
    export = ExportRecord.objects.create(
        exported_by=person, content="referidos", format="csv", row_count=2
    )
    gate, _ = SiteGate.objects.get_or_create(pk=1)
    run = PurgeRun.objects.create(deleted={"attempts": 2})
    listed = [person, Consent.objects.get(user=person), info, attempt, export, beat, gate, run]
    return {type(row): row for row in listed}


@pytest.fixture
def helper(db: None) -> CustomUser:
    """Staff with every permission there is, but no superuser."""
    helper = new_person("Yolima Cárdenas Vega")
    helper.is_staff = True
    helper.save()
    helper.user_permissions.set(Permission.objects.all())
    return helper


def change(client: Client, person: CustomUser, **typed: str) -> None:
    """Send the form of a person's page, with some fields typed anew."""
    form = {
        "nombre_completo": person.nombre_completo,
        "phone": person.phone,
        "referral_goal": person.referral_goal,
        "role": person.role,
        "is_active": "on",
    }
    response = client.post(address(CustomUser, "change", person.pk), form | typed)
    assert response.status_code == 302, text(response)


@pytest.mark.parametrize("model", READ_ONLY)
def test_what_the_code_writes_is_only_looked_at(
    client: Client,
    superadmin: CustomUser,
    rows: dict[type[Model], Model],
    model: type[Model],
) -> None:
    client.force_login(superadmin)
    row = rows[model]

    assert client.get(address(model, "add")).status_code == 403
    assert client.post(address(model, "change", row.pk), {"status": "ACTIVE"}).status_code == 403
    assert client.post(address(model, "delete", row.pk), {"post": "yes"}).status_code == 403
    client.post(
        address(model, "changelist"), {"action": "delete_selected", "_selected_action": row.pk}
    )
    assert model.objects.filter(pk=row.pk).exists()  # type: ignore[attr-defined]


def test_no_list_shows_a_whole_cedula(
    client: Client, superadmin: CustomUser, rows: dict[type[Model], Model]
) -> None:
    client.force_login(superadmin)
    cedulas = list(CustomUser.objects.values_list("cedula", flat=True))

    for model in rows:
        shown = client.get(address(model, "changelist")).content.decode()
        assert not [cedula for cedula in cedulas if cedula in shown], model


def test_a_list_takes_no_more_queries_for_more_rows(
    client: Client,
    superadmin: CustomUser,
    rows: dict[type[Model], Model],
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    client.force_login(superadmin)
    leader = new_person()
    for _ in range(15):
        LookupAttempt.objects.create(
            info=new_person(referred_by=leader).cedula_info,
            claim=uuid4(),
            number=1,
            worker="host:1",
        )

    for model in rows:
        with django_assert_max_num_queries(12):
            client.get(address(model, "changelist"))


class TestPeople:
    def test_a_cedula_pasted_with_dots_is_found(
        self, client: Client, superadmin: CustomUser, person: CustomUser
    ) -> None:
        client.force_login(superadmin)

        response = client.get(address(CustomUser, "changelist"), {"q": person.cedula_formatted})

        names = page(response).select("#result_list .field-nombre_completo")
        assert [words(name) for name in names] == ["Camilo Suárez León"]

    def test_a_superuser_makes_a_leader(
        self, client: Client, superadmin: CustomUser, person: CustomUser
    ) -> None:
        client.force_login(superadmin)

        change(client, person, role="LEADER")

        person.refresh_from_db()
        assert person.is_leader
        assert person.consented_at is not None
        assert person.check_password(PASSWORD)

    def test_other_staff_edits_people_but_gives_no_power(
        self, client: Client, helper: CustomUser, person: CustomUser
    ) -> None:
        client.force_login(helper)

        change(
            client, person, nombre_completo="Camilo S.", role="LEADER", is_staff="on",
            is_superuser="on",
        )  # fmt: skip
        change(client, helper, role="LEADER", is_superuser="on")

        person.refresh_from_db()
        helper.refresh_from_db()
        assert person.nombre_completo == "Camilo S."
        assert not any((person.is_leader, person.is_staff, person.is_superuser))
        assert helper.is_staff
        assert not any((helper.is_leader, helper.is_superuser))

    def test_other_staff_does_not_touch_a_superuser(
        self, client: Client, helper: CustomUser, superadmin: CustomUser
    ) -> None:
        client.force_login(helper)
        new = {"password1": "otra-clave-larga-8", "password2": "otra-clave-larga-8"}

        assert client.get(address(CustomUser, "changelist")).status_code == 200
        for page_, typed in (
            (address(CustomUser, "change", superadmin.pk), {"nombre_completo": "X"}),
            (address(CustomUser, "delete", superadmin.pk), {"post": "yes"}),
            (f"/admin/accounts/customuser/{superadmin.pk}/password/", new),
        ):
            assert client.post(page_, typed).status_code == 403
        client.post(
            address(CustomUser, "changelist"),
            {"action": "delete_selected", "_selected_action": superadmin.pk, "post": "yes"},
        )
        superadmin.refresh_from_db()
        assert superadmin.check_password(PASSWORD)

    def test_a_person_made_by_hand_has_given_no_consent(
        self, client: Client, superadmin: CustomUser
    ) -> None:
        client.force_login(superadmin)
        assert client.get(address(CustomUser, "add")).status_code == 200

        response = client.post(
            address(CustomUser, "add"),
            {
                "cedula": "52.345.678",
                "nombre_completo": "Luz Dary Cano Mejía",
                "usable_password": "true",
                "password1": PASSWORD,
                "password2": PASSWORD,
            },
        )

        assert response.status_code == 302
        person = CustomUser.objects.get(cedula="52345678")
        assert person.check_password(PASSWORD)
        assert person.consented_at is None
        assert not CedulaInfo.objects.filter(user=person).exists()

    def test_a_cedula_that_is_none_is_refused(self, client: Client, superadmin: CustomUser) -> None:
        client.force_login(superadmin)

        response = client.post(address(CustomUser, "add"), {"cedula": "0123456"})

        assert "no empieza por cero" in text(response)

    def test_a_new_password_is_set_by_djangos_form(
        self, client: Client, superadmin: CustomUser, person: CustomUser
    ) -> None:
        client.force_login(superadmin)
        password_page = f"/admin/accounts/customuser/{person.pk}/password/"
        assert client.get(password_page).status_code == 200

        client.post(
            password_page,
            {
                "usable_password": "true",
                "password1": "otra-clave-larga-8",
                "password2": "otra-clave-larga-8",
            },
        )

        person.refresh_from_db()
        assert person.check_password("otra-clave-larga-8")

    def test_erasing_a_person_takes_along_what_is_theirs(
        self, client: Client, superadmin: CustomUser, person: CustomUser,
        rows: dict[type[Model], Model],
    ) -> None:  # fmt: skip
        client.force_login(superadmin)

        response = client.post(address(CustomUser, "delete", person.pk), {"post": "yes"})

        assert response.status_code == 302
        for model in (CustomUser, Consent, CedulaInfo, LookupAttempt):
            assert not model.objects.filter(pk=rows[model].pk).exists()


def test_it_wears_the_products_name(client: Client, superadmin: CustomUser) -> None:
    client.force_login(superadmin)

    response = client.get("/admin/")

    assert "Censo al Día" in text(response)
    assert element(response, "link[rel=icon]")
