"""Who opened, or took out, what the census says of somebody else; shown to that person."""

from collections.abc import Collection, Iterable
from datetime import timedelta
from itertools import islice

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils import timezone

from accounts.models import CustomUser
from census.models import DataAccess

ONCE_IN = timedelta(hours=1)
"""A card that asks every five seconds, and a page that is read twice, are one look."""
BATCH = 200
"""Rows of one INSERT."""


def record_access(
    viewer: CustomUser, people: Collection[CustomUser], action: DataAccess.Action
) -> None:
    """Note that `viewer` sees these people's data, once an hour for each; one's own is no access.

    Call it before the data leaves: one query to look, and one to note where there is something to.
    """
    others = {person.pk for person in people} - {viewer.pk}
    if not others:
        return
    noted = DataAccess.objects.filter(
        person__in=others, viewer=viewer, action=action, at__gt=timezone.now() - ONCE_IN
    )
    _note(viewer, others - set(noted.values_list("person", flat=True)), action)


def record_taken_out(viewer: CustomUser, people: QuerySet[CustomUser] | Iterable[int]) -> int:
    """Note that `viewer` takes out the data of all these people; returns how many they are.

    Each export counts, however often. `people` may be a query, or user ids.
    """
    if isinstance(people, QuerySet):
        # Read to the end before anything is written: while a read is open, SQLite refuses its
        # connection to write as soon as somebody else has ("database is locked", without a wait).
        people = people.order_by().values_list("pk", flat=True)
    others = iter(set(people) - {viewer.pk})
    noted = 0
    while batch := set(islice(others, BATCH)):
        noted += _note(viewer, batch, DataAccess.Action.EXPORTED)
    return noted


def _note(viewer: CustomUser, user_ids: set[int], action: DataAccess.Action) -> int:
    if not user_ids:
        return 0
    now = timezone.now()
    try:
        with transaction.atomic():
            DataAccess.objects.bulk_create(
                DataAccess(person_id=user_id, viewer=viewer, action=action, at=now)
                for user_id in sorted(user_ids)
            )
    except IntegrityError:
        left = CustomUser.objects.filter(pk__in=user_ids).values_list("pk", flat=True)
        if len(remaining := set(left)) == len(user_ids):
            raise
        return _note(viewer, remaining, action)  # the others deleted their accounts meanwhile
    return len(user_ids)
