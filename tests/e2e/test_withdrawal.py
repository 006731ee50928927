"""Taking an authorisation back, or an account away, while the census is being asked.

All tests share one product and one worker: it must live through each of them.
"""

import subprocess
from collections.abc import Iterator
from itertools import count

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.test_main_job import ANSWER_MS
from tests.stack import Stack, running_stack, wait_until
from tests.typed import PASSWORD
from tests.visitor import Visitor

pytestmark = [pytest.mark.e2e]

LEADER = "1030060001"
MAKE_LEADER = """
from accounts.models import CustomUser
CustomUser.objects.filter(cedula="{cedula}").update(role=CustomUser.Role.LEADER)
"""
_others = count(1_030_060_101)
CAPTCHA_SECONDS = 6.0
"""Long enough to withdraw in, and shorter than the ten seconds between two renewals of a lease."""


@pytest.fixture(scope="module")
def product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    with running_stack(tmp_path_factory.mktemp("product")) as stack:
        stack.start_simulator(captcha_latency=CAPTCHA_SECONDS)
        stack.start_web()
        Visitor(stack.web_url).register(LEADER)
        stack.manage("shell", "-v0", "-c", MAKE_LEADER.format(cedula=LEADER))
        yield stack


@pytest.fixture(scope="module")
def worker(product: Stack) -> subprocess.Popen[bytes]:
    started = product.start_worker()
    wait_until(lambda: product.lookups()[LEADER]["status"] == "ACTIVE", "the worker works")
    return started


def people(product: Stack) -> dict[str, str]:
    """Everybody's referral code, by cédula."""
    rows = product.query("SELECT cedula, referral_code FROM accounts_customuser")
    return {row["cedula"]: row["referral_code"] for row in rows}


def use_up_what_others_left(product: Stack) -> None:
    """A captcha bought for somebody who withdrew serves the next one, who needs none then."""
    unused = [c for c in product.simulator_log()["captchas"] if c["used_at"] is None]
    others = [str(next(_others)) for _ in unused]
    for cedula in others:
        Visitor(product.web_url).register(cedula)

    def are_answered() -> bool:
        lookups = product.lookups()
        return all(lookups[cedula]["status"] == "ACTIVE" for cedula in others)

    wait_until(are_answered, "they have their answers")


def someone_being_looked_up(product: Stack, cedula: str) -> Visitor:
    """A referido of the leader's, whose captcha is being solved."""
    use_up_what_others_left(product)
    captchas = len(product.simulator_log()["captchas"])
    person = Visitor(product.web_url)
    person.register(cedula, people(product)[LEADER])
    wait_until(lambda: len(product.simulator_log()["captchas"]) > captchas, "it is in flight")
    assert product.lookups()[cedula]["status"] == "PROCESSING"
    return person


def see_the_row(page: Page, product: Stack, name: str) -> None:
    page.goto(f"{product.web_url}/ingresar/?next=/referidos/")
    page.get_by_label("Número de cédula").fill(LEADER)
    page.locator("#id_password").fill(PASSWORD)
    page.get_by_role("button", name="Ingresar").click()
    expect(page.get_by_role("row", name=name).first).to_be_visible()


def attempts(product: Stack, info_id: int) -> list[dict[str, object]]:
    every = product.query("SELECT * FROM census_lookupattempt")
    return [attempt for attempt in every if attempt["info_id"] == info_id]


def see_that_nothing_comes_late(product: Stack, cedula: str, info_id: int, logged: int) -> None:
    """The lookup has ended in the worker: no question was asked, no answer was written."""
    lost = f"Lookup {info_id}: the claim was lost; nothing was written."
    wait_until(lambda: lost in product.log("worker"), "the worker has given the lookup up")
    assert cedula not in product.lookups()
    assert attempts(product, info_id) == []
    log = product.simulator_log()
    assert cedula not in {question["cedula"] for question in log["questions"]}
    assert len(log["visits"]) == logged


def see_that_the_next_is_answered(
    product: Stack, worker: subprocess.Popen[bytes], cedula: str
) -> None:
    Visitor(product.web_url).register(cedula)
    wait_until(lambda: product.lookups()[cedula]["status"] == "ACTIVE", "the next has an answer")
    assert worker.poll() is None
    assert "Traceback" not in product.log("worker")


def test_whoever_withdraws_in_the_middle_is_not_asked_about(
    product: Stack, worker: subprocess.Popen[bytes], page: Page
) -> None:
    cedula = "1030060011"
    person = someone_being_looked_up(product, cedula)
    info_id, visits = product.lookups()[cedula]["id"], len(product.simulator_log()["visits"])

    answer = person.send("/perfil/mis-datos/retirar/")

    assert cedula not in product.lookups()
    assert attempts(product, info_id) == []
    assert answer.url == f"{product.web_url}/perfil/"
    assert "Retiraste tu autorización" in answer.text
    see_that_nothing_comes_late(product, cedula, info_id, visits)
    see_the_row(page, product, "Luz Dary Cano Mejía")
    expect(page.get_by_role("row", name="Luz Dary").first).to_contain_text("Retiró su autorización")
    see_that_the_next_is_answered(product, worker, "1030060012")


def test_whoever_authorises_again_is_looked_up_again(
    product: Stack, worker: subprocess.Popen[bytes]
) -> None:
    cedula = "1030060021"
    person = someone_being_looked_up(product, cedula)
    person.send("/perfil/mis-datos/retirar/")

    answer = person.send("/autorizar/", data_policy_accepted="on")

    assert answer.url == f"{product.web_url}/perfil/"
    wait_until(lambda: product.lookups()[cedula]["status"] == "ACTIVE", "it has an answer")
    [attempt] = attempts(product, product.lookups()[cedula]["id"])
    assert attempt["outcome"] == "ACTIVE"
    assert worker.poll() is None


def test_whoever_deletes_their_account_in_the_middle_leaves_nothing(
    product: Stack, worker: subprocess.Popen[bytes], page: Page
) -> None:
    cedula = "1030060031"
    person = someone_being_looked_up(product, cedula)
    info_id, visits = product.lookups()[cedula]["id"], len(product.simulator_log()["visits"])
    user_id = product.lookups()[cedula]["user_id"]
    see_the_row(page, product, "Luz Dary Cano Mejía")
    row = page.locator(f"#referido_{user_id}")
    expect(row).to_be_visible()

    answer = person.send("/perfil/mis-datos/eliminar/", password=PASSWORD)

    assert answer.url == f"{product.web_url}/cuenta-eliminada/"
    assert cedula not in people(product)
    assert attempts(product, info_id) == []
    expect(row).to_have_count(0, timeout=ANSWER_MS)  # the leader's page takes it out by itself
    see_that_nothing_comes_late(product, cedula, info_id, visits)
    assert "no coinciden" in Visitor(product.web_url).log_in(cedula).text
    see_that_the_next_is_answered(product, worker, "1030060032")
