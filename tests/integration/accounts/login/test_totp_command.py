"""`make totp` prints codes that the site accepts, for the demo alone."""

import time

import pytest
from pytest_django import Settings

from accounts.login import second_step
from accounts.models import CustomUser
from tests import authenticator
from tools.totp import NoCode, code_for

pytestmark = pytest.mark.django_db
CEDULA = "900100100"


@pytest.fixture
def superadmin(settings: Settings) -> CustomUser:
    settings.DEBUG = True
    return CustomUser.objects.create_superuser(CEDULA, "una-clave-larga", nombre_completo="Demo")


def test_a_code_is_accepted_and_so_is_the_next_one_at_once(superadmin: CustomUser) -> None:
    authenticator.switch_on(superadmin)
    for _ in range(2):
        code, seconds = code_for(CEDULA, time.time())
        assert 0 < seconds <= 90
        assert second_step.check_code(superadmin, code)


def test_after_two_codes_in_a_row_one_has_to_wait(superadmin: CustomUser) -> None:
    device, _ = authenticator.switch_on(superadmin)
    device.last_t = 1_000
    device.save()
    assert code_for(CEDULA, 1_000 * 30)[1] == 90
    with pytest.raises(NoCode, match="wait 30 s"):
        code_for(CEDULA, 999 * 30)


def test_the_page_that_sets_the_second_step_up_takes_it_too(superadmin: CustomUser) -> None:
    with pytest.raises(NoCode, match=f"{CEDULA} has no second step: log in, open"):
        code_for(CEDULA, time.time())
    second_step.device_to_confirm(superadmin)
    code, _ = code_for(CEDULA, time.time())
    assert second_step.confirm_device(superadmin, code)


def test_nothing_is_printed_of_a_real_site(superadmin: CustomUser, settings: Settings) -> None:
    authenticator.switch_on(superadmin)
    settings.DEBUG = False
    with pytest.raises(NoCode, match="DEBUG is off here"):
        code_for(CEDULA, time.time())
