"""`manage.py find_erased`: print the proof of a deleted account, for a person who asks."""

import sys
from getpass import getpass
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.erasure import proofs_of
from accounts.identity import cedula as cedulas


class Command(BaseCommand):
    help = (
        "Reads a cédula from the standard input and prints the proofs of its deleted accounts."
        " It is not an argument, because arguments stay in the shell's history."
        " Proofs from before SECRET_KEY was changed are found with that key: SECRET_KEY=old …"
    )

    def handle(self, *_args: Any, **_options: Any) -> None:
        proofs = list(proofs_of(_read_cedula()))
        if not proofs:
            raise CommandError("No account of this cédula was deleted here.")
        for proof in proofs:
            self.stdout.write(f"An account was deleted on {proof.erased_at.isoformat()}.")
            if not proof.consents:
                self.stdout.write("  It had given no consent.")
            for consent in proof.consents:
                self.stdout.write("  Consent:")
                for name, value in consent.items():
                    self.stdout.write(f"    {name}: {value}")


def _read_cedula() -> str:
    typed = getpass("Cédula: ") if sys.stdin.isatty() else sys.stdin.readline()
    try:
        return cedulas.normalise(typed)
    except cedulas.InvalidCedula as problem:
        raise CommandError(f"That is not a cédula. {problem}") from problem
