"""How an invented lookup may have ended: the places, the novedades and the failures of the demo."""

import random
from collections.abc import Mapping
from typing import Any

from census.places import place_keys
from census.states import Status

MIX: Mapping[Status, int] = {
    Status.ACTIVE: 70,
    Status.NOT_FOUND: 6,
    Status.CANCELLED_DECEASED: 2,
    Status.CANCELLED_OTHER: 2,
    Status.TIMEOUT: 4,
    Status.BLOCKED: 4,
    Status.ERROR: 4,
    Status.PENDING: 8,
}
"""Of a hundred."""

MEDELLIN, BOGOTA = ("MEDELLIN", "MEDELLÍN"), ("BOGOTA D.C.", "BOGOTÁ D.C.")
PUESTOS = (
    # departamento, the municipio as the census writes it in two ways, puesto, dirección, where
    ("ANTIOQUIA", MEDELLIN, "IE LA ESPERANZA", "CALLE 45 # 23-12", (6.251, -75.563)),
    ("ANTIOQUIA", MEDELLIN, "COLEGIO EL ROSAL", "CARRERA 70 # 44-10", None),
    ("ANTIOQUIA", MEDELLIN, "IE LOS ALPES", "CALLE 30A # 82-26", (6.231, -75.602)),
    ("ANTIOQUIA", ("ITAGUI", "ITAGÜÍ"), "IE SAN JOSE", "CARRERA 49 # 51-60", (6.173, -75.611)),
    ("ANTIOQUIA", ("BELLO", "Bello"), "IE NIQUIA", "DIAGONAL 59 # 43-100", None),
    (BOGOTA[0], BOGOTA, "COLEGIO EL LAGO", "CALLE 80 # 15-07", (4.668, -74.058)),
    (BOGOTA[0], BOGOTA, "IED LA AMISTAD", "CARRERA 78 # 38-20 SUR", None),
    ("VALLE", ("CALI", "Cali"), "COLEGIO SAN MARTIN", "CARRERA 8 # 12-40", (3.449, -76.531)),
    ("VALLE", ("TULUA", "TULUÁ"), "IE LA UNION", "CALLE 26 # 30-15", None),
    ("CAUCA", ("POPAYAN", "POPAYÁN"), "IE LOS COMUNEROS", "CALLE 5 # 4-33", (2.441, -76.606)),
    ("NARIÑO", ("PASTO", "Pasto"), "IE EL NIÑO JESUS", "CARRERA 24 # 19-33", None),
    ("NORTE DE SANTANDER", ("CUCUTA", "CÚCUTA"), "COLEGIO LAS AMERICAS", "AVENIDA 4 # 12-80", None),
)  # fmt: skip
MOST_MESAS = 18

NOVEDADES: Mapping[Status, tuple[str, ...]] = {
    Status.CANCELLED_DECEASED: ("Cancelada por Muerte",),
    Status.CANCELLED_OTHER: ("Cancelada por Doble Cedulación", "Pérdida de Derechos Políticos"),
}
FAILURES: Mapping[Status, Mapping[str, str]] = {
    Status.TIMEOUT: {"SiteTimeout": "No answer in the time allowed."},
    Status.BLOCKED: {"SiteBlocked": "The firewall turned us away."},
    Status.ERROR: {
        "UnknownPage": "The answer is of no known shape.",
        "CaptchaFailed": "The service could not solve the captcha.",
        "CaptchaRejected": "The page did not accept the token.",
        "SiteUnavailable": "The page says that the census is being updated.",
        "BrowserCrashed": "The browser went away.",
        "LeaseLost": "The worker that looked this up went away.",
    },
    Status.PENDING: {
        "SiteTimeout": "No answer in the time allowed.",
        "SiteUnavailable": "The page says that the census is being updated.",
    },
}
"""By the kind of failure, what the operator reads; those who wait have failed in passing."""
HOPELESS = frozenset({"UnknownPage"})
"""Not tried a second time."""


def draw_answer(draw: random.Random, status: Status) -> dict[str, Any]:
    """The fields of a lookup that ended in this state, or that waits for another try."""
    if status in FAILURES:
        kind, message = draw.choice([*FAILURES[status].items()])
        attempts = 1 if status == Status.PENDING or kind in HOPELESS else 4
        return _attempts(attempts) | {"error_kind": kind, "error_message": message}
    fields: dict[str, Any] = _attempts(draw.choice((1, 1, 1, 2)))
    if status == Status.ACTIVE:
        return fields | _place(draw)
    if status in NOVEDADES:
        year = draw.randint(2009, 2025)
        return fields | {
            "novedad": draw.choice(NOVEDADES[status]),
            "resolucion": f"{draw.randint(100, 9999)} de {year}",
            "fecha_novedad": f"{draw.randint(1, 28):02}/{draw.randint(1, 12):02}/{year}",
        }
    return fields


def _attempts(number: int) -> dict[str, Any]:
    return {"attempts": number, "retry_count": number - 1}


def _place(draw: random.Random) -> dict[str, Any]:
    departamento, municipios, puesto, direccion, point = draw.choice(PUESTOS)
    mesa = draw.randint(1, MOST_MESAS)
    names = {
        "departamento": departamento,
        "municipio": draw.choice(municipios),
        "puesto": puesto,
        "mesa": draw.choice((f"{mesa}", f"{mesa:02}")),
    }
    latitude, longitude = point or (None, None)
    return {
        **names,
        **place_keys(names),
        "direccion": direccion,
        "latitude": latitude,
        "longitude": longitude,
    }
