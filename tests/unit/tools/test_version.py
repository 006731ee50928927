"""The version and the changelog tell the same."""

import re

from config import __version__
from tests.paths import ROOT

CHANGELOG = ROOT / "CHANGELOG.md"
HEADINGS = re.findall(r"^## (.+)$", CHANGELOG.read_text(encoding="utf-8"), re.MULTILINE)
RELEASE = re.compile(r"(\d+)\.(\d+)\.(\d+) \(20\d\d-\d\d-\d\d\)")


def released(headings: list[str]) -> list[tuple[int, ...]]:
    """The versions that the headings name; every one must name a version and a day."""
    found = [RELEASE.fullmatch(heading) for heading in headings]
    assert all(found), headings
    return [tuple(map(int, match.groups())) for match in found if match]


def test_the_newest_heading_is_the_version_or_unreleased_on_the_way_to_it() -> None:
    number, dev, _ = __version__.partition(".dev0")
    version = tuple(map(int, number.split(".")))
    if dev:
        assert HEADINGS[0] == "Unreleased"
        assert version > released(HEADINGS[1:])[0]
    else:
        assert version == released(HEADINGS)[0]


def test_releases_stand_from_the_newest_to_the_oldest() -> None:
    versions = released([heading for heading in HEADINGS if heading != "Unreleased"])
    assert versions == sorted(set(versions), reverse=True)
