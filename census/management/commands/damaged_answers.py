"""`manage.py damaged_answers`: names the answers that were stored damaged."""

from typing import Any

from django.core.management.base import BaseCommand

from census.operation.damage import damage, damaged_answers


class Command(BaseCommand):
    help = "Name the answers that were stored damaged: letters lost, or a place without an address."

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002  the command's form
        number = 0
        for info in damaged_answers().order_by("pk").iterator():
            number += 1
            # No cédula: what a command prints may be kept.
            self.stdout.write(f"answer {info.pk}, {info.status}: {', '.join(damage(info))}")
        self.stdout.write(f"{number} damaged in all.")
