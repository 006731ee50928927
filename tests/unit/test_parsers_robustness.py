"""Whatever the site sends, a parser gives a result or one of its documented errors."""

import json
import math
import random
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
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

CEDULA = "1234567890"
UNMASKED = re.compile(rf"(?<!\d){CEDULA}(?!\d)")
PARSERS = list(ways_to_read(CEDULA))
NO_DEADLINE = settings(deadline=None)
"""A busy machine is no bug; what takes for ever meets the suite's own timeout."""

DOCUMENTED = (CaptchaRejected, SiteBlocked, SiteUnavailable, UnknownPage)

PAGES = Path(__file__).parent.parent / "pages"
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


def answers_like(saved: dict[str, Any]) -> st.SearchStrategy[dict[str, Any]]:
    """Answers with some of the keys of a saved one, each with its own value or any other."""

    def values(own: object) -> st.SearchStrategy[Any]:
        if isinstance(own, dict):
            return answers_like(own) | JSON
        return st.just(own) | (st.sampled_from(PIECES) | JSON if isinstance(own, str) else JSON)

    return st.fixed_dictionaries({}, optional={key: values(own) for key, own in saved.items()})


def saved_answers() -> list[dict[str, Any]]:
    """One saved answer for each set of keys."""
    answers = {}
    for text in TEXTS:
        try:
            answer = json.loads(text)
        except ValueError:
            continue
        if isinstance(answer, dict):
            inside = answer.get("data")
            answers[frozenset(answer), frozenset(inside) if isinstance(inside, dict) else None] = (
                answer
            )
    return list(answers.values())


ANSWERS = st.one_of([answers_like(saved) for saved in saved_answers()])


def outcome(parse: Parser, text: str) -> Lookup | PageShape | ScraperError:
    """What a parser makes of a text, checked for what holds of every result and every error."""
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
@NO_DEADLINE
@given(st.text() | st.text(alphabet='<>/="{}[]:,tdrhbale \n\0\ud800'))
def test_any_text_gives_a_result_or_a_documented_error(parse: Parser, text: str) -> None:
    outcome(parse, text)


@pytest.mark.parametrize("parse", PARSERS)
@NO_DEADLINE
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
@NO_DEADLINE
@given(ANSWERS | JSON)
def test_any_json_gives_a_result_or_a_documented_error(parse: Parser, value: object) -> None:
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
