"""Somebody asks to have her account erased."""

import datetime

from django.db import models
from django.db.models import Q
from django.utils import timezone

from people.models.accounts import User


class ErasureRequest(models.Model):
    """Somebody asks to have her account erased; what no period covers a person decides.

    Granted, it goes with the account; the history tells that it was.
    """

    class State(models.TextChoices):
        """Where it stands."""

        WAITING = "vantar", "Väntar på beslut"
        DECLINED = "avslagen", "Avslagen"

    user = models.ForeignKey(
        User, verbose_name="konto", on_delete=models.CASCADE, related_name="erasure_requests"
    )
    state = models.CharField("läge", max_length=10, choices=State, default=State.WAITING)
    asked_at = models.DateTimeField("begärd", default=timezone.now)
    decided_at = models.DateTimeField("beslutad", null=True)
    decided_by = models.ForeignKey(
        User, verbose_name="beslutad av", null=True, on_delete=models.SET_NULL, related_name="+"
    )
    reason = models.TextField("skäl", blank=True)

    class Meta:
        verbose_name = "begäran om radering"
        verbose_name_plural = "begäranden om radering"
        ordering = ["asked_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["user"], condition=Q(state="vantar"), name="erasure_request_once"
            ),
            models.CheckConstraint(
                condition=~Q(state="avslagen") | (Q(decided_at__isnull=False) & ~Q(reason="")),
                name="erasure_declined_with_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"Begäran {self.pk} om radering"

    @property
    def answer_by(self) -> datetime.date:
        """Within a month, says article 12.3 of the General Data Protection Regulation."""
        return timezone.localdate(self.asked_at) + datetime.timedelta(days=30)
