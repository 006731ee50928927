"""Damaged pages, a few hundred of the 20,000 that `make fuzz` reads."""

import random

import pytest

from scraper.results import Found
from tests import fuzz

NUMBER = 500


def test_no_damage_to_a_page_makes_another_answer_of_it() -> None:
    counts = fuzz.run(NUMBER, seed=2)

    assert counts.total() == NUMBER
    # The damage is neither so small that all is read, nor so great that nothing is.
    assert counts["the same answer"] > NUMBER / 20
    assert counts["UnknownPage"] > NUMBER / 10


def test_the_same_seed_damages_the_same_pages_in_the_same_way() -> None:
    assert fuzz.run(50, seed=3) == fuzz.run(50, seed=3)


def test_an_answer_that_turned_into_another_would_be_noticed() -> None:
    pages = {page.name: page for page in fuzz.saved_pages()}
    with pytest.raises(AssertionError, match="a-found: NotFound"):
        fuzz.check(pages["a-found"], pages["a-not-found"].text, gently=False)


def test_a_value_that_is_read_in_another_column_would_be_noticed() -> None:
    whole = Found("CAUCA", "POPAYÁN", "COLEGIO EL LAGO", "CALLE 5 # 4-3", "12")
    shifted = Found("CAUCA", "POPAYÁN", "CALLE 5 # 4-3", "CALLE 5 # 4-3", "12")
    assert fuzz.misplaced(whole, shifted) == {"puesto"}
    assert fuzz.misplaced(whole, whole) == set()


@pytest.mark.parametrize("mutation", fuzz.ROUGH, ids=lambda mutation: mutation.__name__)
def test_every_kind_of_damage_can_be_done_to_an_empty_text(mutation: fuzz.Mutation) -> None:
    assert isinstance(mutation("", random.Random(1)), str)
