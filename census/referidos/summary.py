"""The number of a leader's referidos by departamento, municipio, puesto and mesa."""

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
"""The name shown for a level that the census left empty."""

LEAST_SHARE = 0.1
"""Percent: a smaller share that is not zero is shown as less than this."""

DEEPEST = len(LEVELS) - 1
"""The most levels that an address may name: a mesa has no parts."""

Path = tuple[str, ...]
"""The keys of a place from the largest level down."""


@dataclass(frozen=True, slots=True)
class SummaryLine:
    """A place, and how many people vote there."""

    name: str
    path: Path
    people: int
    of: int
    """The number of people in the place above."""

    @property
    def is_known(self) -> bool:
        """True if the census named the place, so that it can be opened."""
        return bool(self.path[-1])

    @property
    def has_parts(self) -> bool:
        """True if there is a level below."""
        return self.is_known and len(self.path) <= DEEPEST

    @property
    def query(self) -> str:
        """The query string of this place, with its `?`, for the summary and the listing alike."""
        return Listing(places=self.path).query

    @property
    def share(self) -> str:
        """The share of the place above, as text; never 0 % or 100 % by rounding alone."""
        percent = 100 * self.people / self.of
        if percent < LEAST_SHARE:
            return f"menos de {number_format(LEAST_SHARE)} %"
        if 100 - LEAST_SHARE < percent < 100:
            return f"más de {number_format(100 - LEAST_SHARE)} %"
        rounded = round(percent, 1)
        return f"{number_format(rounded, 0 if rounded.is_integer() else 1)} %"

    @property
    def bar(self) -> str:
        """The share as a width in SVG: with a decimal point in every language."""
        return f"{100 * self.people / self.of:.2f}%"


@dataclass(frozen=True, slots=True)
class Crumb:
    """A place above the lines, as a link in the breadcrumbs."""

    name: str
    query: str


@dataclass(frozen=True, slots=True)
class Summary:
    """A place, divided into the places of the next level."""

    level: str
    """The level of the lines, one of LEVELS."""
    crumbs: list[Crumb]
    """The places above the lines, the present one last; empty for the whole country."""
    lines: list[SummaryLine]
    """Most people first; the line without a name comes last."""
    people: int


class _Tally:
    """Numbers of people and spellings of names, by place."""

    def __init__(self, groups: Iterable[tuple[Path, Path, int]]) -> None:
        self.people: Counter[Path] = Counter()
        self._spellings: defaultdict[Path, Counter[str]] = defaultdict(Counter)
        for path, names, number in groups:
            for depth, name in enumerate(names, start=1):
                self.people[path[:depth]] += number
                self._spellings[path[:depth]][name] += number

    def name(self, path: Path) -> str:
        """The place's name, in one of the spellings that the census has used."""
        if not path[-1]:
            return NAMELESS[LEVELS[len(path) - 1]]
        return best_spelling(self._spellings[path]) or path[-1].upper()


def best_spelling(spellings: Mapping[str, int]) -> str:
    """The spelling with most accents, and among those the most frequent; '' if there is none.

    Old systems lose accents and never add any: NARIÑO is right even if NARINO is found as well.
    """
    return min(
        spellings,
        key=lambda name: (-_accents(name), -spellings[name], len(name), name),
        default="",
    )


def summary_of(leader: CustomUser, places: Path) -> Summary:
    """The number of `leader`'s referidos in the place, by the places of the next level."""
    shown = places[:DEEPEST]
    depth = len(shown) + 1
    tally = _Tally(_groups(leader, shown, depth))
    paths = [path for path in tally.people if len(path) == depth]
    people = sum(tally.people[path] for path in paths)
    paths.sort(key=lambda path: (not path[-1], -tally.people[path], path[-1]))
    parents = [shown[: end + 1] for end in range(len(shown))]
    return Summary(
        level=LEVELS[depth - 1],
        crumbs=[Crumb(tally.name(path), Listing(places=path).query) for path in parents],
        lines=[SummaryLine(tally.name(path), path, tally.people[path], people) for path in paths],
        people=people,
    )


def mesas_of(leader: CustomUser, places: Path) -> list[tuple[str, str, str, str, int]]:
    """[(departamento, municipio, puesto, mesa, people)] of every mesa in the place.

    Sorted by key; within each level, the places without a name come last.
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
    """Yield (keys, spellings, people) of the first `depth` levels in the place, from one query.

    The keys tell the places apart: no two databases fold accents alike, and the listing that the
    links lead to filters by keys. The spellings serve for the names.
    """
    levels = LEVELS[:depth]
    keys = [f"{level}_key" for level in levels]
    found = CedulaInfo.objects.filter(
        referrer=leader,  # the indexed copy
        # This decides who may see a row; as a subquery it costs an index, and no person's row.
        user__in=CustomUser.objects.filter(referred_by=leader),
        status=Status.ACTIVE,
        **dict(zip(keys, places, strict=False)),
    )
    grouped = found.order_by().values_list(*keys, *levels).annotate(number=Count("pk"))
    for *texts, number in grouped:
        yield tuple(texts[:depth]), tuple(texts[depth:]), number


def _accents(name: str) -> int:
    return sum(map(bool, map(unicodedata.combining, unicodedata.normalize("NFD", name))))
