"""Filling in what every shape of the page has: a number, and a choice of election."""

import re

from playwright.async_api import Page
from playwright.async_api import TimeoutError as PlaywrightTimeout

from scraper.errors import SiteUnavailable, UnknownPage

CURRENT_PLACE = "LUGAR DE VOTACION ACTUAL"
"""The choice that asks where the cédula votes now; the others ask about one election."""

# By its name before its value: a placeholder may have the same value. A list of one may be that
# placeholder, and the rest of it still on its way.
FIND_CHOICE = r"""
({selector, value, name}) => {
  const fold = (text) => text.normalize('NFD').replace(/\p{M}/gu, '')
    .replace(/\s+/g, ' ').trim().toUpperCase();
  const options = [...document.querySelector(selector).options];
  const found = options.find((option) => fold(option.text) === name)
    || (options.length > 1 && options.find((option) => option.value === value));
  return found ? {value: found.value} : null;
}
"""


async def fill_number(page: Page, selector: str, cedula: str) -> None:
    """Type the cédula. Raises UnknownPage where the page makes something else of it."""
    field = page.locator(selector)
    await field.fill(cedula)
    # Its digits alone: a page may put the dots in.
    if re.sub(r"\D", "", await field.input_value()) != cedula:
        raise UnknownPage("The field for the document does not take the number.")


async def choose_current_place(
    page: Page, selector: str, value: str, within_seconds: float
) -> None:
    """Choose to be told the current voting place, once the page offers it.

    Raises UnknownPage where it offers other choices only, SiteUnavailable where it offers none.
    """
    try:
        found = await page.wait_for_function(
            FIND_CHOICE,
            arg={"selector": selector, "value": value, "name": CURRENT_PLACE},
            polling=100,
            timeout=within_seconds * 1000,
        )
    except PlaywrightTimeout:
        if await page.locator(f"{selector} option").count() > 1:
            raise UnknownPage("The page does not offer the current voting place.") from None
        raise SiteUnavailable("The page's list of elections did not come.") from None
    await page.locator(selector).select_option(value=(await found.json_value())["value"])
