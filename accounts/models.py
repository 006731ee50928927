"""The tables of people: their data, who invited them, consents, sessions and rate limits."""

import secrets
from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone

from accounts import policy
from accounts.derived import DerivedModel, DerivedQuerySet, DerivedText
from accounts.identity import cedula as cedulas
from accounts.identity.names import name_key

REFERRAL_CODE_LENGTH = 8
REFERRAL_CODE_ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
"""No 0, O, 1, I or L: the code is read aloud and copied by hand. 31**8 = 8.5e11 codes."""


def new_referral_code() -> str:
    return "".join(secrets.choice(REFERRAL_CODE_ALPHABET) for _ in range(REFERRAL_CODE_LENGTH))


def validate_cedula(value: str) -> None:
    """Raise ValidationError, with a sentence in Spanish, unless `value` is a cédula as stored."""
    try:
        normalised = cedulas.normalise(value)
    except cedulas.InvalidCedula as problem:
        raise ValidationError(str(problem), code="cedula") from problem
    if normalised != value:
        raise ValidationError("Escribe la cédula solo con números.", code="cedula")


class UserManager(BaseUserManager["CustomUser"]):
    """Creates users with a normalised cédula."""

    def get_queryset(self) -> DerivedQuerySet["CustomUser"]:
        return DerivedQuerySet(self.model, using=self._db)

    def create_user(self, cedula: str, password: str | None = None, **fields: Any) -> "CustomUser":
        """Create and return a user. Raise InvalidCedula if `cedula` is not one."""
        user = self.model(cedula=cedulas.normalise(cedula), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(
        self, cedula: str, password: str | None = None, **fields: Any
    ) -> "CustomUser":
        """Create a superadmin. They have given no consent, so they are not looked up."""
        return self.create_user(cedula, password, **fields, is_staff=True, is_superuser=True)

    def get_by_natural_key(self, username: str | None) -> "CustomUser":
        """Find a user by a cédula as people type it, with or without dots and spaces."""
        try:
            return self.get(cedula=cedulas.normalise(username or ""))
        except cedulas.InvalidCedula as problem:
            raise self.model.DoesNotExist from problem


class CustomUser(DerivedModel, AbstractBaseUser, PermissionsMixin):
    """A person, who logs in with their cédula."""

    class Role(models.TextChoices):
        USER = "USER", "Persona"
        LEADER = "LEADER", "Líder"

    cedula = models.CharField(
        "cédula",
        max_length=10,
        unique=True,
        validators=[validate_cedula],
        error_messages={"unique": "Ya hay una cuenta con esta cédula. Ingresa con tu contraseña."},
    )
    nombre_completo = models.CharField("nombre completo", max_length=150)
    search_name = DerivedText(max_length=150, default="", source="nombre_completo", derive=name_key)
    """The folded name, to search and sort by. It is cut, because folding can lengthen a name."""
    phone = models.CharField("celular", max_length=20, blank=True)
    role = models.CharField("rol", max_length=10, choices=Role, default=Role.USER)
    referral_code = models.CharField(
        "código para referir",
        max_length=REFERRAL_CODE_LENGTH,
        unique=True,
        default=new_referral_code,
        editable=False,
    )
    referred_by = models.ForeignKey(
        "self",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="referrals",
        verbose_name="quién le invitó",
        db_index=False,  # the indexes below begin with it
    )
    referral_goal = models.PositiveIntegerField("meta de referidos", default=10)
    consented_at = models.DateTimeField("autorizó el", null=True, blank=True, editable=False)
    """The date of the present consent. Null: there is none, and so no lookup.
    This and the next two fields copy the Consent, which is the proof: a join would cost the
    lookups' queries too much. `accounts.consents` alone writes them."""
    consent_version = models.CharField(
        "versión que autorizó", max_length=20, blank=True, editable=False
    )
    """The policy's version. A consent holds while `policy.versions_in_force()` contains it."""
    consent_withdrawn_at = models.DateTimeField(
        "retiró la autorización el", null=True, blank=True, editable=False
    )
    """Null: never withdrawn, or given again since."""
    is_active = models.BooleanField("activo", default=True)
    is_staff = models.BooleanField("entra a la administración", default=False)
    date_joined = models.DateTimeField("se registró el", default=timezone.now, editable=False)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "cedula"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["nombre_completo"]
    OWN_FIELDS: ClassVar[tuple[str, ...]] = ("nombre_completo", "phone")
    """What people tell about themselves and may change, in the order of the forms: registration,
    profile, administration, and the download of one's data go by it."""

    class Meta:
        verbose_name = "persona"
        verbose_name_plural = "personas"
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(role__in=["USER", "LEADER"]), name="user_role_is_known"
            ),
        ]
        indexes: ClassVar = [
            # A page of a leader's referidos, in its two most frequent orders.
            models.Index(fields=["referred_by", "search_name", "id"], name="user_referrals_name"),
            models.Index(fields=["referred_by", "date_joined", "id"], name="user_referrals_date"),
            # May this person be looked up? PostgreSQL answers from the index alone.
            models.Index(
                fields=["id", "consent_version", "is_active", "consented_at"],
                name="user_may_be_looked_up",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.nombre_completo} ({cedulas.masked(self.cedula)})"

    def get_full_name(self) -> str:
        return self.nombre_completo

    def get_short_name(self) -> str:
        return self.nombre_completo.split(" ", 1)[0]

    @property
    def is_leader(self) -> bool:
        return self.role == self.Role.LEADER

    @property
    def has_consent(self) -> bool:
        """True if they have authorised the use of their data under a policy in force."""
        return self.consented_at is not None and (
            self.consent_version in policy.versions_in_force()
        )

    @property
    def cedula_formatted(self) -> str:
        return cedulas.formatted(self.cedula)


class PolicyText(models.Model):
    """The policy's text as people accepted it: its fingerprint alone would prove little."""

    sha256 = models.CharField("huella", max_length=64, primary_key=True)
    version = models.CharField("versión", max_length=20)
    text = models.TextField("texto")
    first_accepted_at = models.DateTimeField("desde", default=timezone.now)

    class Meta:
        verbose_name = "texto de la política"
        verbose_name_plural = "textos de la política"

    def __str__(self) -> str:
        return f"Versión {self.version} ({self.sha256[:8]})"


class Consent(models.Model):
    """The proof that a person authorised something: the text, the date, the channel, the end."""

    class Purpose(models.TextChoices):
        DATA = "DATA", "Uso de los datos"
        """Registration and lookups."""
        MESSAGES = "MESSAGES", "Recibir mensajes"
        """Optional: nothing depends on it."""

    class Channel(models.TextChoices):
        WEB = "WEB", "Formulario de la página"
        SERVICE = "SERVICE", "Registro por el sistema"

    user = models.ForeignKey(CustomUser, on_delete=models.CASCADE, related_name="consents")
    purpose = models.CharField("para qué", max_length=10, choices=Purpose, default=Purpose.DATA)
    version = models.CharField("versión de la política", max_length=20)
    text_sha256 = models.CharField("huella del texto", max_length=64)
    channel = models.CharField("canal", max_length=10, choices=Channel)
    given_at = models.DateTimeField("fecha", default=timezone.now)
    withdrawn_at = models.DateTimeField("retirada el", null=True, blank=True)
    ip_address = models.GenericIPAddressField("dirección IP", null=True, blank=True)
    user_agent = models.CharField("navegador", max_length=300, blank=True)

    class Meta:
        verbose_name = "autorización"
        verbose_name_plural = "autorizaciones"
        ordering: ClassVar = ["-given_at"]

    def __str__(self) -> str:
        return f"{self.get_purpose_display()}, versión {self.version}"


class ErasedAccount(models.Model):
    """The proof that an account was deleted, and of the consents it had given.

    It holds no cédula and no name but a keyed hash: whoever brings the cédula can be answered, and
    the table alone tells nobody whose account it was.
    """

    cedula_hash = models.CharField("huella de la cédula", max_length=64, db_index=True)
    erased_at = models.DateTimeField("borrada el", default=timezone.now)
    consents = models.JSONField("autorizaciones")
    """A list of {version, text_sha256, purpose, channel, given_at, withdrawn_at}."""

    class Meta:
        verbose_name = "cuenta borrada"
        verbose_name_plural = "cuentas borradas"
        ordering: ClassVar = ["-erased_at"]

    def __str__(self) -> str:
        return f"Borrada el {self.erased_at:%Y-%m-%d}"


class OpenSession(models.Model):
    """A browser in which a person is logged in, so that they can see that session and end it."""

    user = models.ForeignKey(CustomUser, on_delete=models.CASCADE, related_name="open_sessions")
    session_key = models.CharField(max_length=40, unique=True)
    began_at = models.DateTimeField("comenzó", default=timezone.now)
    ip_address = models.GenericIPAddressField("dirección IP", null=True, blank=True)
    user_agent = models.CharField("navegador", max_length=300, blank=True)

    class Meta:
        verbose_name = "sesión abierta"
        verbose_name_plural = "sesiones abiertas"
        ordering: ClassVar = ["-began_at"]

    def __str__(self) -> str:
        return f"{self.user}: desde {self.began_at:%Y-%m-%d %H:%M}"


class ThrottleCounter(models.Model):
    """Recent tries of one account or address under one limit: see `accounts.login.throttle`.

    The account and address are in the key as a keyed hash, so the table identifies nobody.
    """

    key = models.CharField(max_length=64, primary_key=True)
    count = models.PositiveIntegerField(default=0)
    expires_at = models.DateTimeField(db_index=True)

    class Meta:
        verbose_name = "contador de intentos"
        verbose_name_plural = "contadores de intentos"

    def __str__(self) -> str:
        return f"{self.key[:8]}: {self.count}"
