"""Solve captchas and verify their tokens, as the captcha service and Google do."""

import math
import secrets
import threading
import time
from collections import OrderedDict
from dataclasses import asdict, dataclass
from enum import StrEnum

MOST_CAPTCHAS = 10_000
PERSON = "a person at the page"
"""The key of captchas that a person solved, by ticking the box in the browser."""


class Verdict(StrEnum):
    """The result of verifying a token."""

    ACCEPTED = "accepted"
    MISSING = "missing"
    UNKNOWN = "unknown"
    OTHER_SITE = "other_site"
    """Solved for another site key than the page's."""
    USED = "used"
    EXPIRED = "expired"
    REFUSED = "refused"
    """The token is good; the setting or the cédula has it refused all the same."""


class Refusal(Exception):
    """The service refuses a request; the message is its error code."""


@dataclass(slots=True)
class Captcha:
    """One captcha, from its order to the use of its token. Times are epoch seconds."""

    id: str
    key: str
    site_key: str
    page_url: str
    asked_at: float
    ready_at: float
    """The token exists, and ages, from this moment on; infinite: never."""
    solvable: bool
    token: str
    polls: int = 0
    delivered_at: float | None = None
    """The customer was first given the token at this moment."""
    reported: str = ""
    """'good', 'bad' or ''."""
    used_at: float | None = None
    """A page first verified the token at this moment."""


class CaptchaService:
    """All captchas of this simulator. Safe to use from many threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._by_id: OrderedDict[str, Captcha] = OrderedDict()
        self._by_token: dict[str, Captcha] = {}
        self._next_id = 70_000_000_001

    def order(
        self, *, key: str, site_key: str, page_url: str, latency: float, solvable: bool
    ) -> Captcha:
        """Return a new captcha, ready after `latency` seconds, which may be infinite."""
        now = time.time()
        with self._lock:
            captcha = Captcha(
                id=str(self._next_id),
                key=key,
                site_key=site_key,
                page_url=page_url,
                asked_at=now,
                ready_at=now + latency,
                solvable=solvable,
                # About as long as Google's own, so that columns and logs meet the true size.
                token="03A" + secrets.token_urlsafe(360),
            )
            self._next_id += 1
            self._by_id[captcha.id] = captcha
            self._by_token[captcha.token] = captcha
            if len(self._by_id) > MOST_CAPTCHAS:
                _, oldest = self._by_id.popitem(last=False)
                del self._by_token[oldest.token]
        return captcha

    def finish_all(self) -> None:
        """Make every pending captcha ready now."""
        now = time.time()
        with self._lock:
            for captcha in self._by_id.values():
                captcha.ready_at = min(captcha.ready_at, now)

    def find(self, captcha_id: str, key: str) -> Captcha | None:
        """Return the captcha with this id if it was ordered with this key, else None."""
        with self._lock:
            captcha = self._by_id.get(captcha_id)
        return captcha if captcha and captcha.key == key else None

    def poll(self, captcha: Captcha) -> int:
        """Count a poll for this captcha's token; return how many there were."""
        with self._lock:
            captcha.polls += 1
            return captcha.polls

    def deliver(self, captcha: Captcha) -> str:
        """Return the token of a captcha that is ready."""
        with self._lock:
            if captcha.delivered_at is None:
                captcha.delivered_at = time.time()
        return captcha.token

    def report(self, captcha: Captcha, verdict: str) -> None:
        """Note 'good' or 'bad'. Raises Refusal for a second report or an undelivered token."""
        with self._lock:
            if captcha.delivered_at is None:
                raise Refusal("ERROR_REPORT_NOT_RECORDED")
            if captcha.reported:
                raise Refusal("ERROR_DUPLICATE_REPORT")
            captcha.reported = verdict

    def charged(self, key: str) -> int:
        """Return how many captchas this key has been charged for: those solved by now."""
        now = time.time()
        with self._lock:
            return sum(
                c.key == key and c.solvable and c.ready_at <= now for c in self._by_id.values()
            )

    def verify(self, token: str, site_key: str, token_seconds: float) -> Verdict:
        """Verify a token as the page does; that uses it up, whatever the census answers then."""
        if not token:
            return Verdict.MISSING
        now = time.time()
        with self._lock:
            captcha = self._by_token.get(token)
            if captcha is None:
                return Verdict.UNKNOWN
            if captcha.used_at is not None:
                return Verdict.USED
            captcha.used_at = now
        if captcha.site_key != site_key:
            return Verdict.OTHER_SITE
        return Verdict.EXPIRED if now - captcha.ready_at > token_seconds else Verdict.ACCEPTED

    def clear(self) -> None:
        with self._lock:
            self._by_id.clear()
            self._by_token.clear()

    def as_json(self) -> list[dict[str, object]]:
        with self._lock:
            captchas = [asdict(captcha) for captcha in self._by_id.values()]
        # JSON has no infinity.
        return [
            c | {"ready_at": c["ready_at"] if math.isfinite(c["ready_at"]) else None}
            for c in captchas
        ]
