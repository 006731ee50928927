"""The security headers of every kind of answer."""

import json
import os
import subprocess
import sys
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from accounts.models import CustomUser
from config.settings import DATA_UPLOAD_MAX_MEMORY_SIZE
from tests.paths import ROOT
from tests.people import HTMX
from tests.typed import REGISTRATION

ASK = """
import json
from django.conf import settings
from django.test import Client
client = Client(HTTP_HOST="censo.example.org")
def headers(path, **meta):
    answer = client.get(path, **meta)
    return {"status": str(answer.status_code), **answer.headers}
print(json.dumps({
    "http": headers("/"),
    "https": headers("/", HTTP_X_FORWARDED_PROTO="https"),
    "health": headers("/salud/"),
    "cookies": [settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME],
}))
"""


def ask_a_server(**variables: str) -> dict[str, Any]:
    """Headers of a redirect and of /salud/, as a server gives them by http and behind TLS."""
    done = subprocess.run(
        [sys.executable, "manage.py", "shell", "-v0", "-c", ASK],
        cwd=ROOT,
        env=os.environ
        | {
            "DEBUG": "false",
            "SECRET_KEY": "a key for this test alone, longer than fifty characters",
            "ALLOWED_HOSTS": "censo.example.org",
            **variables,
        },
        capture_output=True,
        text=True,
        check=True,
    )
    answers: dict[str, Any] = json.loads(done.stdout)
    return answers


def policy_of(headers: Any) -> dict[str, str]:
    """The directives of a Content-Security-Policy, by name."""
    parts = (part.strip().partition(" ") for part in headers["Content-Security-Policy"].split(";"))
    return {name: sources for name, _, sources in parts}


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/ingresar/", 200),
        ("/perfil/", 302),
        ("/salud/", 503),  # no worker runs
        ("/nada/", 404),
        ("/refrescar-cedula/", 302),
        ("/admin/login/", 302),
        ("/static/css/app.css", 200),
    ],
)
def test_every_kind_of_answer_has_the_walls(client: Client, path: str, status: int) -> None:
    response = client.get(path)
    assert response.status_code == status
    assert_walled(response.headers)


def test_downloads_and_parts_of_pages_have_the_walls(client: Client, leader: CustomUser) -> None:
    client.force_login(leader)
    assert_walled(client.get("/mi-enlace/qr.png").headers)
    assert_walled(client.get("/referidos/", headers=HTMX).headers)


@pytest.mark.django_db
def test_refusals_and_errors_have_the_walls(monkeypatch: pytest.MonkeyPatch) -> None:
    client = Client(enforce_csrf_checks=True, raise_request_exception=False)
    assert_walled(client.get("/ingresar/", headers={"host": "evil.example"}).headers)
    assert_walled(client.post("/ingresar/", {"username": "1"}).headers)
    monkeypatch.setattr("accounts.policy.version", lambda: 1 / 0)
    failed = client.get("/politica/")
    assert failed.status_code == 500
    assert_walled(failed.headers)


def assert_walled(headers: Any) -> None:
    policy = policy_of(headers)
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == policy["connect-src"] == "'self'"
    assert policy["form-action"] == "'self'"
    assert policy["frame-ancestors"] == policy["base-uri"] == policy["object-src"] == "'none'"
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert "camera=()" in headers["Permissions-Policy"]
    assert "clipboard-write=(self)" in headers["Permissions-Policy"]


def test_behind_a_proxy_http_is_sent_to_https_and_https_is_held_to_for_a_month() -> None:
    answers = ask_a_server(TRUSTED_PROXIES="1")
    assert answers["http"]["status"] == "301"
    assert answers["http"]["Location"] == "https://censo.example.org/"
    assert "Strict-Transport-Security" not in answers["http"]
    assert answers["https"]["status"] == "302"
    assert answers["https"]["Strict-Transport-Security"] == "max-age=2592000"
    assert "upgrade-insecure-requests" in policy_of(answers["https"])
    assert answers["health"]["status"] == "503"  # monitors beside the server ask without TLS
    assert answers["cookies"] == ["__Host-sessionid", "__Host-csrftoken"]


def test_how_long_https_is_held_to_can_be_set() -> None:
    answers = ask_a_server(TRUSTED_PROXIES="1", SECURE_HSTS_SECONDS="60")
    assert answers["https"]["Strict-Transport-Security"] == "max-age=60"


def test_without_a_proxy_nobody_is_believed_to_come_by_https() -> None:
    answers = ask_a_server()
    for answer in (answers["http"], answers["https"]):
        assert answer["status"] == "302"
        assert "Strict-Transport-Security" not in answer
        assert "upgrade-insecure-requests" not in policy_of(answer)


@pytest.mark.django_db
def test_another_host_s_name_is_refused_and_repeated_nowhere(client: Client) -> None:
    for name in ("evil.example", "evil.example:80", "testserver@evil.example", "testserver/evil"):
        response = client.get("/ingresar/", headers={"host": name})
        assert response.status_code == 400
        assert b"evil" not in response.content


@pytest.mark.django_db
def test_a_file_is_refused_and_no_account_is_made(client: Client) -> None:
    sent = {**REGISTRATION, "nombre_completo": SimpleUploadedFile("nombre.txt", b"Ana Rojas")}
    assert client.post("/registro/", sent).status_code == 400
    assert not CustomUser.objects.exists()


@pytest.mark.django_db
def test_a_file_without_content_is_refused_too(client: Client) -> None:
    sent = {**REGISTRATION, "extra": SimpleUploadedFile("nada.txt", b"")}
    assert client.post("/registro/", sent).status_code == 400


@pytest.mark.django_db
def test_more_than_a_form_can_hold_is_refused(client: Client) -> None:
    sent = {**REGISTRATION, "nombre_completo": "a" * DATA_UPLOAD_MAX_MEMORY_SIZE}
    assert client.post("/registro/", sent).status_code == 400
