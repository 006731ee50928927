"""A column that is added after 1.0.0 is NULL or has a default in the database (`db_default`).

During an upgrade, processes of the old code go on inserting rows, without the new column: Django's
own `default` is a value that only the new code sends.
"""

from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from django.apps import apps
from django.db import models
from django.db.migrations import AddField, Migration, SeparateDatabaseAndState
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations.base import Operation

RELEASED = {
    "accounts": "0006_may_be_looked_up_index",
    "census": "0008_line_with_its_people",
    "scraper": "0002_operator_pause_and_captchas",
}
"""The last migrations of 1.0.0."""


def later_migrations() -> list[Migration]:
    """Our migrations that 1.0.0 did not have."""
    graph = MigrationLoader(None).graph
    released = {node for last in RELEASED.items() for node in graph.forwards_plan(last)}
    return [
        migration
        for node, migration in graph.nodes.items()
        if node[0] in RELEASED and node not in released and isinstance(migration, Migration)
    ]


def all_operations(operations: Sequence[Operation]) -> Iterator[Operation]:
    for operation in operations:
        yield operation
        if isinstance(operation, SeparateDatabaseAndState):
            yield from all_operations(operation.database_operations)


def refusals(operations: Sequence[Operation]) -> list[str]:
    """The columns whose lack would have the database refuse a row of the old code."""
    return [
        f"{operation.model_name}.{operation.name}"
        for operation in all_operations(operations)
        if isinstance(operation, AddField) and needs_a_value(operation.field)
    ]


def needs_a_value(field: "models.Field[Any, Any]") -> bool:
    return not (field.null or field.has_db_default() or field.many_to_many or field.generated)


def test_no_new_column_refuses_the_rows_of_the_old_code() -> None:
    found = {str(later): refusals(later.operations) for later in later_migrations()}
    assert not any(found.values()), found


def test_every_app_of_ours_is_looked_at() -> None:
    ours = {app.label for app in apps.get_app_configs() if app.name in RELEASED}
    assert ours == RELEASED.keys()


@pytest.mark.parametrize(
    ("field", "is_refused"),
    [
        (models.CharField(max_length=5, default=""), True),
        (models.BooleanField(default=False), True),
        (models.CharField(max_length=5, default="", db_default=""), False),
        (models.DateField(null=True), False),
        (models.ManyToManyField("auth.Group"), False),
    ],
)
def test_a_default_of_djangos_own_does_not_count(
    field: "models.Field[Any, Any]", *, is_refused: bool
) -> None:
    added = AddField("person", "email", field)
    apart = SeparateDatabaseAndState(database_operations=[added])
    for operation in (added, apart):
        assert refusals([operation]) == (["person.email"] if is_refused else [])
