"""A superadmin in a stack's database, their login and their pages: for end-to-end tests."""

from playwright.sync_api import Page

from tests.stack import Stack

CEDULA, PASSWORD = "900100200", "una-clave-larga-7"

MAKE = f"""
from accounts.models import CustomUser
CustomUser.objects.create_superuser({CEDULA!r}, {PASSWORD!r}, nombre_completo="Nubia Ospina Rey")
"""


def make_superadmin(stack: Stack) -> None:
    stack.manage("shell", "-v0", "-c", MAKE)


def enter(page: Page, stack: Stack) -> None:
    """Log in as the superadmin of `make_superadmin`."""
    page.goto(f"{stack.web_url}/ingresar/")
    page.get_by_label("Número de cédula").fill(CEDULA)
    page.get_by_label("Contraseña", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Ingresar").click()
    page.wait_for_url("**/perfil/")


def pause(page: Page, stack: Stack) -> None:
    """Pause all lookups without end, on the operations page."""
    page.goto(f"{stack.web_url}/admin/operacion/")
    page.get_by_role("link", name="Pausar…").click()
    page.get_by_label("Hasta que alguien la quite").check()
    page.get_by_role("button", name="Pausar las consultas").click()
    page.wait_for_url("**/admin/operacion/")


def resume(page: Page, stack: Stack) -> None:
    page.goto(f"{stack.web_url}/admin/operacion/")
    page.get_by_role("link", name="Reanudar…").click()
    page.get_by_role("button", name="Reanudar las consultas").click()
    page.wait_for_url("**/admin/operacion/")
