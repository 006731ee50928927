"""Numbers in groups while they are typed: no digit is lost, and the caret stays where one is."""

import random
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page

from tests.stack import Stack

pytestmark = [pytest.mark.e2e]

TYPED = [
    ("cedula", "1234567890", "1.234.567.890|"),
    ("cedula", "1.234.567.890", "1.234.567.890|"),
    ("cedula", "52 345 678", "52.345.678|"),
    ("cedula", "1234567890123", "1.234.567.890.123|"),
    ("cedula", "12a4567", "12a4567|"),
    ("phone", "3001234567", "300 123 4567|"),
    ("phone", "30012", "300 12|"),
    ("phone", "+573001234567", "+57 300 123 4567|"),
    ("phone", "573001234567", "57 300 123 4567|"),
    ("phone", "12345678901", "12345678901|"),
]
PRESSED = [
    ("1234567890", ["ArrowLeft"] * 4 + ["Backspace"], "123.456|.890"),
    ("1234567890", ["ArrowLeft"] * 3 + ["Backspace"], "123.456|.890"),  # right of a dot
    ("1234567890", ["ArrowLeft"] * 4 + ["Delete"], "123.456.7|90"),  # left of a dot
    ("1234567890", ["Home", "Delete"], "|234.567.890"),
    ("1234567890", ["Home", "Backspace"], "|1.234.567.890"),
    ("1234567890", ["Home", "9"], "9|1.234.567.890"),
    ("1234567", ["ArrowLeft"] * 4 + ["9"], "12.349|.567"),
    ("1234567", ["Control+a", "8"], "8|"),
    ("1234567", ["Shift+ArrowLeft"] * 5 + ["Backspace"], "123|"),
]
PASTED = [
    ("cedula", "1.234.567.890", "1.234.567.890|"),
    ("cedula", " 1 234 567 890\n", "1.234.567.890|"),
    ("cedula", "C.C. 1.234.567.890", "1.234.567.890|"),
    ("cedula", "Cédula de ciudadanía No. 52.345.678 de Bogotá", "52.345.678|"),
    ("cedula", "1'234,567", "1.234.567|"),
    ("cedula", "CC 52345678 y CC 1234567", "CC 52345678 y CC 1234567|"),  # which one?
    ("cedula", "１２345", "１２345|"),
    ("phone", "(300) 123-4567", "300 123 4567|"),
    ("phone", "Cel: +57 300 123 4567 (casa)", "+57 300 123 4567|"),
]


@pytest.fixture(scope="module")
def form(quiet_site: Stack, browser: Browser) -> Iterator[Page]:
    """One registration form for all tests here: each begins with an empty field."""
    context: BrowserContext = browser.new_context(locale="es-CO")
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    page = context.new_page()
    page.goto(f"{quiet_site.web_url}/registro/")
    yield page
    context.close()


def emptied(form: Page, name: str) -> Locator:
    field = form.locator(f"#id_{name}")
    field.fill("")
    field.focus()
    return field


def shown(field: Locator) -> str:
    """Return the field's text, with the caret as a bar."""
    text: str = field.evaluate(
        "field => field.value.slice(0, field.selectionStart) + '|' "
        "+ field.value.slice(field.selectionEnd)"
    )
    return text


@pytest.mark.parametrize(("name", "typed", "expected"), TYPED)
def test_digits_are_grouped_as_they_come(form: Page, name: str, typed: str, expected: str) -> None:
    field = emptied(form, name)
    field.press_sequentially(typed)
    assert shown(field) == expected


@pytest.mark.parametrize(("typed", "keys", "expected"), PRESSED)
def test_the_caret_stays_and_deleting_passes_the_dots(
    form: Page, typed: str, keys: list[str], expected: str
) -> None:
    field = emptied(form, "cedula")
    field.press_sequentially(typed)
    for key in keys:
        field.press(key)
    assert shown(field) == expected


def test_a_digit_is_undone_together_with_its_dots(form: Page) -> None:
    field = emptied(form, "cedula")
    field.press_sequentially("123456")
    seen = []
    for key in ("Control+z", "Control+z", "Control+Shift+z", "Control+Shift+z"):
        field.press(key)
        seen.append(field.input_value())
    assert seen == ["12.345", "1.234", "12.345", "123.456"]


@pytest.mark.parametrize(("name", "copied", "expected"), PASTED)
def test_a_number_is_taken_from_what_is_pasted(
    form: Page, name: str, copied: str, expected: str
) -> None:
    field = emptied(form, name)
    form.evaluate("text => navigator.clipboard.writeText(text)", copied)
    field.press("Control+v")
    assert shown(field) == expected


def test_a_number_with_words_around_it_is_taken_when_the_field_is_left(form: Page) -> None:
    """Keyboards of phones insert what was copied as if it were typed."""
    field = emptied(form, "cedula")
    field.press_sequentially("CC 1234567")
    assert shown(field) == "CC 1234567|"
    field.press("Tab")
    assert field.input_value() == "1.234.567"


def test_a_keyboard_that_composes_keeps_its_text_until_it_is_done(form: Page) -> None:
    field = emptied(form, "cedula")
    keyboard = form.context.new_cdp_session(form)
    for text in ("1", "12", "123", "1234", "12345"):
        keyboard.send(
            "Input.imeSetComposition",
            {"text": text, "selectionStart": len(text), "selectionEnd": len(text)},
        )
        assert field.input_value() == text
    keyboard.send("Input.insertText", {"text": "12345"})
    assert shown(field) == "12.345|"
    keyboard.send("Input.imeSetComposition", {"text": "6", "selectionStart": 1, "selectionEnd": 1})
    keyboard.send("Input.insertText", {"text": "6"})
    assert shown(field) == "123.456|"


def test_what_a_browser_fills_in_by_itself_is_grouped(form: Page) -> None:
    field = emptied(form, "cedula")
    form.locator("#id_nombre_completo").focus()
    field.evaluate(
        "field => { field.value = '52345678';"
        " field.dispatchEvent(new Event('input', { bubbles: true })); }"
    )
    assert field.input_value() == "52.345.678"


@pytest.mark.parametrize("seed", range(3))
def test_whatever_keys_are_pressed_the_digits_are_those_of_a_plain_field(
    form: Page, seed: int
) -> None:
    keys = random.Random(seed)
    field = emptied(form, "cedula")
    digits = ""
    for _ in range(80):
        before = shown(field).partition("|")[0].replace(".", "")
        place = len(before)
        key = keys.choice([*"0123456789", "Backspace", "Delete", "ArrowLeft", "ArrowRight", "Home"])
        field.press(key)
        if key.isdigit():
            digits, place = digits[:place] + key + digits[place:], place + 1
        elif key == "Backspace" and place:
            digits, place = digits[: place - 1] + digits[place:], place - 1
        elif key == "Delete":
            digits = digits[:place] + digits[place + 1 :]
        assert field.input_value().replace(".", "") == digits, key
        if not key.startswith(("Arrow", "Home")):
            assert len(shown(field).partition("|")[0].replace(".", "")) == place, key
