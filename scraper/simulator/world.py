"""Everything that the simulated services share: settings in force, and what they remember."""

import secrets

from scraper.simulator.captcha import CaptchaDesk, Verdict
from scraper.simulator.journal import Journal
from scraper.simulator.memory import Memory
from scraper.simulator.settings import CaptchaFailure, CaptchaKind, Settings


class World:
    """One simulated world; many threads use it at once."""

    def __init__(self, settings: Settings) -> None:
        self.first_settings = settings
        self.settings = settings
        """Replaced as a whole, so that a request sees the old ones or the new ones."""
        self.journal = Journal()
        self.memory = Memory()
        self.desk = CaptchaDesk()
        # New in every world: whoever does not read the key from the page buys worthless tokens.
        self.site_keys = {shape: "6L" + secrets.token_urlsafe(28) for shape in ("A", "B")}

    def judge(self, token: str, shape: str) -> Verdict:
        """Verify, and thereby use up, what a page of this shape was sent as its captcha's token."""
        if self.settings.captcha_kind is CaptchaKind.NONE:
            return Verdict.ACCEPTED
        verdict = self.desk.judge(token, self.site_keys[shape], self.settings.token_seconds)
        if verdict is Verdict.ACCEPTED and self.settings.captcha_failure is CaptchaFailure.REFUSED:
            return Verdict.REFUSED
        return verdict

    def forget(self) -> None:
        """Empty the log, the captchas, the sessions, the first times. The settings stay."""
        self.journal.clear()
        self.desk.clear()
        self.memory.clear()

    def log(self) -> dict[str, list[dict[str, object]]]:
        return {**self.journal.as_json(), "captchas": self.desk.as_json()}
