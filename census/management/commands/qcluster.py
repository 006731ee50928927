"""`manage.py qcluster`: the worker. Replaces django-q2's own command of that name."""

import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor

from census import clocks


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
        ahead = clocks.seconds_ahead()
        if abs(ahead) > clocks.TOLERANCE_SECONDS:
            raise CommandError(
                f"This machine's clock is {abs(ahead):.0f} s"
                f" {'ahead of' if ahead > 0 else 'behind'}"
                " the database's, and leases are told by it: set both by NTP."
            )
        connection.close()  # nothing that is open may be shared with the children
        from census.cluster import SteadyCluster

        sys.exit(SteadyCluster().run())
