"""Shape A of the simulated census, asked over HTTP as its own page does."""

from collections.abc import Iterator
from html import unescape
from typing import Any

import pytest
import requests
from bs4 import BeautifulSoup, Tag

from scraper.simulator import Simulator
from scraper.simulator.places import HOSTILE_PLACE, place_for
from scraper.simulator.shapes.a import SESSION_COOKIE

TIMEOUT_SECONDS = 60


@pytest.fixture
def simulator() -> Iterator[Simulator]:
    with Simulator(captcha_latency=0) as running:
        yield running


class Visitor:
    """Somebody with one browser session and the page loaded."""

    def __init__(self, simulator: Simulator) -> None:
        self.simulator = simulator
        self.session = requests.Session()
        self.load()

    def load(self) -> None:
        page = self.session.get(self.simulator.page_url("A"), timeout=TIMEOUT_SECONDS)
        self.soup = BeautifulSoup(page.text, "html.parser")

    @property
    def nonce(self) -> str:
        return str(self.one("#token")["value"])

    def one(self, selector: str) -> Tag:
        (tag,) = self.soup.select(selector)
        return tag

    def token(self) -> str:
        """Bought from the service for the key that the page shows."""
        order = {
            "key": "demo",
            "method": "userrecaptcha",
            "googlekey": self.one("div.g-recaptcha")["data-sitekey"],
            "pageurl": self.simulator.page_url("A"),
        }
        taken = requests.post(f"{self.simulator.url}/in.php", order, timeout=TIMEOUT_SECONDS).text
        poll = {"key": "demo", "action": "get", "id": taken.removeprefix("OK|")}
        solved = requests.get(f"{self.simulator.url}/res.php", poll, timeout=TIMEOUT_SECONDS).text
        return solved.removeprefix("OK|")

    def send(self, cedula: str, **fields: str) -> requests.Response:
        form = {"nuip": cedula, "tipo": "-1", "token": self.nonce, **fields}
        if "g-recaptcha-response" not in form:
            form["g-recaptcha-response"] = self.token()
        multipart = {name: (None, value) for name, value in form.items()}
        return self.session.post(
            self.simulator.page_url("A"), files=multipart, timeout=TIMEOUT_SECONDS
        )

    def ask(self, cedula: str, **fields: str) -> dict[str, Any]:
        answer: dict[str, Any] = self.send(cedula, **fields).json()
        return answer


@pytest.fixture
def visitor(simulator: Simulator) -> Visitor:
    return Visitor(simulator)


def cells(answer: dict[str, Any]) -> dict[str, str]:
    """The table in an answer, by header."""
    assert answer["success"] is True
    soup = BeautifulSoup(answer["data"]["message"], "html.parser")
    heads = [head.get_text(strip=True) for head in soup.select("th")]
    return dict(zip(heads, (cell.get_text(strip=True) for cell in soup.select("td")), strict=True))


def place_cells(cedula: str) -> dict[str, str]:
    place = place_for(cedula)
    return {
        "NUIP": cedula,
        "DEPARTAMENTO": place.departamento,
        "MUNICIPIO": place.municipio,
        "PUESTO": place.puesto,
        "DIRECCIÓN": place.direccion,
        "MESA": str(place.mesa),
    }


def test_the_form_is_the_one_that_is_known(visitor: Visitor) -> None:
    assert visitor.one("#form #nuip")["maxlength"] == "10"
    assert visitor.one("#form #enviar")["value"] == "CONSULTAR"
    assert len(visitor.nonce) == 32
    assert int(visitor.nonce, 16)
    assert visitor.one('#tipo option[value="-1"]').text == "LUGAR DE VOTACIÓN ACTUAL"
    for box in ("#success", "#div_warning", "#div_error"):
        assert visitor.one(box).text == ""


def test_a_plain_cedula_is_found_where_it_votes(visitor: Visitor) -> None:
    assert cells(visitor.ask("9000000001")) == place_cells("9000000001")


def test_the_preselected_election_answers_with_a_place_of_another_one(visitor: Visitor) -> None:
    preselected = str(visitor.one("#tipo option[selected]")["value"])

    answer = cells(visitor.ask("9000000001", tipo=preselected))

    assert answer["PUESTO"] == "PUESTO DE OTRA ELECCION"


def test_every_load_of_the_page_has_a_nonce_of_its_own(visitor: Visitor) -> None:
    first = visitor.nonce
    visitor.load()

    assert visitor.nonce != first
    assert visitor.ask("9000000001", token=first)["reload"] is True
    assert visitor.ask("9000000001")["success"] is True


def test_a_nonce_is_worthless_in_another_session(simulator: Simulator, visitor: Visitor) -> None:
    stranger = Visitor(simulator)

    answer = stranger.ask("9000000001", token=visitor.nonce)

    assert answer["reload"] is True
    assert answer["success"] is False


def test_a_session_that_was_never_given_out_is_replaced(visitor: Visitor) -> None:
    visitor.session.cookies.clear()
    page = visitor.session.get(
        visitor.simulator.page_url("A"),
        cookies={SESSION_COOKIE: "made-up"},
        timeout=TIMEOUT_SECONDS,
    )

    assert page.cookies[SESSION_COOKIE] != "made-up"


def test_a_session_that_has_run_out_asks_for_a_reload(
    simulator: Simulator, visitor: Visitor
) -> None:
    simulator.set(session_seconds=0)

    assert visitor.ask("9000000001")["reload"] is True


@pytest.mark.parametrize(
    "cedula", ["", "1", "12345678901", "12a45678", "1.234.567", "\u0661\u0662\u0663"]
)
def test_what_is_no_cedula_is_refused(visitor: Visitor, cedula: str) -> None:
    answer = visitor.ask(cedula)

    assert answer["success"] is False
    assert "documento válido" in answer["data"]["message"]


def test_without_a_token_the_page_asks_for_the_captcha(visitor: Visitor) -> None:
    answer = visitor.ask("9000000001", **{"g-recaptcha-response": ""})

    assert answer["success"] is False
    assert answer["data"]["message"] == (
        "Marque el cuadro de verificación (Captcha: No soy un robot)"
    )


def test_a_token_works_once(visitor: Visitor) -> None:
    token = {"g-recaptcha-response": visitor.token()}

    assert visitor.ask("9000000001", **token)["success"] is True
    second = visitor.ask("9000000001", **token)

    assert second["success"] is False
    assert "captcha" in second["data"]["message"]


@pytest.mark.parametrize(("ending", "columns"), [("60", "same"), ("61", "reversed")])
def test_a_place_can_be_read_by_its_headers_alone(
    visitor: Visitor, ending: str, columns: str
) -> None:
    cedula = f"90000000{ending}"
    expected = {name.upper(): text for name, text in place_cells(cedula).items()}

    message = visitor.ask(cedula)["data"]["message"]
    found = cells({"success": True, "data": {"message": message}})

    folded = {name.upper().replace("DIRECCION", "DIRECCIÓN"): text for name, text in found.items()}
    assert folded == expected
    if columns == "same":
        assert "<b>" in message
    else:
        assert list(folded) == list(reversed(expected))
        assert "data-th" not in message


def test_a_place_without_address_has_an_empty_cell(visitor: Visitor) -> None:
    assert cells(visitor.ask("9000000062")) == place_cells("9000000062") | {"DIRECCIÓN": ""}


def test_misleading_words_stand_beside_the_table_and_not_in_it(visitor: Visitor) -> None:
    answer = visitor.ask("9000000063")

    assert "Cancelada por Muerte" in answer["data"]["message"]
    assert cells(answer) == place_cells("9000000063")


def test_hostile_names_arrive_whole_and_escaped(visitor: Visitor) -> None:
    answer = visitor.ask("9000000064")

    assert "<script>" not in answer["data"]["message"]
    assert HOSTILE_PLACE.puesto in unescape(answer["data"]["message"])
    assert cells(answer)["DIRECCIÓN"] == HOSTILE_PLACE.direccion


@pytest.mark.parametrize(
    ("ending", "novedad"),
    [
        ("70", "Cancelada por Muerte"),
        ("71", "Baja por Inhumacion o Necrodactilia Positiva"),
        ("72", "Cancelada por Doble Cedulación"),
        ("73", "Vigente con Pérdida o Suspensión de los Derechos Políticos"),
    ],
)
def test_a_cancelled_cedula_has_a_table_of_its_novedad(
    visitor: Visitor, ending: str, novedad: str
) -> None:
    answer = cells(visitor.ask(f"90000000{ending}"))

    assert list(answer) == ["NUIP", "NOVEDAD", "RESOLUCIÓN", "FECHA NOVEDAD"]
    assert answer["NOVEDAD"] == novedad


def test_the_columns_of_a_novedad_vary(visitor: Visitor) -> None:
    answer = cells(visitor.ask("9000000074"))

    assert list(answer) == ["FECHA NOVEDAD", "NUIP", "NOVEDAD"]
    assert answer["NOVEDAD"] == "Baja por trashumancia"


@pytest.mark.parametrize(
    ("ending", "text"),
    [
        (
            "78",
            (
                "El documento de identidad número 9000000078 no se encuentra en el censo"
                " para esta elección."
            ),
        ),
        ("79", "Debe inscribirse"),
        ("90", "Curl error: Operation timed out after 15008 milliseconds with 0 bytes received"),
        ("92", "La información se encuentra en actualización. Por favor intente más tarde."),
        ("94", "Error en la verificación del documento o captcha!..."),
    ],
)
def test_what_has_no_table_is_told_in_words(visitor: Visitor, ending: str, text: str) -> None:
    answer = visitor.ask(f"90000000{ending}")

    assert answer["success"] is False
    assert answer["data"]["message"] == text
    assert "reload" not in answer


def test_an_expired_session_says_so_by_reload(visitor: Visitor) -> None:
    assert visitor.ask("9000000091")["reload"] is True


def test_the_firewall_answers_with_success_and_a_page(visitor: Visitor) -> None:
    answer = visitor.send("9000000093")

    assert answer.status_code == 200
    heading = BeautifulSoup(answer.text, "html.parser").select_one(".blocked h3")
    assert heading is not None
    assert heading.text == "Request Rejected"


def test_a_dropped_connection_ends_in_the_middle_of_the_answer(visitor: Visitor) -> None:
    with pytest.raises(requests.exceptions.ChunkedEncodingError, match="IncompleteRead"):
        visitor.send("9000000095")


def test_changed_markup_is_no_table(visitor: Visitor) -> None:
    answer = visitor.ask("9000000096")

    assert answer["success"] is True
    assert "<table" not in answer["data"]["message"]


def test_unknown_json_has_none_of_the_known_keys(visitor: Visitor) -> None:
    assert not {"success", "data", "reload"} & set(visitor.ask("9000000097"))


def test_a_server_error_is_html(visitor: Visitor) -> None:
    answer = visitor.send("9000000098")

    assert answer.status_code == 500
    assert answer.headers["Content-Type"].startswith("text/html")


@pytest.mark.parametrize("ending", ["80", "81", "82", "83", "84"])
def test_a_passing_failure_comes_once_for_each_cedula(visitor: Visitor, ending: str) -> None:
    first, other = f"90000000{ending}", f"90000001{ending}"

    assert '"success": true' not in visitor.send(first).text
    assert cells(visitor.ask(first)) == place_cells(first)
    assert '"success": true' not in visitor.send(other).text


def test_a_connection_drops_once(visitor: Visitor) -> None:
    with pytest.raises(requests.exceptions.ChunkedEncodingError):
        visitor.send("9000000085")

    assert cells(visitor.ask("9000000085")) == place_cells("9000000085")
