"""The tables of the census: lookups, their attempts, and the records made about them.

`status` is changed by `census/lookups/lifecycle.py` alone.
"""

# size: the tables are read together; each is fields and their meanings, with hardly any code.

from datetime import datetime, timedelta
from functools import partial
from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Max, Q
from django.db.models.functions import Now
from django.utils import timezone

from accounts.derived import DerivedModel, DerivedQuerySet, DerivedText
from accounts.logs.context import MOST_CHARACTERS
from census import clock, staleness
from census.events import stale_lookup_found
from census.places import LONGEST_KEY, place_key
from census.states import CANCELLED, FAILED, IN_FLIGHT, SETTLED, Priority, Status
from scraper.gate.visits import Gate
from scraper.turn import Stage


class ReferrerCopy(models.ForeignKey[Any, Any]):
    """A copy of the `referred_by` of the row's person, made when the row is inserted."""

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:  # noqa: FBT001  Django's
        if add:
            setattr(model_instance, self.attname, model_instance.user.referred_by_id)  # type: ignore[attr-defined]
        return super().pre_save(model_instance, add)

    def deconstruct(self) -> tuple[str, str, list[Any], dict[str, Any]]:
        name, _, args, kwargs = super().deconstruct()
        return name, "django.db.models.ForeignKey", list(args), kwargs


def _key(level: str) -> DerivedText:
    return DerivedText(
        max_length=LONGEST_KEY[level], blank=True, source=level, derive=partial(place_key, level)
    )


class CedulaInfo(DerivedModel):
    """One person's lookup: the census's answer, and the work item that asks for it."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="cedula_info",
        verbose_name="persona",
    )
    referrer = ReferrerCopy(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
        db_index=False,  # the indexes below begin with it
    )
    """Kept in step by `signals` when an administrator changes the original: a leader's page polls
    every few seconds, at the cost of one index, however many people there are. Never decide by it
    who may see a row."""
    status = models.CharField("estado", max_length=20, choices=Status, default=Status.PENDING)

    departamento = models.CharField(max_length=100, blank=True)
    municipio = models.CharField(max_length=100, blank=True)
    puesto = models.CharField("puesto de votación", max_length=200, blank=True)
    direccion = models.CharField("dirección", max_length=200, blank=True)
    mesa = models.CharField(max_length=20, blank=True)
    departamento_key = _key("departamento")
    municipio_key = _key("municipio")
    puesto_key = _key("puesto")
    mesa_key = _key("mesa")
    """The four by which places are grouped and sorted; see `census.places`."""
    latitude = models.FloatField("latitud", null=True, blank=True)
    longitude = models.FloatField("longitud", null=True, blank=True)

    novedad = models.CharField(max_length=300, blank=True)
    resolucion = models.CharField("resolución", max_length=100, blank=True)
    fecha_novedad = models.CharField("fecha de la novedad", max_length=50, blank=True)

    fetched_at = models.DateTimeField("respondida el", null=True, blank=True)
    """The moment of the stored answer; null: the census never gave one."""
    error_kind = models.CharField("tipo de fallo", max_length=40, blank=True)
    """The class of `scraper.errors` that ended the last attempt; '' after an answer."""
    error_message = models.TextField("último fallo", blank=True)
    """For the operator, in English; the text that people read comes from `error_kind`."""
    raw_response = models.TextField("texto de la página", blank=True)
    """The text of an unknown page, trimmed, cédula masked; kept for the operator."""

    priority = models.PositiveSmallIntegerField(
        "prioridad", choices=Priority, default=Priority.PERSON
    )
    requested_at = models.DateTimeField("pedida el", default=timezone.now)
    """Start of the present request: the registration, or the last refresh."""
    request_id = models.CharField(
        "código de la solicitud",
        max_length=MOST_CHARACTERS,
        blank=True,
        default="",
        db_default="",  # code older than the column still writes rows
    )
    """The id, as in the logs, of the web request that began it; the claim sets one if it is empty.
    Not indexed: only superadmins look for it, in a search that reads every row anyway."""
    refresh_requested_at = models.DateTimeField("última vez que se pidió", null=True, blank=True)
    """The last time that a person asked again; the cooldown counts from here."""
    next_attempt_at = models.DateTimeField("próximo intento", default=timezone.now)
    """A PENDING row is due from this moment on."""
    attempts = models.PositiveSmallIntegerField("intentos", default=0)
    """Attempts of the present request; counted before the work, so that a poisonous lookup ends."""
    retry_count = models.PositiveSmallIntegerField("reintentos", default=0)
    """Attempts after the first."""

    claim = models.UUIDField("reclamo", null=True, blank=True, editable=False)
    """The token of the claim that may write the outcome; null when no claim holds the row."""
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
    """The bulk that made the present request; null if a person made it."""
    status_before = models.CharField(max_length=20, blank=True, editable=False)
    attempts_before = models.PositiveSmallIntegerField(default=0, editable=False)
    """The state in which a bulk found the row; restored if it is called off before a claim."""
    created_at = models.DateTimeField("creada el", auto_now_add=True)
    updated_at = models.DateTimeField("cambió el", default=timezone.now)
    """The last change of anything that a page shows of this row, by the database's clock."""

    objects: ClassVar = DerivedQuerySet["CedulaInfo"].as_manager()

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
            # The queue; with the user, so that counting it reads no row.
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
        """True if an answer is on its way, so that a page should keep polling."""
        return self.status in IN_FLIGHT

    @property
    def is_settled(self) -> bool:
        """True if the census has answered."""
        return self.status in SETTLED

    @property
    def is_cancelled(self) -> bool:
        """True if the census says that the cédula carries a novedad, whichever it is."""
        return self.status in CANCELLED

    @property
    def is_failed(self) -> bool:
        """True if it ended without an answer, so that a person may ask again."""
        return self.status in FAILED

    def is_waiting_for_retry(self, now: datetime | None = None) -> bool:
        """True if an attempt failed and the next one lies ahead."""
        return (
            self.status == Status.PENDING
            and self.attempts > 0
            and self.next_attempt_at > (now or timezone.now())
        )

    def is_stale(self) -> bool:
        """True if it waits for something that can no longer come; see `census.staleness`.

        Pages call this at every poll: the host's own clock is asked first, because that costs no
        query, and the database's decides. If a host's clock is behind, the sweep finds the rows
        that pages miss.
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
        """Make a stale row due again; True if it was stale. Refreshes this instance."""
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
    """Number of rows it put into the queue, including those added while it ran."""
    cancelled_at = models.DateTimeField("cancelado el", null=True, blank=True)
    closed_at = models.DateTimeField("cerrado el", null=True, blank=True)
    """The moment at which the leader dismissed its summary."""

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
    """Record of an export: who took data out, when, which rows, and how many."""

    class Format(models.TextChoices):
        XLSX = "xlsx", "Excel"
        CSV = "csv", "CSV"

    class Content(models.TextChoices):
        REFERIDOS = "referidos", "Referidos"
        SUMMARY = "resumen", "Resumen"

    exported_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,  # the record outlives the account
        null=True,
        related_name="exports",
        verbose_name="quién",
    )
    exported_at = models.DateTimeField("cuándo", default=timezone.now)
    content = models.CharField("qué", max_length=20, choices=Content)
    format = models.CharField("formato", max_length=10, choices=Format)
    filter = models.CharField("filtro", max_length=500, blank=True)
    """The query of the page's address; the digits of a search are masked."""
    row_count = models.PositiveIntegerField("filas")

    class Meta:
        verbose_name = "exportación"
        verbose_name_plural = "exportaciones"
        ordering: ClassVar = ["-exported_at"]

    def __str__(self) -> str:
        return f"{self.get_content_display()}: {self.row_count} filas"


class DataAccess(models.Model):
    """Record that somebody opened or exported another person's data; shown to that person."""

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
    """Record of a deleted lookup: the open pages of its leader take the row out.

    Ids without foreign keys: both accounts may be gone as well. Kept for a day.
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
    """One attempt at one lookup: opened by the claim, closed by the move that ends it."""

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
    """A copy of the lookup's `request_id`, which the next request replaces there."""
    worker = models.CharField("proceso", max_length=100)
    """host:pid of the process that claimed it."""
    started_at = models.DateTimeField("comenzó", default=timezone.now)
    ended_at = models.DateTimeField("terminó", null=True, blank=True)
    outcome = models.CharField("resultado", max_length=40, blank=True)
    """A settled status, the class of the error, 'HandedBack' or 'LeaseLost'; '' while running."""
    opening_at = models.DateTimeField("abrió la página", null=True, blank=True)
    solving_at = models.DateTimeField("pidió la verificación", null=True, blank=True)
    reading_at = models.DateTimeField("envió la pregunta", null=True, blank=True)
    """The start of each stage, by the worker's clock; null if the attempt did not reach it."""
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
        """The current stage; of an ended attempt, the last one that it reached."""
        return self._last_stage[0]

    @property
    def stage_since(self) -> datetime:
        """The start of that stage."""
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
"""Fields of LookupAttempt in the order of the stages; before the first one the attempt waits."""


class WorkerHeartbeat(models.Model):
    """The last sign of life of a running `qcluster`."""

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
    """One deletion of old data: when it ran, and how many rows each rule deleted."""

    day = models.DateField("día", null=True, blank=True, unique=True)
    """The day of a daily deletion: unique, so that several clusters do it once; null if a person
    started it."""
    started_at = models.DateTimeField("comenzó", default=timezone.now)
    ended_at = models.DateTimeField("terminó", null=True, blank=True)
    """Null while it runs, and after a failure: then it is started again."""
    deleted = models.JSONField("borrado", default=dict, blank=True)
    """{name of the rule in `census.privacy.retention`: number of rows}."""

    class Meta:
        verbose_name = "borrado de datos viejos"
        verbose_name_plural = "borrados de datos viejos"
        ordering: ClassVar = ["-started_at"]

    def __str__(self) -> str:
        return f"{self.started_at:%Y-%m-%d %H:%M}"
