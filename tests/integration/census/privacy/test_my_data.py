"""«Mis datos»: all that is kept about a person, in front of them and as a file."""

import json

import pytest
from django.db.models import ManyToOneRel, Model
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from accounts import policy
from accounts.consents import ClientDetails, accepts_messages, set_messages
from accounts.models import Consent, CustomUser, OpenSession, PolicyText
from census.models import BulkRefresh, CedulaInfo, DataAccess, ExportRecord
from census.privacy import my_data
from census.states import Status
from tests.lookups import claimed
from tests.markup import page, text
from tests.people import new_person, set_lookup

pytestmark = pytest.mark.django_db

RELATED = {
    "Consent.user": "autorizaciones",
    "CedulaInfo.user": "censo",
    "OpenSession.user": "sesiones_abiertas",
    "BulkRefresh.requested_by": "consultas_de_muchas_que_pedi",
    "ExportRecord.exported_by": "exportaciones_que_hice",
    "DataAccess.person": "accesos_a_mis_datos",
    "CustomUser.referred_by": "cantidad_de_referidos",
    "TOTPDevice.user": "cuenta",
    "StaticDevice.user": "cuenta",
    "CustomUser_groups.customuser": "cuenta",
    "CustomUser_user_permissions.customuser": "cuenta",
}
"""Every table that points to a person, and where the document has it."""
OTHER_PEOPLES = {
    "CedulaInfo.referrer",  # of those whom they brought
    "DataAccess.viewer",  # about those whose data they opened
    "LogEntry.user",  # what they did in the administration, to others
}
INTERNAL = {
    CustomUser: {"id", "password", "search_name", "role", "referred_by"}
    | {"consented_at", "consent_version", "consent_withdrawn_at"},  # under "autorizacion"
    CedulaInfo: {"id", "user", "referrer", "status", "priority", "claim", "lease_expires_at"}
    | {"bulk", "status_before", "attempts_before"}
    | {"departamento_key", "municipio_key", "puesto_key", "mesa_key"},
    Consent: {"id", "user", "purpose", "channel", "text_sha256"},
    OpenSession: {"id", "user", "session_key"},  # whoever has the key is logged in
    BulkRefresh: {"id", "requested_by"},
}
"""Fields that are not there under their own name: secrets, copies, what has a name for people."""


def document(client: Client) -> dict[str, object]:
    response = client.get("/perfil/mis-datos/descargar/")
    assert response["Content-Type"] == "application/json"
    assert response["Content-Disposition"].startswith('attachment; filename="mis-datos-20')
    assert "no-store" in response["Cache-Control"]
    found: dict[str, object] = json.loads(response.content)
    return found


@pytest.fixture
def someone(client: Client, person: CustomUser, leader: CustomUser) -> CustomUser:
    """A person of whom there is something in every table; logged in."""
    claimed(CedulaInfo.objects.get(user=person))
    set_lookup(person, status=Status.ACTIVE, municipio="MEDELLÍN", puesto="IE LA UNIÓN", mesa="7")
    set_messages(person, ClientDetails(), accepted=True)
    new_person("Yolima Secreta Ruiz", referred_by=person)
    DataAccess.objects.create(person=person, viewer=leader, action=DataAccess.Action.OPENED)
    ExportRecord.objects.create(exported_by=person, content="resumen", format="csv", row_count=3)
    BulkRefresh.objects.create(requested_by=person, queued=2)
    OpenSession.objects.create(user=person, session_key="k" * 32, ip_address="192.0.2.7")
    client.force_login(person)
    return person


def test_the_profile_leads_there(client: Client, person: CustomUser) -> None:
    client.force_login(person)

    assert page(client.get("/perfil/")).select("main a[href='/perfil/mis-datos/']")


def test_the_page_shows_what_is_kept(client: Client, someone: CustomUser) -> None:
    told = text(client.get("/perfil/mis-datos/"))

    for said in (
        *(someone.cedula_formatted, someone.nombre_completo, "300 123 4567"),
        *("Amparo Quintero Díaz", "Votas en IE LA UNIÓN, mesa 7, MEDELLÍN."),
        f"Uso de los datos, versión {policy.version()}: vigente",
        f"Recibir mensajes, versión {policy.version()}",
        "Amparo Quintero Díaz: vio tus datos",
    ):
        assert said in told


def test_its_queries_do_not_grow_with_what_there_is(
    client: Client, someone: CustomUser, leader: CustomUser,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:  # fmt: skip
    for _ in range(my_data.SHOWN_ACCESSES + 1):
        DataAccess.objects.create(person=someone, viewer=leader, action="OPENED")

    with django_assert_max_num_queries(9):
        response = client.get("/perfil/mis-datos/")

    assert len(page(response).select("[aria-labelledby=accesos] li")) == my_data.SHOWN_ACCESSES
    assert "El archivo que descargas los tiene todos" in text(response)


def test_the_words_that_one_agreed_to_can_be_read(
    client: Client, someone: CustomUser, monkeypatch: pytest.MonkeyPatch
) -> None:
    agreed = policy.text()
    links = page(client.get("/perfil/mis-datos/")).select("[aria-labelledby=autorizaciones] li a")
    monkeypatch.setattr(policy, "text", lambda: "Otra política.")

    assert agreed in text(client.get(str(links[0]["href"])))


def test_a_text_that_one_never_saw_is_not_shown(client: Client, someone: CustomUser) -> None:
    PolicyText.objects.create(sha256="f" * 64, version="2020-01", text="Ajena")

    for sha256 in ("f" * 64, "nada"):
        assert client.get(f"/perfil/mis-datos/textos/{sha256}/").status_code == 404


def test_a_consent_whose_words_were_not_kept_yet_is_shown_without(
    client: Client, someone: CustomUser
) -> None:
    PolicyText.objects.all().delete()

    response = client.get("/perfil/mis-datos/")

    assert f"Uso de los datos, versión {policy.version()}" in text(response)
    assert not page(response).select("a[href*=textos]")


def test_the_file_has_it_all(client: Client, someone: CustomUser) -> None:
    found = document(client)

    assert found["cuenta"]["cédula"] == someone.cedula  # type: ignore[index]
    assert found["cuenta"]["código para referir"] == someone.referral_code  # type: ignore[index]
    assert found["cuenta"]["verificación en dos pasos"] is False  # type: ignore[index]
    assert found["invitado_por"] == "Amparo Quintero Díaz"
    assert found["cantidad_de_referidos"] == 1
    census = found["censo"]
    assert isinstance(census, dict)
    assert (census["estado"], census["mesa"]) == ("Encontrada", "7")
    assert [attempt["intento"] for attempt in census["intentos"]] == [1]
    consents = found["autorizaciones"]
    assert isinstance(consents, list)
    assert {consent["texto"] for consent in consents} == {policy.text()}
    for key in RELATED.values():
        assert found[key], key


def test_the_file_has_nothing_of_other_people_and_no_secret(
    client: Client, someone: CustomUser, leader: CustomUser
) -> None:
    written = client.get("/perfil/mis-datos/descargar/").content.decode()

    for hidden in ("Yolima", leader.cedula, someone.password, "k" * 32):
        assert hidden not in written


def test_no_table_about_a_person_is_forgotten() -> None:
    """A new one belongs into `census.privacy.my_data`, or is named here as none of theirs."""
    pointing = {
        f"{relation.related_model.__name__}.{relation.field.name}"
        for relation in CustomUser._meta.get_fields(include_hidden=True)  # noqa: SLF001
        if isinstance(relation, ManyToOneRel) and isinstance(relation.related_model, type)
    }

    assert pointing == RELATED.keys() | OTHER_PEOPLES


@pytest.mark.parametrize("model", INTERNAL)
def test_no_field_about_a_person_is_forgotten(
    client: Client, someone: CustomUser, model: type[Model]
) -> None:
    parts = {CustomUser: "cuenta", CedulaInfo: "censo", Consent: "autorizaciones"}
    parts |= {OpenSession: "sesiones_abiertas", BulkRefresh: "consultas_de_muchas_que_pedi"}
    part = document(client)[parts[model]]
    written = part[0] if isinstance(part, list) else part
    assert isinstance(written, dict)

    for field in model._meta.fields:  # noqa: SLF001
        if field.name not in INTERNAL[model]:
            assert str(field.verbose_name) in written, field.name


def test_messages_are_switched_on_and_off(client: Client, person: CustomUser) -> None:
    client.force_login(person)
    assert "Acepto que me escriban" in text(client.get("/perfil/mis-datos/"))

    told = client.post("/perfil/mis-datos/mensajes/", {"acepta": "si"}, follow=True)
    assert accepts_messages(person)
    assert "Listo: te podemos escribir" in text(told)

    told = client.post("/perfil/mis-datos/mensajes/", {"acepta": "no"}, follow=True)
    assert not accepts_messages(person)
    assert "Listo: no te escribimos" in text(told)
    assert f"Recibir mensajes, versión {policy.version()}: retirada" in text(told)


def test_a_superadmin_has_such_a_page_too(client: Client, superadmin: CustomUser) -> None:
    client.force_login(superadmin)

    assert "Nada: no consultamos tu cédula" in text(client.get("/perfil/mis-datos/"))
    assert document(client)["censo"] is None
