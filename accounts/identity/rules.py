"""What a text must be like, said once: the server judges by it, and browsers warn by it."""

import json
import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rule:
    """A pattern that must be found in a text, and the sentence for whoever typed another.

    The pattern is one that JavaScript, with the flag u, reads as Python does: no classes that they
    fill differently, such as letters, and no `$` where the text may end with a line. In the
    sentence, `{count}` is how many signs the text has.
    """

    pattern: str
    sentence: str

    def is_kept(self, text: str) -> bool:
        return re.search(self.pattern, text) is not None

    def said_of(self, text: str) -> str:
        return self.sentence.format(count=len(text))


@dataclass(frozen=True, slots=True)
class Rules:
    """How a text is read, and what is said of it. static/js/forms.js follows the same steps."""

    ignored: tuple[str, ...] = ()
    """Patterns; what they match is taken out, wherever it is, one pattern after another."""
    demanded: tuple[Rule, ...] = ()
    hints: tuple[Rule, ...] = ()
    """For browsers alone: of a text with nothing wrong, the first that it keeps is shown."""

    def read(self, text: str) -> str:
        """What counts of the text."""
        for pattern in self.ignored:
            text = re.sub(pattern, "", text)
        return text

    def broken_by(self, text: str) -> str | None:
        """What is wrong with a text that has been read, as a sentence; None for nothing."""
        for rule in self.demanded:
            if not rule.is_kept(text):
                return rule.said_of(text)
        return None

    def attributes(self) -> dict[str, str]:
        """Of an input, for the script; none where there is nothing to tell."""
        told = {
            "data-ignored": self.ignored,
            "data-rules": [(rule.pattern, rule.sentence) for rule in self.demanded],
            "data-hints": [(rule.pattern, rule.sentence) for rule in self.hints],
        }
        return {
            name: json.dumps(value, ensure_ascii=False) for name, value in told.items() if value
        }
