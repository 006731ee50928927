"""Saved answers, each beside what must be read from it: a new page is a new pair of files.

`NAME.html` or `NAME.json` is what the site sent; `NAME.expected.json`, written by hand, says which
function reads it, with which cédula, and the whole result or the error and a part of its message.
"""

import dataclasses
import json
import re
import unicodedata
from collections.abc import Callable
from typing import Any

import pytest

from accounts.identity import cedula as cedulas
from scraper import errors
from scraper.page_shape import PageShape
from scraper.parsers.privacy import mask_page_text
from scraper.results import Lookup
from scraper.shapes import SHAPES
from tests.parsers import found_parsers
from tests.paths import PAGES

EXPECTED = ".expected.json"
UNMASKED_CEDULA = re.compile(r"(?<!\d)(?:\d[., ]?){5,9}\d(?!\d)")


def names() -> list[str]:
    """Every name that a file in the folder has, so that half a pair is found too."""
    return sorted(
        {
            path.name.removesuffix(EXPECTED) if path.name.endswith(EXPECTED) else path.stem
            for path in PAGES.iterdir()
        }
    )


def as_written(result: Lookup | PageShape) -> dict[str, Any]:
    kind = type(result).__name__
    if isinstance(result, PageShape):
        return {"kind": kind, "name": result.name}
    return {"kind": kind, **dataclasses.asdict(result)}


def page_and_expectation(name: str) -> tuple[str, dict[str, Any]]:
    pages = [PAGES / f"{name}{suffix}" for suffix in (".html", ".json")]
    found = [page for page in pages if page.is_file()]
    assert len(found) == 1, f"{name} must have one page, .html or .json."
    expected = PAGES / f"{name}{EXPECTED}"
    assert expected.is_file(), f"{name} must have a file {expected.name}."
    return found[0].read_text(encoding="utf-8"), json.loads(expected.read_text(encoding="utf-8"))


def test_every_parser_has_a_page_to_read() -> None:
    """A parser that has a page is read damaged too, by `tests.fuzz`."""
    read = {page_and_expectation(name)[1]["parse"] for name in names()}
    assert read == found_parsers().keys()


def test_every_shape_has_a_page_that_is_recognised_as_it() -> None:
    results = [page_and_expectation(name)[1].get("result", {}) for name in names()]
    recognised = {result["name"] for result in results if result.get("kind") == "PageShape"}
    assert recognised == {shape.name for shape in SHAPES}


@pytest.mark.parametrize("name", names())
def test_a_saved_page_reads_as_expected(name: str) -> None:
    page, expected = page_and_expectation(name)
    read = found_parsers()[expected["parse"]]
    options = {"cedula": expected["cedula"]} if "cedula" in expected else {}
    if "result" in expected:
        assert as_written(read(page, **options)) == expected["result"]
        return
    with pytest.raises(errors.ScraperError) as caught:
        read(page, **options)
    assert type(caught.value) is getattr(errors, expected["error"])
    assert expected["message"] in str(caught.value)
    assert not UNMASKED_CEDULA.search(caught.value.page_text)


FORMS: dict[str, Callable[[str], str]] = {
    "as it is": str,
    "with dots": cedulas.formatted,
    "with blanks": lambda cedula: cedulas.formatted(cedula).replace(".", " "),
    "with blanks that do not break": lambda cedula: cedulas.formatted(cedula).replace(
        ".", "&nbsp;"
    ),
    "with thin blanks": lambda cedula: cedulas.formatted(cedula).replace(".", "\u2009"),
    "with hyphens": lambda cedula: cedulas.formatted(cedula).replace(".", "-"),
    "with apostrophes": lambda cedula: cedulas.formatted(cedula).replace(".", "\u2019"),
    "as entities": lambda cedula: "".join(f"&#{ord(digit)};" for digit in cedula),
    "as full-width digits": lambda cedula: "".join(chr(ord(digit) + 0xFEE0) for digit in cedula),
    "with marks that nobody sees": "\u200b".join,
    "with tags": lambda cedula: f"<b>{cedula[:2]}</b><i>{cedula[2:]}</i>",
    "one digit in each cell": lambda cedula: "".join(f"<td>{digit}</td>" for digit in cedula),
    "with zeros in front": lambda cedula: f"000{cedula}",
}
"""Ways in which a page may write a number."""
ASKED = "1030456789"


@pytest.mark.parametrize("name", names())
def test_what_is_kept_of_a_page_does_not_hold_the_cedula_that_was_asked(name: str) -> None:
    page, expected = page_and_expectation(name)
    asked = str(expected.get("cedula", ASKED))
    for form, write in FORMS.items():
        written = write(asked)
        sent = page.replace(asked, written) if asked in page else f"{page} {written}"

        kept = unicodedata.normalize("NFKC", mask_page_text(sent))

        assert asked not in re.sub(r"\D", "", kept), form
