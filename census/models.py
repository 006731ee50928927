"""What we know of a cédula, and every attempt to learn it.

`status` is changed by `census/lookups/lifecycle.py` alone.
"""

from datetime import datetime, timedelta
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Max, Q
from django.db.models.functions import Now
from django.utils import timezone

from accounts.logs.context import MOST_CHARACTERS
from census import clock, staleness
from census.events import stale_lookup_found
from census.states import FAILED, IN_FLIGHT, SETTLED, Priority, Status
from scraper.gate.visits import Gate
from scraper.turn import Stage


class CedulaInfo(models.Model):
    """What the census says of one person's cédula, and the work item of asking it."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="cedula_info",
        verbose_name="persona",
    )
    referrer = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
        db_index=False,  # the indexes below begin with it
    )
    """A copy of the person's `referred_by`, which `signals` keeps in step: what a leader's page
    asks every few seconds must cost one index, however many people there are. Who may see a row is
    never decided by it."""
    status = models.CharField("estado", max_length=20, choices=Status, default=Status.PENDING)

    departamento = models.CharField(max_length=100, blank=True)
    municipio = models.CharField(max_length=100, blank=True)
    puesto = models.CharField("puesto de votación", max_length=200, blank=True)
    direccion = models.CharField("dirección", max_length=200, blank=True)
    mesa = models.CharField(max_length=20, blank=True)
    departamento_key = models.CharField(max_length=100, blank=True, editable=False)
    municipio_key = models.CharField(max_length=100, blank=True, editable=False)
    puesto_key = models.CharField(max_length=200, blank=True, editable=False)
    mesa_key = models.CharField(max_length=20, blank=True, editable=False)
    """The four as they are grouped and sorted; see `census.places`."""
    latitude = models.FloatField("latitud", null=True, blank=True)
    longitude = models.FloatField("longitud", null=True, blank=True)

    novedad = models.CharField(max_length=300, blank=True)
    resolucion = models.CharField("resolución", max_length=100, blank=True)
    fecha_novedad = models.CharField("fecha de la novedad", max_length=50, blank=True)

    fetched_at = models.DateTimeField("respondida el", null=True, blank=True)
    """When the census gave the answer that is stored; null: it never did."""
    error_kind = models.CharField("tipo de fallo", max_length=40, blank=True)
    """The class of `scraper.errors` that ended the last attempt; '' after an answer."""
    error_message = models.TextField("último fallo", blank=True)
    """For the operator, in English; what people read comes from `error_kind`."""
    raw_response = models.TextField("texto de la página", blank=True)
    """What an unknown page showed, trimmed, cédula masked; kept for the operator."""

    priority = models.PositiveSmallIntegerField(
        "prioridad", choices=Priority, default=Priority.PERSON
    )
    requested_at = models.DateTimeField("pedida el", default=timezone.now)
    """When the present request began: the registration, or the last refresh."""
    request_id = models.CharField(
        "código de la solicitud",
        max_length=MOST_CHARACTERS,
        blank=True,
        default="",
        db_default="",  # code of before the column goes on writing rows
    )
    """Of the web request that began it, as the logs have it; the claim gives one where there was
    none. Not indexed: superadmins alone look for it, in a search that reads every row as it is."""
    refresh_requested_at = models.DateTimeField("última vez que se pidió", null=True, blank=True)
    """When a person last asked again; the cooldown counts from here."""
    next_attempt_at = models.DateTimeField("próximo intento", default=timezone.now)
    """A PENDING row is due from this moment on."""
    attempts = models.PositiveSmallIntegerField("intentos", default=0)
    """Begun for the present request; counted before the work, so that a poisonous lookup ends."""
    retry_count = models.PositiveSmallIntegerField("reintentos", default=0)
    """Attempts after the first."""

    claim = models.UUIDField("reclamo", null=True, blank=True, editable=False)
    """Who may write the outcome: changes with every claim, null when nobody holds the row."""
    lease_expires_at = models.DateTimeField("reservada hasta", null=True, blank=True)
    """The claim is void after this moment unless renewed."""
    bulk = models.ForeignKey(
        "BulkRefresh",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        editable=False,
        related_name="rows",
        db_index=False,  # an index below begins with it
        verbose_name="pedido de muchas",
    )
    """The refresh of many that asked for the present request; null where a person did."""
    status_before = models.CharField(max_length=20, blank=True, editable=False)
    attempts_before = models.PositiveSmallIntegerField(default=0, editable=False)
    """What a bulk found, to go back to where it is called off before the row is claimed."""
    created_at = models.DateTimeField("creada el", auto_now_add=True)
    updated_at = models.DateTimeField("cambió el", default=timezone.now)
    """When what a page shows of this row last changed, by the database's clock."""

    class Meta:
        verbose_name = "consulta"
        verbose_name_plural = "consultas"
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(status__in=Status.values), name="cedulainfo_status_is_known"
            ),
        ]
        indexes: ClassVar = [
            # Whole, not partial, indexes: SQLite does not match a partial one to a bound value.
            # The line: with whose row it is, so that counting it reads no row.
            models.Index(
                fields=["status", "priority", "next_attempt_at", "id", "user"],
                name="cedulainfo_line",
            ),
            models.Index(fields=["status", "lease_expires_at"], name="cedulainfo_leases"),
            # A leader's counts, what changed on their page, and how far a bulk is.
            models.Index(fields=["referrer", "status"], name="cedulainfo_counts"),
            models.Index(fields=["referrer", "updated_at"], name="cedulainfo_changes"),
            models.Index(fields=["bulk", "status"], name="cedulainfo_bulk"),
        ]

    def __str__(self) -> str:
        return f"{self.user}: {self.get_status_display()}"

    @property
    def is_in_flight(self) -> bool:
        """Whether an answer is on its way, so that a page should keep asking."""
        return self.status in IN_FLIGHT

    @property
    def is_settled(self) -> bool:
        """Whether the census has answered."""
        return self.status in SETTLED

    @property
    def is_failed(self) -> bool:
        """Whether it ended without an answer, so that a person may ask again."""
        return self.status in FAILED

    def is_waiting_for_retry(self, now: datetime | None = None) -> bool:
        """Whether it failed in passing and its next attempt lies ahead."""
        return (
            self.status == Status.PENDING
            and self.attempts > 0
            and self.next_attempt_at > (now or timezone.now())
        )

    def is_stale(self) -> bool:
        """True if it waits for something that can no longer come; see `census.staleness`.

        A page asks this at every poll: the host's own clock is asked first, because that costs no
        query, and the database's decides. Where a host's clock is behind, the sweep finds what
        pages miss.
        """
        return self._is_stale_at(timezone.now()) and self._is_stale_at(clock.now())

    def _is_stale_at(self, now: datetime) -> bool:
        return staleness.is_stale(
            staleness.Wait(self.status, self.lease_expires_at, self.next_attempt_at),
            now,
            timedelta(seconds=max(settings.RETRY_DELAYS_SECONDS)),
            _queue_stands_still_at,
        )

    def reset_if_stale(self) -> bool:
        """Put a stale row back to work; True where it was stale. Refreshes this instance."""
        if not self.is_stale():
            return False
        return any(done for _, done in stale_lookup_found.send(CedulaInfo, info=self))


def _queue_stands_still_at(now: datetime) -> bool:
    """True if no worker has claimed anything for STANDSTILL, though nothing pauses them."""
    if Gate.state().paused_until is not None:
        return False
    last_claim = LookupAttempt.objects.aggregate(last=Max("started_at"))["last"]
    return last_claim is None or last_claim < now - staleness.STANDSTILL


class BulkRefresh(models.Model):
    """Many failed lookups that a leader asked for again at once."""

    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="bulk_refreshes",
        db_index=False,  # the index below begins with it
        verbose_name="quién lo pidió",
    )
    requested_at = models.DateTimeField("pedido el", default=timezone.now)
    queued = models.PositiveIntegerField("consultas", default=0)
    """How many rows it put into the line, those added while it ran included."""
    cancelled_at = models.DateTimeField("cancelado el", null=True, blank=True)
    closed_at = models.DateTimeField("cerrado el", null=True, blank=True)
    """When the leader put its summary away."""

    class Meta:
        verbose_name = "pedido de muchas consultas"
        verbose_name_plural = "pedidos de muchas consultas"
        indexes: ClassVar = [
            models.Index(fields=["requested_by", "-requested_at"], name="bulk_latest"),
            models.Index(fields=["cancelled_at"], name="bulk_cancelled"),
        ]

    def __str__(self) -> str:
        return f"{self.queued} consultas, {self.requested_at:%Y-%m-%d %H:%M}"


class ExportRecord(models.Model):
    """That somebody took data out: who, when, which rows, and how many."""

    class Format(models.TextChoices):
        XLSX = "xlsx", "Excel"
        CSV = "csv", "CSV"

    class Content(models.TextChoices):
        REFERIDOS = "referidos", "Referidos"
        SUMMARY = "resumen", "Resumen"

    exported_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,  # the record of what left outlives the account
        null=True,
        related_name="exports",
        verbose_name="quién",
    )
    exported_at = models.DateTimeField("cuándo", default=timezone.now)
    content = models.CharField("qué", max_length=20, choices=Content)
    format = models.CharField("formato", max_length=10, choices=Format)
    filter = models.CharField("filtro", max_length=500, blank=True)
    """The page's query, as in its address; the digits of a search are masked."""
    row_count = models.PositiveIntegerField("filas")

    class Meta:
        verbose_name = "exportación"
        verbose_name_plural = "exportaciones"
        ordering: ClassVar = ["-exported_at"]

    def __str__(self) -> str:
        return f"{self.get_content_display()}: {self.row_count} filas"


class DataAccess(models.Model):
    """That somebody opened or exported what the census says of another; shown to that person."""

    class Action(models.TextChoices):
        OPENED = "OPENED", "Vio tus datos"
        EXPORTED = "EXPORTED", "Exportó tus datos"

    person = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="data_accesses",
        db_index=False,  # the index below begins with it
        verbose_name="de quién",
    )
    viewer = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        related_name="+",
        verbose_name="quién",
    )
    action = models.CharField("qué", max_length=10, choices=Action)
    at = models.DateTimeField("cuándo", default=timezone.now, db_index=True)

    class Meta:
        verbose_name = "acceso a datos"
        verbose_name_plural = "accesos a datos"
        ordering: ClassVar = ["-at"]
        indexes: ClassVar = [models.Index(fields=["person", "-at"], name="access_of_person")]

    def __str__(self) -> str:
        return f"{self.get_action_display()}, {self.at:%Y-%m-%d %H:%M}"


class GoneLookup(models.Model):
    """That a lookup was deleted, for the pages of its leader that are open: they take the row out.

    Ids alone, and no foreign keys: both accounts may be gone as well. Kept for a day.
    """

    user_id = models.BigIntegerField()
    referrer_id = models.BigIntegerField()
    gone_at = models.DateTimeField(db_default=Now())
    """By the database's clock, as CedulaInfo.updated_at."""

    class Meta:
        verbose_name = "consulta borrada"
        verbose_name_plural = "consultas borradas"
        indexes: ClassVar = [
            models.Index(fields=["referrer_id", "gone_at"], name="gone_lookup_changes"),
            models.Index(fields=["gone_at"], name="gone_lookup_age"),
        ]

    def __str__(self) -> str:
        return f"{self.gone_at:%Y-%m-%d %H:%M}"


class LookupAttempt(models.Model):
    """One attempt at one lookup: opened by the claim, closed by whatever ends it."""

    info = models.ForeignKey(CedulaInfo, on_delete=models.CASCADE, related_name="attempt_log")
    claim = models.UUIDField(unique=True)
    number = models.PositiveSmallIntegerField("intento")
    """1 for the first of a request."""
    request_id = models.CharField(
        "código de la solicitud",
        max_length=MOST_CHARACTERS,
        blank=True,
        default="",
        db_default="",
    )
    """A copy of the lookup's, which the next request replaces there."""
    worker = models.CharField("proceso", max_length=100)
    """host:pid of the process that claimed it."""
    started_at = models.DateTimeField("comenzó", default=timezone.now)
    ended_at = models.DateTimeField("terminó", null=True, blank=True)
    outcome = models.CharField("resultado", max_length=40, blank=True)
    """A settled status, the class of the error, 'HandedBack' or 'LeaseLost'; '' while running."""
    opening_at = models.DateTimeField("abrió la página", null=True, blank=True)
    solving_at = models.DateTimeField("pidió la verificación", null=True, blank=True)
    reading_at = models.DateTimeField("envió la pregunta", null=True, blank=True)
    """When each stage began, by the worker's clock; null where it did not come to that."""
    page_shape = models.CharField("página", max_length=20, blank=True)
    solves_paid = models.PositiveSmallIntegerField("captchas pagados", default=0)

    class Meta:
        verbose_name = "intento"
        verbose_name_plural = "intentos"
        ordering: ClassVar = ["-started_at"]
        indexes: ClassVar = [
            models.Index(fields=["started_at"], name="attempt_started"),
            models.Index(fields=["ended_at"], name="attempt_ended"),
        ]

    def __str__(self) -> str:
        return f"Intento {self.number}: {self.outcome or 'en curso'}"

    @property
    def stage(self) -> Stage:
        """What is being done; of an attempt that has ended, what it came to."""
        return self._last_stage[0]

    @property
    def stage_since(self) -> datetime:
        """When that began."""
        return self._last_stage[1]

    @property
    def _last_stage(self) -> tuple[Stage, datetime]:
        last = Stage.WAITING, self.started_at
        for stage, field in STAGE_FIELDS.items():
            began_at = getattr(self, field)
            last = last if began_at is None else (stage, began_at)
        return last


STAGE_FIELDS = {
    Stage.OPENING: "opening_at",
    Stage.SOLVING: "solving_at",
    Stage.READING: "reading_at",
}
"""Of LookupAttempt, in the order in which they come; before the first of them it waits."""


class WorkerHeartbeat(models.Model):
    """A running `qcluster`, as it last said of itself."""

    cluster_id = models.UUIDField(primary_key=True)
    host = models.CharField("máquina", max_length=100)
    pid = models.PositiveIntegerField("proceso")
    version = models.CharField("versión", max_length=40)
    started_at = models.DateTimeField("desde")
    beat_at = models.DateTimeField("última señal", db_index=True)

    class Meta:
        verbose_name = "proceso de consulta"
        verbose_name_plural = "procesos de consulta"

    def __str__(self) -> str:
        return f"{self.host}:{self.pid}"


class PurgeRun(models.Model):
    """One deletion of what is too old: when, and how many of what. Counts alone."""

    day = models.DateField("día", null=True, blank=True, unique=True)
    """Of the daily deletion, so that several clusters do it once; null where a person began it."""
    started_at = models.DateTimeField("comenzó", default=timezone.now)
    ended_at = models.DateTimeField("terminó", null=True, blank=True)
    """Null while it runs, and where it failed: then it is begun again."""
    deleted = models.JSONField("borrado", default=dict, blank=True)
    """How many, by the name of the rule in `census.privacy.retention`."""

    class Meta:
        verbose_name = "borrado de datos viejos"
        verbose_name_plural = "borrados de datos viejos"
        ordering: ClassVar = ["-started_at"]

    def __str__(self) -> str:
        return f"{self.started_at:%Y-%m-%d %H:%M}"
