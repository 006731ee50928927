"""An answer in any encoding, under any declaration: the place as it was meant, or no answer."""

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from itertools import product

from playwright.async_api import Page as BrowserPage
from playwright.async_api import async_playwright

from scraper.adapters.answers import read_answer
from scraper.browser import chromium
from scraper.errors import UnknownPage
from scraper.parsers.shape_a import parse_answer_a, parse_result_html
from scraper.parsers.shape_b import parse_answer_b
from scraper.results import Found, Lookup
from tests.scraping import CEDULA, OddSite, Page

PLACE = Found("NARIÑO", "TÚQUERRES", "I.E. «LA PEÑA»", "CL 5 Nº 3 – 20", "7")

HEADERS = [
    *("", "; charset=utf-8", "; charset=iso-8859-1", "; charset=windows-1252"),
    *("; charset=utf-16", "; charset=punycode", "; charset=nonsense"),
]
METAS = ["", "utf-8", "windows-1252"]
ENCODINGS = {
    "UTF-8": ("utf-8", b""),
    "UTF-8 with a BOM": ("utf-8", b"\xef\xbb\xbf"),
    "Windows-1252": ("windows-1252", b""),
    "UTF-16": ("utf-16-le", b""),
    "UTF-16 with a BOM": ("utf-16-le", b"\xff\xfe"),
}
Case = tuple[str, str, str, str]
"""(way, header, meta, encoding)."""

TABLE = f"""<table id="consulta">
  <tr><th>NUIP</th><th>DEPARTAMENTO</th><th>MUNICIPIO</th><th>PUESTO</th><th>DIRECCIÓN</th>
    <th>MESA</th></tr>
  <tr><td>{CEDULA}</td><td>{PLACE.departamento}</td><td>{PLACE.municipio}</td>
    <td>{PLACE.puesto}</td><td>{PLACE.direccion}</td><td>{PLACE.mesa}</td></tr>
</table>"""
ANSWER_A = json.dumps({"success": True, "data": {"message": TABLE}}, ensure_ascii=False)
ANSWER_B = json.dumps(
    {
        "ok": True,
        "encontrado": True,
        "data": {
            "nuip": CEDULA,
            "nom_depto": PLACE.departamento,
            "nom_mun": PLACE.municipio,
            "nom_puesto": PLACE.puesto,
            "direccion": PLACE.direccion,
            "mesa": PLACE.mesa,
        },
    },
    ensure_ascii=False,
)
SCRIPT = "address => fetch(address, {method: 'POST'}).then(answer => answer.text())"


def page_with_table(meta: str) -> str:
    declared = f'<meta charset="{meta}">' if meta else ""
    return f"<!DOCTYPE html><html><head>{declared}</head><body>{TABLE}</body></html>"


@dataclass(frozen=True)
class Way:
    """A way in which an answer arrives, with its text under each `<meta>`."""

    name: str
    parse: Callable[..., Lookup]
    texts: dict[str, str]
    is_document: bool = False
    kind: str = "application/json"


WAYS = [
    Way(
        "a page of shape A",
        parse_result_html,
        {meta: page_with_table(meta) for meta in METAS},
        is_document=True,
        kind="text/html",
    ),
    Way("shape A's JSON as a document", parse_answer_a, {"": ANSWER_A}, is_document=True),
    Way("shape A's JSON to a script", parse_answer_a, {"": ANSWER_A}),
    Way("shape A's JSON, declared as HTML", parse_answer_a, {"": ANSWER_A}, kind="text/html"),
    Way("shape B's JSON", parse_answer_b, {"": ANSWER_B}),
]


async def answer(page: BrowserPage, address: str, way: Way) -> Lookup | None:
    """Return what the answer at an address is read as; None: as no answer."""
    async with page.expect_response(address) as arriving:
        if way.is_document:
            await page.goto(address)
        else:
            await page.evaluate(SCRIPT, address)
    try:
        return await read_answer(await arriving.value, partial(way.parse, cedula=CEDULA))
    except UnknownPage:
        return None


async def all_answers(site: OddSite) -> dict[Case, Lookup | None]:
    read: dict[Case, Lookup | None] = {}
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=chromium.executable("", playwright.chromium.executable_path),
            chromium_sandbox=False,
        )
        page = await browser.new_page(locale=chromium.LOCALE)
        await page.goto(f"{site.url}/")
        for way in WAYS:
            for header, meta, name in product(HEADERS, way.texts, ENCODINGS):
                encoding, mark = ENCODINGS[name]
                path = f"/{len(read)}"
                site.answers["GET", path] = site.answers["POST", path] = Page(
                    "",
                    content_type=way.kind + header,
                    encoded=mark + way.texts[meta].encode(encoding),
                )
                case = (way.name, header, meta, name)
                read[case] = await answer(page, site.url + path, way)
        await browser.close()
    return read


def test_every_encoding_under_every_declaration() -> None:
    with OddSite() as site:
        site.answers["GET", "/"] = Page("<!DOCTYPE html><html><body></body></html>")
        read = asyncio.run(all_answers(site))

    assert {case: lookup for case, lookup in read.items() if lookup not in {PLACE, None}} == {}
    unread = {case for case, lookup in read.items() if lookup is None}
    assert unread <= {case for case in read if "utf-16" in case[1] or "UTF-16" in case[3]}
    declared = {case for case in read if "utf-16" in case[1] and case[3] == "UTF-16"}
    assert unread.isdisjoint(case for case in declared if not case[2])
