"""Rules for a typed text, shared by the server, which validates, and the browser, which warns."""

import json
import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rule:
    """A pattern that a text must contain, and the error for a text without it.

    JavaScript (with the flag u) must read the pattern as Python does: no classes that differ, such
    as letters, and no `$` where the text may end in a newline. `{count}` in the sentence is the
    text's length.
    """

    pattern: str
    sentence: str

    def matches(self, text: str) -> bool:
        return re.search(self.pattern, text) is not None

    def sentence_for(self, text: str) -> str:
        return self.sentence.format(count=len(text))


@dataclass(frozen=True, slots=True)
class Rules:
    """The rules of one kind of text. static/js/forms.js follows the same steps."""

    ignored: tuple[str, ...] = ()
    """Patterns to remove wherever they match, one after another."""
    required: tuple[Rule, ...] = ()
    hints: tuple[Rule, ...] = ()
    """For browsers alone: the first that matches a valid text is shown."""

    def read(self, text: str) -> str:
        """Return the text without the ignored parts."""
        for pattern in self.ignored:
            text = re.sub(pattern, "", text)
        return text

    def problem_with(self, text: str) -> str | None:
        """Return the error for a cleaned text, as a sentence, or None."""
        for rule in self.required:
            if not rule.matches(text):
                return rule.sentence_for(text)
        return None

    def attributes(self) -> dict[str, str]:
        """The data attributes that give the rules to the script; empty ones are left out."""
        values = {
            "data-ignored": self.ignored,
            "data-rules": [(rule.pattern, rule.sentence) for rule in self.required],
            "data-hints": [(rule.pattern, rule.sentence) for rule in self.hints],
        }
        return {
            name: json.dumps(value, ensure_ascii=False) for name, value in values.items() if value
        }
