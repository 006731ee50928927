"""Limits of a superadmin in the administration."""

import pytest
from django.test import Client

from accounts.models import CustomUser

CODE_TO_RUN = {
    "func": "os.system",
    "args": "'true'",
    "schedule_type": "O",
    "repeats": "-1",
    "next_run_0": "2026-01-01",
    "next_run_1": "00:00:00",
}


@pytest.mark.parametrize("page", ["", "add/"])
def test_nobody_can_have_the_worker_call_a_function_of_their_choice(
    client: Client, superadmin: CustomUser, page: str
) -> None:
    from django_q.models import Schedule

    client.force_login(superadmin)
    assert client.get(f"/admin/django_q/schedule/{page}").status_code == 404
    client.post(f"/admin/django_q/schedule/{page}", CODE_TO_RUN)
    assert not Schedule.objects.exists()
