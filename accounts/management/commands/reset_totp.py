"""`manage.py reset_totp CEDULA`: for a person who lost both their phone and their codes."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.identity.cedula import InvalidCedula, normalise
from accounts.login import second_step, sessions
from accounts.models import CustomUser


class Command(BaseCommand):
    help = "Stops asking a person for codes and ends their sessions. Make sure who they are first."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("cedula")

    def handle(self, *_args: Any, cedula: str, **_options: Any) -> None:
        try:
            user = CustomUser.objects.filter(cedula=normalise(cedula)).first()
        except InvalidCedula as problem:
            raise CommandError(str(problem)) from problem
        if user is None:
            raise CommandError("Nobody has registered with this cédula.")
        if not second_step.switch_off(user):
            raise CommandError("They are not asked for a code.")
        ended = sessions.end_other_sessions(user, None)
        self.stdout.write(f"Their password alone lets them in again; sessions ended: {ended}.")
