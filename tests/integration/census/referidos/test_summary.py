"""The summary of where a leader's referidos vote: the numbers of every level, and its links."""

import random
import re
from collections import Counter
from collections.abc import Iterator

import pytest
from django.test import Client

from accounts.models import CustomUser
from census.models import CedulaInfo
from census.referidos.summary import best_spelling
from census.states import Status
from tests.exported import SUMMARY_ADDRESS, csv_rows
from tests.markup import page, words
from tests.summary import ADDRESS, ANTIOQUIA, MEDELLIN, numbers, rows
from tests.voters import new_voter, new_voters

pytestmark = pytest.mark.django_db


class TestLines:
    def test_one_place_is_one_line_however_it_is_spelt(
        self, client: Client, fresh_leader: CustomUser
    ) -> None:
        spellings = ("MEDELLIN", "MEDELLIN", "Medellin", "MEDELLÍN")
        new_voters(fresh_leader, [{"municipio": name} for name in spellings])

        assert numbers(client, ANTIOQUIA) == {"MEDELLÍN": 4}

    def test_most_people_come_first_then_the_name_and_who_has_no_place_last(
        self, client: Client, fresh_leader: CustomUser
    ) -> None:
        towns = ["", "", "", "ÁBREGO", "CALI", "BELLO", "CALI", "ZIPA", "ZIPA", "ZIPA", "ZIPA"]
        new_voters(fresh_leader, [{"municipio": name} for name in towns])

        assert list(numbers(client, ANTIOQUIA).items()) == [
            ("ZIPA", 4), ("CALI", 2), ("ÁBREGO", 1), ("BELLO", 1), ("Sin municipio", 3)
        ]  # fmt: skip

    def test_mesas_of_as_many_people_are_in_their_numbers_order(
        self, client: Client, fresh_leader: CustomUser
    ) -> None:
        new_voters(fresh_leader, [{"mesa": name} for name in ("10", "9", "2")])

        found = numbers(client, f"{MEDELLIN}&puesto=ie%20la%20esperanza")
        assert list(found) == ["2", "9", "10"]

    def test_the_share_is_in_words_and_as_a_bar(
        self, client: Client, fresh_leader: CustomUser
    ) -> None:
        new_voters(fresh_leader, [{"municipio": "BELLO"}] + [{}] * 7)

        shares = [row.select(".places__share")[0] for row in rows(client, ANTIOQUIA)]
        assert [words(share) for share in shares] == ["87,5 %", "12,5 %"]
        bars = [share.select(".places__part")[0]["width"] for share in shares]
        assert bars == ["87.50%", "12.50%"]
        assert all(share.select("svg[aria-hidden=true]") for share in shares)

    @pytest.mark.parametrize(
        ("people", "shares"),
        [
            ((1999, 1), ["más de 99,9 %", "menos de 0,1 %"]),
            ((86, 14), ["86 %", "14 %"]),
            ((2, 1), ["66,7 %", "33,3 %"]),
            ((1, 0), ["100 %"]),
        ],
    )
    def test_no_share_is_nothing_or_all_by_rounding_alone(
        self, client: Client, fresh_leader: CustomUser, people: tuple[int, int], shares: list[str]
    ) -> None:
        new_voters(fresh_leader, [{}] * people[0] + [{"municipio": "BELLO"}] * people[1])

        found = [words(row.select(".places__share")[0]) for row in rows(client, ANTIOQUIA)]
        assert found == shares

    def test_only_those_count_whom_the_census_has_found(
        self, client: Client, fresh_leader: CustomUser
    ) -> None:
        voters = new_voters(fresh_leader, [{}] * len(Status))
        for voter, status in zip(voters, Status, strict=True):
            CedulaInfo.objects.filter(user=voter).update(status=status)

        assert numbers(client, ADDRESS) == {"ANTIOQUIA": 1}

    def test_names_are_written_as_text(self, client: Client, fresh_leader: CustomUser) -> None:
        new_voter(fresh_leader, departamento="<script>alert(1)</script>", municipio='"><b>A&B')

        (row,) = rows(client, ADDRESS)
        assert words(row.select("th")[0]) == "<script>alert(1)</script>"
        (link,) = row.select("th a")
        assert list(numbers(client, str(link["href"]))) == ['"><b>A&B']


class TestTheWayDown:
    def test_each_level_fresh_leader_to_the_next_and_to_the_listing(
        self, client: Client, fresh_leader: CustomUser
    ) -> None:
        new_voter(fresh_leader)
        address, query = ADDRESS, ""
        for level, key in (
            ("departamento", "antioquia"),
            ("municipio", "medellin"),
            ("puesto", "ielaesperanza"),
        ):
            query += f"{'&' if query else '?'}{level}={key}"
            (row,) = rows(client, address)
            down, who = row.select("a")
            assert down["href"] == address.partition("?")[0] + query
            assert who["href"] == f"/referidos/{query}"
            address = str(down["href"])

        (row,) = rows(client, address)
        (who,) = row.select("a")
        assert who["href"] == f"/referidos/{query}&mesa=0007"
        assert words(who) == "Ver lista de quienes votan en la mesa 7"

    def test_who_has_no_place_of_a_level_has_no_way_down(
        self, client: Client, fresh_leader: CustomUser
    ) -> None:
        new_voter(fresh_leader, municipio="", puesto="", mesa="")

        (row,) = rows(client, ANTIOQUIA)
        assert words(row).startswith("Sin municipio 1")
        assert not row.select("a")

    def test_the_crumbs_lead_back_up(self, client: Client, fresh_leader: CustomUser) -> None:
        new_voters(fresh_leader, [{"municipio": "MEDELLIN"}, {}])

        crumbs = page(client.get(f"{MEDELLIN}&puesto=IE%20la%20Esperanza")).select(".crumbs a")

        assert [(words(crumb), crumb["href"]) for crumb in crumbs] == [
            ("Todos los lugares", ADDRESS),
            ("ANTIOQUIA", ANTIOQUIA),
            ("MEDELLÍN", MEDELLIN),
            ("IE LA ESPERANZA", f"{MEDELLIN}&puesto=ielaesperanza"),
        ]
        assert [crumb.get("aria-current") for crumb in crumbs] == [None, None, None, "page"]

    def test_what_an_address_holds_that_makes_no_sense_is_not_there(
        self, client: Client, fresh_leader: CustomUser
    ) -> None:
        new_voter(fresh_leader)

        assert numbers(client, f"{ADDRESS}?municipio=medellin&pagina=x") == {"ANTIOQUIA": 1}
        assert numbers(client, f"{MEDELLIN}&puesto=IE%20LA%20ESPERANZA&mesa=7&x=%00") == {"7": 1}

    def test_the_parts_add_up_to_the_whole_at_every_level(
        self, client: Client, fresh_leader: CustomUser
    ) -> None:
        voters = list(random_places(random.Random(7), 300))
        new_voters(fresh_leader, voters)

        walked = walk(client, ADDRESS, expected=300)

        mesas = Counter(tuple(plain(name) for name in voter.values()) for voter in voters)
        assert walked == sum(1 for mesa in mesas if all(mesa))
        exported = csv_rows(client, address=SUMMARY_ADDRESS)[1:]
        assert sorted(int(row[4]) for row in exported) == sorted(mesas.values())


def random_places(chance: random.Random, number: int) -> Iterator[dict[str, str]]:
    """Places in all spellings, some without their last levels."""
    for _ in range(number):
        names = [
            chance.choice(["NARIÑO", "Nariño", "NARINO", "CHOCÓ", "CHOCO", "VALLE"]),
            chance.choice(["SAN JOSÉ", "SAN JOSE", "  san  josé", "CALI"]),
            chance.choice(["IE EL ARRAYÁN", "IE EL ARRAYAN", "ESCUELA LA CASCADITA"]),
            chance.choice(["1", "01", "001", "2", "10"]),
        ]
        kept = chance.choice([0, 1, 2, 3, 4, 4, 4, 4, 4])
        names[kept:] = [""] * (4 - kept)
        yield dict(zip(("departamento", "municipio", "puesto", "mesa"), names, strict=True))


def plain(name: str) -> str:
    """A second opinion on when two of these names are one."""
    unaccented = name.upper().translate(str.maketrans("ÁÉÍÓÚÑ", "AEIOUN"))
    return re.sub(r"^0+", "", " ".join(unaccented.split()))


def walk(client: Client, address: str, expected: int) -> int:
    """Return the number of mesas below an address; assert that the parts add up to their whole."""
    found = page(client.get(address))
    lines = found.select("table.places tbody tr")
    people = [int(words(line.select(".places__number")[0])) for line in lines]
    assert sum(people) == expected
    assert f": {expected} en total" in words(found.select("caption")[0])
    if "Personas por mesa" in words(found.select("caption")[0]):
        return sum(1 for line in lines if line.select("a"))
    ways = [line.select("th a") for line in lines]
    return sum(
        walk(client, str(way[0]["href"]), number)
        for way, number in zip(ways, people, strict=True)
        if way
    )


@pytest.mark.parametrize(
    ("spellings", "best"),
    [
        ({"MEDELLIN": 9, "MEDELLÍN": 1}, "MEDELLÍN"),
        ({"NARINO": 9, "NARIÑO": 1}, "NARIÑO"),
        ({"SAN JOSÉ DE CUCUTA": 9, "SAN JOSÉ DE CÚCUTA": 1}, "SAN JOSÉ DE CÚCUTA"),
        ({"Cali": 1, "CALI": 2}, "CALI"),
        ({"007": 1, "7": 1, "07": 1}, "7"),
        ({"Cali": 1, "CALI": 1}, "CALI"),
        ({}, ""),
    ],
)
def test_of_several_spellings_the_one_with_most_accents_is_shown(
    spellings: dict[str, int], best: str
) -> None:
    assert best_spelling(spellings) == best
