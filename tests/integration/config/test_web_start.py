"""A starting web server loads neither the browser's client nor the captcha service's."""

import os
import subprocess
import sys

from tests.paths import ROOT

SERVE_AND_SAY = """
import sys
from config import wsgi
from django.test import Client
assert Client().get("/ingresar/").status_code == 200
print(*sorted({"httpx", "playwright", "twocaptcha"} & sys.modules.keys()))
"""


def test_the_web_server_starts_without_what_only_workers_need() -> None:
    done = subprocess.run(
        [sys.executable, "-c", SERVE_AND_SAY],
        cwd=ROOT,
        env=os.environ
        | {"DEBUG": "true", "ALLOWED_HOSTS": "testserver", "DATABASE_URL": "sqlite://:memory:"},
        capture_output=True,
        text=True,
        timeout=100,
        check=True,
    )
    assert done.stdout == "\n", done.stdout
