"""`manage.py qcluster`: the worker. Replaces django-q2's own command of that name."""

import logging
import sys
from typing import Any

from django.conf import settings
from django.core.checks import run_checks
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor

from census import clock
from census.worker.code_version import code_version
from scraper.browser import installed
from scraper.checks import WORKER

logger = logging.getLogger(__name__)


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
        self._run_checks()
        wrong_clock = clock.what_is_wrong_here()
        if wrong_clock:
            logger.warning(wrong_clock)
        logger.info(
            "Censo al Día %s: the worker starts.",
            settings.VERSION,
            extra={"fields": {"version": settings.VERSION, "code": code_version()}},
        )
        connection.close()  # the children must not share an open connection
        from census.worker.cluster import SteadyCluster

        sys.exit(SteadyCluster().run())

    def _run_checks(self) -> None:
        """Log the worker's checks of `check --deploy`; raise CommandError if it cannot work."""
        missing = installed.missing(settings.CHROMIUM_PATH)
        if missing:
            raise CommandError(missing)
        problems = run_checks(tags=[WORKER], include_deployment_checks=True)
        for problem in problems:
            logger.warning("%s (%s)", problem.msg, problem.id)
        if any(problem.is_serious() for problem in problems):
            raise CommandError("The settings above keep a worker from working: mend them first.")
