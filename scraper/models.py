"""Rows shared by all processes: the rate limit, the pauses, captchas bought and their balance."""

from typing import ClassVar

from django.db import models


class SiteGate(models.Model):
    """The next free slot, its holder, and the circuit breaker. There is one row, id 1."""

    next_visit_at = models.FloatField(default=0)
    """No visit may begin before this moment (seconds since the epoch, the database's clock)."""
    holder = models.UUIDField(null=True)
    """Id of the reservation of the next slot, until its visit is made."""
    holder_until = models.FloatField(default=0)
    """The holder may not begin its visit after this moment; then the slot counts as used. In
    seconds since the epoch."""
    consecutive_blocks = models.PositiveIntegerField(default=0)
    """Lookups that the site blocked since one last got through, over all workers."""
    pauses_in_a_row = models.PositiveIntegerField(default=0)
    """Automatic pauses since a lookup last got through: each is longer."""
    paused_until = models.DateTimeField("en pausa hasta", null=True)
    """End of the automatic pause; `pause_reason` says why it was made."""
    pause_reason = models.CharField(max_length=20, default="", blank=True)
    held_since = models.DateTimeField("detenida desde", null=True)
    held_until = models.DateTimeField("detenida hasta", null=True)
    """End of the operator's pause; `OPEN_END` if it lasts until somebody resumes. Apart from
    `paused_until`, so that neither pause ends, shortens or renames the other."""

    class Meta:
        verbose_name = "puerta de consulta"
        verbose_name_plural = "puerta de consulta"
        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(pk=1), name="sitegate_is_one_row")
        ]

    def __str__(self) -> str:
        return "Puerta de consulta"


class CaptchaDay(models.Model):
    """Captchas that all workers together bought on one calendar day of TIME_ZONE."""

    day = models.DateField("día", primary_key=True)
    taken = models.PositiveIntegerField("reservados", default=0)
    """Permits taken, each to buy one captcha. Those of a dead worker count: it may have bought."""
    bought = models.PositiveIntegerField("comprados", default=0)
    """Captchas that the service accepted, and charges for. Never counted down."""

    class Meta:
        verbose_name = "día de captchas"
        verbose_name_plural = "días de captchas"
        ordering: ClassVar = ["-day"]

    def __str__(self) -> str:
        return f"{self.day}: {self.bought}"


class CaptchaAccount(models.Model):
    """Our account at the captcha service, as last reported by it. There is one row, id 1."""

    asked_at = models.DateTimeField("preguntado", null=True)
    """The last time a worker began to ask for the balance."""
    balance = models.FloatField("saldo en US$", null=True)
    answered_at = models.DateTimeField("respondido", null=True)
    """The time at which the service reported `balance`."""
    problem = models.CharField("problema", max_length=200, default="", blank=True)
    """Why the last question got no balance; '' if it got one."""

    class Meta:
        verbose_name = "cuenta de captchas"
        verbose_name_plural = "cuenta de captchas"
        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(pk=1), name="captchaaccount_is_one_row")
        ]

    def __str__(self) -> str:
        return "Cuenta de captchas"
