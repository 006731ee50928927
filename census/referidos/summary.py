"""How many of a leader's referidos vote where: by departamento, municipio, puesto and mesa."""

import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.db.models import Count
from django.utils.formats import number_format

from accounts.models import CustomUser
from census.models import CedulaInfo
from census.places import LEVELS
from census.referidos.listing import Listing
from census.states import Status

NAMELESS: Mapping[str, str] = {
    "departamento": "Sin departamento",
    "municipio": "Sin municipio",
    "puesto": "Sin puesto",
    "mesa": "Sin mesa",
}
"""What stands for a level that the census left empty."""

LEAST_SHARE = 0.1
"""Percent: what is not nothing is told as this at least."""

DEEPEST = len(LEVELS) - 1
"""Places that an address may name: below a mesa there is nothing to sum up."""

Path = tuple[str, ...]
"""Keys of places from the largest level down."""


@dataclass(frozen=True, slots=True)
class SummaryLine:
    """One place, and how many vote there."""

    name: str
    path: Path
    people: int
    of: int
    """How many vote in the place above."""

    @property
    def is_known(self) -> bool:
        """Whether the census named it, so that one can go there."""
        return bool(self.path[-1])

    @property
    def has_parts(self) -> bool:
        """Whether there is a level below."""
        return self.is_known and len(self.path) <= DEEPEST

    @property
    def query(self) -> str:
        """`?…` of this place, the same for the summary and for the listing."""
        return Listing(places=self.path).query

    @property
    def share(self) -> str:
        """The part of the place above, as people read it; never 0 % or 100 % by rounding alone."""
        percent = 100 * self.people / self.of
        if percent < LEAST_SHARE:
            return f"menos de {number_format(LEAST_SHARE)} %"
        if 100 - LEAST_SHARE < percent < 100:
            return f"más de {number_format(100 - LEAST_SHARE)} %"
        rounded = round(percent, 1)
        return f"{number_format(rounded, 0 if rounded.is_integer() else 1)} %"

    @property
    def bar(self) -> str:
        """The same as the bar's width in SVG: whatever the language, with a point."""
        return f"{100 * self.people / self.of:.2f}%"


@dataclass(frozen=True, slots=True)
class Crumb:
    """A place on the way down to the one that is shown."""

    name: str
    query: str


@dataclass(frozen=True, slots=True)
class Summary:
    """One place, divided into those of the next level."""

    level: str
    """Which of LEVELS the lines are."""
    crumbs: list[Crumb]
    """The places above the lines, the one that is shown last; none: everywhere."""
    lines: list[SummaryLine]
    """Most people first; who has no place of this level comes last."""
    people: int


class _Tally:
    """People and spellings, by place."""

    def __init__(self, groups: Iterable[tuple[Path, Path, int]]) -> None:
        self.people: Counter[Path] = Counter()
        self._spellings: defaultdict[Path, Counter[str]] = defaultdict(Counter)
        for path, names, number in groups:
            for depth, name in enumerate(names, start=1):
                self.people[path[:depth]] += number
                self._spellings[path[:depth]][name] += number

    def name(self, path: Path) -> str:
        """The place's name, in one spelling of those that the census has used."""
        if not path[-1]:
            return NAMELESS[LEVELS[len(path) - 1]]
        return best_spelling(self._spellings[path]) or path[-1].upper()


def best_spelling(spellings: Mapping[str, int]) -> str:
    """The one with most accents, of those the most frequent; '' where there is none.

    Old systems lose accents and never add any: NARIÑO is right where NARINO is found too.
    """
    return min(
        spellings,
        key=lambda name: (-_accents(name), -spellings[name], len(name), name),
        default="",
    )


def summary_of(leader: CustomUser, places: Path) -> Summary:
    """Those of `leader`'s referidos who vote in the place, by the places of the next level."""
    shown = places[:DEEPEST]
    depth = len(shown) + 1
    tally = _Tally(_groups(leader, shown, depth))
    paths = [path for path in tally.people if len(path) == depth]
    people = sum(tally.people[path] for path in paths)
    paths.sort(key=lambda path: (not path[-1], -tally.people[path], path[-1]))
    ways = [shown[: end + 1] for end in range(len(shown))]
    return Summary(
        level=LEVELS[depth - 1],
        crumbs=[Crumb(tally.name(way), Listing(places=way).query) for way in ways],
        lines=[SummaryLine(tally.name(path), path, tally.people[path], people) for path in paths],
        people=people,
    )


def mesas_of(leader: CustomUser, places: Path) -> list[tuple[str, str, str, str, int]]:
    """Every mesa in the place with the names of all its levels and its people.

    In the order of the names, who has no place of a level last.
    """
    depth = len(LEVELS)
    tally = _Tally(_groups(leader, places[:DEEPEST], depth))
    rows = []
    paths = [path for path in tally.people if len(path) == depth]
    for path in sorted(paths, key=lambda path: [(not key, key) for key in path]):
        departamento, municipio, puesto, mesa = (
            tally.name(path[: end + 1]) for end in range(depth)
        )
        rows.append((departamento, municipio, puesto, mesa, tally.people[path]))
    return rows


def _groups(leader: CustomUser, places: Path, depth: int) -> Iterable[tuple[Path, Path, int]]:
    """The people in the place by keys and spellings of the first `depth` levels, in one query.

    The keys make the places: no two databases fold accents alike, and the links lead to a listing
    that filters by them. The spellings come along for the names.
    """
    levels = LEVELS[:depth]
    keys = [f"{level}_key" for level in levels]
    found = CedulaInfo.objects.filter(
        referrer=leader,  # what the index knows
        # What decides who may see it; named so, an index tells it, and no person's row is read.
        user__in=CustomUser.objects.filter(referred_by=leader),
        status=Status.ACTIVE,
        **dict(zip(keys, places, strict=False)),
    )
    grouped = found.order_by().values_list(*keys, *levels).annotate(number=Count("pk"))
    for *texts, number in grouped:
        yield tuple(texts[:depth]), tuple(texts[depth:]), number


def _accents(name: str) -> int:
    return sum(map(bool, map(unicodedata.combining, unicodedata.normalize("NFD", name))))
