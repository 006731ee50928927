"""Shape B: the single-page app of July 2026; the answer is the JSON of its API."""

from scraper.page_shape import AskApi, Form, PageShape
from scraper.parsers.shape_b import parse_answer_b

FORM = Form(
    number="input#documento:not([type=hidden])",
    choice="select#eleccion",
    current_place="0",
    button="#submitBtn",
)
SHAPE = PageShape(
    name="B",
    is_shown_in=FORM.is_shown_in,
    asking=AskApi(FORM, path="/api/consulta", parse=parse_answer_b),
)
