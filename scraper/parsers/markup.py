"""Read HTML as a browser does.

Lexbor builds the tree by the rules of the WHATWG, also for broken markup, so what is found here is
what Chromium shows.
"""

import re
from collections.abc import Iterator, Sequence
from typing import cast

from selectolax.lexbor import LexborHTMLParser, LexborNode

from scraper.errors import UnknownPage

Node = LexborNode

MAX_CHARACTERS = 2_000_000
"""Longer documents are not read. The census's own pages have less than a tenth of it."""
MAX_OPEN_TAGS = 20_000
"""Tags that have no end tag. Lexbor's time grows with the square of the depth: 0.6 s for 20,000
nested elements, 23 s for 100,000; a browser stops at a depth of 512."""

_PAGE_START = re.compile(r"<html\b", re.IGNORECASE)
_PAGE_END = re.compile(r"</html\b", re.IGNORECASE)
_OPEN_TAG = re.compile(r"<[a-zA-Z]")
_BLANKS = re.compile(r"\s+")
_END_MARK = "end of what was received"

_NOT_SHOWN = frozenset({"head", "script", "style", "template", "noscript", "title", "object"})
_HIDING_CLASSES = frozenset({"d-none", "hidden", "hide"})
_HIDING_STYLE = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_INLINE = frozenset(
    {"a", "abbr", "b", "bdi", "bdo", "big", "cite", "code", "data", "em", "font", "i", "label"}
    | {"mark", "q", "s", "small", "span", "strike", "strong", "sub", "sup", "time", "u", "wbr"}
)


class Document:
    """A parsed page or fragment. Raises UnknownPage if it is too large to be read."""

    def __init__(self, html: str) -> None:
        if len(html) > MAX_CHARACTERS:
            raise UnknownPage("The document is too large to be the census's.")
        if len(_OPEN_TAG.findall(html)) - html.count("</") > MAX_OPEN_TAGS:
            raise UnknownPage("The document is nested too deeply to be the census's.")
        tree = LexborHTMLParser(f"{html}<!--{_END_MARK}-->")
        self.root = cast("Node", tree.root)
        """The html element; the parser makes one if the text has none."""
        self.body: Node = tree.body or self.root
        """The body, or the root if there is none."""
        self._is_unfinished_page = bool(_PAGE_START.search(html) and not _PAGE_END.search(html))

    def css(self, selector: str) -> list[Node]:
        """Return the elements that match, in the document's order."""
        return self.root.css(selector)

    def shown(self, selector: str) -> list[Node]:
        """Return the elements that match and are visible."""
        return [node for node in self.css(selector) if not is_hidden(node)]

    def breaks_off_inside(self, selector: str) -> bool:
        """True if the text ends in the middle of the page, of a matching element or of a tag.

        The parser closes open elements, as a browser does, so a cut-off answer would look like a
        whole one with a shorter last value. A mark at the end of the text lands in whatever was
        still open; if it is not found at all, a tag or a script swallowed it.
        """
        mark = self._end_mark_node()
        if mark is None or self._is_unfinished_page:
            return True
        whole = {node.mem_id for node in self.css(selector)}
        return any(node.mem_id in whole for node in _elements_around(mark))

    def _end_mark_node(self) -> Node | None:
        document = self.root.parent or self.root
        marks = [
            node
            for node in document.traverse(include_text=True)
            if node.is_comment_node and node.comment_content == _END_MARK
        ]
        return marks[-1] if marks else None


def visible_text(root: Node, *, without: Sequence[Node] = ()) -> str:
    """Return the text that a reader sees in this element, one line per block or table row."""
    left_out = {node.mem_id for node in without}
    pieces: list[str] = []
    pending: list[Node | str] = [root]
    while pending:  # no recursion: the site decides how deep a page is
        item = pending.pop()
        if isinstance(item, str):
            pieces.append(item)
        elif item.is_text_node:
            pieces.append(_BLANKS.sub(" ", item.text_content or ""))
        elif item.is_element_node and item.mem_id not in left_out and not _hides_itself(item):
            separator = _separator(item)
            pieces.append(separator)
            pending.append(separator)
            pending.extend(reversed(list(item.iter(include_text=True))))
    lines = (" ".join(line.split()) for line in "".join(pieces).split("\n"))
    return "\n".join(line for line in lines if line)


def is_hidden(node: Node) -> bool:
    """True if the element, or one around it, is not shown."""
    return any(_hides_itself(each) for each in (node, *_elements_around(node)))


def _elements_around(node: Node) -> Iterator[Node]:
    parent = node.parent
    while parent is not None and parent.is_element_node:
        yield parent
        parent = parent.parent


def _hides_itself(node: Node) -> bool:
    if node.tag in _NOT_SHOWN:
        return True
    attributes = node.attributes
    if "hidden" in attributes or _HIDING_STYLE.search(attributes.get("style") or ""):
        return True
    classes = (attributes.get("class") or "").split()
    if _HIDING_CLASSES.isdisjoint(classes):
        return False
    # Bootstrap's "d-none d-md-block" hides on small screens only.
    return not any(name.startswith("d-") and name != "d-none" for name in classes)


def _separator(node: Node) -> str:
    """Return the text between the element and its neighbours; a `br` does not end a sentence."""
    if node.tag in _INLINE:
        return ""
    return " " if node.tag in {"td", "th", "br"} else "\n"
