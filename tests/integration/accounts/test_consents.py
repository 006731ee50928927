"""Authorisations as they are kept: given once, taken back as a whole, messages apart."""

import ast
import io
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.test import RequestFactory
from django.utils import timezone
from django_q.models import OrmQ
from pytest_django import Settings

from accounts import consents, policy
from accounts.checks import responsible_is_named
from accounts.consents import ClientDetails, give_consent, set_messages, withdraw_consent
from accounts.erasure import erase_account
from accounts.models import Consent, CustomUser, PolicyText
from accounts.responsible import Responsible
from census.models import BulkRefresh, CedulaInfo, GoneLookup, LookupAttempt
from census.states import Status
from census.wait.card import census_card
from tests.lookups import claimed, expire
from tests.paths import ROOT
from tests.people import new_cedula, new_person, set_lookup

pytestmark = pytest.mark.django_db

EVIDENCE = ClientDetails()
Find = Callable[[str], str]


def made_by_hand() -> CustomUser:
    return CustomUser.objects.create_user(new_cedula(), nombre_completo="Fidel Rincón Paz")


COPY = {"consented_at", "consent_version", "consent_withdrawn_at"}
"""The columns of a person's row that repeat their Consent."""


def written_names(path: Path) -> set[str]:
    """The names that a module sets as attributes or gives as arguments."""
    nodes = list(ast.walk(ast.parse(path.read_text())))
    set_ = {n.attr for n in nodes if isinstance(n, ast.Attribute) and isinstance(n.ctx, ast.Store)}
    return set_ | {n.arg for n in nodes if isinstance(n, ast.keyword) and n.arg}


def test_one_module_writes_the_copy_of_a_consent() -> None:
    modules = [
        path
        for folder in ("accounts", "benchmarks", "census", "config")
        for path in (ROOT / folder).rglob("*.py")
        if "migrations" not in path.parts
    ]

    assert [
        path.relative_to(ROOT).as_posix() for path in modules if COPY & written_names(path)
    ] == ["accounts/consents.py"]


def test_many_at_once_have_the_copy_and_the_proof() -> None:
    joined = timezone.now() - timedelta(days=3)
    people = consents.bulk_create_with_consent(
        CustomUser(cedula=new_cedula(), nombre_completo="Zoila Cano", date_joined=joined)
        for _ in range(3)
    )

    for person in people:
        person.refresh_from_db()
        proof = person.consents.get()
        assert person.has_consent
        assert person.consented_at == proof.given_at == joined
        assert person.consent_version == proof.version
    assert PolicyText.objects.get().sha256 == policy.text_sha256()


class TestGiving:
    @pytest.mark.django_db(transaction=True)
    def test_whoever_consents_later_is_looked_up_from_then_on(self) -> None:
        person = made_by_hand()

        give_consent(person, EVIDENCE)

        assert person.has_consent
        assert CedulaInfo.objects.get(user=person).status == Status.PENDING
        assert [message.task["args"] for message in OrmQ.objects.all()] == [(person.pk,)]

    def test_the_words_are_kept_beside_the_proof(self, person: CustomUser) -> None:
        [consent] = person.consents.all()

        kept = PolicyText.objects.get(sha256=consent.text_sha256)

        assert (kept.text, kept.version) == (policy.text(), consent.version)

    def test_a_button_pressed_in_two_browsers_is_one_consent(self) -> None:
        person = made_by_hand()
        elsewhere = CustomUser.objects.get(pk=person.pk)

        give_consent(person, EVIDENCE)
        give_consent(elsewhere, EVIDENCE)

        assert person.consents.count() == 1

    def test_an_answer_of_the_census_outlives_a_new_version(
        self, person: CustomUser, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        set_lookup(person, status=Status.ACTIVE, mesa="7")
        before = policy.version()
        monkeypatch.setattr(policy, "VERSION", "2099-01")
        assert not person.has_consent

        give_consent(person, EVIDENCE)

        assert CedulaInfo.objects.get(user=person).mesa == "7"
        assert [consent.version for consent in person.consents.all()] == ["2099-01", before]

    @pytest.mark.parametrize(
        ("peer", "kept"), [("fe80::1%eth0", "fe80::1"), ("2001:db8::7", "2001:db8::7"), ("", None)]
    )
    def test_an_address_is_kept_as_every_database_takes_it(
        self, peer: str, kept: str | None
    ) -> None:
        request = RequestFactory().get("/", REMOTE_ADDR=peer)

        assert ClientDetails.from_request(request).ip_address == kept


class TestWithdrawing:
    def test_everything_that_the_census_said_goes_at_once(self, person: CustomUser) -> None:
        claim = claimed(CedulaInfo.objects.get(user=person))
        set_messages(person, EVIDENCE, accepted=True)

        withdraw_consent(person)

        assert not person.has_consent
        assert person.consent_withdrawn_at is not None
        assert not CedulaInfo.objects.filter(user=person).exists()
        assert not LookupAttempt.objects.filter(claim=claim.token).exists()
        assert not person.consents.filter(withdrawn_at=None).exists()
        gone = GoneLookup.objects.get()
        assert (gone.user_id, gone.referrer_id) == (person.pk, person.referred_by_id)

    def test_a_bulk_counts_the_row_as_apart(self, leader: CustomUser, person: CustomUser) -> None:
        from census.referidos.bulk import progress_of

        bulk = BulkRefresh.objects.create(requested_by=leader, queued=1)
        set_lookup(person, bulk=bulk)

        withdraw_consent(person)

        progress = progress_of(leader)
        assert progress is not None
        assert (progress.left, progress.dropped, progress.is_running) == (0, 1, False)

    def test_the_second_time_keeps_the_first_date(self, person: CustomUser) -> None:
        withdraw_consent(person)
        first = person.consent_withdrawn_at

        withdraw_consent(CustomUser.objects.get(pk=person.pk))

        person.refresh_from_db()
        assert person.consent_withdrawn_at == first

    def test_given_again_it_is_a_new_consent_and_a_new_lookup(self, person: CustomUser) -> None:
        set_lookup(person, status=Status.ACTIVE)
        withdraw_consent(person)

        give_consent(person, EVIDENCE)

        assert person.consent_withdrawn_at is None
        assert CedulaInfo.objects.get(user=person).status == Status.PENDING
        assert person.consents.filter(withdrawn_at=None).count() == 1

    def test_a_page_that_read_the_row_before_is_no_error(self, person: CustomUser) -> None:
        info = CedulaInfo.objects.get(user=person)
        claimed(info)
        info.refresh_from_db()
        expire(info)
        withdraw_consent(person)

        assert not info.reset_if_stale()


class TestMessages:
    def test_they_are_recorded_apart_and_end_apart(self, person: CustomUser) -> None:
        set_messages(person, EVIDENCE, accepted=True)
        set_messages(person, EVIDENCE, accepted=True)
        assert person.consents.filter(purpose=Consent.Purpose.MESSAGES).count() == 1

        set_messages(person, EVIDENCE, accepted=False)

        assert not consents.accepts_messages(person)
        assert person.has_consent
        assert person.consents.get(withdrawn_at=None).purpose == Consent.Purpose.DATA

    def test_nobody_accepts_them_whose_data_may_not_be_used(self, person: CustomUser) -> None:
        withdraw_consent(person)

        set_messages(person, EVIDENCE, accepted=True)

        assert not consents.accepts_messages(person)


def test_a_lookup_that_waits_for_its_person_says_so(
    person: CustomUser, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is not due: a position in the queue, and a page that asks for ever, would be lies."""
    monkeypatch.setattr(policy, "VERSION", "2027-01")

    card = census_card(person)

    assert (card.awaits_consent, card.poll, card.queue_position) == (True, False, None)


def test_a_server_must_say_who_answers_for_the_data(settings: Settings) -> None:
    settings.RESPONSIBLE = Responsible(name="Campaña de ejemplo")
    problems = responsible_is_named()
    assert [str(problem.msg).split()[0] for problem in problems] == [
        "RESPONSIBLE_ADDRESS",
        "RESPONSIBLE_EMAIL",
    ]

    settings.RESPONSIBLE = Responsible(name="C", address="Calle 1", email="datos@example.org")
    assert responsible_is_named() == []


class TestFindErased:
    @pytest.fixture
    def find(self, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], str]:
        """Return a function: the lines to type → the command's output."""

        def find(typed: str) -> str:
            out = io.StringIO()
            monkeypatch.setattr("sys.stdin", io.StringIO(typed))
            call_command("find_erased", stdout=out)
            return out.getvalue()

        return find

    def test_it_shows_the_proof_of_an_account_that_is_gone(self, find: Find) -> None:
        person = new_person()
        cedula, [consent] = person.cedula_formatted, person.consents.all()
        erase_account(person)

        told = find(f" {cedula}\n")

        assert "An account was deleted on " in told
        assert f"text_sha256: {consent.text_sha256}" in told
        assert "withdrawn_at: 20" in told
        assert person.nombre_completo not in told

    def test_it_says_where_there_is_none(self, find: Find, person: CustomUser) -> None:
        with pytest.raises(CommandError, match="No account of this cédula"):
            find(person.cedula)

    def test_it_says_what_is_no_cedula(self, find: Find) -> None:
        with pytest.raises(CommandError, match="not a cédula"):
            find("hola\n")
