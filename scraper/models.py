"""The one row that all processes share before they visit the site."""

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
    paused_until = models.DateTimeField(null=True)
    pause_reason = models.CharField(max_length=20, default="", blank=True)

    class Meta:
        verbose_name = "puerta de consulta"
        verbose_name_plural = "puerta de consulta"
        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(pk=1), name="sitegate_is_one_row")
        ]

    def __str__(self) -> str:
        return "Puerta de consulta"
