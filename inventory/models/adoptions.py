"""A unit that wants to do as another one did, and how it went."""

import datetime

from django.db import models
from django.db.models import Q
from django.utils import timezone

from inventory.models.drafts import Draft
from inventory.models.projects import Project
from people.models import Organisation


class Adoption(models.Model):
    """ "Vi vill göra likadant": told to the owner, written in a draft, asked about later."""

    # When the unit is asked how it went, in months.
    ASKED_AFTER = (6, 12)

    project = models.ForeignKey(
        Project, verbose_name="efter", on_delete=models.PROTECT, related_name="adoptions"
    )
    unit = models.ForeignKey(
        Organisation, verbose_name="enhet", on_delete=models.PROTECT, related_name="adoptions"
    )
    draft = models.OneToOneField(
        Draft,
        verbose_name="utkast",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="adoption",
    )
    text = models.TextField("meddelande till ägaren", blank=True)
    begun_at = models.DateTimeField("sagt", default=timezone.now)
    begun_by = models.ForeignKey(
        "people.User",
        verbose_name="sagt av",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )

    class Meta:
        verbose_name = "vi gör likadant"
        verbose_name_plural = "de som gör likadant"
        ordering = ["begun_at", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["project", "unit"], name="adoption_once"),
        ]

    def __str__(self) -> str:
        return f"{self.unit} gör som {self.project}"

    @property
    def audit_label(self) -> str:
        """By numbers: a project can be hidden from who reads the history."""
        return f"{self.unit} gör som projekt {self.project.public_id}"

    def project_shown_to(self, audiences: frozenset[str]) -> Project | None:
        """What they do likewise, as long as somebody of these audiences may see it."""
        return Project.objects.visible_to(audiences).filter(pk=self.project_id).first()


class HowItWent(models.Model):
    """What a unit answers when it is asked, half a year and a year after it began."""

    class Answer(models.TextChoices):
        """How far it has come."""

        RUNS = "gor-det", "Vi gör det"
        ON_THE_WAY = "pa-vag", "Vi är på väg"
        NOT = "blev-inte-av", "Det blev inte av"

    adoption = models.ForeignKey(Adoption, on_delete=models.CASCADE, related_name="answers")
    months = models.PositiveSmallIntegerField("månader efter")
    asked_at = models.DateTimeField("frågad", default=timezone.now)
    answer = models.CharField("hur det gick", max_length=12, choices=Answer, blank=True)
    text = models.TextField("vad andra kan lära sig", blank=True)
    answered_at = models.DateTimeField("besvarad", null=True, blank=True)
    answered_by = models.ForeignKey(
        "people.User",
        verbose_name="besvarad av",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )

    class Meta:
        verbose_name = "hur det gick"
        verbose_name_plural = "hur det gick"
        ordering = ["months"]
        constraints = [
            models.UniqueConstraint(fields=["adoption", "months"], name="how_it_went_once"),
            models.CheckConstraint(
                condition=Q(answer="", text="", answered_at=None)
                | (~Q(answer="") & Q(answered_at__isnull=False)),
                name="how_it_went_answered_some_time",
            ),
        ]

    def __str__(self) -> str:
        return f"Efter {self.months} månader"


def months_after(day: datetime.date, months: int) -> datetime.date:
    """The same day of the month some months later, or the last one of a shorter month."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    for last in (day.day, 30, 29, 28):
        try:
            return datetime.date(year, month + 1, min(day.day, last))
        except ValueError:
            continue
    raise ValueError(f"No such day: {year}-{month + 1}")
