"""The referral code in a link: known, unknown, forged, or lost on the way."""

import pytest
from django.test import Client

from accounts.models import CustomUser
from accounts.services import referrer_by_code
from tests.markup import page, text
from tests.typed import REGISTRATION


@pytest.mark.django_db
class TestReferralCode:
    @pytest.mark.parametrize("change", [str.upper, str.lower, " {} ".format])
    def test_it_names_who_invites_and_ties_the_new_person_to_them(
        self, client: Client, leader: CustomUser, change: object
    ) -> None:
        assert callable(change)
        code = change(leader.referral_code)
        assert "Te invita Amparo Quintero Díaz" in text(
            client.get("/registro/", query_params={"ref": code})
        )

        client.post("/registro/", REGISTRATION, query_params={"ref": code})

        assert CustomUser.objects.get(cedula="52345678").referred_by == leader

    @pytest.mark.parametrize(
        "code", ["NADIE234", "x", "0" * 5000, "\x00\x00", "'; --", "ÑÑÑÑÑÑÑÑ", "%00"]
    )
    def test_an_unknown_one_is_noticed_and_stops_nobody(self, client: Client, code: str) -> None:
        response = client.get("/registro/", query_params={"ref": code})
        assert response.status_code == 200
        assert "No reconocemos el código de invitación" in text(response)

        client.post("/registro/", REGISTRATION, query_params={"ref": code})

        assert CustomUser.objects.get().referred_by is None

    def test_one_of_a_closed_account_counts_as_unknown(
        self, client: Client, leader: CustomUser
    ) -> None:
        CustomUser.objects.filter(pk=leader.pk).update(is_active=False)

        response = client.get("/registro/", query_params={"ref": leader.referral_code})

        assert "No reconocemos el código" in text(response)

    def test_it_survives_a_mistake_in_the_form(self, client: Client, leader: CustomUser) -> None:
        response = client.post(
            "/registro/", REGISTRATION | {"phone": "1"}, query_params={"ref": leader.referral_code}
        )

        assert "Te invita" in text(response)
        (form,) = page(response).select("main form")
        client.post(str(form["action"]), REGISTRATION)
        assert CustomUser.objects.get(cedula="52345678").referred_by == leader

    def test_without_one_nothing_is_said_of_invitations(self, client: Client) -> None:
        words = text(client.get("/registro/"))

        assert "invita" not in words.replace("quién te invitó", "")
        assert "No reconocemos" not in words


@pytest.mark.parametrize("code", ["\x00" * 8, "0" * 5000, "ABCD234", "ÑÑÑÑÑÑÑÑ", "ABCDEFGO"])
def test_a_text_that_is_no_code_is_not_looked_up(code: str) -> None:
    """There is no database here: PostgreSQL refuses some of these with an error."""
    assert referrer_by_code(code) is None
