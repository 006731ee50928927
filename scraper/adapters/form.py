"""Fill in the form of a census page: the number and the election."""

import re

from playwright.async_api import Page
from playwright.async_api import TimeoutError as PlaywrightTimeout

from scraper.errors import SiteUnavailable, UnknownPage
from scraper.page_shape import Form

CURRENT_PLACE = "LUGAR DE VOTACION ACTUAL"
"""The option that asks where the cédula votes now; the others ask about one election."""

# Search by name before value: a placeholder may have the same value. A list of one option may be
# that placeholder while the others are still loading.
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


async def fill_form(page: Page, form: Form, cedula: str, within_seconds: float) -> None:
    """Type the cédula and choose the current voting place, once the page offers it.

    Raises UnknownPage if the field changes the number or only other elections are offered,
    SiteUnavailable if no election is.
    """
    field = page.locator(form.number)
    await field.fill(cedula)
    # Compare digits only: a page may put dots in.
    if re.sub(r"\D", "", await field.input_value()) != cedula:
        raise UnknownPage("The field for the document does not take the number.")
    choice = {"selector": form.choice, "value": form.current_place, "name": CURRENT_PLACE}
    try:
        found = await page.wait_for_function(
            FIND_CHOICE, arg=choice, polling=100, timeout=within_seconds * 1000
        )
    except PlaywrightTimeout:
        if await page.locator(f"{form.choice} option").count() > 1:
            raise UnknownPage("The page does not offer the current voting place.") from None
        raise SiteUnavailable("The page's list of elections did not come.") from None
    await page.locator(form.choice).select_option(value=(await found.json_value())["value"])
