"""Shape B of the simulated census, asked over HTTP as its own page does."""

import time
from collections.abc import Iterator
from typing import Any

import pytest
import requests
from bs4 import BeautifulSoup

from scraper.simulator import Simulator
from scraper.simulator.places import HOSTILE_PLACE, place_for
from tests.stack import wait_until

TIMEOUT_SECONDS = 60


@pytest.fixture
def simulator() -> Iterator[Simulator]:
    with Simulator(captcha_latency=0, elections_delay=0) as running:
        yield running


def site_key(simulator: Simulator) -> str:
    page = requests.get(simulator.page_url("B"), timeout=TIMEOUT_SECONDS)
    (box,) = BeautifulSoup(page.text, "html.parser").select("div.g-recaptcha")
    return str(box["data-sitekey"])


def token(simulator: Simulator) -> str:
    order = {
        "key": "demo",
        "method": "userrecaptcha",
        "googlekey": site_key(simulator),
        "pageurl": simulator.page_url("B"),
    }
    taken = requests.post(f"{simulator.url}/in.php", order, timeout=TIMEOUT_SECONDS).text
    poll = {"key": "demo", "action": "get", "id": taken.removeprefix("OK|")}
    solved = requests.get(f"{simulator.url}/res.php", poll, timeout=TIMEOUT_SECONDS).text
    return solved.removeprefix("OK|")


def send(simulator: Simulator, cedula: str, **fields: object) -> requests.Response:
    body = {"documento": cedula, "eleccionId": 0, **fields}
    if "captchaToken" not in body:
        body["captchaToken"] = token(simulator)
    return requests.post(f"{simulator.url}/back/api/consulta", json=body, timeout=TIMEOUT_SECONDS)


def ask(simulator: Simulator, cedula: str, **fields: object) -> dict[str, Any]:
    answer: dict[str, Any] = send(simulator, cedula, **fields).json()
    return answer


def place_data(cedula: str) -> dict[str, str | None]:
    place = place_for(cedula)
    return {
        "nuip": cedula,
        "nom_depto": place.departamento,
        "nom_mun": place.municipio,
        "nom_puesto": place.puesto,
        "direccion": place.direccion,
        "mesa": str(place.mesa),
    }


def folded(answer: dict[str, Any]) -> dict[str, str | None]:
    """The data of a place, keys in lower case and numbers as text."""
    assert answer["ok"] is True
    assert answer["encontrado"] is True
    return {
        key.lower(): None if value is None else str(value) for key, value in answer["data"].items()
    }


def test_the_form_is_the_one_that_is_known(simulator: Simulator) -> None:
    page = BeautifulSoup(
        requests.get(simulator.page_url("B"), timeout=TIMEOUT_SECONDS).text, "html.parser"
    )

    for selector in ("#consultaForm #documento", "#consultaForm #submitBtn"):
        assert len(page.select(selector)) == 1
    assert page.select("select#eleccion option") == []


def test_the_elections_come_from_the_api_and_the_current_one_is_not_first(
    simulator: Simulator,
) -> None:
    answer = requests.get(f"{simulator.url}/back/api/elecciones", timeout=TIMEOUT_SECONDS).json()

    assert answer["ok"] is True
    assert all(set(election) == {"id", "nombre", "mensaje"} for election in answer["data"])
    names = {election["id"]: election["nombre"] for election in answer["data"]}
    assert names[0] == "LUGAR DE VOTACION ACTUAL"
    assert answer["data"][0]["id"] != 0


def test_the_elections_come_late(simulator: Simulator) -> None:
    simulator.set(elections_delay=0.4)
    began = time.monotonic()

    requests.get(f"{simulator.url}/back/api/elecciones", timeout=TIMEOUT_SECONDS)

    assert time.monotonic() - began >= 0.4


@pytest.mark.parametrize("number", range(12))
def test_a_plain_cedula_is_found_where_it_votes(simulator: Simulator, number: int) -> None:
    cedula = str(9_000_000_000 + 101 * number)

    assert folded(ask(simulator, cedula)) == place_data(cedula)


def test_keys_types_and_the_map_vary_from_cedula_to_cedula(simulator: Simulator) -> None:
    answers = [ask(simulator, str(9_000_000_000 + 101 * number)) for number in range(12)]

    assert {str(*answer["data"].keys() & {"mesa", "MESA"}) for answer in answers} == {
        "mesa",
        "MESA",
    }
    mesas = [answer["data"].get("mesa", answer["data"].get("MESA")) for answer in answers]
    assert {type(mesa) for mesa in mesas} == {int, str}
    maps = [answer["mapa"] for answer in answers]
    assert None in maps
    assert all(set(a_map) == {"lat", "lng", "url"} for a_map in maps if a_map)


def test_the_first_election_answers_with_a_place_of_another_one(simulator: Simulator) -> None:
    answer = folded(ask(simulator, "9000000001", eleccionId=31))

    assert answer["nom_puesto"] == "PUESTO DE OTRA ELECCION"


def test_the_election_may_be_sent_as_text(simulator: Simulator) -> None:
    assert folded(ask(simulator, "9000000001", eleccionId="0")) == place_data("9000000001")


def test_a_missing_election_is_not_the_current_one(simulator: Simulator) -> None:
    answer = folded(ask(simulator, "9000000001", eleccionId=None))

    assert answer["nom_puesto"] == "PUESTO DE OTRA ELECCION"


def test_without_a_token_the_captcha_is_asked_for(simulator: Simulator) -> None:
    answer = ask(simulator, "9000000001", captchaToken="")

    assert answer == {"ok": False, "error": "Debe completar el captcha."}


def test_a_token_works_once(simulator: Simulator) -> None:
    bought = token(simulator)

    assert ask(simulator, "9000000001", captchaToken=bought)["ok"] is True
    assert ask(simulator, "9000000001", captchaToken=bought) == {
        "ok": False,
        "error": "Token de captcha inválido o expirado.",
    }


def test_a_token_of_the_other_page_is_refused(simulator: Simulator) -> None:
    order = {
        "key": "demo",
        "method": "userrecaptcha",
        "googlekey": simulator.state.site_key("A"),
        "pageurl": simulator.page_url("A"),
    }
    taken = requests.post(f"{simulator.url}/in.php", order, timeout=TIMEOUT_SECONDS).text
    poll = {"key": "demo", "action": "get", "id": taken.removeprefix("OK|")}
    solved = requests.get(f"{simulator.url}/res.php", poll, timeout=TIMEOUT_SECONDS).text

    answer = ask(simulator, "9000000001", captchaToken=solved.removeprefix("OK|"))

    assert answer["ok"] is False
    assert simulator.log()["questions"][-1]["captcha"] == "other_site"


def test_a_question_that_is_not_json_is_a_bad_request(simulator: Simulator) -> None:
    for body in (b"documento=9000000001", b"[]", b"\xff"):
        answer = requests.post(f"{simulator.url}/back/api/consulta", body, timeout=TIMEOUT_SECONDS)
        assert answer.status_code == 400


def test_values_may_be_null_and_keys_more_than_known(simulator: Simulator) -> None:
    assert folded(ask(simulator, "9000000062")) == place_data("9000000062") | {"direccion": None}
    more = folded(ask(simulator, "9000000061"))
    assert more.items() > place_data("9000000061").items()
    assert more.keys() > place_data("9000000061").keys()


def test_misleading_words_stand_beside_the_place(simulator: Simulator) -> None:
    answer = ask(simulator, "9000000063")

    assert "Cancelada por Muerte" in answer["mensaje"]
    assert folded(answer) == place_data("9000000063")


def test_hostile_names_arrive_whole(simulator: Simulator) -> None:
    answer = folded(ask(simulator, "9000000064"))

    assert answer["nom_puesto"] == HOSTILE_PLACE.puesto
    assert answer["nom_mun"] == HOSTILE_PLACE.municipio


def test_a_slow_answer_takes_its_seconds(simulator: Simulator) -> None:
    simulator.set(slow_seconds=0.5)
    bought = token(simulator)
    began = time.monotonic()

    answer = ask(simulator, "9000000065", captchaToken=bought)

    assert time.monotonic() - began >= 0.5
    assert folded(answer) == place_data("9000000065")


@pytest.mark.parametrize(
    ("ending", "field", "text"),
    [
        ("70", "descripcion", "Cancelada por Muerte"),
        ("71", "descripcion", "Baja por Inhumacion o Necrodactilia Positiva"),
        ("72", "descripcion", "Cancelada por Doble Cedulación"),
        ("73", "descripcion", "Vigente con Pérdida o Suspensión de los Derechos Políticos"),
        ("74", "mensaje", "Baja por trashumancia"),
    ],
)
def test_a_cancelled_cedula_carries_a_novedad(
    simulator: Simulator, ending: str, field: str, text: str
) -> None:
    answer = ask(simulator, f"90000000{ending}")

    assert answer.keys() == {"ok", "encontrado", "novedad", "mensaje", "descripcion"}
    assert (answer["ok"], answer["encontrado"], answer["novedad"]) == (True, False, True)
    assert answer[field] == text


@pytest.mark.parametrize(("ending", "text"), [("78", "no se encuentra"), ("79", "Debe inscrib")])
def test_not_in_the_census_is_a_message_alone(simulator: Simulator, ending: str, text: str) -> None:
    answer = ask(simulator, f"90000000{ending}")

    assert answer.keys() == {"ok", "encontrado", "mensaje"}
    assert text in answer["mensaje"]


@pytest.mark.parametrize(
    ("ending", "text"),
    [
        ("90", "Curl error"),
        ("91", "expirado"),
        ("92", "actualización"),
        ("94", "captcha"),
    ],
)
def test_trouble_is_told_as_an_error_and_passes_where_it_should(
    simulator: Simulator, ending: str, text: str
) -> None:
    lasting, passing = f"90000000{ending}", f"9000000{int(ending) - 10:03d}"

    for cedula in (lasting, lasting, passing):
        answer = ask(simulator, cedula)
        assert answer["ok"] is False
        assert text in answer["error"]
    assert folded(ask(simulator, passing)) == place_data(passing)


def test_the_firewall_passes_where_it_should(simulator: Simulator) -> None:
    for cedula in ("9000000093", "9000000093", "9000000083"):
        answer = send(simulator, cedula)
        assert answer.status_code == 200
        assert "Request Rejected" in answer.text
    assert folded(ask(simulator, "9000000083")) == place_data("9000000083")


def test_what_nobody_knows_is_neither_a_place_nor_an_absence(simulator: Simulator) -> None:
    changed = ask(simulator, "9000000096")
    assert changed["encontrado"] is True
    assert not changed["data"].keys() & place_data("9000000096").keys() - {"nuip"}
    assert not ask(simulator, "9000000097").keys() & {"ok", "encontrado", "error"}


def test_a_silent_answer_does_not_come() -> None:
    with Simulator(captcha=False) as simulator:
        with pytest.raises(requests.ReadTimeout):
            requests.post(
                f"{simulator.url}/back/api/consulta",
                json={"documento": "9000000099", "eleccionId": 0},
                timeout=(5, 0.4),
            )
        questions = wait_until(lambda: simulator.log()["questions"], "the question has come")
        assert questions[0]["outcome"] == "silent"
