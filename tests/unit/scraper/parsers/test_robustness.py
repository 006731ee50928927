"""Whatever the site sends, a parser gives a result or one of its documented errors."""

import json
import math
import random
import re
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scraper.errors import CaptchaRejected, ScraperError, SiteBlocked, SiteUnavailable, UnknownPage
from scraper.page_shape import PageShape
from scraper.parsers.markup import MAX_CHARACTERS, MAX_OPEN_TAGS
from scraper.parsers.privacy import MAX_PAGE_TEXT
from scraper.parsers.shape_a import parse_answer_a, parse_result_html
from scraper.parsers.shape_b import parse_answer_b
from scraper.parsers.text import clean
from scraper.parsers.values import MAX_LENGTH, Field
from scraper.results import Cancelled, Found, Lookup, NotFound
from scraper.shapes import recognise_page
from tests.parsers import Parser, ways_to_read
from tests.paths import PAGES

CEDULA = "1234567890"
UNMASKED = re.compile(rf"(?<!\d){CEDULA}(?!\d)")
PARSERS = list(ways_to_read(CEDULA))

DOCUMENTED = (CaptchaRejected, SiteBlocked, SiteUnavailable, UnknownPage)

TEXTS = [
    path.read_text(encoding="utf-8")
    for path in sorted(PAGES.iterdir())
    if not path.name.endswith(".expected.json")
]
PIECES = sorted({piece for text in TEXTS for piece in text.replace("<", "\0<").split("\0")})

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.sampled_from(["no se encuentra en el censo", "Cancelada por Muerte", "captcha", CEDULA]),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)


def saved_answers() -> dict[str, list[dict[str, Any]]]:
    """{parser: the JSON objects among the saved pages that it reads}."""
    answers: dict[str, list[dict[str, Any]]] = {}
    for path in sorted(PAGES.glob("*.expected.json")):
        page = path.with_name(path.name.replace(".expected", ""))
        try:
            answer = json.loads(page.read_text(encoding="utf-8"))
        except (FileNotFoundError, ValueError):  # it is HTML, or broken JSON
            continue
        if answer and isinstance(answer, dict):
            parser = json.loads(path.read_text(encoding="utf-8"))["parse"]
            answers.setdefault(parser, []).append(answer)
    return answers


@st.composite
def changed_answers(draw: st.DrawFn, saved: list[dict[str, Any]]) -> dict[str, Any]:
    """One of the saved answers after a few changes: a value lost, or another in its place."""
    answer: dict[str, Any] = deepcopy(draw(st.sampled_from(saved)))
    for _ in range(draw(st.integers(1, 4))):
        place, key = answer, draw(st.sampled_from(sorted(answer)))
        while isinstance(place[key], dict) and place[key] and draw(st.booleans()):
            place = place[key]
            key = draw(st.sampled_from(sorted(place)))
        if draw(st.booleans()) and len(place) > 1:
            del place[key]
        else:
            place[key] = draw(JSON | st.sampled_from(PIECES))
    return answer


ANSWERS = {parser: changed_answers(saved) for parser, saved in saved_answers().items()}
"""By the name of the parser."""


def outcome(parse: Parser, text: str) -> Lookup | PageShape | ScraperError:
    """Return a parser's result for a text, after checking the rules of every result and error."""
    result: Lookup | PageShape | ScraperError
    try:
        result = parse(text)
    except DOCUMENTED as error:
        result = error
    fields: dict[Field, str] = {}
    match result:
        case ScraperError():
            assert len(result.page_text) <= MAX_PAGE_TEXT
            assert not UNMASKED.search(f"{result} {result.page_text}")
        case Found():
            assert result.departamento
            assert result.municipio
            assert result.puesto
            assert (result.latitude is None) == (result.longitude is None)
            assert all(math.isfinite(x) for x in (result.latitude, result.longitude) if x)
            fields = {field: getattr(result, field, "") for field in Field}
        case Cancelled():
            assert result.novedad
            fields = {field: getattr(result, field, "") for field in Field}
        case NotFound():
            assert "censo" in text.casefold() or "inscri" in text.casefold()
    for field, value in fields.items():
        assert value == clean(value)
        assert len(value) <= MAX_LENGTH.get(field, 0)
    return result


@pytest.mark.parametrize("parse", PARSERS)
@given(st.text() | st.text(alphabet='<>/="{}[]:,tdrhbale \n\0\ud800'))
def test_any_text_gives_a_result_or_a_documented_error(parse: Parser, text: str) -> None:
    outcome(parse, text)


@pytest.mark.parametrize("parse", PARSERS)
@given(st.sampled_from(TEXTS), st.integers(1, 10), st.randoms(use_true_random=False))
def test_a_damaged_page_gives_a_result_or_a_documented_error(
    parse: Parser, text: str, changes: int, choose: random.Random
) -> None:
    pieces = text.replace("<", "\0<").split("\0")
    for _ in range(changes):
        at = choose.randrange(len(pieces))
        pieces[at] = choose.choice(
            ["", pieces[at] * 2, pieces[at][: len(pieces[at]) // 2], choose.choice(PIECES)]
        )
    outcome(parse, "".join(pieces))


@pytest.mark.parametrize("parse", PARSERS)
@given(st.data())
def test_any_json_gives_a_result_or_a_documented_error(parse: Parser, data: st.DataObject) -> None:
    name = getattr(parse, "func", parse).__name__
    value = data.draw(ANSWERS[name] | JSON if name in ANSWERS else JSON)
    outcome(parse, json.dumps(value))


@pytest.mark.parametrize("parse", PARSERS)
@pytest.mark.parametrize(
    "text",
    [
        "[" * 100_000,
        '{"data":' * 100_000,
        '{"ok":' + "1" * 5_000 + "}",
        '{"ok":true,"encontrado":true,"data":{"nom_depto":1e999,"nom_mun":NaN}}',
        '{"success":true,"data":{"message":"\\ud800<b>\\udfff"}}',
        '\ufeff{"success":true,"data":{"message":"x"}}',
        "<table>" * 2_000,
        "<div>" * 5_000,
        "<div>" * 100_000,
        "<td data-th='PUESTO'>" * 5_000,
        "<!--" * 10_000,
        "\0" * 1_000,
        "-" * 50_000 + "x",
        "no " * 50_000,
        "x" * (MAX_CHARACTERS + 1),
    ],
    ids=lambda text: f"{text[:30]!r}…",
)
def test_extreme_texts_give_an_error_and_no_surprise(parse: Parser, text: str) -> None:
    assert isinstance(outcome(parse, text), ScraperError)


def cut_message(answer: str) -> Iterator[str]:
    """Answers of shape A whose message breaks off, at each place once."""
    message = json.loads(answer)["data"]["message"]
    for length in range(len(message)):
        yield json.dumps({"success": True, "data": {"message": message[:length]}})


@pytest.mark.parametrize("page", sorted(PAGES.glob("result-*.html")), ids=lambda path: path.stem)
def test_a_page_cut_anywhere_never_reads_as_another_answer(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    whole = outcome(parse_result_html, text)
    for length in range(len(text)):
        part = outcome(parse_result_html, text[:length])
        assert isinstance(part, ScraperError) or part == whole, text[:length]


@pytest.mark.parametrize("name", ["a-found", "a-found-unclosed-cells", "a-cancelled-muerte"])
def test_a_table_cut_anywhere_never_reads_as_another_answer(name: str) -> None:
    answer = (PAGES / f"{name}.json").read_text(encoding="utf-8")
    whole = outcome(parse_answer_a, answer)
    assert not isinstance(whole, ScraperError)
    for cut in cut_message(answer):
        part = outcome(parse_answer_a, cut)
        assert isinstance(part, ScraperError) or part == whole, cut


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("x" * (MAX_CHARACTERS + 1), "too large"),
        ("<div>" * (MAX_OPEN_TAGS + 1), "nested too deeply"),
    ],
)
def test_a_document_that_would_hold_up_the_others_is_not_read(text: str, problem: str) -> None:
    with pytest.raises(UnknownPage, match=problem):
        recognise_page(text)


@pytest.mark.parametrize(
    ("value", "kept"),
    [(7, "7"), ("07", "07"), (7.0, "7"), (True, ""), (None, ""), ([7], ""), (" 7\u202e ", "7")],
)
def test_a_table_number_comes_as_a_number_or_a_text(value: object, kept: str) -> None:
    data = {"nom_depto": "VALLE SERENO", "nom_mun": "LA PAZ", "nom_puesto": "X", "mesa": value}
    found = parse_answer_b(json.dumps({"ok": True, "encontrado": True, "data": data}))
    assert isinstance(found, Found)
    assert found.mesa == kept


def test_a_byte_order_mark_does_not_hide_an_answer() -> None:
    answer = (PAGES / "a-not-found.json").read_text(encoding="utf-8")
    assert parse_answer_a("\ufeff" + answer) == parse_answer_a(answer)


def test_values_too_long_for_the_database_are_cut() -> None:
    data = {"nom_depto": "D" * 500, "nom_mun": "M" * 500, "nom_puesto": "P" * 500, "mesa": "7" * 50}
    found = parse_answer_b(json.dumps({"ok": True, "encontrado": True, "data": data}))
    assert found == Found("D" * 100, "M" * 100, "P" * 200, "", "7" * 20)
