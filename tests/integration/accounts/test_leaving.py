"""Taking an authorisation back and deleting an account: what is said, what goes, what stays."""

import pytest
from bs4 import Tag
from django.contrib.admin.models import LogEntry
from django.test import Client

from accounts.consents import ClientDetails, set_messages
from accounts.erasure import LastSuperadmin, erase_account, proofs_of
from accounts.models import Consent, CustomUser, ErasedAccount, OpenSession
from census.models import BulkRefresh, CedulaInfo, DataAccess, ExportRecord, LookupAttempt
from census.states import Status
from tests.lookups import claimed
from tests.markup import element, field_errors, page, text, value
from tests.people import HTMX, new_person, new_superadmin, set_lookup
from tests.typed import PASSWORD

pytestmark = pytest.mark.django_db

WITHDRAW, ERASE = "/perfil/mis-datos/retirar/", "/perfil/mis-datos/eliminar/"


def changes_since_now(client: Client) -> str:
    """Return the address that an open page of the leader polls."""
    return f"/referidos/pending/?since={value(client.get('/referidos/'), 'since')}"


class TestWithdrawing:
    def test_it_is_said_first_and_done_by_the_button(
        self, client: Client, person: CustomUser
    ) -> None:
        client.force_login(person)

        told = client.get(WITHDRAW)
        assert "Borramos de inmediato" in text(told)
        assert CedulaInfo.objects.filter(user=person).exists()
        done = client.post(str(element(told, "main form")["action"]), follow=True)

        assert done.redirect_chain == [("/perfil/", 302)]
        assert "Retiraste tu autorización" in text(done)
        assert not CedulaInfo.objects.filter(user=person).exists()
        assert page(done).select("#censo_card a[href='/autorizar/']")
        assert client.get(WITHDRAW)["Location"] == "/perfil/mis-datos/"

    def test_the_leader_reads_it_and_no_more(
        self, client: Client, leader: CustomUser, person: CustomUser
    ) -> None:
        set_lookup(person, status=Status.ACTIVE, puesto="IE LA UNIÓN", mesa="7")
        client.force_login(leader)
        poll = changes_since_now(client)
        client.force_login(person)
        client.post(WITHDRAW)
        client.force_login(leader)

        for address in (poll, f"/referido/{person.pk}/", f"/censo/{person.pk}/"):
            told = client.get(address, headers=HTMX).content.decode()
            assert "Retiró su autorización" in told
            assert "IE LA UNIÓN" not in told

    def test_asking_the_census_again_is_refused(
        self, client: Client, leader: CustomUser, person: CustomUser
    ) -> None:
        client.force_login(person)
        client.post(WITHDRAW)

        for viewer, address in (
            (person, "/refrescar-cedula/"),
            (leader, f"/refrescar-cedula/{person.pk}/"),
        ):
            client.force_login(viewer)
            client.post(address, headers=HTMX)
        client.post("/bulk-refresh/", {"ids": str(person.pk)})

        assert not CedulaInfo.objects.filter(user=person).exists()


@pytest.fixture
def rich(leader: CustomUser) -> CustomUser:
    """A leader of whom there is something in every table, and who brought somebody."""
    person = new_person("Ligia Uribe Franco", referred_by=leader, role=CustomUser.Role.LEADER)
    claimed(CedulaInfo.objects.get(user=person))
    set_messages(person, ClientDetails(), accepted=True)
    bulk = BulkRefresh.objects.create(requested_by=person, queued=1)
    set_lookup(new_person("Teresa Gil Mora", referred_by=person), bulk=bulk)
    DataAccess.objects.create(person=person, viewer=leader, action="OPENED")
    DataAccess.objects.create(person=leader, viewer=person, action="OPENED")
    ExportRecord.objects.create(exported_by=person, content="resumen", format="csv", row_count=1)
    return person


class TestDeleting:
    def test_it_is_said_first(self, client: Client, rich: CustomUser) -> None:
        client.force_login(rich)

        told = text(client.get(ERASE))

        assert "No se puede deshacer" in told
        assert "Tus 1 referido" not in told
        assert "Tu referido sigue registrado, pero deja de ser tuyo" in told

    def test_nothing_of_the_person_is_left_but_the_proof(
        self, client: Client, rich: CustomUser, leader: CustomUser
    ) -> None:
        referido, cedula = CustomUser.objects.get(referred_by=rich), rich.cedula
        client.force_login(rich)

        done = client.post(ERASE, {"password": PASSWORD}, follow=True)

        assert done.redirect_chain == [("/cuenta-eliminada/", 302)]
        assert "Eliminamos tu cuenta" in text(done)
        for model in (Consent, CedulaInfo, OpenSession):
            assert not model.objects.filter(user=rich.pk).exists()
        assert not CustomUser.objects.filter(cedula=cedula).exists()
        assert not LookupAttempt.objects.exists()
        assert not BulkRefresh.objects.exists()
        assert ExportRecord.objects.get().exported_by is None  # of others' data, and stays
        access = DataAccess.objects.get()
        assert (access.person, access.viewer) == (leader, None)
        referido.refresh_from_db()
        assert referido.referred_by is None
        assert referido.cedula_info.referrer_id is None
        [proof] = proofs_of(cedula)
        assert {consent["purpose"] for consent in proof.consents} == {"DATA", "MESSAGES"}
        assert all(consent["withdrawn_at"] for consent in proof.consents)
        assert cedula not in f"{vars(proof)}"

    def test_the_login_is_over_in_every_browser(self, client: Client, person: CustomUser) -> None:
        other = Client()
        for browser in (client, other):
            browser.force_login(person)
        key = other.session.session_key
        assert key is not None
        OpenSession.objects.get_or_create(user=person, session_key=key)

        client.post(ERASE, {"password": PASSWORD})

        assert "_auth_user_id" not in client.session
        assert not other.session.exists(key)
        assert other.get("/perfil/").status_code == 302

    @pytest.mark.parametrize("typed", ["", "otra-clave-larga"])
    def test_the_password_is_asked_for_again(
        self, client: Client, person: CustomUser, typed: str
    ) -> None:
        client.force_login(person)

        response = client.post(ERASE, {"password": typed})

        assert response.status_code == 422
        assert field_errors(response).keys() == {"password"}
        assert CustomUser.objects.filter(pk=person.pk).exists()

    def test_the_leaders_open_page_takes_the_row_out(
        self, client: Client, leader: CustomUser, person: CustomUser
    ) -> None:
        client.force_login(leader)
        poll = changes_since_now(client)
        erase_account(person)

        # Selectors find nothing in a <template>, so by its id.
        row = page(client.get(poll, headers=HTMX)).find(id=f"referido_{person.pk}")

        assert isinstance(row, Tag)
        assert row["hx-swap-oob"] == "delete"

    def test_the_same_cedula_may_register_again(self, person: CustomUser) -> None:
        from accounts.services import register_user

        erase_account(person)
        again = register_user(person.cedula, "Camilo Suárez León", "3001234567", PASSWORD)
        erase_account(again)

        assert proofs_of(person.cedula).count() == 2

    def test_twice_at_once_is_once(self, person: CustomUser) -> None:
        elsewhere = CustomUser.objects.get(pk=person.pk)

        erase_account(person)
        erase_account(elsewhere)

        assert ErasedAccount.objects.count() == 1


class TestTheLastSuperadmin:
    def test_they_cannot_delete_themself(self, client: Client, superadmin: CustomUser) -> None:
        client.force_login(superadmin)
        assert "Eres la única persona que administra todo" in text(client.get(ERASE))

        response = client.post(ERASE, {"password": PASSWORD})

        assert response.status_code == 422
        assert CustomUser.objects.filter(pk=superadmin.pk).exists()

    def test_one_of_two_can(self, client: Client, superadmin: CustomUser) -> None:
        other = new_superadmin()
        client.force_login(superadmin)

        assert client.post(ERASE, {"password": PASSWORD}).status_code == 302

        with pytest.raises(LastSuperadmin, match="nombra a otra persona"):
            erase_account(other)

    def test_one_who_cannot_log_in_does_not_count(self, superadmin: CustomUser) -> None:
        closed = new_superadmin()
        CustomUser.objects.filter(pk=closed.pk).update(is_active=False)

        with pytest.raises(LastSuperadmin):
            erase_account(superadmin)


class TestTheAdministration:
    def delete(self, client: Client, *people: CustomUser) -> str:
        answer = client.post(
            "/admin/accounts/customuser/",
            {
                "action": "delete_selected",
                "_selected_action": [str(person.pk) for person in people],
                "post": "yes",
            },
            follow=True,
        )
        return text(answer)

    def test_who_is_deleted_there_leaves_a_proof_and_no_name(
        self, client: Client, superadmin: CustomUser, person: CustomUser
    ) -> None:
        client.force_login(superadmin)

        client.post(f"/admin/accounts/customuser/{person.pk}/delete/", {"post": "yes"})

        assert proofs_of(person.cedula).count() == 1
        [entry] = LogEntry.objects.all()
        assert entry.object_repr == f"Persona {person.pk}"

    def test_many_at_once_leave_theirs(
        self, client: Client, superadmin: CustomUser, person: CustomUser, stranger: CustomUser
    ) -> None:
        client.force_login(superadmin)

        self.delete(client, person, stranger)

        assert ErasedAccount.objects.count() == 2
        assert not CustomUser.objects.filter(pk__in=[person.pk, stranger.pk]).exists()

    def test_the_last_superadmin_stays(
        self, client: Client, superadmin: CustomUser, person: CustomUser
    ) -> None:
        client.force_login(superadmin)

        self.delete(client, superadmin, person)

        assert CustomUser.objects.filter(pk=superadmin.pk).exists()
