"""Read the census's pages: text in, result or error out; nothing here can fetch.

`recognise_page` says which page was loaded; `parse_answer_a`, `parse_answer_b` and
`parse_result_html` read its answers. Each returns a value or raises a `ScraperError` that carries
`page_text`; an answer that is not understood is an UnknownPage, never a result.
"""

from scraper.parsers.page import PageShape, recognise_page
from scraper.parsers.privacy import mask_page_text
from scraper.parsers.shape_a import parse_answer_a, parse_result_html
from scraper.parsers.shape_b import parse_answer_b

__all__ = [
    "PageShape",
    "mask_page_text",
    "parse_answer_a",
    "parse_answer_b",
    "parse_result_html",
    "recognise_page",
]
