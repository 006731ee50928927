"""Shape A: the jQuery page `…/censo/consultar/`; the answer is JSON that carries HTML."""

from scraper.page_shape import AskOwnAddress, Form, PageShape
from scraper.parsers.shape_a import NUMBER, RESULTS, parse_answer_a, parse_result_html

FORM = Form(number=NUMBER, choice="select#tipo", current_place="-1", button="#enviar")
SHAPE = PageShape(
    name="A",
    is_shown_in=FORM.is_shown_in,
    asking=AskOwnAddress(FORM, results=RESULTS, parse=parse_answer_a, parse_page=parse_result_html),
)
