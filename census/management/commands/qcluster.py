"""`manage.py qcluster`: the worker. Replaces django-q2's own command of that name."""

import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor


class Command(BaseCommand):
    help = (
        "Looks cédulas up until stopped. Exits with 0 after SIGTERM or Ctrl-C, and with 1 when one"
        " of its processes was killed: let a supervisor start it anew."
    )

    def handle(self, *_args: Any, **_options: Any) -> None:
        try:
            executor = MigrationExecutor(connection)
            unapplied = executor.migration_plan(executor.loader.graph.leaf_nodes())
        except DatabaseError as problem:
            raise CommandError(f"The database does not answer: {problem}") from problem
        if unapplied:
            raise CommandError("The database is not up to date: run `manage.py migrate` first.")
        connection.close()  # nothing that is open may be shared with the children
        from census.cluster import SteadyCluster

        sys.exit(SteadyCluster().run())
