"""A person's open sessions: recorded at login, listed for them, and ended."""

from dataclasses import dataclass
from datetime import datetime
from importlib import import_module
from typing import Any

from django.conf import settings
from django.contrib.auth import HASH_SESSION_KEY, SESSION_KEY, update_session_auth_hash
from django.contrib.auth.signals import user_logged_in, user_logged_out
from django.contrib.sessions.backends.base import SessionBase
from django.contrib.sessions.models import Session
from django.dispatch import receiver
from django.http import HttpRequest
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from accounts.consents import ClientDetails
from accounts.login import user_agents
from accounts.models import CustomUser, OpenSession


@dataclass(frozen=True, slots=True)
class ShownSession:
    """A row of the list that its owner sees."""

    id: int
    began_at: datetime
    browser: str
    ip_address: str | None
    is_this_one: bool


@receiver(user_logged_in, dispatch_uid="accounts.note_session")
def note_session(
    sender: type[CustomUser],  # noqa: ARG001  the signal's own arguments
    request: HttpRequest,
    user: CustomUser,
    **kwargs: Any,  # noqa: ARG001
) -> None:
    """Record a session that has just begun, under its final key."""
    if not request.session.session_key:
        request.session.save()  # it has none after a login over another user's session
    delete_ended(user)
    seen = ClientDetails.from_request(request)
    OpenSession.objects.update_or_create(
        session_key=str(request.session.session_key),
        defaults={
            "user": user,
            "began_at": timezone.now(),
            "ip_address": seen.ip_address,
            "user_agent": seen.user_agent,
        },
    )


@receiver(user_logged_out, dispatch_uid="accounts.forget_session")
def forget_session(
    sender: type[CustomUser],  # noqa: ARG001  the signal's own arguments
    request: HttpRequest,
    **kwargs: Any,  # noqa: ARG001
) -> None:
    OpenSession.objects.filter(session_key=request.session.session_key or "").delete()


def open_sessions(user: CustomUser, current_key: str | None) -> list[ShownSession]:
    """The open sessions of `user`: the current one first, then the newest."""
    delete_ended(user)
    shown = [
        ShownSession(
            row.pk,
            row.began_at,
            user_agents.in_words(row.user_agent),
            row.ip_address,
            is_this_one=row.session_key == current_key,
        )
        for row in user.open_sessions.all()
        if _is_open(row, user)
    ]
    return sorted(shown, key=lambda session: not session.is_this_one)


def end_session(user: CustomUser, session_id: int) -> bool:
    """End a session of `user`, from its next request on. False if they have none by this id."""
    row = user.open_sessions.filter(pk=session_id).first()
    if row is None:
        return False
    _end(row)
    return True


def end_other_sessions(user: CustomUser, current_key: str | None) -> int:
    """End all sessions of `user` but the current one, and return their number."""
    others = [row for row in user.open_sessions.all() if row.session_key != current_key]
    for row in others:
        _end(row)
    return len(others)


def renew_session(request: HttpRequest, user: CustomUser) -> None:
    """Give the session a new key and the new password's hash, and end all others of `user`."""
    before = request.session.session_key
    end_other_sessions(user, before)
    update_session_auth_hash(request, user)
    OpenSession.objects.filter(session_key=before).update(session_key=request.session.session_key)


def delete_ended(user: CustomUser | None = None) -> None:
    """Delete the records of ended or expired sessions, of `user` or of everybody."""
    rows = OpenSession.objects.all() if user is None else user.open_sessions.all()
    alive = Session.objects.filter(expire_date__gt=timezone.now()).values("session_key")
    rows.exclude(session_key__in=alive).delete()


def _is_open(row: OpenSession, user: CustomUser) -> bool:
    """True if the session is valid: it also ends when an administrator sets a new password."""
    session = _stored(row.session_key)
    proof = str(session.get(HASH_SESSION_KEY, ""))
    is_theirs = session.get(SESSION_KEY) == str(user.pk)
    return is_theirs and constant_time_compare(proof, user.get_session_auth_hash())


def _end(row: OpenSession) -> None:
    _stored(row.session_key).delete()
    row.delete()


def _stored(key: str) -> SessionBase:
    store: SessionBase = import_module(settings.SESSION_ENGINE).SessionStore(key)
    return store
