"""Instruments that assess, follow up or document."""

from django.db import models
from django.db.models import Q
from django.urls import reverse

from library.models.methods import Tool


class Instrument(Tool):
    """A form, interview or system that assesses, follows up or documents."""

    FACET, FIELD = "instrument", "instruments"

    class Kind(models.TextChoices):
        """What it is used for."""

        ASSESSMENT = "bedomning", "Bedömning"
        FOLLOW_UP = "uppfoljning", "Uppföljning"
        DOCUMENTATION = "dokumentationssystem", "Dokumentationssystem"

    class Psychometrics(models.TextChoices):
        """How well it measures, for instruments that assess; empty is "ej bedömt"."""

        A = "A", "A – väl prövat"
        B = "B", "B – delvis prövat"
        C = "C", "C – lite prövat"

    class Tried(models.TextChoices):
        """Whether it has been tried in Sweden; empty when nobody has said."""

        YES = "ja", "Ja"
        PARTLY = "delvis", "Delvis"
        NO = "nej", "Nej"

    kind = models.CharField("typ", max_length=20, choices=Kind)
    measures_what = models.TextField("vad det mäter", blank=True)
    filled_in_by = models.CharField("fylls i av", max_length=150, blank=True)
    time = models.CharField("tid", max_length=150, blank=True)
    rights_and_cost = models.TextField("rättigheter och kostnad", blank=True)
    psychometrics = models.CharField(
        "mätegenskaper", max_length=1, choices=Psychometrics, blank=True
    )
    psychometrics_reason = models.CharField("skäl, i en mening", max_length=300, blank=True)
    psychometrics_by = models.CharField(
        "bedömt av (funktion eller organisation)", max_length=150, blank=True
    )
    psychometrics_cited = models.CharField("källa till bedömningen", max_length=300, blank=True)
    tried_in_sweden = models.CharField("prövat i Sverige", max_length=10, choices=Tried, blank=True)
    tried_how = models.TextField("hur det har prövats", blank=True)
    manual = models.TextField("manual", blank=True)
    feedback = models.TextField("återkoppling till personen", blank=True)
    similar = models.ManyToManyField("self", verbose_name="liknande instrument", blank=True)

    class Meta(Tool.Meta):
        verbose_name = "bedömningsinstrument"
        verbose_name_plural = "bedömningsinstrument"
        constraints = [
            models.CheckConstraint(
                condition=Q(psychometrics="")
                | ~(
                    Q(psychometrics_reason="") | Q(psychometrics_by="") | Q(psychometrics_cited="")
                ),
                name="psychometrics_say_why_who_where",
                violation_error_message="Skriv skäl, vem som bedömt och källa.",
            ),
        ]

    def get_absolute_url(self) -> str:
        """Its page."""
        return reverse("library:instrument", args=[self.slug])
