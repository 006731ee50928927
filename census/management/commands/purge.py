"""`manage.py purge`: runs the worker's daily deletion now, or only counts."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from census.models import PurgeRun
from census.privacy import retention


class Command(BaseCommand):
    help = "Delete what has been kept for as long as the RETENTION_… settings say."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="count, and delete nothing")

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002  the command's form
        dry_run: bool = options["dry_run"]
        if dry_run:
            report = retention.purge(timezone.now(), dry_run=True)
        else:
            report = retention.perform(PurgeRun.objects.create())
        self._print(report, "would go" if dry_run else "deleted")

    def _print(self, report: list[retention.Purged], last_column: str) -> None:
        self.stdout.write(f"{'rule':24}{'from before':20}{last_column:>10}")
        for line in report:
            limit = timezone.localtime(line.limit)
            self.stdout.write(f"{line.name:24}{limit:%Y-%m-%d %H:%M}    {line.number:>10}")
        first_day = retention.erased_from()
        if first_day is not None:
            self.stdout.write(f"From {first_day} on every account but superusers' is deleted.")
