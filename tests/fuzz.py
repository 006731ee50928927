"""Damaged pages for the parsers: `make fuzz` reads 20,000 of them, the suite a few hundred.

A saved page with a known answer is damaged as networks, caches and careless programmers damage
pages. The parser may then return the same kind of answer or raise one of the documented errors, but
never return another kind: nobody may read "not in the census" because a tag was lost.
"""

import argparse
import dataclasses
import json
import random
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from scraper.errors import ScraperError
from scraper.page_shape import PageShape
from scraper.results import Cancelled, CancelReason, Found, Lookup
from tests.parsers import found_parsers
from tests.unit.scraper.parsers.test_robustness import PIECES, outcome

PAGES = Path(__file__).parent / "pages"
EXPECTED = ".expected.json"

Read = Lookup | PageShape | ScraperError
Mutation = Callable[[str, random.Random], str]


@dataclass(frozen=True)
class Page:
    """A saved page and its parser."""

    name: str
    text: str
    parse: Callable[[str], Lookup | PageShape]
    whole: Read
    """The parser's result for the undamaged page."""


def saved_pages() -> list[Page]:
    pages = []
    for file in sorted(PAGES.iterdir()):
        if not file.name.endswith(EXPECTED):
            expected = json.loads((PAGES / f"{file.stem}{EXPECTED}").read_text(encoding="utf-8"))
            parse: Callable[..., Lookup | PageShape] = found_parsers()[expected["parse"]]
            if "cedula" in expected:
                parse = partial(parse, cedula=expected["cedula"])
            text = file.read_text(encoding="utf-8")
            pages.append(Page(file.stem, text, parse, outcome(parse, text)))
    return pages


# --- Damage -------------------------------------------------------------------------------------


def parts(text: str) -> list[str]:
    """Split the text before each tag or, without tags, before each JSON string."""
    for sign in ("<", '"'):
        if sign in text:
            return text.replace(sign, f"\0{sign}").split("\0")
    return [text]


def lose_a_piece(text: str, choose: random.Random) -> str:
    pieces = parts(text)
    del pieces[choose.randrange(len(pieces))]
    return "".join(pieces)


def double_a_piece(text: str, choose: random.Random) -> str:
    pieces = parts(text)
    at = choose.randrange(len(pieces))
    return "".join([*pieces[:at], pieces[at], *pieces[at:]])


def halve_a_piece(text: str, choose: random.Random) -> str:
    pieces = parts(text)
    at = choose.randrange(len(pieces))
    pieces[at] = pieces[at][: len(pieces[at]) // 2]
    return "".join(pieces)


def lose_a_stretch(text: str, choose: random.Random) -> str:
    begin = choose.randrange(len(text) + 1)
    return text[:begin] + text[begin + choose.choice([1, 2, 8, 64, 512]) :]


def cut(text: str, choose: random.Random) -> str:
    return text[: choose.randrange(len(text) + 1)]


def change_a_character(text: str, choose: random.Random) -> str:
    at = choose.randrange(len(text) + 1)
    return text[:at] + choose.choice("<>\"'&;/={}[]:,\\ \0\ufffd\u202e\xa0aZ0") + text[at + 1 :]


def garble_the_encoding(text: str, choose: random.Random) -> str:
    """Read UTF-8 as Latin-1, or the other way round, as a proxy does."""
    if choose.random() < 0.5:
        return text.encode("utf-8", "surrogatepass").decode("latin-1")
    return text.encode("latin-1", "replace").decode("utf-8", "replace")


def escape_twice(text: str, choose: random.Random) -> str:
    sign, escaped = choose.choice([("<", "&lt;"), ("&", "&amp;"), ('"', "&quot;"), ("\\", "\\\\")])
    return text.replace(sign, escaped)


GENTLE: tuple[Mutation, ...] = (lose_a_piece, double_a_piece, halve_a_piece, cut, lose_a_stretch)
"""Applied once, these move no value to another column, so none may be read there."""
ROUGH: tuple[Mutation, ...] = (*GENTLE, change_a_character, garble_the_encoding, escape_twice)


def damage(text: str, mutations: Sequence[Mutation], choose: random.Random) -> str:
    """Apply one of the mutations, half the time inside the HTML that the JSON carries."""
    mutation = choose.choice(mutations)
    if choose.random() < 0.5:
        try:
            answer = json.loads(text)
            answer["data"]["message"] = mutation(answer["data"]["message"], choose)
            return json.dumps(answer, ensure_ascii=False)
        except (ValueError, LookupError, TypeError, AttributeError):
            pass  # no JSON, or JSON without HTML
    return mutation(text, choose)


# --- What must hold -----------------------------------------------------------------------------


def may_become(read: Read, whole: Read) -> bool:
    """True if a damaged page may read as `read`: the same kind of answer as `whole`.

    A death may become another novedad if the word itself is damaged: "CANCELADA POR MUE" is an
    unknown one. Never the other way round.
    """
    if isinstance(read, Cancelled) and isinstance(whole, Cancelled):
        return read.reason in {whole.reason, CancelReason.OTHER}
    return type(read) is type(whole)


def check(page: Page, damaged: str, *, gently: bool) -> str:
    """Parse the damaged page; name the result. AssertionError if the answer became another one."""
    read = outcome(page.parse, damaged)
    if isinstance(read, ScraperError):
        return type(read).__name__
    if isinstance(page.whole, ScraperError):
        return "an answer from a page without one"
    assert may_become(read, page.whole), f"{page.name}: {read} from {damaged!r}"
    assert not (gently and misplaced(page.whole, read)), f"{page.name}: {read} from {damaged!r}"
    return "the same answer" if read == page.whole else "the same kind of answer"


def misplaced(whole: Read, read: Read) -> set[str]:
    """The fields of `read` that hold the value of another field of `whole`."""
    if not isinstance(whole, Found) or not isinstance(read, Found):
        return set()
    was, now = dataclasses.asdict(whole), dataclasses.asdict(read)
    texts = {name: value for name, value in was.items() if isinstance(value, str) and value}
    return {
        name
        for name in texts
        if now[name] != was[name] and now[name] in set(texts.values()) - {was[name]}
    }


def run(number: int, seed: int) -> Counter[str]:
    """Parse `number` texts and count the results; the same seed gives the same texts."""
    pages = saved_pages()
    answers = [page for page in pages if not isinstance(page.whole, ScraperError)]
    counts: Counter[str] = Counter()
    for index in range(number):
        choose = random.Random(f"{seed}:{index}")
        if index % 5 == 4:
            parse = choose.choice(pages).parse
            text = "".join(choose.choices(PIECES, k=choose.randint(1, 60)))
            read = outcome(parse, text)
            is_error = isinstance(read, ScraperError)
            counts[type(read).__name__ if is_error else "an answer from assembled pieces"] += 1
            continue
        page = choose.choice(pages if index % 5 == 0 else answers)
        gently = index % 2 == 0
        damaged = page.text
        for _ in range(1 if gently else choose.randint(1, 4)):
            damaged = damage(damaged, GENTLE if gently else ROUGH, choose)
        counts[check(page, damaged, gently=gently)] += 1
    return counts


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--number", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    began = time.monotonic()
    counts = run(options.number, options.seed)
    seconds = time.monotonic() - began
    print(f"{options.number:,} texts (seed {options.seed}) in {seconds:.0f} s, no surprise:")
    for what, count in counts.most_common():
        print(f"  {count:7,} {what}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
