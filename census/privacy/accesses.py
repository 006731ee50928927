"""Record who opened or exported what the census says of somebody else, for that person to see."""

from collections.abc import Collection, Iterable
from datetime import timedelta
from itertools import islice

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils import timezone

from accounts.models import CustomUser
from census.models import DataAccess

ONCE_IN = timedelta(hours=1)
"""A card that polls every five seconds, or a page that is opened twice, counts as one access."""
BATCH = 200
"""Rows in one INSERT."""


def record_access(
    viewer: CustomUser, people: Collection[CustomUser], action: DataAccess.Action
) -> None:
    """Record that `viewer` sees these people's data, once an hour for each, except their own.

    Call it before the data is sent. It makes one query to check, and one to insert if needed.
    """
    others = {person.pk for person in people} - {viewer.pk}
    if not others:
        return
    recorded = DataAccess.objects.filter(
        person__in=others, viewer=viewer, action=action, at__gt=timezone.now() - ONCE_IN
    )
    _insert(viewer, others - set(recorded.values_list("person", flat=True)), action)


def record_exported(viewer: CustomUser, people: QuerySet[CustomUser] | Iterable[int]) -> int:
    """Record that `viewer` exports the data of all these people; return how many they are.

    Every export is recorded, however often. `people` is a query or user ids.
    """
    if isinstance(people, QuerySet):
        # Read all before the first write: while its connection has a read open, SQLite refuses it
        # to write once somebody else has written ("database is locked", without waiting).
        people = people.order_by().values_list("pk", flat=True)
    others = iter(set(people) - {viewer.pk})
    recorded = 0
    while batch := set(islice(others, BATCH)):
        recorded += _insert(viewer, batch, DataAccess.Action.EXPORTED)
    return recorded


def _insert(viewer: CustomUser, user_ids: set[int], action: DataAccess.Action) -> int:
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
        return _insert(viewer, remaining, action)  # the others' accounts are deleted meanwhile
    return len(user_ids)
