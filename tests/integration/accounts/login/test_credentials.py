"""Guessing at the door: where it ends, for whom, and who is not locked out by it."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

import pytest
import time_machine
from django.core import signing
from django.test import Client
from pytest_django import Settings

from accounts.login import credentials, known_device, throttle
from accounts.models import CustomUser, ThrottleCounter
from tests.markup import field_errors, text, value
from tests.people import CountedHasher, new_cedula, new_person
from tests.typed import PASSWORD, REGISTRATION

pytestmark = pytest.mark.django_db

NOON = datetime(2027, 3, 1, 12, tzinfo=UTC)
WAIT_A_QUARTER = "Hubo demasiados intentos. Espera 15 minutos y vuelve a intentarlo."
RALLY = "192.0.2.1"


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NOON, tick=False) as clock:
        yield clock


def log_in(client: Client, cedula: str, password: str = PASSWORD, address: str = RALLY) -> Any:
    """The answer to the form; the class of the test client's answers has no name."""
    return client.post(
        "/ingresar/", {"username": cedula, "password": password}, REMOTE_ADDR=address
    )


def guess(cedula: str, times: int, address: str = RALLY) -> list[int]:
    return [log_in(Client(), cedula, f"intento-{n}", address).status_code for n in range(times)]


def guess_from_everywhere(cedula: str, times: int) -> None:
    for n in range(times):
        log_in(Client(), cedula, "no-es-esta", f"198.51.{n // 200}.{n % 200}")


def fail_at_many_accounts(times: int) -> None:
    """Count failed logins from RALLY, each at another account; the pages would take seconds."""
    for n in range(times):
        throttle.take(throttle.login_counters(str(7_000_000 + n), RALLY))


class TestGuessingAtOneAccount:
    @pytest.mark.parametrize("whose", ["person", "nobody"])
    def test_after_five_the_address_waits_whether_there_is_such_an_account_or_not(
        self, client: Client, person: CustomUser, whose: str
    ) -> None:
        cedula = person.cedula if whose == "person" else new_cedula()
        assert guess(cedula, 5) == [422] * 5

        response = log_in(client, cedula)

        assert response.status_code == 429
        assert response["Retry-After"] == "900"
        assert text(response).count(WAIT_A_QUARTER) == 1
        assert field_errors(response) == {}
        assert value(response, "username") == cedula
        assert value(response, "password") == ""
        assert "_auth_user_id" not in client.session

    def test_what_is_no_cedula_is_counted_too(self, client: Client) -> None:
        assert guess("admin", 5) == [422] * 5
        assert log_in(client, " admin ").status_code == 429

    def test_the_way_it_is_typed_makes_no_second_account_of_it(
        self, client: Client, person: CustomUser
    ) -> None:
        guess(person.cedula, 5)

        assert log_in(client, person.cedula_formatted).status_code == 429

    def test_waiting_helps_and_trying_meanwhile_does_not_prolong_it(
        self, client: Client, person: CustomUser, clock: time_machine.Traveller
    ) -> None:
        guess(person.cedula, 5)
        clock.shift(timedelta(minutes=14, seconds=59))
        response = log_in(client, person.cedula)
        assert (response.status_code, response["Retry-After"]) == (429, "1")

        clock.shift(timedelta(seconds=1))

        assert log_in(client, person.cedula)["Location"] == "/perfil/"

    def test_the_right_password_clears_what_its_owner_mistyped(self, person: CustomUser) -> None:
        for _ in range(4):
            assert guess(person.cedula, 4) == [422] * 4
            assert log_in(Client(), person.cedula).status_code == 302

    def test_elsewhere_its_owner_still_gets_in(self, client: Client, person: CustomUser) -> None:
        guess(person.cedula, 5)

        assert log_in(client, person.cedula, address="192.0.2.2").status_code == 302

    def test_a_forged_address_is_no_other_one(self, client: Client, person: CustomUser) -> None:
        guess(person.cedula, 5)

        response = client.post(
            "/ingresar/",
            {"username": person.cedula, "password": PASSWORD},
            headers={"X-Forwarded-For": "203.0.113.9"},
            REMOTE_ADDR=RALLY,
        )

        assert response.status_code == 429

    def test_from_many_addresses_it_ends_after_thirty(
        self, client: Client, person: CustomUser
    ) -> None:
        guess_from_everywhere(person.cedula, 30)

        assert log_in(client, person.cedula, address="203.0.113.9").status_code == 429

    def test_while_the_door_is_shut_no_password_is_hashed(
        self, client: Client, person: CustomUser, settings: Settings
    ) -> None:
        guess(person.cedula, 5)
        settings.PASSWORD_HASHERS = ["tests.people.CountedHasher"]
        before = CountedHasher.hashed

        log_in(client, person.cedula)

        assert CountedHasher.hashed == before


class TestGuessingAtManyAccounts:
    def test_an_address_has_three_hundred_failures(
        self, client: Client, person: CustomUser
    ) -> None:
        fail_at_many_accounts(298)
        for n in range(2):
            assert log_in(client, str(8_000_000 + n)).status_code == 422

        assert log_in(client, person.cedula).status_code == 429
        assert log_in(client, person.cedula, address="192.0.2.2").status_code == 302

    def test_logins_that_succeed_are_no_failures(
        self, person: CustomUser, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(
            throttle, "LOGIN_BY_ADDRESS", throttle.Limit("few", 3, throttle.QUARTER)
        )
        statuses = [log_in(Client(), person.cedula).status_code for _ in range(10)]

        assert statuses == [302] * 10


class TestAKnownDevice:
    @pytest.fixture
    def phone(self, person: CustomUser) -> Client:
        """A browser from which `person` has logged in before."""
        phone = Client()
        log_in(phone, person.cedula)
        phone.post("/salir/")
        return phone

    def test_strangers_cannot_lock_its_owner_out(self, phone: Client, person: CustomUser) -> None:
        guess(person.cedula, 5)
        guess_from_everywhere(person.cedula, 30)
        fail_at_many_accounts(295)  # from there came five of the guesses too
        assert log_in(Client(), person.cedula, address="203.0.113.9").status_code == 429

        assert log_in(phone, person.cedula)["Location"] == "/perfil/"

    def test_it_has_ten_tries_of_its_own(self, phone: Client, person: CustomUser) -> None:
        statuses = [log_in(phone, person.cedula, "no-es-esta").status_code for _ in range(11)]

        assert statuses == [422] * 10 + [429]
        assert log_in(phone, person.cedula).status_code == 429
        assert log_in(Client(), person.cedula).status_code == 302

    def test_it_is_known_to_that_account_alone(self, phone: Client, stranger: CustomUser) -> None:
        guess(stranger.cedula, 5)

        assert log_in(phone, stranger.cedula).status_code == 429

    def test_a_family_shares_one(self, phone: Client, person: CustomUser) -> None:
        other = new_person()
        log_in(phone, other.cedula)
        phone.post("/salir/")
        for cedula in (person.cedula, other.cedula):
            guess(cedula, 5)
            assert log_in(phone, cedula).status_code == 302
            phone.post("/salir/")

    def test_whoever_registers_makes_theirs_known(self) -> None:
        phone = Client()
        phone.post("/registro/", REGISTRATION)
        phone.post("/salir/")
        guess("52345678", 5)

        assert log_in(phone, "52345678").status_code == 302

    @pytest.mark.parametrize("forge", [lambda cookie: cookie[:-1] + "x", lambda _: "x"])
    def test_a_forged_one_is_a_strangers(
        self, phone: Client, person: CustomUser, forge: Any
    ) -> None:
        phone.cookies[known_device.COOKIE] = forge(phone.cookies[known_device.COOKIE].value)
        guess(person.cedula, 5)

        assert log_in(phone, person.cedula).status_code == 429

    def test_it_is_forgotten_after_a_year(
        self, phone: Client, person: CustomUser, clock: time_machine.Traveller
    ) -> None:
        clock.shift(timedelta(days=366))
        guess(person.cedula, 5)

        assert log_in(phone, person.cedula).status_code == 429

    def test_its_cookie_tells_nobody_whose_it_is(self, phone: Client, person: CustomUser) -> None:
        cookie = phone.cookies[known_device.COOKIE]

        assert cookie["httponly"]
        assert cookie["samesite"] == "Lax"
        assert person.cedula not in signing.b64_decode(
            cookie.value.split(":")[0].lstrip(".").encode()
        ).decode("latin-1")


@pytest.mark.parametrize(
    "cedula", ["1030999999", "no es una cédula", "0000", ""], ids=lambda typed: typed or "empty"
)
def test_one_password_is_hashed_whoever_is_asked_for(
    client: Client, person: CustomUser, settings: Settings, cedula: str
) -> None:
    settings.PASSWORD_HASHERS = ["tests.people.CountedHasher"]
    person.set_password(PASSWORD)
    person.save()
    hashed = []
    for typed in (person.cedula, cedula or "12"):
        before = CountedHasher.hashed
        log_in(client, typed, "no-es-esta")
        hashed.append(CountedHasher.hashed - before)

    assert hashed == [1, 1]


class TestRegistering:
    def test_two_hundred_people_at_a_rally_do_and_their_leader_gets_in(
        self, leader: CustomUser, clock: time_machine.Traveller
    ) -> None:
        """Behind one address, where every fifth mistypes at the door and somebody guesses."""
        leaders_phone = Client()
        log_in(leaders_phone, leader.cedula)
        leaders_phone.post("/salir/")
        assert guess(leader.cedula, 6) == [422] * 5 + [429]

        for n in range(200):
            cedula, phone = new_cedula(), Client()
            assert register(phone, cedula).status_code == 302
            if n % 5 == 0:
                phone.post("/salir/")
                assert log_in(phone, cedula, "una-calve-larga-7").status_code == 422
                assert log_in(phone, cedula).status_code == 302
            clock.shift(timedelta(seconds=2))

        assert log_in(leaders_phone, leader.cedula)["Location"] == "/perfil/"

    def test_an_address_makes_as_many_accounts_as_it_may(
        self, client: Client, settings: Settings, clock: time_machine.Traveller
    ) -> None:
        settings.THROTTLE_REGISTRATIONS_PER_ADDRESS = 3
        cedulas = [new_cedula() for _ in range(4)]
        for cedula in cedulas[:3]:
            assert register(Client(), cedula).status_code == 302

        response = register(client, cedulas[3])

        assert response.status_code == 429
        assert response["Retry-After"] == "600"
        assert "demasiados registros. Espera 10 minutos" in text(response)
        assert value(response, "nombre_completo") == REGISTRATION["nombre_completo"]
        assert value(response, "password1") == ""
        assert not CustomUser.objects.filter(cedula=cedulas[3]).exists()
        assert register(Client(), cedulas[3], "192.0.2.2").status_code == 302
        clock.shift(timedelta(minutes=10))
        assert register(client, new_cedula()).status_code == 302

    def test_and_no_more_than_that_in_a_day(
        self, settings: Settings, clock: time_machine.Traveller
    ) -> None:
        settings.THROTTLE_REGISTRATIONS_PER_ADDRESS = 2
        settings.THROTTLE_REGISTRATIONS_PER_ADDRESS_PER_DAY = 3
        statuses = []
        for _ in range(4):
            statuses.append(register(Client(), new_cedula()).status_code)
            clock.shift(timedelta(minutes=10))

        assert statuses == [302, 302, 302, 429]

    def test_mistakes_in_the_form_do_not_count(self, client: Client, settings: Settings) -> None:
        settings.THROTTLE_REGISTRATIONS_PER_ADDRESS = 1
        for _ in range(5):
            client.post("/registro/", REGISTRATION | {"phone": "1"}, REMOTE_ADDR=RALLY)

        assert register(client, new_cedula()).status_code == 302

    def test_looking_for_who_has_registered_ends_after_twenty(self, client: Client) -> None:
        people = [new_person() for _ in range(21)]
        for person in people[:20]:
            assert register(client, person.cedula, password="no-es-esta-9").status_code == 422

        # Whether it is taken or not: the refusal must not tell.
        for cedula in (people[20].cedula, new_cedula()):
            response = register(client, cedula, password="no-es-esta-9")
            assert (response.status_code, response["Retry-After"]) == (429, "3600")
        assert register(Client(), new_cedula(), "192.0.2.2").status_code == 302

    def test_somebody_who_forgot_that_they_had_is_one_cedula(
        self, person: CustomUser, settings: Settings
    ) -> None:
        settings.THROTTLE_TAKEN_CEDULAS_PER_ADDRESS = 2
        for _ in range(4):
            register(Client(), person.cedula, password="no-es-esta-9")

        assert register(Client(), new_cedula()).status_code == 302

    def test_it_is_no_second_door_to_guess_at(self, client: Client, person: CustomUser) -> None:
        for n in range(5):
            assert register(client, person.cedula, password=f"intento-{n}-xyz").status_code == 422

        assert register(client, person.cedula).status_code == 429
        assert log_in(client, person.cedula).status_code == 429
        assert "_auth_user_id" not in client.session


def register(client: Client, cedula: str, address: str = RALLY, password: str = PASSWORD) -> Any:
    typed = {"cedula": cedula, "password1": password, "password2": password}
    return client.post("/registro/", REGISTRATION | typed, REMOTE_ADDR=address)


class TestOnesOwnPassword:
    typed: ClassVar = {"new_password1": "otra-clave-larga-8", "new_password2": "otra-clave-larga-8"}

    def test_it_is_not_guessed_at_an_open_phone(self, client: Client, person: CustomUser) -> None:
        client.force_login(person)
        for n in range(10):
            response = client.post("/cambiar-clave/", self.typed | {"old_password": f"no-{n}"})
            assert response.status_code == 422

        response = client.post("/cambiar-clave/", self.typed | {"old_password": PASSWORD})

        assert (response.status_code, response["Retry-After"]) == (429, "900")
        assert field_errors(response) == {"old_password": [WAIT_A_QUARTER]}
        person.refresh_from_db()
        assert person.check_password(PASSWORD)
        with pytest.raises(throttle.Locked):
            credentials.confirm_password(person, PASSWORD)

    def test_the_right_one_clears_the_wrong_ones(self, person: CustomUser) -> None:
        for _ in range(3):
            assert [credentials.confirm_password(person, "no") for _ in range(9)] == [False] * 9
            assert credentials.confirm_password(person, PASSWORD)
        assert not ThrottleCounter.objects.exists()
