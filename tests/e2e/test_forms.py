"""Forms as people fill them in: mistakes told where and when they help, and one account made."""

import random
import re
from collections.abc import Iterator
from itertools import count

import pytest
from django.core.exceptions import ValidationError
from playwright.sync_api import Browser, Locator, Page, expect

from accounts.forms.password_fields import MISMATCH, PASSWORD_PROBLEMS
from accounts.forms.people import RegistrationForm
from accounts.models import CustomUser
from tests.accessibility import violations
from tests.stack import Stack
from tests.typed import PASSWORD

pytestmark = [pytest.mark.e2e]

TOO_SHORT = PASSWORD_PROBLEMS["password_too_short"] % {"min_length": 8}
FIVE_DIGITS = "Una cédula tiene entre 6 y 10 números y escribiste 5. Revísala."
TEXTS = [
    *("52.345.678", "12345", "0123456", "12a456", "C.C. 52.345.678", "-1234567", "1,234,567"),
    *("١٢٣٤٥٦٧", "１２３４５６７", "²³456789", "\u202d1.234.567\u202c", " . ", "CC"),
    *("300-123-4567", "+57 (604) 234-5678", "0057 300 123 4567", "1001234567", "tres cientos"),
    *("Ana", "A", "á", "---", "123 456", "Zoé Ñ", "\u200b\u202e", "  Ana   Gil ", "李"),
]
SIGNS = "0123456789" * 3 + ".,-() +CcNoº'’añ\u200b\u202d\xa0\t１²"
JUDGE = """
(texts) => texts.map(([name, text]) => {
  const field = document.getElementById(`id_${name}`);
  field.value = text;
  field.dispatchEvent(new Event("input", { bubbles: true }));
  field.dispatchEvent(new FocusEvent("focusout", { bubbles: true }));
  const error = document.getElementById(`id_${name}_error`);
  return [field.value, error ? error.textContent : ""];
})
"""
_cedulas = count(1_040_000_011)


@pytest.fixture
def form(quiet_site: Stack, page: Page) -> Page:
    page.goto(f"{quiet_site.web_url}/registro/")
    return page


def fill_in(page: Page, cedula: str) -> None:
    """A registration with nothing wrong in it, as if it were typed."""
    page.locator("#id_cedula").fill(cedula)
    page.get_by_label("Nombre completo").fill("Luz Dary Cano Mejía")
    page.get_by_label("Celular").fill("3001234567")
    page.locator("#id_password1").fill(PASSWORD)
    page.locator("#id_password2").fill(PASSWORD)
    page.locator("#id_data_policy_accepted").check()


def send(page: Page) -> Locator:
    return page.get_by_role("button", name="Registrarme")


def said(page: Page, name: str) -> list[str]:
    """Return the text that a screen reader announces as the field's error."""
    field = page.locator(f"#id_{name}")
    if field.get_attribute("aria-invalid") != "true":
        return []
    assert f"id_{name}_error" in str(field.get_attribute("aria-describedby")).split()
    return page.locator(f"#id_{name}_error li").all_inner_texts()


def accounts(site: Stack, cedula: str) -> int:
    rows = site.query(f"SELECT id FROM accounts_customuser WHERE cedula = '{cedula}'")  # noqa: S608
    return len(rows)


# --- Mistakes ------------------------------------------------------------------------------------


def test_a_mistake_is_told_when_the_field_is_left_and_goes_when_it_is_corrected(
    form: Page,
) -> None:
    cedula = form.locator("#id_cedula")
    for sign in "12345":
        cedula.press_sequentially(sign)
        assert said(form, "cedula") == []
    cedula.press("Tab")
    assert said(form, "cedula") == [FIVE_DIGITS]
    expect(form.locator("#announcer")).to_have_text(FIVE_DIGITS)

    cedula.press("6")
    assert said(form, "cedula") == []
    assert cedula.get_attribute("aria-describedby") == "id_cedula_helptext"
    cedula.press("Tab")
    assert said(form, "cedula") == []


def test_nobody_is_blamed_for_what_they_did_not_touch_or_left_empty(form: Page) -> None:
    for _ in range(9):
        form.keyboard.press("Tab")
    form.locator("#id_cedula").press_sequentially("1")
    form.locator("#id_cedula").press("Backspace")
    form.locator("#id_cedula").press("Tab")
    assert form.locator("[aria-invalid]").count() == 0
    assert form.locator(".errorlist").count() == 0


def test_a_form_with_mistakes_is_not_sent_and_the_passwords_stay(form: Page) -> None:
    sent: list[str] = []
    form.on("request", lambda request: sent.append(request.method))
    form.locator("#id_password1").fill(PASSWORD)
    form.locator("#id_password2").fill("otra-clave-9")
    send(form).click()

    expect(form.locator("#id_cedula")).to_be_focused()
    assert said(form, "cedula") == ["Escribe tu número de cédula."]
    assert said(form, "nombre_completo") == ["Escribe tu nombre completo."]
    assert said(form, "password1") == []
    assert said(form, "password2") == [MISMATCH]
    assert said(form, "data_policy_accepted")[0].startswith("Sin tu autorización")
    assert form.locator("#id_password1").input_value() == PASSWORD
    assert "POST" not in sent


def test_two_passwords_that_differ_are_compared_from_either_side(form: Page) -> None:
    first, second = form.locator("#id_password1"), form.locator("#id_password2")
    first.fill("una-clave-larga-7")
    second.fill("una-clave-larga-8")
    second.blur()
    assert said(form, "password2") == [MISMATCH]
    first.fill("una-clave-larga-8")
    first.blur()
    assert said(form, "password2") == []
    first.fill("una-clave-larga-9")
    first.blur()
    assert said(form, "password2") == [MISMATCH]


@pytest.mark.parametrize(
    ("typed", "error", "hint"),
    [
        ("corta-7", [TOO_SHORT], None),
        ("84736251940", [PASSWORD_PROBLEMS["password_entirely_numeric"]], None),
        ("ñandú-78", [], "Tiene 8 caracteres. Con 12 o más es más difícil de adivinar."),
        ("un tiple y una ruana", [], "Tiene 20 caracteres: buen largo."),
    ],
)
def test_a_password_is_spoken_of_when_it_is_left(
    form: Page, typed: str, error: list[str], hint: str | None
) -> None:
    password = form.locator("#id_password1")
    password.press_sequentially(typed)
    expect(form.locator("#id_password1_hint")).to_have_count(0)
    form.get_by_label("Celular").focus()
    assert said(form, "password1") == error
    if hint:
        expect(form.locator("#id_password1_hint")).to_have_text(hint)
        assert "id_password1_hint" in str(password.get_attribute("aria-describedby"))
    else:
        expect(form.locator("#id_password1_hint")).to_have_count(0)


def test_the_button_that_is_being_pressed_does_not_move_away(form: Page) -> None:
    """An error that appears at the field being left must not move the button under the finger."""
    form.locator("#id_password2").press_sequentially("x")
    form.locator("#id_password2").blur()
    form.locator("#id_password2").press_sequentially("y")
    button = send(form)
    button.scroll_into_view_if_needed()
    before = button.bounding_box()
    assert before is not None
    form.mouse.move(before["x"] + 20, before["y"] + 3)
    form.mouse.down()
    assert button.bounding_box() == before
    form.mouse.up()
    expect(form.locator("#id_cedula")).to_be_focused()


def test_the_browser_says_what_the_server_would_say_and_never_refuses_more(form: Page) -> None:
    lots = random.Random(6)
    drawn = ["".join(lots.choices(SIGNS, k=lots.randint(1, 14))) for _ in range(250)]
    asked = [
        (name, text) for name in ("cedula", "phone", "nombre_completo") for text in [*TEXTS, *drawn]
    ]
    for (name, typed), (left, told) in zip(asked, form.evaluate(JUDGE, asked), strict=True):
        assert told == judged(name, left), (name, typed, left)
        if not judged(name, typed):
            assert told == "", (name, typed)
        signs = [sign for sign in typed if sign.isnumeric()]
        assert signs == [sign for sign in left if sign.isnumeric()], (name, typed, left)


def judged(name: str, text: str) -> str:
    """The server's sentence; '' for none, and where nothing was typed."""
    field = RegistrationForm.base_fields[name]
    try:
        field.clean(text)
    except ValidationError as problem:
        return (
            "" if problem.messages[0] == field.error_messages["required"] else problem.messages[0]
        )
    return ""


@pytest.mark.complaints("status of 422")
def test_the_server_s_own_mistakes_go_too_when_they_are_corrected(form: Page) -> None:
    fill_in(form, str(next(_cedulas)))
    form.locator("#id_password1").fill("Colombia2026*")
    form.locator("#id_password2").fill("Colombia2026*")
    send(form).click()

    expect(form.locator("#error_summary")).to_be_focused()
    assert said(form, "password1") == [PASSWORD_PROBLEMS["password_too_common"]]
    assert form.get_by_label("Nombre completo").input_value() == "Luz Dary Cano Mejía"
    assert form.get_by_label("Celular").input_value() == "300 123 4567"
    assert form.locator("#id_data_policy_accepted").is_checked()
    form.locator("#id_password1").press_sequentially("un")
    assert said(form, "password1") == []
    expect(form.locator("#error_summary")).to_have_count(0)


# --- Passwords in the clear ----------------------------------------------------------------------


def test_each_password_can_be_shown_and_none_stays_shown_when_it_is_sent(
    quiet_site: Stack, form: Page
) -> None:
    cedula = str(next(_cedulas))
    fill_in(form, cedula)
    for name in ("password1", "password2"):
        button = form.locator(f"[data-show-password=id_{name}]")
        button.click()
        expect(form.locator(f"#id_{name}")).to_have_attribute("type", "text")
        expect(button).to_have_attribute("aria-pressed", "true")
    form.evaluate(
        "document.addEventListener('submit', () => { sessionStorage.types ="
        " [...document.querySelectorAll('[data-show-password]')].map((button) =>"
        " document.getElementById(button.dataset.showPassword).type + button.ariaPressed) })"
    )
    send(form).click()
    form.wait_for_url(f"{quiet_site.web_url}/perfil/")
    assert form.evaluate("sessionStorage.types") == "passwordfalse,passwordfalse"


# --- Sent twice ----------------------------------------------------------------------------------


@pytest.mark.parametrize("how", ["two clicks", "enter and click"])
def test_sent_twice_by_hand_one_account_is_made(quiet_site: Stack, form: Page, how: str) -> None:
    cedula = str(next(_cedulas))
    posts: list[str] = []
    form.on("request", lambda request: posts.append(request.method))
    fill_in(form, cedula)
    form.evaluate(
        """(enter) => {
          const button = document.querySelector("main form button[type=submit]");
          if (enter) button.form.requestSubmit(); else button.click();
          button.click();
        }""",
        how == "enter and click",
    )
    form.wait_for_url(f"{quiet_site.web_url}/perfil/")
    assert posts.count("POST") == 1
    assert accounts(quiet_site, cedula) == 1

    form.go_back()
    expect(form.get_by_role("heading", level=1)).to_contain_text("este es tu perfil")


def test_two_requests_at_once_make_one_account_and_no_error_page(
    quiet_site: Stack, form: Page
) -> None:
    cedula = str(next(_cedulas))
    fill_in(form, cedula)
    answers = form.evaluate(
        """() => {
          const form = document.querySelector("main form");
          const send = () => fetch(form.action, { method: "POST", body: new URLSearchParams(
            new FormData(form)) }).then((answer) => [answer.status, answer.url]);
          return Promise.all([send(), send()]);
        }"""
    )
    assert answers == [[200, f"{quiet_site.web_url}/perfil/"]] * 2
    assert accounts(quiet_site, cedula) == 1


# --- A page that had expired ---------------------------------------------------------------------


@pytest.mark.complaints("status of 403")
def test_where_cookies_were_cleared_what_was_typed_stays(quiet_site: Stack, form: Page) -> None:
    cedula = str(next(_cedulas))
    fill_in(form, cedula)
    form.context.clear_cookies()
    with form.expect_response(re.compile("/registro/")) as answer:
        send(form).click()
    assert answer.value.status == 403
    expect(form.locator("#expired")).to_be_focused()
    assert form.locator("#id_cedula").input_value().replace(".", "") == cedula
    assert form.locator("#id_data_policy_accepted").is_checked()
    assert form.locator("#id_password1").input_value() == ""

    form.locator("#id_password1").fill(PASSWORD)
    form.locator("#id_password2").fill(PASSWORD)
    send(form).click()
    form.wait_for_url(f"{quiet_site.web_url}/perfil/")
    assert accounts(quiet_site, cedula) == 1


# --- Without scripts, and for everybody ----------------------------------------------------------


@pytest.fixture
def plain(browser: Browser) -> Iterator[Page]:
    with browser.new_context(java_script_enabled=False, locale="es-CO") as context:
        yield context.new_page()


def test_without_scripts_the_server_does_it_all(quiet_site: Stack, plain: Page) -> None:
    cedula = str(next(_cedulas))
    plain.goto(f"{quiet_site.web_url}/registro/")
    fill_in(plain, "12345")
    send(plain).click()
    assert said(plain, "cedula") == [FIVE_DIGITS]
    expect(plain.locator("[data-show-password]").first).to_be_hidden()
    fill_in(plain, f"C.C. {int(cedula):,}".replace(",", "."))
    send(plain).click()
    plain.wait_for_url(f"{quiet_site.web_url}/perfil/")
    assert accounts(quiet_site, cedula) == 1


def test_a_phone_s_key_leads_to_the_next_field(quiet_site: Stack, browser: Browser) -> None:
    with browser.new_context(has_touch=True, is_mobile=True, locale="es-CO") as context:
        page = context.new_page()
        page.goto(f"{quiet_site.web_url}/registro/")
        page.locator("#id_cedula").press_sequentially("52345678")
        for following in (*CustomUser.OWN_FIELDS, "password1", "password2"):
            page.keyboard.press("Enter")
            expect(page.locator(f"#id_{following}")).to_be_focused()
        page.keyboard.press("Enter")
        expect(page.locator("#id_data_policy_accepted")).to_be_focused()
        assert page.url.endswith("/registro/")


@pytest.mark.complaints("status of 403")
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_is_wrong_with_the_states_of_a_form(form: Page, scheme: str) -> None:
    form.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    found = {}
    send(form).click()
    found["nothing was typed"] = violations(form)
    form.locator("#id_password1").fill("un tiple y una ruana")
    form.locator("[data-show-password]").first.click()
    form.locator("#id_cedula").fill("12345")
    form.locator("#id_cedula").blur()
    found["a mistake, a hint, a password shown"] = violations(form)
    fill_in(form, str(next(_cedulas)))
    form.context.clear_cookies()
    send(form).click()
    expect(form.locator("#expired")).to_be_visible()
    found["expired"] = violations(form)

    assert {name: breaches for name, breaches in found.items() if breaches} == {}
