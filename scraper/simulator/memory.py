"""Remember sessions and first failures between requests to the census. Bounded."""

import secrets
import threading
import time
from collections import OrderedDict

from scraper.simulator.outcomes import AT_FIRST, Outcome, outcome_for

MOST_SESSIONS = 10_000
MOST_CEDULAS = 100_000


class Memory:
    """Page sessions, and the cédulas whose passing failure has happened already."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._nonces: OrderedDict[str, tuple[str, float]] = OrderedDict()
        self._failed: OrderedDict[str, None] = OrderedDict()

    def open_page(self, session: str) -> tuple[str, str]:
        """Return (session, nonce) for a page that is being loaded; an older nonce becomes void."""
        nonce = secrets.token_hex(16)
        with self._lock:
            if session not in self._nonces:
                session = secrets.token_hex(13)
            self._nonces[session] = nonce, time.monotonic()
            self._nonces.move_to_end(session)
            if len(self._nonces) > MOST_SESSIONS:
                self._nonces.popitem(last=False)
        return session, nonce

    def is_page_open(self, session: str, nonce: str, session_seconds: float) -> bool:
        """True if `nonce` is the session's latest and younger than `session_seconds`."""
        with self._lock:
            latest, made_at = self._nonces.get(session, ("", 0.0))
        return nonce == latest != "" and time.monotonic() - made_at < session_seconds

    def outcome_now(self, cedula: str) -> Outcome:
        """Return the outcome of this question; a passing failure comes once for each cédula."""
        outcome = outcome_for(cedula)
        if outcome not in AT_FIRST:
            return outcome
        with self._lock:
            if cedula in self._failed:
                return Outcome.FOUND
            self._failed[cedula] = None
            if len(self._failed) > MOST_CEDULAS:
                self._failed.popitem(last=False)
        return AT_FIRST[outcome]

    def clear(self) -> None:
        with self._lock:
            self._nonces.clear()
            self._failed.clear()
