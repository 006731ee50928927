"""No cédula in an address of the browser, and none in what the processes write."""

import re

import pytest
from playwright.sync_api import Page, expect

from accounts.identity import cedula as cedulas
from tests.stack import Stack, wait_until

pytestmark = [pytest.mark.e2e]

LEADER, PASSWORD = "1020030011", "una-clave-larga"
FOUND, CANCELLED, FAILED = "1020030041", "1020030070", "1020030093"
REFERIDOS = f"""
from accounts.models import CustomUser
from accounts.services import register_user
leader = CustomUser.objects.get(cedula="{LEADER}")
leader.role = "LEADER"
leader.save()
for cedula in ("{FOUND}", "{CANCELLED}", "{FAILED}"):
    register_user(cedula, f"Ana Rojas", "3001234567", "{PASSWORD}", leader)
"""


def search(page: Page, typed: str) -> None:
    page.get_by_role("searchbox").fill(typed)
    page.get_by_role("searchbox").press("Enter")


def test_a_leader_looks_for_a_cedula_and_it_stays_between_them(stack: Stack, page: Page) -> None:
    stack.register(LEADER)
    stack.manage("shell", "-v0", "-c", REFERIDOS)
    stack.start_simulator()
    stack.start_web()
    stack.start_worker()
    addresses: list[str] = []
    page.on("request", lambda request: addresses.append(request.url))

    page.goto(f"{stack.web_url}/ingresar/?next=/referidos/")
    page.get_by_label("Cédula").fill(LEADER)
    page.locator("#id_password").fill(PASSWORD)
    page.get_by_role("main").get_by_role("button", name="Ingresar").click()
    rows = page.locator("tr.referido")
    expect(rows).to_have_count(3)

    search(page, cedulas.formatted(CANCELLED))
    expect(rows).to_have_count(1)
    page.wait_for_url(re.compile(r"/referidos/\?b=[a-z]{8}$"))
    page.reload()
    expect(rows).to_have_count(1)
    search(page, "rojas")
    expect(rows).to_have_count(3)
    page.wait_for_url("**/referidos/?q=rojas")
    page.go_back()
    expect(rows).to_have_count(1)
    expect(page.get_by_role("searchbox")).to_have_value(cedulas.formatted(CANCELLED))

    wait_until(lambda: not {"PENDING", "PROCESSING"} & set(stack.statuses()), "all have ended")
    stack.stop()
    written = {name: stack.log(name) for name in ("web", "worker", "simulator")}
    written["addresses"] = "\n".join(addresses)
    for cedula in (LEADER, FOUND, CANCELLED, FAILED):
        for form in (cedula, cedulas.formatted(cedula)):
            assert [name for name, text in written.items() if form in text] == []
    assert "attempt 1" in written["worker"]
