"""Who gets what at every address: read this table when a route is new, and add its row.

Cells hold what GET, POST and GET by htmx answer: a status, `login` for the way to the login page,
`away` for another redirect. Ids in addresses are `person`'s, whom `leader` has brought.
"""

import pytest
from django.conf import settings
from django.db import transaction
from django.http.response import HttpResponseBase
from django.test import Client

from accounts import policy
from accounts.models import CustomUser
from tests import routes
from tests.people import HTMX

pytestmark = pytest.mark.django_db

ROLES = ("nobody", "person", "leader", "stranger", "superadmin")
"""Not logged in; the person themself; their leader; another leader; who runs the product."""

TO_LOGIN = "login login login"
PAGE, FORM, AWAY = "200 405 200", "200 422 200", "away away away"
POST_ONLY, PART, FORBIDDEN, FORBIDDEN_POST = (
    *("405 away 405", "away 405 200", "403 405 403", "405 403 405"),
)

OWN = (TO_LOGIN, PAGE, PAGE, PAGE, PAGE)
OWN_FORM = (TO_LOGIN, FORM, FORM, FORM, FORM)
OWN_POST = (TO_LOGIN, POST_ONLY, POST_ONLY, POST_ONLY, POST_ONLY)
OWN_AWAY = (TO_LOGIN, AWAY, AWAY, AWAY, AWAY)
PUBLIC = (PAGE, PAGE, PAGE, PAGE, PAGE)
NOT_LOGGED_IN = (FORM, AWAY, AWAY, AWAY, AWAY)
LEADERS = (TO_LOGIN, FORBIDDEN, PAGE, PAGE, PAGE)
LEADERS_POST = (TO_LOGIN, FORBIDDEN_POST, POST_ONLY, POST_ONLY, POST_ONLY)

TABLE = {
    "/": OWN,
    "/autorizar/": (TO_LOGIN, AWAY, AWAY, AWAY, FORM),
    "/bulk-refresh/": LEADERS_POST,
    "/bulk-refresh/cancelar/": LEADERS_POST,
    "/bulk-refresh/cerrar/": LEADERS_POST,
    "/cambiar-clave/": OWN_FORM,
    "/censo/": (TO_LOGIN, PART, PART, PART, PART),
    "/censo/<user_id>/": (TO_LOGIN, PART, PART, FORBIDDEN, PART),
    "/cuenta-eliminada/": PUBLIC,
    "/ingresar/": NOT_LOGGED_IN,
    "/ingresar/codigo/": (TO_LOGIN, AWAY, AWAY, AWAY, AWAY),
    "/metricas/": ("404 404 404",) * 5,  # no METRICS_TOKEN is set
    "/manifest.webmanifest": PUBLIC,
    "/mi-enlace/": OWN,
    "/mi-enlace/qr.png": OWN,
    "/perfil/": OWN,
    "/perfil/editar/": OWN_FORM,
    "/perfil/mis-datos/": OWN,
    "/perfil/mis-datos/descargar/": OWN,
    "/perfil/mis-datos/eliminar/": OWN_FORM,
    "/perfil/mis-datos/mensajes/": OWN_POST,
    "/perfil/mis-datos/retirar/": (TO_LOGIN, *("200 away 200",) * 4),
    # A text that they agreed to; who runs the product agreed to none.
    "/perfil/mis-datos/textos/<sha256>/": (TO_LOGIN, PAGE, PAGE, PAGE, "404 405 404"),
    "/perfil/seguridad/": OWN,
    "/perfil/seguridad/codigos/": OWN_AWAY,
    "/perfil/seguridad/dos-pasos/": OWN_FORM,
    "/perfil/seguridad/dos-pasos/quitar/": OWN_AWAY,
    # The session is the person's.
    "/perfil/seguridad/sesiones/<session_id>/cerrar/": (
        *(TO_LOGIN, POST_ONLY, "405 404 405", "405 404 405", "405 404 405"),
    ),
    "/perfil/seguridad/sesiones/cerrar-otras/": OWN_POST,
    "/politica/": PUBLIC,
    "/referido/<user_id>/": (TO_LOGIN, "away 405 200", PAGE, FORBIDDEN, PAGE),
    "/referidos/": OWN,
    "/referidos/<user_id>/": (TO_LOGIN, "away 405 away", PAGE, FORBIDDEN, PAGE),
    "/referidos/buscar/": LEADERS_POST,
    "/referidos/exportar/": LEADERS,
    # Nothing of a superadmin's own is in flight.
    "/referidos/pending/": (TO_LOGIN, FORBIDDEN, PAGE, PAGE, "204 405 204"),
    "/referidos/resumen/": LEADERS,
    "/referidos/resumen/exportar/": LEADERS,
    "/refrescar-cedula/": OWN_POST,
    "/refrescar-cedula/<user_id>/": (*(TO_LOGIN, POST_ONLY, POST_ONLY, FORBIDDEN_POST, POST_ONLY),),
    "/registro/": NOT_LOGGED_IN,
    "/salir/": (TO_LOGIN, *("405 login 405",) * 4),
    "/sin-conexion/": PUBLIC,
    "/sw.js": PUBLIC,
    "/salud/": ("503 405 503",) * 5,  # no worker lives here
}

ADMINISTRATION = f"/{settings.ADMIN_PATH}"


def outcome(response: HttpResponseBase) -> str:
    leads_to = response.headers.get("Location") or response.headers.get("HX-Redirect", "")
    if leads_to:
        return "login" if leads_to.split("?")[0] == "/ingresar/" else "away"
    return str(response.status_code)


def asked(user: CustomUser | None, path: str) -> str:
    """The outcomes of all three ways to ask, none of which sees what another has done."""
    found = []
    for how in ("GET", "POST", "htmx"):
        with transaction.atomic():
            client = Client()
            if user is not None:
                client.force_login(user)
            headers = HTMX if how == "htmx" else {}
            response = client.post(path) if how == "POST" else client.get(path, headers=headers)
            found.append(outcome(response))
            transaction.set_rollback(True)
    return " ".join(found)


def test_every_route_has_a_row_and_every_row_a_route() -> None:
    ours = {route for route in routes.routes() if not route.startswith(ADMINISTRATION)}

    assert ours == TABLE.keys()


@pytest.mark.parametrize("route", TABLE)
def test_everybody_gets_what_the_table_says(
    route: str, person: CustomUser, request: pytest.FixtureRequest
) -> None:
    Client().force_login(person)
    session = person.open_sessions.get()
    values = {
        "user_id": str(person.pk),
        "session_id": str(session.pk),
        "sha256": policy.text_sha256(),
    }
    path = route
    for name, value in values.items():
        path = path.replace(f"<{name}>", value)
    found = {}
    for role in ROLES:
        user = None if role == "nobody" else request.getfixturevalue(role)
        found[role] = asked(user, path)

    assert found == dict(zip(ROLES, TABLE[route], strict=True))


@pytest.mark.parametrize("role", ROLES[:-1])
def test_the_administration_opens_to_none_but_its_own(
    role: str, request: pytest.FixtureRequest, leader: CustomUser
) -> None:
    user = None if role == "nobody" else request.getfixturevalue(role)
    values = {
        "object_id": [str(leader.pk)],
        "app_label": ["accounts", "census"],
        "url": ["nada"],
        **{key: ["1"] for key in ("id", "content_type_id", "user_id", "session_id", "sha256")},
    }
    client = Client()
    if user is not None:
        client.force_login(user)
    for path in routes.addresses(values):
        if path.startswith(ADMINISTRATION) and not path.endswith(("/jsi18n/", "/logout/")):
            outcomes = {outcome(client.get(path)), outcome(client.post(path))}
            assert outcomes <= {"login", "away", "403", "404", "405"}, path
