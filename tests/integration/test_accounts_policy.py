"""The data policy: what it says, who may read it, and the fingerprint that proves it."""

import pytest
from django.test import Client

from accounts import policy
from tests.markup import element, text, words

FINGERPRINTS = {
    "2026-12": "c065be9d33a99d21d0ab160a0e6b68eae1ba046c6fee8f59424442b0c5f18251",
    "2026-11": "8270ce940cb3a6207fa34933740b28186181db73962777b343560b3416fe7903",
}
"""Every version ever in force. People have accepted these texts: an entry is never changed."""


def test_a_version_names_one_text_for_ever() -> None:
    assert policy.text_sha256() == FINGERPRINTS[policy.version()], (
        "The words of the policy have changed: give it a new VERSION, and add it here."
    )


@pytest.mark.django_db
def test_what_people_read_is_what_the_fingerprint_is_of(client: Client) -> None:
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
        "Superintendencia de Industria y Comercio",
    ],
)
def test_it_says_what_the_law_asks_for(words_: str) -> None:
    assert words_ in policy.text()


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
