"""The operations page in a real browser, beside real workers."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, ViewportSize, expect

from tests.accessibility import violations
from tests.stack import Stack, running_stack, wait_until
from tests.superadmin import enter, make_superadmin, pause, resume

pytestmark = [pytest.mark.e2e]

PHONE: ViewportSize = {"width": 360, "height": 740}
DESK: ViewportSize = {"width": 1366, "height": 768}
BY_ITSELF_MS = 60_000

FILL = """
from datetime import timedelta
from uuid import uuid4
from django.utils import timezone
from accounts.services import register_user
from census.lookups import lifecycle
from census.models import CedulaInfo, LookupAttempt, WorkerHeartbeat
now = timezone.now()
for number in range(6):
    register_user(f"10300700{number}1", "Ana Rojas", "3001234567", "una-clave-larga")
info = CedulaInfo.objects.first()
for number in range(60):
    at = now - timedelta(minutes=number * number)
    LookupAttempt.objects.create(
        info=info, claim=uuid4(), number=1, worker="h/b/1/2", ended_at=at,
        started_at=at - timedelta(seconds=20 + number % 9),
        outcome="SiteTimeout" if number % 5 == 0 else "ACTIVE", solves_paid=1)
lifecycle.claim_next("censo-1/ab12cd34-4026531836/4242/177")
for number, version in enumerate(["x", "y"]):
    WorkerHeartbeat.objects.create(
        cluster_id=uuid4(), host="censo-1", pid=number, version=version, started_at=now,
        beat_at=now + timedelta(hours=number))
"""


@pytest.fixture(scope="module")
def busy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """The web server alone, over a day's invented work."""
    with running_stack(tmp_path_factory.mktemp("operations")) as stack:
        make_superadmin(stack)
        stack.manage("shell", "-v0", "-c", FILL)
        stack.start_web()
        yield stack


def beats(stack: Stack) -> list[str]:
    return [
        str(row["beat_at"]) for row in stack.query("SELECT beat_at FROM census_workerheartbeat")
    ]


def test_a_pause_stops_visits_a_resumption_lets_go_and_the_page_follows(
    stack: Stack, page: Page
) -> None:
    stack.start_simulator()
    stack.start_web()
    make_superadmin(stack)
    stack.start_worker()
    wait_until(lambda: stack.health()["workers"] == 1, "a worker lives")
    enter(page, stack)
    pause(page, stack)
    expect(page.locator(".op-notices")).to_contain_text("En pausa")

    stack.register("1030080011", "1030080021")
    for _ in range(2):  # so often a worker had looked whether something is due
        seen = beats(stack)
        wait_until(lambda seen=seen: beats(stack) != seen, "the worker beats")  # type: ignore[misc]

    assert stack.simulator_log()["visits"] == []
    assert stack.statuses() == {"PENDING": 2}
    assert stack.health()["pause_reason"] == "operator"
    resume(page, stack)
    answered = page.locator("[aria-labelledby=op_hora] dd").first
    expect(answered).to_have_text("2", timeout=BY_ITSELF_MS)  # nobody reloads the page
    assert stack.statuses() == {"ACTIVE": 2}
    expect(page.locator(".op-acts")).to_contain_text("Reanudó las consultas (pausa: operator).")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
def test_nothing_is_wrong_with_it(
    busy: Stack, browser: Browser, size: ViewportSize, scheme: str
) -> None:
    context = browser.new_context(
        viewport=size,
        locale="es-CO",
        color_scheme=scheme,  # type: ignore[arg-type]  # one of its literals
        base_url=busy.web_url,
    )
    page = context.new_page()
    enter(page, busy)
    for path in ("/admin/operacion/", "/admin/operacion/pausar/", "/admin/operacion/reanudar/"):
        page.goto(path)
        for table in page.locator(".op summary").all():
            table.click()
        assert violations(page) == [], path
        width = page.evaluate("document.documentElement.scrollWidth")
        assert width == size["width"], path
    context.close()


def test_it_asks_only_while_somebody_looks_and_keeps_what_is_open(busy: Stack, page: Page) -> None:
    enter(page, busy)
    page.clock.install()
    page.goto(f"{busy.web_url}/admin/operacion/")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.locator("#op_tabla_hora summary").click()

    with page.expect_response("**/admin/operacion/"):
        page.clock.fast_forward(10_000)
    expect(page.locator("#op_tabla_hora")).to_have_attribute("open", "")
    expect(page.locator("#op_tabla_dia")).not_to_have_attribute("open", "")

    page.evaluate("Object.defineProperty(document, 'hidden', {value: true, configurable: true})")
    asked.clear()
    page.clock.fast_forward(60_000)
    # A round trip of the page's own: what the clock has set off would have been sent before it.
    page.evaluate("fetch('/static/js/app.js').then(answer => answer.text())")
    assert [url.removeprefix(busy.web_url) for url in asked] == ["/static/js/app.js"]

    page.evaluate("Object.defineProperty(document, 'hidden', {value: false, configurable: true})")
    with page.expect_response("**/admin/operacion/"):
        page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")


def test_it_works_without_a_script(busy: Stack, browser: Browser) -> None:
    context = browser.new_context(
        java_script_enabled=False, locale="es-CO", base_url=busy.web_url, viewport=PHONE
    )
    page = context.new_page()
    enter(page, busy)

    pause(page, busy)
    expect(page.locator(".op-notices")).to_contain_text("hasta que alguien la quite")
    resume(page, busy)
    expect(page.locator(".op-notices")).not_to_contain_text("En pausa")
    context.close()
