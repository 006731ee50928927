"""The way in for tests that need no browser: the login form over HTTP."""

import requests
from bs4 import BeautifulSoup


def log_in(web_url: str, cedula: str, password: str) -> requests.Session:
    """The session of somebody who has just logged in; AssertionError where they may not."""
    session = requests.Session()
    form = session.get(f"{web_url}/ingresar/", timeout=10)
    token = BeautifulSoup(form.text, "html.parser").select_one("[name=csrfmiddlewaretoken]")
    assert token is not None
    typed = {"username": cedula, "password": password, "csrfmiddlewaretoken": str(token["value"])}
    answer = session.post(form.url, typed, headers={"Referer": form.url}, timeout=10)
    assert answer.url != form.url, "not let in"
    return session
