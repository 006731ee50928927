"""The outcomes of the demo's lookups: invented answers of the census, and failures."""

import random
from collections.abc import Mapping

from django.conf import settings

from census.lookups.retry import HOPELESS
from census.states import Status
from scraper import errors
from scraper.errors import ScraperError
from scraper.results import Cancelled, CancelReason, Found, Lookup, NotFound

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
"""{state: number of a hundred lookups}."""

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

NOVEDADES: Mapping[CancelReason, tuple[str, ...]] = {
    CancelReason.DECEASED: ("Cancelada por Muerte",),
    CancelReason.OTHER: ("Cancelada por Doble Cedulación", "Pérdida de Derechos Políticos"),
}
TIMEOUT = errors.SiteTimeout("No answer in the time allowed.")
BLOCKED = errors.SiteBlocked("The firewall turned us away.")
UPDATING = errors.SiteUnavailable("The page says that the census is being updated.")
FAILURES: Mapping[Status, tuple[ScraperError, ...]] = {
    Status.TIMEOUT: (TIMEOUT,),
    Status.BLOCKED: (BLOCKED,),
    Status.ERROR: (
        errors.UnknownPage("The answer is of no known shape."),
        errors.CaptchaFailed("The service could not solve the captcha."),
        errors.CaptchaRejected("The page did not accept the token."),
        UPDATING,
        errors.BrowserCrashed("The browser went away."),
    ),
    Status.PENDING: (TIMEOUT, UPDATING),
}
"""Errors of the last attempt; lookups that wait have failed once."""


def draw_outcome(draw: random.Random, status: Status) -> tuple[Lookup | ScraperError, int]:
    """The outcome of the last attempt, which leads to `status`, and the number of attempts."""
    if status in FAILURES:
        error = draw.choice(FAILURES[status])
        return error, 1 if status == Status.PENDING else attempts_until_over(error)
    attempts = draw.choice((1, 1, 1, 2))
    match status:
        case Status.ACTIVE:
            return _draw_place(draw), attempts
        case Status.CANCELLED_DECEASED:
            return _draw_novedad(draw, CancelReason.DECEASED), attempts
        case Status.CANCELLED_OTHER:
            return _draw_novedad(draw, CancelReason.OTHER), attempts
        case _:
            return NotFound(), attempts


def attempts_until_over(outcome: Lookup | ScraperError) -> int:
    """The number of attempts after which such a lookup ends."""
    is_tried_again = isinstance(outcome, ScraperError) and not isinstance(outcome, HOPELESS)
    return len(settings.RETRY_DELAYS_SECONDS) + 1 if is_tried_again else 1


def _draw_novedad(draw: random.Random, reason: CancelReason) -> Cancelled:
    year = draw.randint(2009, 2025)
    return Cancelled(
        reason,
        novedad=draw.choice(NOVEDADES[reason]),
        resolucion=f"{draw.randint(100, 9999)} de {year}",
        fecha_novedad=f"{draw.randint(1, 28):02}/{draw.randint(1, 12):02}/{year}",
    )


def _draw_place(draw: random.Random) -> Found:
    departamento, municipios, puesto, direccion, point = draw.choice(PUESTOS)
    mesa = draw.randint(1, MOST_MESAS)
    return Found(
        departamento,
        draw.choice(municipios),
        puesto,
        direccion,
        draw.choice((f"{mesa}", f"{mesa:02}")),
        *(point or ()),
    )
