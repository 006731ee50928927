"""The data policy: what it says, who may read it, and the fingerprint that proves it."""

import dataclasses
import re

import pytest
from django.test import Client
from pytest_django import Settings

from accounts import policy
from accounts.models import CustomUser
from accounts.responsible import Responsible
from tests.markup import element, text, words
from tests.paths import ROOT

FINGERPRINTS = {
    "2026-12": "c3ca92e3d18fd4427398bcf775726691cb39cee68c94f2bfa16e3b8413cef9c8",
    "2026-12-4a5469": "255f485e90dae6bfeb8ce7616fb9c7af8cfd39faad02083de40529f0befd7d78",
    "2026-11": "8270ce940cb3a6207fa34933740b28186181db73962777b343560b3416fe7903",
}
"""Every version ever in force, and the last one with CAMPAIGN's name in it. People have accepted
these texts: an entry is never changed."""

CAMPAIGN = Responsible(
    name="Campaña Pérez & Asociados",
    identification="900.123.456-7",
    address="Calle 1 # 2-3, Bogotá",
    email="datos@example.org",
    phone="601 234 5678",
)


def test_a_version_names_one_text_for_ever() -> None:
    assert policy.text_sha256() == FINGERPRINTS[policy.version()], (
        "The words of the policy have changed: give it a new VERSION, and add it here."
    )


def test_with_a_responsible_party_it_is_another_version_and_one_text(settings: Settings) -> None:
    settings.RESPONSIBLE = CAMPAIGN

    assert policy.text_sha256() == FINGERPRINTS[policy.version()]


@pytest.mark.parametrize("named", [False, True])
@pytest.mark.django_db
def test_what_people_read_is_what_the_fingerprint_is_of(
    client: Client, settings: Settings, *, named: bool
) -> None:
    settings.RESPONSIBLE = CAMPAIGN if named else Responsible()

    response = client.get("/politica/")

    assert response.status_code == 200
    assert element(response, "#politica_texto").get_text().split() == policy.text().split()
    assert f"Versión {policy.version()}" in text(response)


@pytest.mark.parametrize(
    "words_",
    [
        "número de cédula, nombre completo, celular",
        "Quién te invitó",
        "puede revelar tu orientación política",
        "no estás obligado a darlo ni a autorizar",
        "Ley 1581 de 2012",
        "conocer tus datos, actualizarlos y corregirlos",
        "la prueba de la autorización",
        "retirar tu autorización",
        "tan fácil como la diste",
        "máximo 10 días hábiles",
        "máximo 15 días hábiles",
        "No admitimos a menores",
        "La empresa que aloja esta página, como encargada",
        "un contrato que la obliga a protegerlos",
        "no recibe ni tu cédula ni tu nombre",
        "Esta política rige desde diciembre de 2026",
        "Superintendencia de Industria y Comercio",
    ],
)
def test_it_says_what_the_law_asks_for(words_: str) -> None:
    assert words_ in policy.text()


@pytest.mark.parametrize("name", ["cedula", *CustomUser.OWN_FIELDS])
def test_it_and_the_operators_document_name_all_that_people_tell_about_themselves(
    name: str,
) -> None:
    field = CustomUser._meta.get_field(name)  # noqa: SLF001  Django documents it
    assert str(field.verbose_name) in policy.text()  # type: ignore[union-attr]
    document = (ROOT / "docs/privacy.md").read_text("utf-8")
    (row,) = re.findall(r"\| (.*) \| `CustomUser` \|", document)
    assert f"`{name}`" in row


def test_it_names_who_answers_and_how_to_reach_them(settings: Settings) -> None:
    settings.RESPONSIBLE = CAMPAIGN

    for said in dataclasses.astuple(CAMPAIGN):
        assert said in policy.text()


def test_a_party_that_is_half_named_is_not_named_in_text_or_version(settings: Settings) -> None:
    demonstration = (policy.version(), policy.text())
    settings.RESPONSIBLE = dataclasses.replace(CAMPAIGN, address="")

    assert (policy.version(), policy.text()) == demonstration


def test_a_new_telephone_number_asks_nobody_again_and_is_another_text(settings: Settings) -> None:
    settings.RESPONSIBLE = CAMPAIGN
    before = (policy.version(), policy.text_sha256())
    settings.RESPONSIBLE = dataclasses.replace(CAMPAIGN, phone="604 765 4321")

    assert policy.version() == before[0]
    assert policy.text_sha256() != before[1]


def test_markup_does_not_count_and_words_do(monkeypatch: pytest.MonkeyPatch) -> None:
    def fingerprint(html: str) -> str:
        monkeypatch.setattr(policy, "render_to_string", lambda *_: html)
        return policy.text_sha256()

    assert fingerprint("<div>\n\n<p>uno</p> <p>dos</p></div>") == fingerprint("uno <b>dos</b>")
    assert fingerprint("<p>uno</p> <p>dos</p>") != fingerprint("<p>uno</p> <p>tres</p>")


@pytest.mark.django_db
def test_the_form_links_to_it_and_says_that_it_is_optional(client: Client) -> None:
    response = client.get("/registro/")

    consent = element(response, ".consent")
    assert consent.select("a[href='/politica/']")
    assert "dato sensible y no estás obligado a darlo" in words(consent)
    assert not element(response, "#id_data_policy_accepted").has_attr("checked")
