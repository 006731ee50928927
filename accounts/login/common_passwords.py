"""Refuse common passwords: Django's 20,000, and Colombian ones that it does not know."""

import re
from functools import cached_property
from pathlib import Path
from typing import Any

from django.contrib.auth.password_validation import CommonPasswordValidator as DjangoCommon
from django.core.exceptions import ValidationError

from accounts.identity.names import folded

WORDS_FILE = Path(__file__).with_name("common_words_es.txt")
MOST_SIGNS = 6
"""The most digits and signs that people add to a word: a year and a sign are five. Six random ones
are worth more than the word, and more than six make a password of their own."""
_SIGNS = re.compile(r"[\W\d_]")
_ENDING = re.compile(r"[\d!.,*#_+?-]*$")
_LOOK_ALIKES = str.maketrans("@4301$5!7", "aaeoissit")


class CommonPasswordValidator(DjangoCommon):
    """Refuse common passwords whatever their case, accents, and added digits and signs.

    Also refuse one Colombian word, or two together. Raise ValidationError with Django's code.
    """

    @cached_property
    def words(self) -> frozenset[str]:
        lines = WORDS_FILE.read_text(encoding="utf-8").splitlines()
        return frozenset(folded(line) for line in lines if line and not line.startswith("#"))

    def validate(self, password: str, user: Any = None) -> None:
        super().validate(password, user)
        if any(self._is_common(letters) for letters in _readings(password)):
            raise ValidationError(self.get_error_message(), code="password_too_common")

    def _is_common(self, letters: str) -> bool:
        if letters in self.words or (len(letters) > 3 and letters in self.passwords):
            return True
        halves = ((letters[:cut], letters[cut:]) for cut in range(3, len(letters) - 2))
        return any(one in self.words and other in self.words for one, other in halves)


def _readings(password: str) -> set[str]:
    """Return the password's letters: as they are, and with 0, @ and the like read as letters.

    Return an empty set if it has more digits and signs than people add to a word.
    """
    plain = folded(password)
    letters = _SIGNS.sub("", plain)
    if len(plain) - len(letters) > MOST_SIGNS:
        return set()
    return {letters, _SIGNS.sub("", _ENDING.sub("", plain).translate(_LOOK_ALIKES))}
