"""`manage.py simulator`: serve the simulated census site and captcha service."""

import argparse
import signal
import threading
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from scraper.simulator import Simulator
from scraper.simulator.settings import CaptchaFailure, Mode, Settings, SettingsError

DEFAULT_PORT = 8800
"""The port of REGISTRADURIA_URL's default in development."""


class Command(BaseCommand):
    help = (
        "Serve a simulated census site and captcha service until stopped. All data is invented;"
        " docs/simulator.md lists the magic numbers."
    )
    requires_system_checks = ()  # it uses neither the database nor the rest of the project

    def add_arguments(self, parser: CommandParser) -> None:
        first = Settings()
        flag = parser.add_argument
        flag("--host", default="127.0.0.1")
        flag("--port", type=int, default=DEFAULT_PORT, help="0 takes a free one")
        flag("--mode", choices=[*map(str, Mode)], default=str(first.mode))
        flag("--slow-seconds", type=float, default=first.slow_seconds)
        flag("--elections-delay", type=float, default=first.elections_delay, help="seconds")
        flag("--session-seconds", type=float, default=first.session_seconds)
        flag("--captcha", action=argparse.BooleanOptionalAction, default=first.captcha)
        flag("--captcha-latency", type=float, default=first.captcha_latency, help="seconds")
        flag(
            "--captcha-failure",
            choices=[*map(str, CaptchaFailure)],
            default=str(first.captcha_failure),
        )
        flag("--token-seconds", type=float, default=first.token_seconds)

    def handle(self, *_args: Any, **options: Any) -> None:
        stop = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        with _simulator(options) as simulator:
            self.stdout.write(f"Simulador en {simulator.url}/ (Ctrl+C para terminar)")
            self.stdout.flush()  # the parent process may wait for this line on a pipe
            stop.wait()


def _simulator(options: dict[str, Any]) -> Simulator:
    """Return a simulator that already serves, so that a port in use is reported at once."""
    host, port = options["host"], options["port"]
    settings = {name: options[name] for name in Settings().as_json()}
    try:
        return Simulator(host=host, port=port, **settings).start()
    except SettingsError as problem:
        raise CommandError(str(problem)) from problem
    except (OSError, OverflowError) as problem:  # OverflowError: no such port number
        raise CommandError(f"Cannot serve on {host}:{port}: {problem}") from problem
