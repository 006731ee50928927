"""The queries of a leader's page: whom they find, in which order, how many, and at what cost."""

from collections.abc import Sequence

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import CustomUser
from census.referidos import queries
from census.referidos.listing import PAGE_SIZE, TAB_STATUSES, Listing, Sort, Tab
from census.referidos.queries import Page
from census.states import Status
from tests.crowds import Lookup, new_referidos
from tests.people import new_person

pytestmark = pytest.mark.django_db


@pytest.fixture
def leader(db: None) -> CustomUser:
    """A leader who has brought nobody yet."""
    return new_person("Amparo Quintero Díaz", role=CustomUser.Role.LEADER)


def shown(leader: CustomUser, **listing: str) -> Page:
    """The page that an address with these parameters shows."""
    return queries.page_of(leader, Listing.from_address(listing), queries.counts_of(leader))


def ids(page: Page) -> list[int]:
    return [row.user_id for row in page.rows]


def all_ids(leader: CustomUser, **listing: str) -> list[int]:
    """Return the people on all its pages, from the first to the last."""
    first = shown(leader, **listing)
    pages = [shown(leader, **listing, pagina=str(number + 1)) for number in range(first.pages)]
    return [user_id for page in pages for user_id in ids(page)]


def keys(people: Sequence[CustomUser]) -> list[int]:
    return [person.pk for person in people]


# --- Search -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "typed", ["peña josé", "JOSE PENA", "pen jos", "José  Peña", "n\u0303a jose", "peña"]
)
def test_words_are_found_in_any_order_without_accents_and_in_parts(
    leader: CustomUser, typed: str
) -> None:
    found, *_ = new_referidos(leader, [{}] * 3, ["José Luis Peña", "José Ríos", "Ana Pérez"])

    assert ids(shown(leader, q=typed)) == [found.pk]


@pytest.mark.parametrize("typed", ["%", "_", "\\", "'", "--;", "x%"])
def test_signs_that_mean_something_to_a_database_find_nobody_by_it(
    leader: CustomUser, typed: str
) -> None:
    new_referidos(leader, [{}], ["José Luis Peña"])

    assert ids(shown(leader, q=typed)) == []


@pytest.mark.parametrize("typed", ["D'Costa", "D\u2019Costa", "d`costa", "DCOSTA", "perez gil"])
def test_signs_in_a_name_make_no_difference(leader: CustomUser, typed: str) -> None:
    found, _ = new_referidos(leader, [{}] * 2, ["Ana D\u2019Costa Pérez-Gil", "Ana Costa Pérez"])

    assert ids(shown(leader, q=typed)) == [found.pk]


def test_a_part_of_a_cedula_is_found_with_dots_and_without(leader: CustomUser) -> None:
    one, other = new_referidos(leader, [{}] * 2)
    CustomUser.objects.filter(pk=one.pk).update(cedula="1098765432")
    CustomUser.objects.filter(pk=other.pk).update(cedula="52000101")

    assert ids(shown(leader, q="1.098.765")) == ids(shown(leader, q="987 65")) == [one.pk]
    assert ids(shown(leader, q="000101")) == [other.pk]


def test_a_search_counts_what_it_finds_on_all_pages(leader: CustomUser) -> None:
    new_referidos(leader, [{}] * (2 * PAGE_SIZE + 4), ["Ana Rojas", "Luz Cano"])

    page = shown(leader, q="rojas", pagina="2")

    assert (page.total, page.pages) == (PAGE_SIZE + 2, 2)
    assert (page.first_number, page.last_number) == (PAGE_SIZE + 1, PAGE_SIZE + 2)
    assert {row.nombre_completo for row in page.rows} == {"Ana Rojas"}


def test_a_name_that_changes_is_found_by_its_new_words_only(leader: CustomUser) -> None:
    person = new_person("Ana Rojas", referred_by=leader)
    person.nombre_completo = "Ana Núñez"
    person.save(update_fields=["nombre_completo"])

    assert ids(shown(leader, q="nunez")) == [person.pk]
    assert ids(shown(leader, q="rojas")) == []


# --- Tabs and places ----------------------------------------------------------------------------


def test_each_tab_shows_its_states_and_counts_them(leader: CustomUser) -> None:
    people = new_referidos(leader, [*({"status": status} for status in Status), None])
    state = dict(zip(keys(people), [*Status, None], strict=True))

    counts = queries.counts_of(leader)

    for tab, statuses in TAB_STATUSES.items():
        page = shown(leader, estado=tab)
        assert {state[user_id] for user_id in ids(page)} == statuses
        assert page.total == len(ids(page)) == counts.by_tab[tab]
    assert shown(leader).total == counts.by_tab[Tab.ALL] == len(people)
    assert counts.without_lookup == 1


def test_a_leader_without_referidos_has_one_empty_page(leader: CustomUser) -> None:
    page = shown(leader)

    assert (page.rows, page.total, page.pages) == ([], 0, 1)
    assert (page.first_number, page.last_number) == (0, 0)
    assert set(queries.counts_of(leader).by_tab.values()) == {0}


def test_a_place_is_found_however_it_is_written(leader: CustomUser) -> None:
    place = {"departamento": "ANTIOQUIA", "municipio": "MEDELLIN", "puesto": "IE SOL", "mesa": "7"}
    seven, other_spelling, eight, elsewhere, _ = new_referidos(
        leader,
        [
            place,
            place | {"municipio": "Medellín", "mesa": "07"},
            place | {"mesa": "8"},
            place | {"municipio": "BELLO"},
            {"status": Status.NOT_FOUND},
        ],
    )

    there = {"departamento": "antioquia", "municipio": "MEDELLÍN"}
    assert set(ids(shown(leader, **there))) == {seven.pk, other_spelling.pk, eight.pk}
    assert set(ids(shown(leader, **there, puesto="ie sol", mesa="7"))) == {
        seven.pk,
        other_spelling.pk,
    }
    assert ids(shown(leader, departamento="ANTIOQUIA", municipio="bello")) == [elsewhere.pk]
    assert shown(leader, departamento="antioquia").total == 4


# --- Order --------------------------------------------------------------------------------------

VALUES: dict[Sort, tuple[list[dict[str, str]], list[int]]] = {
    # What each person's lookup holds, and their positions in the queue from the smallest to the
    # largest; whoever is not named has nothing in that column.
    Sort.MUNICIPIO: ([{"municipio": "Ñuño"}, {}, {"municipio": "ÁBREGO"}, {"municipio": "CALI"}],
                     [2, 3, 0]),
    Sort.PUESTO: ([{}, {"puesto": "IE SOL"}, {"puesto": "Ie Árbol"}, {}], [2, 1]),
    Sort.MESA: ([{"mesa": "10"}, {"mesa": "9"}, {}, {"mesa": "07"}], [3, 1, 0]),
    Sort.STATUS: (
        [{"status": Status.ACTIVE}, {"status": Status.ERROR}, {"status": Status.PROCESSING},
         {"status": Status.NOT_FOUND}],
        [2, 1, 3, 0],
    ),
}  # fmt: skip


NEVER_EMPTY = {Sort.NAME, Sort.CEDULA, Sort.JOINED}


def test_every_column_that_may_be_empty_is_tried() -> None:
    assert VALUES.keys() == set(Sort) - NEVER_EMPTY


@pytest.mark.parametrize("sort", VALUES)
def test_who_has_nothing_in_a_column_comes_last_either_way(leader: CustomUser, sort: Sort) -> None:
    lookups, expected = VALUES[sort]
    people = keys(new_referidos(leader, [*lookups, None]))
    full = [people[place] for place in expected]
    empty = [user_id for user_id in people if user_id not in full]

    assert all_ids(leader, orden=sort) == [*full, *empty]
    assert all_ids(leader, orden=f"-{sort}") == [*reversed(full), *reversed(empty)]


def test_names_are_sorted_without_regard_to_accents(leader: CustomUser) -> None:
    names = ["Zoila Paz", "Ángel Mora", "angela Ruiz", "Beatriz Peña", "BEATRIZ PENA"]
    zoila, angel, angela, one, other = keys(new_referidos(leader, [{}] * 5, names))

    assert all_ids(leader, orden="nombre") == [angel, angela, one, other, zoila]
    assert all_ids(leader, orden="-nombre") == [zoila, other, one, angela, angel]


def test_cedulas_are_sorted_as_the_numbers_that_they_are(leader: CustomUser) -> None:
    people = new_referidos(leader, [{}] * 4)
    cedulas = ["1020304050", "52000101", "9999999", "52000100"]
    for person, cedula in zip(people, cedulas, strict=True):
        CustomUser.objects.filter(pk=person.pk).update(cedula=cedula)

    rows = shown(leader, orden="cedula").rows
    backwards = shown(leader, orden="-cedula").rows

    assert [row.cedula for row in rows] == ["9999999", "52000100", "52000101", "1020304050"]
    assert backwards == rows[::-1]


def test_the_newest_come_first_where_nothing_else_is_asked(leader: CustomUser) -> None:
    first, second, third = new_referidos(leader, [{}] * 3)
    CustomUser.objects.filter(pk=first.pk).update(date_joined=timezone.now())

    assert ids(shown(leader)) == [first.pk, third.pk, second.pk]
    assert ids(shown(leader, orden="registro")) == [second.pk, third.pk, first.pk]


@pytest.mark.parametrize("order", [f"{way}{sort}" for way in ("", "-") for sort in Sort])
def test_the_pages_of_many_equal_rows_neither_repeat_nor_lose_one(
    leader: CustomUser, order: str
) -> None:
    same = {"municipio": "CALI", "puesto": "IE SOL", "mesa": "3"}
    lookups: list[Lookup] = [same, {"status": Status.ERROR}, None] * PAGE_SIZE
    people = new_referidos(leader, lookups, ["Ana Rojas", "Luz Cano"])

    walked = all_ids(leader, orden=order)

    assert len(walked) == len(people) == 3 * PAGE_SIZE
    assert set(walked) == set(keys(people))
    other_way = order.removeprefix("-") if order.startswith("-") else f"-{order}"
    if order.removeprefix("-") in NEVER_EMPTY:
        assert all_ids(leader, orden=other_way) == walked[::-1]


@pytest.mark.parametrize("filter_", [{}, {"estado": "encontrados"}, {"q": "beatriz"}])
def test_a_page_beyond_the_last_is_the_last(leader: CustomUser, filter_: dict[str, str]) -> None:
    people = new_referidos(leader, [{}] * (PAGE_SIZE + 1))

    page = shown(leader, **filter_, pagina="99")

    assert page.listing.page == page.pages == 2
    assert ids(page) == [people[0].pk]


# --- Whose --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "listing",
    [
        {},
        {"q": "beatriz"},
        {"estado": "encontrados"},
        {"departamento": "cauca"},
        {"orden": "municipio"},
    ],
)
def test_another_leaders_people_never_appear(
    leader: CustomUser, stranger: CustomUser, listing: dict[str, str]
) -> None:
    there = {"departamento": "CAUCA"}
    mine = keys(new_referidos(leader, [there] * 2))
    theirs = keys(new_referidos(stranger, [there] * 2))

    assert set(all_ids(leader, **listing)) == set(mine)
    assert {row.user_id for row in queries.rows_of(leader, [*mine, *theirs])} == set(mine)
    assert queries.counts_of(leader).by_tab[Tab.ALL] == 2


# --- The cost -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "listing", [{}, {"q": "beatriz"}, {"estado": "errores"}, {"orden": "mesa"}]
)
def test_a_page_costs_as_many_queries_for_many_as_for_few(
    leader: CustomUser, stranger: CustomUser, listing: dict[str, str]
) -> None:
    new_referidos(leader, [{"status": Status.ERROR}] * 3)
    new_referidos(stranger, [{"status": Status.ERROR}] * 130)

    def cost(of: CustomUser) -> int:
        with CaptureQueriesContext(connection) as queries:
            page = shown(of, **listing)
            assert any(row.can_be_refreshed for row in page.rows)
        return len(queries)

    assert cost(leader) == cost(stranger) <= 4
