"""What all processes share before they visit the site, and before they buy a captcha."""

from typing import ClassVar

from django.db import models


class SiteGate(models.Model):
    """The next free slot, who holds it, and the circuit breaker. There is one row, id 1."""

    next_visit_at = models.FloatField(default=0)
    """No visit may begin before this moment (seconds since the epoch, the database's clock)."""
    holder = models.UUIDField(null=True)
    """Who has reserved the next slot and has not visited yet."""
    holder_until = models.FloatField(default=0)
    """The holder may not begin its visit after this moment; then the slot counts as used."""
    consecutive_blocks = models.PositiveIntegerField(default=0)
    """Lookups turned away by the site since the last one that was not, over all workers."""
    pauses_in_a_row = models.PositiveIntegerField(default=0)
    """Pauses since the last lookup that was not turned away: each is longer."""
    paused_until = models.DateTimeField("en pausa hasta", null=True)
    """Of a pause that the product made by itself; `pause_reason` says why."""
    pause_reason = models.CharField(max_length=20, default="", blank=True)
    held_since = models.DateTimeField("detenida desde", null=True)
    held_until = models.DateTimeField("detenida hasta", null=True)
    """Of a pause that an operator made: apart, so that neither ends, shortens or renames the other.
    `gate.OPEN_END` where it lasts until somebody ends it."""

    class Meta:
        verbose_name = "puerta de consulta"
        verbose_name_plural = "puerta de consulta"
        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(pk=1), name="sitegate_is_one_row")
        ]

    def __str__(self) -> str:
        return "Puerta de consulta"


class CaptchaDay(models.Model):
    """How many captchas all workers together bought on one calendar day of TIME_ZONE."""

    day = models.DateField("día", primary_key=True)
    taken = models.PositiveIntegerField("reservados", default=0)
    """Permissions to buy one. What a dead worker did with its own is not known, so they count."""
    bought = models.PositiveIntegerField("comprados", default=0)
    """Those that the service took on, and charges for. Never counted down."""

    class Meta:
        verbose_name = "día de captchas"
        verbose_name_plural = "días de captchas"
        ordering: ClassVar = ["-day"]

    def __str__(self) -> str:
        return f"{self.day}: {self.bought}"


class CaptchaAccount(models.Model):
    """What the captcha service last said of our account. There is one row, id 1."""

    asked_at = models.DateTimeField("preguntado", null=True)
    """When a worker last began to ask."""
    balance = models.FloatField("saldo en US$", null=True)
    answered_at = models.DateTimeField("respondido", null=True)
    """When the service told this balance."""
    problem = models.CharField("problema", max_length=200, default="", blank=True)
    """Why it told none when it was last asked; '' where it did."""

    class Meta:
        verbose_name = "cuenta de captchas"
        verbose_name_plural = "cuenta de captchas"
        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(pk=1), name="captchaaccount_is_one_row")
        ]

    def __str__(self) -> str:
        return "Cuenta de captchas"
