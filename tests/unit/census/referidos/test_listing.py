"""A listing's address holds all that the page shows, and no address breaks it."""

from collections import Counter
from dataclasses import replace
from urllib.parse import parse_qsl, unquote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from census.places import LEVELS
from census.referidos.listing import LAST_PAGE, LONGEST_SEARCH, TAB_STATUSES, Listing, Sort, Tab
from census.states import Status

NAMES = ("q", "estado", "orden", "pagina", *LEVELS)

words = st.text(max_size=3 * LONGEST_SEARCH)
addresses = st.fixed_dictionaries(
    {},
    optional={
        "q": words | st.from_regex(r"[\d. ]{1,14}", fullmatch=True),
        "estado": st.sampled_from(Tab) | words,
        "orden": st.builds("{}{}".format, st.sampled_from(["", "-"]), st.sampled_from(Sort))
        | words,
        "pagina": st.integers(-1, 2 * LAST_PAGE).map(str) | words,
        **dict.fromkeys(LEVELS, words),
    },
)


def listing(query: str) -> Listing:
    return Listing.from_address(
        dict(parse_qsl(query.removeprefix("?"), strict_parsing=bool(query)))
    )


# --- The address --------------------------------------------------------------------------------


@given(addresses)
def test_an_address_leads_back_to_the_page_that_it_was_made_for(given_: dict[str, str]) -> None:
    wanted = Listing.from_address(given_)
    if wanted.has_digits:  # then the search is the session's to keep, and no address holds it
        assert "q" not in wanted.parameters
        wanted = replace(wanted, search="")

    assert listing(wanted.query) == wanted
    assert Listing.from_address(wanted.parameters) == wanted
    assert set(wanted.parameters) <= set(NAMES)


def test_the_usual_page_has_an_empty_query() -> None:
    assert Listing().query == ""
    assert Listing.from_address({}) == Listing()
    assert (
        Listing.from_address({"estado": "todos", "orden": "-registro", "pagina": "1"}).query == ""
    )


@pytest.mark.parametrize(
    "nonsense",
    [
        {"estado": "ENCONTRADOS"},
        {"orden": "--nombre"},
        {"orden": "clave"},
        {"orden": "-"},
        {"pagina": "0"},
        {"pagina": "-3"},
        {"pagina": "²"},
        {"pagina": "١"},  # a one in Arabic digits
        {"pagina": "1e3"},
        {"pagina": "9" * 5000},
        {"q": " \t\u3000 "},
        {"q": "\0\0"},
        {"departamento": "\0"},
        {"municipio": "cali"},  # of no departamento
        {"csrfmiddlewaretoken": "x"},
    ],
)
def test_what_makes_no_sense_counts_as_not_there(nonsense: dict[str, str]) -> None:
    assert Listing.from_address(nonsense) == Listing()


@given(addresses)
def test_neither_a_nul_nor_a_long_value_reaches_the_database(given_: dict[str, str]) -> None:
    wanted = Listing.from_address(given_)

    searched = (wanted.search, wanted.searched_digits, *wanted.searched_words, *wanted.places)
    assert not any("\0" in text for text in searched)
    assert len(wanted.search) <= LONGEST_SEARCH
    assert all(len(place) <= 200 for place in wanted.places)
    assert 1 <= wanted.page <= LAST_PAGE


def test_a_search_that_is_cut_at_a_blank_is_the_same_when_it_comes_back() -> None:
    wanted = Listing.from_address({"q": f"{'a' * (LONGEST_SEARCH - 1)} b"})

    assert wanted.search == "a" * (LONGEST_SEARCH - 1)
    assert listing(wanted.query) == wanted


def test_a_page_beyond_all_pages_is_the_last_there_can_be() -> None:
    assert Listing.from_address({"pagina": "999999"}).page == LAST_PAGE


def test_places_are_compared_as_keys_from_the_largest_down() -> None:
    wanted = listing("?departamento=ANTIOQUIA&municipio=Medell%C3%ADn&mesa=7")

    assert wanted.places == ("antioquia", "medellin")  # a mesa of no puesto is none


# --- The search ---------------------------------------------------------------------------------


@pytest.mark.parametrize("typed", ["1.020.304", " 1 020 304 ", "1020304", "1.020 304."])
def test_digits_with_dots_and_blanks_are_looked_for_in_cedulas(typed: str) -> None:
    wanted = Listing.from_address({"q": typed})

    assert wanted.searched_digits == "1020304"
    assert wanted.searched_words == []


@pytest.mark.parametrize(
    ("typed", "looked_for"),
    [
        ("  PEÑA   José ", ["pena", "jose"]),
        ("María 2", ["maria", "2"]),
        ("100%", ["100"]),
        ("O'Brien-Díaz", ["obrien", "diaz"]),
        (".", ["."]),
    ],
)
def test_words_are_looked_for_in_names(typed: str, looked_for: list[str]) -> None:
    wanted = Listing.from_address({"q": typed})

    assert wanted.searched_digits == ""
    assert wanted.searched_words == looked_for


@given(st.from_regex(r"[1-9][0-9]{5,9}", fullmatch=True), st.sampled_from(["{}", "{:,}"]))
def test_a_record_of_a_searched_cedula_holds_its_last_digits_at_most(
    cedula: str, form: str
) -> None:
    typed = form.format(int(cedula)).replace(",", ".")

    recorded = unquote_plus(Listing.from_address({"q": typed, "pagina": "2"}).masked_query())

    assert recorded == f"?q=••••{cedula[-3:]}&pagina=2"


def test_a_record_of_searched_words_holds_them() -> None:
    wanted = Listing.from_address({"q": "peña", "estado": "errores"})

    assert wanted.masked_query() == wanted.query == "?q=pe%C3%B1a&estado=errores"


# --- Tabs and columns ---------------------------------------------------------------------------


def test_the_tabs_hold_every_status_exactly_once() -> None:
    held = Counter(status for statuses in TAB_STATUSES.values() for status in statuses)

    assert held == Counter(Status)
    assert set(TAB_STATUSES) == set(Tab) - {Tab.ALL}


@pytest.mark.parametrize("sort", Sort)
def test_a_column_pressed_twice_is_sorted_the_other_way_round(sort: Sort) -> None:
    other = next(column for column in Sort if column is not sort)
    once = Listing(sort=other, page=4).sorted_by(sort)
    twice = once.sorted_by(sort)

    assert (once.sort, once.page) == (twice.sort, twice.page) == (sort, 1)
    assert once.descending == (sort is Sort.JOINED)  # the newest first, all else from a to z
    assert twice.descending != once.descending
    assert twice.sorted_by(sort) == once


@given(addresses)
def test_another_tab_keeps_search_places_and_order(given_: dict[str, str]) -> None:
    wanted = Listing.from_address(given_)
    turned = wanted.of_tab(Tab.FAILED)

    assert (turned.tab, turned.page) == (Tab.FAILED, 1)
    assert turned.of_tab(wanted.tab).of_page(wanted.page) == wanted


@pytest.mark.parametrize(
    ("query", "is_filtered"),
    [
        ("", False),
        ("?orden=nombre&pagina=3", False),
        ("?q=ana", True),
        ("?estado=errores", True),
        ("?departamento=cauca", True),
    ],
)
def test_only_what_leaves_somebody_out_is_a_filter(query: str, is_filtered: bool) -> None:  # noqa: FBT001
    assert listing(query).is_filtered == is_filtered
    assert not listing(query).unfiltered().is_filtered
