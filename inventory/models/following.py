"""What somebody follows, and how often she is told of it."""

import datetime
from typing import Self

from django.conf import settings
from django.core.signing import BadSignature, Signer
from django.db import models
from django.db.models import Q
from django.utils import timezone

LONGEST_QUERY = 1000


class Follow(models.Model):
    """A project, or a choice in the inventory, whose news somebody wants to have by mail.

    The choice is the list's address in one form (`ProjectFilter.subject`). What it is called is
    not kept: names change, and a project may be hidden from the one who follows it.
    """

    MOST = 50  # of one account

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="användare",
        on_delete=models.CASCADE,
        related_name="follows",
    )
    query = models.CharField("urval", max_length=LONGEST_QUERY, blank=True)
    project = models.ForeignKey(
        "inventory.Project",
        verbose_name="projekt",
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="follows",
    )
    created_at = models.DateTimeField("sedan", default=timezone.now)

    class Meta:
        verbose_name = "följning"
        verbose_name_plural = "följningar"
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=(Q(project=None) & ~Q(query="")) | Q(project__isnull=False, query=""),
                name="follow_of_query_or_project",
            ),
            models.UniqueConstraint(
                fields=["user", "query"], condition=Q(project=None), name="follow_query_once"
            ),
            models.UniqueConstraint(
                fields=["user", "project"],
                condition=Q(project__isnull=False),
                name="follow_project_once",
            ),
        ]

    def __str__(self) -> str:
        """Not what is followed: the history repeats it."""
        return f"Följning {self.pk}"


class Frequency(models.TextChoices):
    """How often a digest is sent."""

    WEEKLY = "veckovis", "Varje vecka, på måndagen"
    MONTHLY = "manadsvis", "En gång i månaden, den första måndagen"
    NEVER = "aldrig", "Aldrig"


def next_day(frequency: str, day: datetime.date) -> datetime.date | None:
    """The first day of digests after that day: a Monday, or none."""
    if frequency == Frequency.NEVER:
        return None
    monday = day + datetime.timedelta(days=7 - day.weekday())
    while frequency == Frequency.MONTHLY and monday.day > 7:
        monday += datetime.timedelta(days=7)
    return monday


def next_monday() -> datetime.date | None:
    """The day of the next weekly digest."""
    return next_day(Frequency.WEEKLY, timezone.localdate())


class DigestSettingQuerySet(models.QuerySet["DigestSetting"]):
    """Settings by when they are due."""

    def due(self) -> Self:
        """Those whose day has come."""
        return self.filter(next_on__lte=timezone.localdate())


class DigestSetting(models.Model):
    """How often somebody gets a digest of what she follows.

    A digest tells of what happened from `told_until` to the beginning of its Monday; whoever
    writes it moves both dates in the same transaction, so that nothing is told twice or forgotten.
    """

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        verbose_name="användare",
        primary_key=True,
        on_delete=models.CASCADE,
        related_name="digest",
    )
    frequency = models.CharField(
        "utskick", max_length=10, choices=Frequency, default=Frequency.WEEKLY
    )
    next_on = models.DateField("nästa utskick", null=True, default=next_monday)
    told_until = models.DateTimeField("berättat till", default=timezone.now)

    objects = DigestSettingQuerySet.as_manager()

    class Meta:
        verbose_name = "utskick av det någon följer"
        verbose_name_plural = "utskick av det någon följer"
        constraints = [
            models.CheckConstraint(
                condition=Q(frequency=Frequency.NEVER, next_on=None)
                | (~Q(frequency=Frequency.NEVER) & Q(next_on__isnull=False)),
                name="digest_has_a_day_or_never",
            ),
        ]
        indexes = [models.Index(fields=["next_on"], name="digest_due")]

    def __str__(self) -> str:
        return f"Utskick till konto {self.pk}"

    @property
    def token(self) -> str:
        """Ends the digests without a login.

        Signed and not stored: every letter carries the same, and who reads the database has none.
        """
        return _signer().sign(str(self.pk)).replace(":", ".")

    @classmethod
    def of_token(cls, token: str) -> Self | None:
        """The setting whose token it is; nothing for one that is wrong or whose account is gone."""
        try:
            pk = _signer().unsign(token.replace(".", ":"))
        except BadSignature:
            return None
        return cls.objects.filter(pk=pk).select_related("user").first()


def _signer() -> Signer:
    return Signer(salt="inventory.digest")
