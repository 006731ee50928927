"""The state of one simulator: the settings in force, the log, and what the services remember."""

import secrets
from base64 import urlsafe_b64encode
from hashlib import sha256

from scraper.simulator.captcha import CaptchaService, Verdict
from scraper.simulator.journal import Journal
from scraper.simulator.memory import Memory
from scraper.simulator.settings import CaptchaFailure, CaptchaKind, Settings


class State:
    """Shared by the threads of all requests."""

    def __init__(self, settings: Settings) -> None:
        self.first_settings = settings
        self.settings = settings
        """Replaced as a whole, so that a request never sees a mixture of old and new ones."""
        self.journal = Journal()
        self.memory = Memory()
        self.captchas = CaptchaService()
        self._secret = secrets.token_bytes()

    def site_key(self, shape: str) -> str:
        """Return the captcha's site key on pages of this shape.

        It differs in every simulator: a scraper that does not read it from the page buys tokens
        that no page accepts.
        """
        digest = sha256(self._secret + shape.encode()).digest()
        return f"6L{urlsafe_b64encode(digest).decode()[:38]}"

    def verify(self, token: str, shape: str) -> Verdict:
        """Return whether a page of this shape accepts the token, which is used up by that."""
        if self.settings.captcha_kind is CaptchaKind.NONE:
            return Verdict.ACCEPTED
        verdict = self.captchas.verify(token, self.site_key(shape), self.settings.token_seconds)
        if verdict is Verdict.ACCEPTED and self.settings.captcha_failure is CaptchaFailure.REFUSED:
            return Verdict.REFUSED
        return verdict

    def clear(self) -> None:
        """Forget log, captchas, sessions and first failures. The settings stay."""
        self.journal.clear()
        self.captchas.clear()
        self.memory.clear()

    def log(self) -> dict[str, list[dict[str, object]]]:
        return {**self.journal.as_json(), "captchas": self.captchas.as_json()}
