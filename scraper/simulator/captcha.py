"""Captchas being solved, the tokens that come of it, and their verification by the pages."""

import math
import secrets
import threading
import time
from collections import OrderedDict
from dataclasses import asdict, dataclass
from enum import StrEnum

MOST_CAPTCHAS = 10_000
PERSON = "a person at the page"
"""In place of a key: somebody ticked the box in the browser."""


class Verdict(StrEnum):
    """What the page's verification says of a token."""

    ACCEPTED = "accepted"
    MISSING = "missing"
    UNKNOWN = "unknown"
    OTHER_SITE = "other_site"
    """Solved for another site key than the page's."""
    USED = "used"
    EXPIRED = "expired"
    REFUSED = "refused"
    """Good, and refused all the same."""


class ReportError(ValueError):
    """The report is refused; the message is the service's error code."""


@dataclass(slots=True)
class Captcha:
    """One captcha, from being asked for to the use of its token. Times are epoch seconds."""

    id: str
    key: str
    site_key: str
    page_url: str
    asked_at: float
    ready_at: float
    """When the token exists, and begins to age; infinite where it never will."""
    solvable: bool
    token: str
    polls: int = 0
    delivered_at: float | None = None
    """When whoever asked was first given the token."""
    reported: str = ""
    """'good', 'bad' or ''."""
    used_at: float | None = None
    """When a page first judged the token."""


class CaptchaDesk:
    """Every captcha of this simulator. Safe to use from many threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._by_id: OrderedDict[str, Captcha] = OrderedDict()
        self._by_token: dict[str, Captcha] = {}
        self._next_id = 70_000_000_001

    def ask(
        self, *, key: str, site_key: str, page_url: str, latency: float, solvable: bool
    ) -> Captcha:
        """A new captcha, ready after `latency` seconds, which may be infinite."""
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
                # About as long as Google's own, so that whatever stores one meets its true size.
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
        """Have every captcha that is being solved be ready now."""
        now = time.time()
        with self._lock:
            for captcha in self._by_id.values():
                captcha.ready_at = min(captcha.ready_at, now)

    def find(self, captcha_id: str, key: str) -> Captcha | None:
        """The captcha with this id, where it was asked for with this key."""
        with self._lock:
            captcha = self._by_id.get(captcha_id)
        return captcha if captcha and captcha.key == key else None

    def poll(self, captcha: Captcha) -> int:
        """Count one more question for this captcha's token; how many there were."""
        with self._lock:
            captcha.polls += 1
            return captcha.polls

    def deliver(self, captcha: Captcha) -> str:
        """The token of a captcha that is ready."""
        with self._lock:
            if captcha.delivered_at is None:
                captcha.delivered_at = time.time()
        return captcha.token

    def report(self, captcha: Captcha, verdict: str) -> None:
        """Note 'good' or 'bad'. Raises ReportError for a second report, or one without token."""
        with self._lock:
            if captcha.delivered_at is None:
                raise ReportError("ERROR_REPORT_NOT_RECORDED")
            if captcha.reported:
                raise ReportError("ERROR_DUPLICATE_REPORT")
            captcha.reported = verdict

    def spent(self, key: str) -> int:
        """How many captchas this key has been charged for: those solved by now."""
        now = time.time()
        with self._lock:
            return sum(
                c.key == key and c.solvable and c.ready_at <= now for c in self._by_id.values()
            )

    def judge(self, token: str, site_key: str, token_seconds: float) -> Verdict:
        """Verify a token as the page does: that uses it up, whatever the census then answers."""
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
