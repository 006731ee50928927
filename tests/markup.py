"""Read pages by their elements and words, whatever their indentation."""

from typing import Protocol

from bs4 import BeautifulSoup, Tag


class HasContent(Protocol):
    """A response of a view, or of the test client."""

    @property
    def content(self) -> bytes: ...


def page(response: HasContent) -> BeautifulSoup:
    return BeautifulSoup(response.content.decode(), "html.parser")


def text(response: HasContent) -> str:
    """All words of a page, with one blank between them."""
    return words(page(response))


def words(element: Tag) -> str:
    return " ".join(element.get_text(" ").split())


def element(response: HasContent, selector: str) -> Tag:
    """The only element that a CSS selector finds."""
    found = page(response).select(selector)
    assert len(found) == 1, f"{selector} finds {len(found)} elements"
    return found[0]


def value(response: HasContent, field: str) -> str:
    """The value of a form's field."""
    return str(element(response, f"[name={field}]").get("value", ""))


def field_errors(response: HasContent) -> dict[str, list[str]]:
    """{field: the sentences that a screen reader reads with it}."""
    soup = page(response)
    found = {}
    for field in soup.select("[aria-invalid=true]"):
        described = [soup.find(id=name) for name in str(field["aria-describedby"]).split()]
        lists = [part for part in described if isinstance(part, Tag) and part.name == "ul"]
        found[str(field["name"])] = [words(item) for part in lists for item in part.select("li")]
    return found
