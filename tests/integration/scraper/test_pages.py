"""Pages that are not quite as the known ones: other ways to answer, and things in the way."""

import json
from collections.abc import Iterator
from typing import NamedTuple, get_args

import pytest

from scraper import errors
from scraper.captcha import Captcha, Recaptcha
from scraper.registraduria import RegistraduriaScraper
from scraper.results import Found, NotFound
from scraper.simulator import Simulator
from tests.scraping import CEDULA, Asked, OddSite, Page, config_for, failure_of, scraper_of

CHOICES = "<option value='7'>CONGRESO</option><option value='-1'>LUGAR DE VOTACIÓN ACTUAL</option>"
CONTAINERS = "<div id='success'></div><div id='div_warning'></div><div id='div_error'></div>"
ABSENT = "El documento de identidad no se encuentra en el censo para esta elección."
TABLE = """
<table id='consulta'>
  <tr><th>NUIP</th><th>DEPARTAMENTO</th><th>MUNICIPIO</th><th>PUESTO</th><th>DIRECCIÓN</th>
    <th>MESA</th></tr>
  <tr><td>{cedula}</td><td>HUILA</td><td>NEIVA</td><td>IE LA CEIBA</td><td>CL 1</td><td>3</td></tr>
</table>
"""


@pytest.fixture(scope="module")
def site() -> Iterator[OddSite]:
    with OddSite() as site:
        yield site


@pytest.fixture(autouse=True)
def _empty(site: OddSite) -> None:
    site.answers.clear()
    site.asked.clear()


@pytest.fixture(scope="module")
def simulator() -> Iterator[Simulator]:
    with Simulator(captcha_latency=0) as simulator:
        yield simulator


@pytest.fixture(scope="module")
def scraper(simulator: Simulator, site: OddSite) -> Iterator[RegistraduriaScraper]:
    with scraper_of(config_for(simulator, f"{site.url}/", timeout_seconds=30.0)) as scraper:
        yield scraper


def page_a(
    script: str = "",
    *,
    choices: str = CHOICES,
    captcha: str = "",
    button: str = "<button type='button' id='enviar'>CONSULTAR</button>",
    status: int = 200,
    headers: dict[str, str] | None = None,
) -> Page:
    body = f"""<!DOCTYPE html><html><body>
      <form id='form' method='post' action=''>
        <input id='nuip' name='nuip' maxlength='10'><select id='tipo' name='tipo'>{choices}</select>
        {captcha}{button}
      </form>
      {CONTAINERS}<script>{script}</script></body></html>"""
    return Page(body, status, headers or {})


def page_b(elections: str) -> Page:
    return Page(
        f"""<!DOCTYPE html><html><body><form id='consultaForm'>
        <input id='documento'><select id='eleccion'><option value='0'>Cargando…</option></select>
        <button type='button' id='submitBtn'>Consultar</button></form>
        <script>
          const elections = document.getElementById('eleccion');
          setTimeout(() => {{ elections.innerHTML = `{elections}`; }}, 300);
          document.getElementById('submitBtn').onclick = () => fetch('/back/api/consulta', {{
            method: 'POST', body: elections.value}});
        </script></body></html>"""
    )


def on_click(script: str) -> str:
    return f"document.getElementById('enviar').onclick = () => {{ {script} }};"


SEND = on_click("fetch('', {method: 'POST', body: new FormData(document.forms[0])});")
ANSWER_ABSENT = Page(
    json.dumps({"success": False, "data": {"message": ABSENT}}), content_type="application/json"
)


# --- Other ways to answer -----------------------------------------------------------------------


def test_an_answer_that_is_a_whole_new_page_is_read(
    scraper: RegistraduriaScraper, site: OddSite
) -> None:
    site.answers["GET", "/"] = page_a(button="<input type='submit' id='enviar'>")
    site.answers["POST", "/"] = Page(f"<html><body>{TABLE.format(cedula=CEDULA)}</body></html>")

    lookup = scraper.scrape_cedula(CEDULA)

    assert isinstance(lookup, Found)
    assert lookup.puesto == "IE LA CEIBA"
    assert site.requests("POST")[0].body == f"nuip={CEDULA}&tipo=-1"


def test_an_answer_that_only_appears_on_the_page_is_read(
    scraper: RegistraduriaScraper, site: OddSite
) -> None:
    show = json.dumps(TABLE.format(cedula=CEDULA))
    site.answers["GET", "/"] = page_a(
        on_click(
            "fetch('/elsewhere').then(() => {"
            f" document.getElementById('success').innerHTML = {show}; }});"
        )
    )

    assert isinstance(scraper.scrape_cedula(CEDULA), Found)


def test_a_word_of_patience_is_not_taken_for_the_answer(
    scraper: RegistraduriaScraper, site: OddSite
) -> None:
    site.answers["GET", "/"] = page_a(
        on_click(
            "const box = document.getElementById('div_warning');"
            "box.textContent = 'Consultando, un momento';"
            f"setTimeout(() => {{ box.textContent = '{ABSENT}'; }}, 600);"
        )
    )

    assert isinstance(scraper.scrape_cedula(CEDULA), NotFound)


def test_a_refusal_by_the_pages_own_script_ends_the_lookup(
    scraper: RegistraduriaScraper, site: OddSite
) -> None:
    site.answers["GET", "/"] = page_a(
        on_click(
            "document.getElementById('div_error').textContent ="
            " 'Marque el cuadro de verificación (Captcha: No soy un robot)';"
        )
    )

    failure = failure_of(scraper.submit(CEDULA))

    assert isinstance(failure, errors.CaptchaRejected)
    assert site.requests("POST") == []


def test_texts_that_were_there_before_the_question_are_no_answer(
    scraper: RegistraduriaScraper, site: OddSite
) -> None:
    site.answers["GET", "/"] = page_a(
        f"document.getElementById('div_warning').textContent = '{ABSENT}';"
        + on_click(
            "setTimeout(() => { document.getElementById('div_warning').textContent = '';"
            f" document.getElementById('success').innerHTML = `{TABLE.format(cedula=CEDULA)}`;"
            " }, 500);"
        )
    )

    assert isinstance(scraper.scrape_cedula(CEDULA), Found)


def test_a_button_that_does_nothing_is_a_timeout(
    scraper: RegistraduriaScraper, site: OddSite
) -> None:
    site.answers["GET", "/"] = page_a()

    assert isinstance(failure_of(scraper.submit(CEDULA)), errors.SiteTimeout)


@pytest.mark.parametrize("status", [500, 503])
def test_a_failing_server_that_says_nothing_known_is_unavailable(
    scraper: RegistraduriaScraper, site: OddSite, status: int
) -> None:
    site.answers["GET", "/"] = page_a(SEND)
    site.answers["POST", "/"] = Page("{}", status, content_type="application/json")

    assert isinstance(failure_of(scraper.submit(CEDULA)), errors.SiteUnavailable)


# --- Forms that differ --------------------------------------------------------------------------


@pytest.mark.parametrize(
    "choices",
    [
        "<option value='-1'>Otro nombre</option><option value='7'>CONGRESO</option>",
        "<option value='7'>CONGRESO</option><option value='42'>Lugar de votacion  ACTUAL</option>",
    ],
)
def test_the_current_place_is_chosen_by_its_name_or_its_value(
    scraper: RegistraduriaScraper, site: OddSite, choices: str
) -> None:
    site.answers["GET", "/"] = page_a(SEND, choices=choices)
    site.answers["POST", "/"] = ANSWER_ABSENT

    assert isinstance(scraper.scrape_cedula(CEDULA), NotFound)
    chosen = "-1" if "'-1'" in choices else "42"
    assert f'name="tipo"\r\n\r\n{chosen}\r\n' in site.requests("POST")[0].body


def test_a_page_without_the_current_place_is_unknown(
    scraper: RegistraduriaScraper, site: OddSite
) -> None:
    site.answers["GET", "/"] = page_a(
        SEND,
        choices="<option value='7'>CONGRESO</option><option value='8'>ALCALDES</option>",
        captcha="<div class='g-recaptcha' data-sitekey='6Lx'></div>",
    )

    future = scraper.submit(CEDULA)

    assert isinstance(failure_of(future), errors.UnknownPage)
    assert site.requests("POST") == []
    assert future.solves_paid == 0  # a captcha is bought for a form that is filled in


def test_a_list_of_elections_that_never_comes_is_the_sites_trouble(
    scraper: RegistraduriaScraper, site: OddSite
) -> None:
    site.answers["GET", "/"] = page_b("")

    assert isinstance(failure_of(scraper.submit(CEDULA)), errors.SiteUnavailable)


def test_a_placeholder_is_not_chosen_although_it_has_the_value(
    scraper: RegistraduriaScraper, site: OddSite
) -> None:
    site.answers["GET", "/"] = page_b(
        "<option value='0'>Seleccione</option><option value='9'>LUGAR DE VOTACION ACTUAL</option>"
    )
    site.answers["POST", "/back/api/consulta"] = Page(
        json.dumps({"ok": True, "encontrado": False, "mensaje": ABSENT}),
        content_type="application/json",
    )

    assert isinstance(scraper.scrape_cedula(CEDULA), NotFound)
    assert site.requests("POST", "/back/api/consulta")[0].body == "9"


@pytest.mark.parametrize("at_first", ["Cargando", ""])
def test_a_form_that_is_drawn_late_is_waited_for(
    scraper: RegistraduriaScraper, site: OddSite, at_first: str
) -> None:
    late = page_a(SEND)
    site.answers["GET", "/"] = Page(
        f"<div id='root'>{at_first}</div><script>setTimeout(() => {{"
        f" document.getElementById('root').innerHTML = {json.dumps(late.body)};"
        f" eval({json.dumps(SEND)}); }}, 1000);</script>".replace(
            "</script></body>", "<\\/script></body>"
        )
    )
    site.answers["POST", "/"] = ANSWER_ABSENT

    assert isinstance(scraper.scrape_cedula(CEDULA), NotFound)


def test_dialogs_popups_and_a_strict_policy_do_not_stop_a_lookup(
    scraper: RegistraduriaScraper, site: OddSite
) -> None:
    page = page_a(headers={"Content-Security-Policy": "default-src 'self'"})
    body = page.body.replace("<script></script>", "<script src='/page.js'></script>")
    site.answers["GET", "/"] = Page(body, headers=page.headers)
    site.answers["GET", "/page.js"] = Page(
        f"alert('hola'); window.open('/popup'); {SEND}", content_type="text/javascript"
    )
    site.answers["POST", "/"] = ANSWER_ABSENT

    assert isinstance(scraper.scrape_cedula(CEDULA), NotFound)


# --- Documents that are no page -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("page", "error"),
    [
        (Page("<p>Algo</p>", 500), errors.SiteUnavailable),
        (page_a(SEND, status=503), errors.SiteUnavailable),
        (Page("<p>Algo</p>", 403), errors.SiteBlocked),
        (Page("<p>Algo</p>", 429), errors.SiteBlocked),
        (Page("<p>Algo</p>", 404), errors.UnknownPage),
        (Page("", 204), errors.SiteUnavailable),
        (Page("PK", content_type="application/zip"), errors.UnknownPage),
    ],
)
def test_what_comes_in_place_of_a_page_is_told_apart(
    scraper: RegistraduriaScraper, site: OddSite, page: Page, error: type[errors.ScraperError]
) -> None:
    site.answers["GET", "/"] = page

    assert type(failure_of(scraper.submit(CEDULA))) is error


def test_a_page_whose_scripts_hang_is_late_rather_than_unknown(
    scraper: RegistraduriaScraper, site: OddSite
) -> None:
    site.answers["GET", "/"] = Page("<p>Cargando</p><script>while (true) {}</script>")

    assert isinstance(failure_of(scraper.submit(CEDULA)), errors.SiteTimeout)


# --- Captchas -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("captcha", "kind"),
    [
        ("<div class='cf-turnstile' data-sitekey='0x4'></div>", "Turnstile"),
        ("<div class='h-captcha' data-sitekey='1-2'></div>", "hCaptcha"),
        ("<div class='otro' data-sitekey='x'></div>", "unknown"),
        ("<script src='/recaptcha/api.js?render=6Lx'></script>", "v3"),
    ],
)
def test_a_captcha_of_another_kind_is_named_and_not_paid_for(
    scraper: RegistraduriaScraper, site: OddSite, captcha: str, kind: str
) -> None:
    site.answers["GET", "/"] = page_a(SEND, captcha=captcha)

    future = scraper.submit(CEDULA)

    failure = failure_of(future)
    assert isinstance(failure, errors.CaptchaInTheWay)
    assert kind in str(failure)
    assert future.solves_paid == 0


class Built(NamedTuple):
    """The parts of a page that belong to a kind of captcha."""

    field: str
    """The name of the field for the token."""
    box: str
    """The class of its box."""
    api: str
    """The script's object."""
    ways: list[str]
    """Ways to build it into a page."""


SOLVED: dict[type[Captcha], Built] = {
    Recaptcha: Built(
        "g-recaptcha-response",
        "g-recaptcha",
        "grecaptcha",
        [
            # A box that no script has filled.
            "<div class='g-recaptcha' data-sitekey='6Lx'></div>",
            # A field that is there already.
            (
                "<div class='g-recaptcha' data-sitekey=6Lx>"
                "<textarea name=g-recaptcha-response></textarea>"
            ),
            # Drawn by Google's script alone: the key is in the frame's address.
            "<iframe src='/recaptcha/api2/anchor?k=6Lx&size=normal'></iframe>",
        ],
    ),
}


def test_every_kind_that_can_be_solved_is_on_a_page_here() -> None:
    assert set(SOLVED) == set(get_args(Captcha) or [Captcha])


def token_in(asked: Asked, field: str) -> str:
    return asked.body.partition(f'name="{field}"\r\n\r\n')[2].partition("\r\n")[0]


@pytest.mark.parametrize(
    ("field", "captcha"),
    [(built.field, captcha) for built in SOLVED.values() for captcha in built.ways],
)
def test_the_token_reaches_the_form_however_the_captcha_is_built(
    scraper: RegistraduriaScraper, simulator: Simulator, site: OddSite, field: str, captcha: str
) -> None:
    simulator.reset()
    site.answers["GET", "/"] = page_a(SEND, captcha=captcha)
    site.answers["POST", "/"] = ANSWER_ABSENT

    scraper.scrape_cedula(CEDULA)

    (bought,) = simulator.log()["captchas"]
    assert token_in(site.requests("POST")[0], field) == bought["token"]
    assert (bought["site_key"], bought["page_url"]) == ("6Lx", f"{site.url}/")


@pytest.mark.parametrize("built", SOLVED.values(), ids=[kind.__name__ for kind in SOLVED])
def test_the_pages_own_captcha_object_and_callback_get_the_token(
    scraper: RegistraduriaScraper, simulator: Simulator, site: OddSite, built: Built
) -> None:
    simulator.reset()
    send = f"fetch('', {{method: 'POST', body: window.told + ' ' + {built.api}.getResponse()}});"
    site.answers["GET", "/"] = page_a(
        f"window.{built.api} = {{getResponse: () => ''}};"
        "window.app = {told: (token) => { window.told = token;"
        " document.getElementById('enviar').disabled = false; }};" + on_click(send),
        captcha=f"<div class='{built.box}' data-sitekey='6Lx' data-callback='app.told'></div>",
        button="<button type='button' id='enviar' disabled>CONSULTAR</button>",
    )
    site.answers["POST", "/"] = ANSWER_ABSENT

    scraper.scrape_cedula(CEDULA)

    token = simulator.log()["captchas"][0]["token"]
    assert site.requests("POST")[0].body == f"{token} {token}"
