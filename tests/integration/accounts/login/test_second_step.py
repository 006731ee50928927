"""The code after the password: switching it on, logging in with it, and who must have it."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from io import StringIO
from typing import Any

import pytest
import time_machine
from bs4 import Tag
from django.contrib.auth.models import AnonymousUser
from django.core.management import CommandError, call_command
from django.test import Client
from django_otp.plugins.otp_static.models import StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice
from pytest_django import Settings

from accounts.login import second_step
from accounts.models import CustomUser
from tests import qr_reader
from tests.authenticator import code_of, switch_on
from tests.markup import element, field_errors, page, text, words
from tests.typed import PASSWORD, REGISTRATION

pytestmark = pytest.mark.django_db

NOON = datetime(2027, 3, 1, 12, tzinfo=UTC)
WRONG = "Ese código no sirve. Escribe el que muestra ahora tu aplicación."


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NOON, tick=False) as clock:
        yield clock


@pytest.fixture
def device(leader: CustomUser) -> TOTPDevice:
    """The authenticator of a leader who has switched the second step on."""
    return switch_on(leader)[0]


def log_in(client: Client, user: CustomUser, **more: str) -> Any:
    """The answer to the form; the class of the test client's answers has no name."""
    return client.post("/ingresar/", {"username": user.cedula, "password": PASSWORD} | more)


def give(client: Client, code: str) -> Any:
    return client.post("/ingresar/codigo/", {"code": code})


class TestSwitchingItOn:
    def test_the_code_of_an_app_that_read_the_page_switches_it_on(
        self, client: Client, leader: CustomUser
    ) -> None:
        client.force_login(leader)
        shown = client.get("/perfil/seguridad/dos-pasos/")
        device = TOTPDevice.objects.get()
        scanned = read(element(shown, "#qr"))
        assert scanned == device.config_url
        assert "issuer=Censo%20al%20D%C3%ADa" in scanned
        secret = words(element(shown, "#secret")).replace(" ", "")
        assert f"secret={secret}" in scanned
        assert not second_step.is_on(leader)

        response = client.post("/perfil/seguridad/dos-pasos/", {"code": code_of(device)})

        codes = [words(code) for code in page(response).select(".codes code")]
        assert len(set(codes)) == 10
        assert second_step.is_on(leader)
        assert "no-store" in response["Cache-Control"]
        assert codes[0] not in text(client.get("/perfil/seguridad/"))
        assert "Te quedan 10 códigos" in text(client.get("/perfil/seguridad/"))
        assert client.get("/perfil/seguridad/dos-pasos/")["Location"] == "/perfil/seguridad/"

    def test_the_secret_stays_the_same_until_then(self, client: Client, leader: CustomUser) -> None:
        client.force_login(leader)
        pages = [client.get("/perfil/seguridad/dos-pasos/") for _ in range(2)]
        wrong = client.post("/perfil/seguridad/dos-pasos/", {"code": "000000"})

        assert wrong.status_code == 422
        assert field_errors(wrong) == {"code": [WRONG]}
        assert len({str(element(answer, "#secret")) for answer in (*pages, wrong)}) == 1
        assert not second_step.is_on(leader)

    def test_sessions_that_were_opened_without_a_code_end(
        self, client: Client, leader: CustomUser
    ) -> None:
        other = Client()
        for browser in (client, other):
            log_in(browser, leader)
        client.get("/perfil/seguridad/dos-pasos/")

        client.post("/perfil/seguridad/dos-pasos/", {"code": code_of(TOTPDevice.objects.get())})

        assert client.get("/perfil/").status_code == 200
        assert other.get("/perfil/").status_code == 302

    def test_it_is_offered_on_the_profile(self, client: Client, person: CustomUser) -> None:
        client.force_login(person)

        assert element(client.get("/perfil/"), "a[href='/perfil/seguridad/']")
        assert element(client.get("/perfil/seguridad/"), "a[href='/perfil/seguridad/dos-pasos/']")


def read(svg: Tag) -> str:
    """Return the text of the QR code, as a phone's camera reads it."""
    side = int(str(svg["viewbox"]).split()[-1])
    paths = svg.select("path")
    return qr_reader.read(qr_reader.drawn(side, str(paths[0]["d"]))).text


@pytest.mark.usefixtures("device")
class TestLoggingIn:
    def test_the_password_alone_opens_nothing(self, client: Client, leader: CustomUser) -> None:
        response = log_in(client, leader)

        assert response["Location"] == "/ingresar/codigo/"
        assert "_auth_user_id" not in client.session
        assert client.get("/perfil/").status_code == 302
        assert client.get("/ingresar/codigo/").status_code == 200

    def test_with_the_code_one_is_where_one_wanted_to_be_for_as_long_as_asked(
        self, client: Client, leader: CustomUser, device: TOTPDevice
    ) -> None:
        log_in(client, leader, remember_me="on", next="/referidos/")

        response = give(client, code_of(device))

        assert response["Location"] == "/referidos/"
        assert response.cookies["sessionid"]["max-age"] == 14 * 24 * 3600
        assert client.session["_auth_user_id"] == str(leader.pk)
        assert "second_step" not in client.session

    def test_unasked_it_ends_with_the_browser(
        self, client: Client, leader: CustomUser, device: TOTPDevice
    ) -> None:
        log_in(client, leader)
        response = give(client, f" {code_of(device)[:3]} {code_of(device)[3:]} ")

        assert response["Location"] == "/perfil/"
        assert response.cookies["sessionid"]["max-age"] == ""

    def test_its_session_has_another_key_at_each_step(
        self, client: Client, leader: CustomUser, device: TOTPDevice
    ) -> None:
        session = client.session
        session["planted"] = "yes"
        session.save()
        keys = [session.session_key]

        log_in(client, leader)
        keys.append(client.session.session_key)
        give(client, code_of(device))
        keys.append(client.session.session_key)

        assert len(set(keys)) == 3
        planted = Client()
        planted.cookies["sessionid"] = str(keys[1])
        assert planted.get("/ingresar/codigo/").status_code == 302

    @pytest.mark.parametrize(
        ("steps", "status"), [(-2, 422), (-1, 302), (0, 302), (1, 302), (2, 422)]
    )
    def test_a_phones_clock_may_be_a_step_off(
        self, client: Client, leader: CustomUser, device: TOTPDevice, steps: int, status: int
    ) -> None:
        log_in(client, leader)
        response = give(client, code_of(device, steps))

        assert response.status_code == status
        if status == 422:
            assert field_errors(response) == {"code": [WRONG]}

    def test_a_step_off_is_not_added_to_the_next(
        self,
        client: Client,
        leader: CustomUser,
        device: TOTPDevice,
        clock: time_machine.Traveller,
    ) -> None:
        log_in(client, leader)
        assert give(client, code_of(device, 1)).status_code == 302
        clock.shift(timedelta(minutes=5))
        later = Client()
        log_in(later, leader)

        assert give(later, code_of(device, 2)).status_code == 422

    def test_a_code_works_once(
        self, client: Client, leader: CustomUser, device: TOTPDevice
    ) -> None:
        log_in(client, leader)
        give(client, code_of(device))
        onlooker = Client()
        log_in(onlooker, leader)

        assert give(onlooker, code_of(device)).status_code == 422

    def test_after_five_minutes_one_begins_anew(
        self,
        client: Client,
        leader: CustomUser,
        device: TOTPDevice,
        clock: time_machine.Traveller,
    ) -> None:
        log_in(client, leader)
        clock.shift(timedelta(minutes=5, seconds=1))

        response = client.post("/ingresar/codigo/", {"code": code_of(device)}, follow=True)

        assert response.redirect_chain == [("/ingresar/", 302)]
        assert "Pasó mucho tiempo sin el código." in text(response)
        assert "_auth_user_id" not in client.session

    @pytest.mark.parametrize("change", ["password", "closed"])
    def test_a_change_of_the_account_meanwhile_ends_the_wait(
        self, client: Client, leader: CustomUser, device: TOTPDevice, change: str
    ) -> None:
        log_in(client, leader)
        if change == "password":
            leader.set_password("otra-clave-larga-8")
        leader.is_active = change != "closed"
        leader.save()

        assert give(client, code_of(device))["Location"] == "/ingresar/"

    def test_guesses_are_slowed_down_and_then_end(
        self,
        client: Client,
        leader: CustomUser,
        device: TOTPDevice,
        clock: time_machine.Traveller,
    ) -> None:
        log_in(client, leader)
        assert give(client, "000000").status_code == 422

        at_once = give(client, code_of(device))
        assert (at_once.status_code, at_once["Retry-After"]) == (429, "1")
        assert "Espera 1 segundo y" in text(at_once)
        clock.shift(timedelta(seconds=1))

        assert give(client, code_of(device)).status_code == 302

    def test_ten_guesses_are_all_there_are_in_a_quarter_of_an_hour(
        self,
        client: Client,
        leader: CustomUser,
        device: TOTPDevice,
        settings: Settings,
        clock: time_machine.Traveller,
    ) -> None:
        settings.OTP_TOTP_THROTTLE_FACTOR = 0  # the library's own, which is stricter
        log_in(client, leader)
        for _ in range(10):
            assert give(client, "000000").status_code == 422

        response = give(client, code_of(device))

        assert (response.status_code, response["Retry-After"]) == (429, "900")
        clock.shift(timedelta(minutes=15))
        log_in(client, leader)
        assert give(client, code_of(device)).status_code == 302

    def test_registering_again_is_no_way_around_it(
        self, client: Client, leader: CustomUser
    ) -> None:
        response = client.post("/registro/", REGISTRATION | {"cedula": leader.cedula})

        assert response["Location"] == "/ingresar/codigo/"
        assert "_auth_user_id" not in client.session

    def test_whoever_has_not_given_the_password_is_asked_for_that(self, client: Client) -> None:
        assert client.get("/ingresar/codigo/")["Location"] == "/ingresar/"


class TestRecoveryCodes:
    def test_each_opens_the_door_once(self, leader: CustomUser) -> None:
        _, codes = switch_on(leader)
        statuses = []
        for _ in range(2):
            client = Client()
            log_in(client, leader)
            statuses.append(give(client, f"{codes[0][:4]}-{codes[0][4:]}".upper()).status_code)

        assert statuses == [302, 422]
        assert second_step.recovery_codes_left(leader) == 9

    def test_a_wrong_one_does_not_hold_up_the_app(self, client: Client, leader: CustomUser) -> None:
        device, _ = switch_on(leader)
        log_in(client, leader)

        assert give(client, "aaaabbbb").status_code == 422
        assert give(client, code_of(device)).status_code == 302

    def test_nobody_elses_works(
        self, client: Client, leader: CustomUser, stranger: CustomUser
    ) -> None:
        switch_on(leader)
        _, codes = switch_on(stranger)
        log_in(client, leader)

        assert give(client, codes[0]).status_code == 422

    def test_new_ones_take_password_and_code_and_void_the_old_ones(
        self, client: Client, leader: CustomUser
    ) -> None:
        device, old = switch_on(leader)
        client.force_login(leader)
        address = "/perfil/seguridad/codigos/"
        wrong = client.post(address, {"password": "no-es-esta", "code": code_of(device)})
        assert field_errors(wrong) == {"password": ["Esa no es tu contraseña actual."]}

        response = client.post(address, {"password": PASSWORD, "code": code_of(device)})

        shown = {words(code).replace("-", "") for code in page(response).select(".codes code")}
        assert shown == set(StaticToken.objects.values_list("token", flat=True))
        assert not shown & set(old)


class TestSwitchingItOff:
    address = "/perfil/seguridad/dos-pasos/quitar/"

    def test_it_takes_password_and_code(
        self, client: Client, leader: CustomUser, device: TOTPDevice
    ) -> None:
        client.force_login(leader)
        for typed in (
            {"password": "no-es-esta", "code": code_of(device)},
            {"password": PASSWORD},
            {"password": PASSWORD, "code": "000000"},  # last: after it the device waits
        ):
            assert client.post(self.address, typed).status_code == 422
            assert second_step.is_on(leader)

    def test_then_the_password_is_enough(
        self, client: Client, leader: CustomUser, device: TOTPDevice
    ) -> None:
        client.force_login(leader)

        client.post(self.address, {"password": PASSWORD, "code": code_of(device)})

        assert log_in(Client(), leader)["Location"] == "/perfil/"
        assert not StaticToken.objects.exists()
        assert client.get(self.address)["Location"] == "/perfil/seguridad/"

    def test_an_operator_can_for_somebody_who_lost_everything(
        self, client: Client, leader: CustomUser, device: TOTPDevice
    ) -> None:
        log_in(client, leader)
        give(client, code_of(device))
        said = StringIO()

        call_command("reset_totp", leader.cedula_formatted, stdout=said)

        assert said.getvalue().strip().endswith("sessions ended: 1.")
        assert client.get("/perfil/").status_code == 302
        assert log_in(client, leader)["Location"] == "/perfil/"

    @pytest.mark.parametrize("cedula", ["12", "99999999"])
    def test_for_nobody_it_cannot(self, leader: CustomUser, cedula: str) -> None:
        with pytest.raises(CommandError):
            call_command("reset_totp", cedula)
        with pytest.raises(CommandError):
            call_command("reset_totp", leader.cedula)


class TestTheAdministration:
    @pytest.fixture(autouse=True)
    def _as_in_production(self, settings: Settings) -> None:
        settings.REQUIRE_SUPERADMIN_TOTP = True

    @pytest.fixture(params=["superadmin", "helper"])
    def staff(self, request: pytest.FixtureRequest, superadmin: CustomUser) -> CustomUser:
        if request.param == "helper":
            CustomUser.objects.filter(pk=superadmin.pk).update(is_superuser=False)
            superadmin.refresh_from_db()
        return superadmin

    def test_without_a_device_one_is_led_to_set_one_up(
        self, client: Client, staff: CustomUser
    ) -> None:
        response = log_in(client, staff, next="/admin/")
        assert response["Location"] == "/admin/"

        response = client.get("/admin/accounts/customuser/", follow=True)

        assert response.redirect_chain[-1] == ("/perfil/seguridad/dos-pasos/", 302)
        assert "primero activa la verificación en dos pasos" in text(response)
        assert client.post("/admin/accounts/customuser/add/").status_code == 302
        device = TOTPDevice.objects.get(user=staff)
        codes = client.post("/perfil/seguridad/dos-pasos/", {"code": code_of(device)})
        assert element(codes, ".actions a[href='/admin/']")
        assert client.get("/admin/").status_code == 200

    def test_with_one_it_opens_after_the_code(self, client: Client, staff: CustomUser) -> None:
        device, _ = switch_on(staff)
        log_in(client, staff, next="/admin/")
        assert client.get("/admin/").status_code == 302

        assert give(client, code_of(device))["Location"] == "/admin/"
        assert client.get("/admin/").status_code == 200

    def test_a_session_without_a_code_is_asked_for_one_and_changes_its_key(
        self, client: Client, staff: CustomUser
    ) -> None:
        log_in(client, staff, remember_me="on")
        before = client.session.session_key
        device, _ = switch_on(staff)

        response = client.get("/admin/", follow=True)
        assert response.redirect_chain[-1] == ("/ingresar/codigo/", 302)
        response = give(client, code_of(device))

        assert response["Location"] == "/admin/"
        assert client.get("/admin/").status_code == 200
        assert client.session.session_key != before
        assert client.session.get_expiry_age() == 14 * 24 * 3600
        assert staff.open_sessions.count() == 1

    def test_where_it_is_not_required_the_password_is_enough(
        self, client: Client, staff: CustomUser, settings: Settings
    ) -> None:
        settings.REQUIRE_SUPERADMIN_TOTP = False
        log_in(client, staff)

        assert client.get("/admin/").status_code == 200

    def test_nobodys_secrets_are_shown_in_it(
        self, client: Client, staff: CustomUser, settings: Settings
    ) -> None:
        settings.REQUIRE_SUPERADMIN_TOTP = False
        client.force_login(staff)

        assert client.get("/admin/otp_totp/totpdevice/").status_code == 404
        assert client.get("/admin/otp_static/staticdevice/").status_code == 404

    def test_a_stranger_to_the_middleware_is_not_verified(self) -> None:
        assert not second_step.is_verified(AnonymousUser())
