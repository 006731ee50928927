"""The states of a lookup, the sets that they form, and the priorities of the queue."""

from django.db import models


class Status(models.TextChoices):
    """The state of a lookup."""

    PENDING = "PENDING", "En espera"
    """Waits for a worker, or for `next_attempt_at`."""
    PROCESSING = "PROCESSING", "Consultando"
    """Claimed: a worker holds its lease."""
    ACTIVE = "ACTIVE", "Encontrada"
    """The census says where this cédula votes."""
    NOT_FOUND = "NOT_FOUND", "No está en el censo"
    """The census says that it does not know this cédula."""
    CANCELLED_DECEASED = "CANCELLED_DECEASED", "Cancelada por fallecimiento"
    """The census holds it cancelled because the person died."""
    CANCELLED_OTHER = "CANCELLED_OTHER", "Cancelada o suspendida"
    """The census holds it cancelled or suspended for any other reason."""
    ERROR = "ERROR", "No se pudo consultar"
    """No answer, for another reason than time: an unknown page, a captcha, a browser that died."""
    TIMEOUT = "TIMEOUT", "El censo no respondió a tiempo"
    """No answer in the time allowed, at every attempt."""
    BLOCKED = "BLOCKED", "El censo rechazó la consulta"
    """The census's firewall turned us away at every attempt."""


class Priority(models.IntegerChoices):
    """Priority in the queue; lower is sooner."""

    PERSON = 0, "Una persona espera"
    """A registration, or a request for one row: a person waits at the screen."""
    BULK = 10, "Muchas a la vez"
    """Part of a refresh of many rows: it never delays a person."""


IN_FLIGHT = frozenset({Status.PENDING, Status.PROCESSING})
CANCELLED = frozenset({Status.CANCELLED_DECEASED, Status.CANCELLED_OTHER})
"""One group wherever a leader reads it: the difference may be a death."""
SETTLED = CANCELLED | {Status.ACTIVE, Status.NOT_FOUND}
FAILED = frozenset({Status.ERROR, Status.TIMEOUT, Status.BLOCKED})
