"""The weight of a first visit on a phone's data; a second one loads nothing."""

import gzip
from pathlib import Path

import pytest
import requests
from django.contrib.staticfiles import finders
from django.test import Client

from accounts.models import CustomUser
from tests.markup import page
from tests.stack import running_stack

pytestmark = pytest.mark.django_db

MOST_KIB = 90
"""Styles and scripts of a first load, compressed."""


@pytest.mark.parametrize("path", ["/registro/", "/", "/referidos/", "/referidos/resumen/"])
def test_a_first_load_stays_under_its_budget(client: Client, leader: CustomUser, path: str) -> None:
    if path != "/registro/":
        client.force_login(leader)
    document = page(client.get(path))
    sent = {str(link["href"]) for link in document.select("link[rel=stylesheet]")}
    sent |= {str(script["src"]) for script in document.select("script[src]")}
    sent |= {str(use["href"]).partition("#")[0] for use in document.select("use")}

    assert len(sent) >= 4
    assert sum(map(compressed, sent)) < MOST_KIB * 1024


def compressed(url: str) -> int:
    """Bytes of a static file as whitenoise sends it."""
    found = finders.find(url.removeprefix("/static/"))
    assert isinstance(found, str), url
    return len(gzip.compress(Path(found).read_bytes(), 9))


def test_static_files_are_named_by_their_content_and_kept_for_ever(tmp_path: Path) -> None:
    with running_stack(
        tmp_path,
        DEBUG="false",
        SECRET_KEY="a key for this test alone, longer than fifty characters",
        ALLOWED_HOSTS="127.0.0.1",
    ) as site:
        site.collect_static()
        site.start_web()
        document = page(requests.get(f"{site.web_url}/registro/", timeout=10))
        urls = {str(link["href"]) for link in document.select("link[rel=stylesheet]")}
        urls |= {str(script["src"]) for script in document.select("script[src]")}
        answers = {url: requests.get(site.web_url + url, timeout=10) for url in urls}

    assert len(answers) >= 4
    for url, answer in answers.items():
        assert answer.headers["Cache-Control"] == "max-age=315360000, public, immutable", url
        assert answer.headers["Content-Encoding"] in {"br", "gzip"}, (
            url
        )  # br where brotli is installed
