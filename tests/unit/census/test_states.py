"""Every state of a lookup has its words, its place in the table, and its line in the documents."""

from collections import Counter
from pathlib import Path

import pytest

from census.referidos.listing import Tab
from census.referidos.queries import STATUS_ORDER
from census.referidos.rows import STATES
from census.referidos.tables import TAB_LABELS
from census.states import FAILED, SETTLED, Status
from census.templatetags.censo import STATE_ICONS
from census.views.summary import WHY_UNKNOWN

DOCS = Path(__file__).parents[3] / "docs"


def test_every_state_has_words() -> None:
    assert set(STATES) == {None, *Status}


def test_sorting_by_state_knows_every_state_once() -> None:
    assert Counter(status for same in STATUS_ORDER for status in same) == Counter(Status)


def test_every_tab_has_a_label_an_icon_and_a_reason_why_the_place_is_unknown() -> None:
    assert set(TAB_LABELS) == set(STATE_ICONS) == set(Tab)
    assert set(WHY_UNKNOWN) == set(Tab) - {Tab.ALL, Tab.FOUND}


@pytest.mark.parametrize("words", sorted(set(STATES.values())))
def test_the_guide_explains_every_state(words: str) -> None:
    rows = [line for line in (DOCS / "guia.md").read_text().splitlines() if line.startswith("| ")]

    assert any(words in row.split("|")[1] for row in rows)


def test_the_drawing_of_a_lookups_life_names_every_state() -> None:
    drawing = (DOCS / "architecture.md").read_text().split("stateDiagram-v2")[1].split("```")[0]

    for name, states in (("settled", SETTLED), ("failed", FAILED)):
        listed = drawing.split(f"    {name}: {name} (")[1].split(")")[0]
        assert set(listed.split(", ")) == states
