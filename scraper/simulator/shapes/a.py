"""Shape A: a form posted to its own address; the answer is JSON that carries an HTML table."""

from dataclasses import replace
from html import escape

from scraper.simulator import texts
from scraper.simulator.outcomes import Outcome
from scraper.simulator.places import Place
from scraper.simulator.shape import Asked, Shape
from scraper.simulator.state import State
from scraper.simulator.texts import Novedad
from scraper.simulator.wire import Reply, Request, json_reply

SESSION_COOKIE = "censo_sesion"

NOTICE = (
    "<p class='aviso'><b>Señor Ciudadano:</b> verifique su lugar de votación antes de cada"
    " elección.</p>"
)


class ShapeA(Shape):
    """The jQuery page. Its nonce belongs to the session and changes with every load."""

    name = "A"
    path = question_path = "/censo/consultar/"
    current_election = "-1"
    longest_cedula = 10
    captcha_missing_text = "Marque el cuadro de verificación (Captcha: No soy un robot)"
    captcha_refused_text = "Error en la verificación del documento o captcha!..."
    session_expired_text = "La sesión ha expirado."
    invalid_cedula_text = "Digite un número de documento válido."

    def form(self, request: Request, state: State, **values: str) -> Reply:
        session, nonce = state.memory.open_page(request.cookie(SESSION_COOKIE))
        reply = super().form(request, state, token=nonce, **values)
        cookie = f"{SESSION_COOKIE}={session}; Path=/; HttpOnly; SameSite=Lax"
        return replace(reply, headers={"Set-Cookie": cookie})

    def asked(self, request: Request, state: State) -> Asked:
        """Read the form, which the page sends as multipart."""
        form = request.form()
        return Asked(
            cedula=form.get("nuip", ""),
            election=form.get("tipo", ""),
            token=form.get("g-recaptcha-response") or form.get("cf-turnstile-response", ""),
            is_session_open=state.memory.is_page_open(
                request.cookie(SESSION_COOKIE),
                form.get("token", ""),
                state.settings.session_seconds,
            ),
        )

    def place(self, cedula: str, place: Place, outcome: Outcome) -> Reply:
        cells = {
            "NUIP": cedula,
            "DEPARTAMENTO": place.departamento,
            "MUNICIPIO": place.municipio,
            "PUESTO": place.puesto,
            "DIRECCIÓN": place.direccion,
            "MESA": str(place.mesa),
        }
        match outcome:
            case Outcome.FOUND_BOLD:
                table = _table(cells, bold=True)
            case Outcome.FOUND_REORDERED:
                backwards = reversed(cells.items())
                bare = {name.replace("Ó", "O").capitalize(): text for name, text in backwards}
                table = _table(bare, with_data_th=False)
            case _:
                table = _table(cells)
        if outcome is Outcome.FOUND_AMID_MISLEADING_WORDS:
            words = escape(texts.MISLEADING)
            table += f"<div style='display:none'>{words}</div><script>var pie='{words}';</script>"
        return _success(table + NOTICE)

    def novedad(self, cedula: str, novedad: Novedad, outcome: Outcome) -> Reply:
        cells = {
            "NUIP": cedula,
            "NOVEDAD": novedad.novedad,
            "RESOLUCIÓN": novedad.resolucion,
            "FECHA NOVEDAD": novedad.fecha,
        }
        if outcome is Outcome.CANCELLED_ODD_COLUMNS:
            odd = {name: cells[name] for name in ("FECHA NOVEDAD", "NUIP", "NOVEDAD")}
            return _success(_table(odd, with_data_th=False, with_id=False) + NOTICE)
        return _success(_table(cells) + NOTICE)

    def absent(self, text: str) -> Reply:
        return _failure(text)

    def trouble(self, text: str) -> Reply:
        return _failure(text, kind="error")

    def session_expired(self) -> Reply:
        data = {"message": self.session_expired_text}
        return json_reply({"success": False, "reload": True, "data": data})

    def invalid_cedula(self) -> Reply:
        return _failure(self.invalid_cedula_text)

    def changed_markup(self, cedula: str, place: Place) -> Reply:
        return _success(
            f"<div class='tarjeta'><h4>{escape(cedula)}</h4><ul>"
            f"<li>{escape(place.puesto)}</li><li>{place.mesa}</li></ul></div>"
        )


SHAPE = ShapeA()


def _success(message: str) -> Reply:
    return json_reply({"success": True, "data": {"message": message}})


def _failure(message: str, kind: str = "warning") -> Reply:
    """`kind` chooses the box of the page. How the live page chooses it is not known."""
    return json_reply({"success": False, "data": {"message": message, "type": kind}})


def _table(
    cells: dict[str, str], *, bold: bool = False, with_data_th: bool = True, with_id: bool = True
) -> str:
    heads = "".join(f"<th>{escape(name)}</th>" for name in cells)
    row = ""
    for name, text in cells.items():
        attribute = f" data-th='{escape(name)}'" if with_data_th else ""
        content = f"<b>&nbsp;{escape(text)} </b>" if bold else escape(text)
        row += f"<td{attribute}>{content}</td>"
    table_id = " id='consulta'" if with_id else ""
    return (
        f"<table{table_id} class='table'><thead><tr>{heads}</tr></thead>"
        f"<tbody><tr>{row}</tr></tbody></table>"
    )
