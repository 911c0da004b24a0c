"""Organisations, and how they follow one another."""

import datetime
from typing import Any

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from core.text import fold, sort_key


class OrganisationQuerySet(models.QuerySet["Organisation"]):
    """Organisations by what and when they are."""

    def on(self, day: datetime.date) -> "OrganisationQuerySet":
        """Those that existed that day."""
        return self.filter(
            Q(valid_from=None) | Q(valid_from__lte=day), Q(valid_to=None) | Q(valid_to__gt=day)
        )

    def districts(self) -> "OrganisationQuerySet":
        """City districts, today's and earlier ones."""
        return self.filter(kind=Organisation.Kind.DISTRICT)

    def of_the_city(self) -> "OrganisationQuerySet":
        """The city itself and what it covers: its members read what is for its staff."""
        municipality = Organisation.Kind.MUNICIPALITY
        return self.filter(
            pk__in=Lineage.objects.filter(ancestor__kind=municipality).values("descendant")
        )

    def alphabetical(self) -> "OrganisationQuerySet":
        """In Swedish alphabetical order, on either database."""
        return self.order_by("sort_key", "pk")


class Organisation(models.Model):
    """A district, unit, university, user organisation…

    History is never rewritten: an old project stays under the organisation that ran it, and
    Lineage tells who came after.
    """

    class Kind(models.TextChoices):
        """What sort of organisation it is."""

        DISTRICT = "stadsdelsforvaltning", "Stadsdelsförvaltning"
        DEPARTMENT = "fackforvaltning", "Fackförvaltning"
        UNIT = "enhet", "Enhet"
        REGION = "region", "Region"
        USERS = "brukarorganisation", "Brukar- och anhörigorganisation"
        UNIVERSITY = "larosate", "Universitet och högskola"
        MUNICIPALITY = "kommun", "Kommun"
        AUTHORITY = "myndighet", "Myndighet"
        PROVIDER = "utforare", "Annan utförare"
        OTHER = "ovrig", "Övrig organisation"

    name = models.CharField("namn", max_length=150)
    short_name = models.CharField("kortnamn", max_length=60, blank=True)
    slug = models.SlugField("adressnamn", max_length=80, unique=True)
    kind = models.CharField("typ", max_length=20, choices=Kind)
    parent = models.ForeignKey(
        "self",
        verbose_name="ingår i",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="units",
    )
    valid_from = models.DateField("finns från", null=True, blank=True)
    valid_to = models.DateField(
        "finns till", null=True, blank=True, help_text="Första dagen som den inte längre fanns."
    )
    successors = models.ManyToManyField(
        "self",
        verbose_name="efterföljare",
        through="Succession",
        through_fields=("predecessor", "successor"),
        symmetrical=False,
        related_name="predecessors",
        blank=True,
    )
    description = models.TextField("beskrivning", blank=True)
    website = models.URLField("webbplats", blank=True)
    neighbourhoods = models.JSONField(
        "stadsdelar",
        default=list,
        blank=True,
        help_text="Namn på stadsdelar som hör hit, så att man hittar rätt (en lista).",
    )
    contact_function = models.CharField("kontakt (funktion)", max_length=150, blank=True)
    contact_email = models.EmailField("funktionsbrevlåda", blank=True)
    sort_key = models.CharField(max_length=150, editable=False)

    objects = OrganisationQuerySet.as_manager()

    class Meta:
        verbose_name = "organisation"
        verbose_name_plural = "organisationer"
        ordering = ["sort_key", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(valid_to=None) | Q(valid_from=None) | Q(valid_to__gt=F("valid_from")),
                name="organisation_ends_after_start",
            ),
            models.CheckConstraint(
                condition=Q(parent=None) | ~Q(parent=F("pk")), name="organisation_not_own_parent"
            ),
        ]

    def __str__(self) -> str:
        return self.label

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Keep the key that lists are sorted by."""
        self.sort_key = sort_key(self.label)
        super().save(*args, **kwargs)

    @property
    def label(self) -> str:
        """The short name where there is one."""
        return self.short_name or self.name

    @property
    def is_current(self) -> bool:
        """Whether it exists today."""
        return self.valid_to is None or self.valid_to > timezone.localdate()

    @property
    def is_district(self) -> bool:
        """Whether it is a city district, today's or earlier."""
        return self.kind == self.Kind.DISTRICT

    @property
    def all_names(self) -> list[str]:
        """What people may call it: name, short name and its neighbourhoods."""
        return [self.name, self.short_name, *self.neighbourhoods]

    def is_called(self, text: str) -> bool:
        """Whether the text is one of its names, however it is capitalised."""
        return fold(text) in {fold(name) for name in self.all_names if name}


class Succession(models.Model):
    """One organisation went over into another: mergers have many rows with one successor."""

    predecessor = models.ForeignKey(
        Organisation,
        verbose_name="föregångare",
        on_delete=models.CASCADE,
        related_name="succeeded_by",
    )
    successor = models.ForeignKey(
        Organisation, verbose_name="efterföljare", on_delete=models.CASCADE, related_name="succeeds"
    )
    date = models.DateField("datum")

    class Meta:
        verbose_name = "efterföljd"
        verbose_name_plural = "efterföljder"
        constraints = [
            models.UniqueConstraint(fields=["predecessor", "successor"], name="succession_once"),
            models.CheckConstraint(
                condition=~Q(predecessor=F("successor")), name="succession_not_to_itself"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.predecessor} → {self.successor} ({self.date})"


class Lineage(models.Model):
    """The closure over tree and successions: `ancestor` covers `descendant`.

    An organisation covers itself, its units and its predecessors, with theirs. Filters find what
    predecessors did, and a role in an organisation covers its units. Written by
    people.actions.rebuild_lineage.
    """

    ancestor = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="covers")
    descendant = models.ForeignKey(
        Organisation, on_delete=models.CASCADE, related_name="covered_by"
    )

    class Meta:
        verbose_name = "släktskap"
        verbose_name_plural = "släktskap"
        constraints = [
            models.UniqueConstraint(fields=["ancestor", "descendant"], name="lineage_once"),
        ]

    def __str__(self) -> str:
        return f"{self.ancestor} ⊇ {self.descendant}"
