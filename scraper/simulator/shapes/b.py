"""Shape B: a page that asks a JSON API of the same origin."""

from dataclasses import replace

from scraper.simulator import texts
from scraper.simulator.outcomes import Outcome
from scraper.simulator.places import Place
from scraper.simulator.shape import Asked, Handler, Shape
from scraper.simulator.state import State
from scraper.simulator.texts import Novedad
from scraper.simulator.wire import Reply, Request, json_reply

ELECTIONS = (
    {"id": 31, "nombre": "CONSULTA POPULAR 2025", "mensaje": "Elección realizada."},
    {"id": 0, "nombre": "LUGAR DE VOTACION ACTUAL", "mensaje": None},
    {"id": 34, "nombre": "CONGRESO DE LA REPUBLICA 2026", "mensaje": "Elección realizada."},
)
"""The page preselects the first, which is not the current one."""


class ShapeB(Shape):
    """The single-page app. Keys and types vary from answer to answer, as observed."""

    name = "B"
    path = "/consultacenso/"
    question_path = "/back/api/consulta"
    current_election = "0"
    longest_cedula = 12
    captcha_missing_text = "Debe completar el captcha."
    captcha_refused_text = "Token de captcha inválido o expirado."
    session_expired_text = "La sesión ha expirado. Recargue la página."
    invalid_cedula_text = "El número de documento no es válido."

    def routes(self) -> dict[str, Handler]:
        return {"/back/api/elecciones": self.elections}

    def elections(self, request: Request, state: State) -> Reply:
        """Return the elections for the select, which is empty until they come."""
        settings = state.settings
        if fault := self.fault(settings.mode):
            return fault
        return replace(json_reply({"ok": True, "data": ELECTIONS}), delay=settings.elections_delay)

    def asked(self, request: Request, state: State) -> Asked:
        """Read `{documento, eleccionId, captchaToken}`."""
        fields = request.json()
        return Asked(
            cedula=_text(fields.get("documento")),
            election=_text(fields.get("eleccionId")),
            token=_text(fields.get("captchaToken")),
        )

    def place(self, cedula: str, place: Place, outcome: Outcome) -> Reply:
        number = int(cedula)
        data: dict[str, object] = {
            "nuip": cedula,
            "nom_depto": place.departamento,
            "nom_mun": place.municipio,
            "nom_puesto": place.puesto,
            "direccion": place.direccion or None,
            "mesa": place.mesa if number % 2 else str(place.mesa),
        }
        if outcome is Outcome.FOUND_REORDERED:
            data = {"fingreso": None, "coddivipol": "990010101", **dict(reversed(data.items()))}
            data["mesa"] = place.mesa
        if outcome is Outcome.FOUND_BOLD or number // 100 % 3 == 0:
            data = {key.upper(): value for key, value in data.items()}
        answer: dict[str, object] = {"ok": True, "encontrado": True, "data": data}
        answer["mapa"] = None if number // 100 % 4 == 0 else _map(place)
        if outcome is Outcome.FOUND_AMID_MISLEADING_WORDS:
            answer |= {"mensaje": texts.MISLEADING, "descripcion": texts.MISLEADING}
        return json_reply(answer)

    def novedad(self, cedula: str, novedad: Novedad, outcome: Outcome) -> Reply:
        answer = {"ok": True, "encontrado": False, "novedad": True}
        if outcome is Outcome.CANCELLED_ODD_COLUMNS:
            return json_reply({**answer, "mensaje": novedad.novedad, "descripcion": None})
        message = f"El documento de identidad número {cedula} presenta una novedad."
        return json_reply({**answer, "mensaje": message, "descripcion": novedad.novedad})

    def absent(self, text: str) -> Reply:
        return json_reply({"ok": True, "encontrado": False, "mensaje": text})

    def trouble(self, text: str) -> Reply:
        return json_reply({"ok": False, "error": text})

    def changed_markup(self, cedula: str, place: Place) -> Reply:
        where = {"sede": place.puesto, "urna": place.mesa}
        return json_reply(
            {"ok": True, "encontrado": True, "data": {"documento": cedula, "votacion": where}}
        )


SHAPE = ShapeB()


def _text(value: object) -> str:
    return "" if value is None else str(value)


def _map(place: Place) -> dict[str, object]:
    url = f"https://maps.google.com/?q={place.lat},{place.lng}"
    return {"lat": place.lat, "lng": place.lng, "url": url}
