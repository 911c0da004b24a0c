"""Vocabularies that several apps use, the sources of content, methods and instruments."""

from typing import Any, ClassVar

from django.db import models
from django.db.models import Q

from core.text import sort_key
from people.models import Organisation


class Term(models.Model):
    """A word of a vocabulary that curators edit, and a value of the facet `FACET`."""

    FACET: ClassVar[str]

    name = models.CharField("namn", max_length=100, unique=True)
    slug = models.SlugField("adressnamn", max_length=80, unique=True)
    description = models.TextField("förklaring", blank=True)
    sort_key = models.CharField(max_length=100, editable=False)

    class Meta:
        abstract = True
        ordering = ["sort_key"]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Keep the key that lists are sorted by."""
        self.sort_key = sort_key(self.name)
        super().save(*args, **kwargs)


class ServiceArea(Term):
    """A part of the social services, such as socialpsykiatri."""

    FACET = "omrade"

    class Meta(Term.Meta):
        verbose_name = "verksamhetsområde"
        verbose_name_plural = "verksamhetsområden"


class Theme(Term):
    """What something is about."""

    FACET = "tema"

    class Meta(Term.Meta):
        verbose_name = "tema"
        verbose_name_plural = "teman"


class Intervention(Term):
    """What is done with or for people, such as boendestöd."""

    FACET = "insats"

    class Meta(Term.Meta):
        verbose_name = "insats"
        verbose_name_plural = "insatser"


class TargetGroup(Term):
    """Whom something is for."""

    FACET = "malgrupp"

    class Meta(Term.Meta):
        verbose_name = "målgrupp"
        verbose_name_plural = "målgrupper"


class Source(models.Model):
    """A document that content was written from."""

    title = models.CharField("titel", max_length=250)
    slug = models.SlugField("adressnamn", max_length=80, unique=True)
    publisher = models.ForeignKey(
        Organisation, verbose_name="utgivare", on_delete=models.PROTECT, related_name="sources"
    )
    year = models.PositiveSmallIntegerField("år")
    reference_number = models.CharField("diarienummer", max_length=60, blank=True)
    description = models.TextField("beskrivning", blank=True)

    class Meta:
        verbose_name = "källa"
        verbose_name_plural = "källor"
        ordering = ["-year", "title"]
        constraints = [
            models.CheckConstraint(condition=Q(year__range=(1900, 2100)), name="source_year"),
        ]

    def __str__(self) -> str:
        return f"{self.title} ({self.year})"


class Method(models.Model):
    """A way of working that can be described, learnt and followed up."""

    FACET = "metod"

    class Stage(models.TextChoices):
        """Where it stands in the method workshop."""

        NOTICED = "uppmarksammad", "Uppmärksammad"
        TRIED = "provas", "Prövas"
        EVALUATED = "utvarderas", "Utvärderas"
        SPREAD = "sprids", "Sprids"
        REGULAR = "ordinarie", "I ordinarie bruk"
        LEAVING = "avvecklas", "Avvecklas"

    name = models.CharField("namn", max_length=150, unique=True)
    slug = models.SlugField("adressnamn", max_length=80, unique=True)
    abbreviation = models.CharField("förkortning", max_length=20, blank=True)
    purpose = models.TextField("syfte")
    target_group = models.TextField("målgrupp", blank=True)
    how = models.TextField("så görs det", blank=True, help_text="Markdown.")
    stage = models.CharField("läge i metodverkstaden", max_length=20, choices=Stage)
    source = models.ForeignKey(
        Source, verbose_name="källa", null=True, blank=True, on_delete=models.PROTECT
    )
    source_section = models.CharField("avsnitt i källan", max_length=200, blank=True)
    sort_key = models.CharField(max_length=150, editable=False)

    class Meta:
        verbose_name = "metod"
        verbose_name_plural = "metoder"
        ordering = ["sort_key"]

    def __str__(self) -> str:
        return f"{self.name} ({self.abbreviation})" if self.abbreviation else self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Keep the key that lists are sorted by."""
        self.sort_key = sort_key(self.name)
        super().save(*args, **kwargs)


class Instrument(models.Model):
    """A form, interview or system that assesses, follows up or documents."""

    FACET = "instrument"

    class Kind(models.TextChoices):
        """What it is used for."""

        ASSESSMENT = "bedomning", "Bedömning"
        FOLLOW_UP = "uppfoljning", "Uppföljning"
        DOCUMENTATION = "dokumentationssystem", "Dokumentationssystem"

    name = models.CharField("namn", max_length=150, unique=True)
    slug = models.SlugField("adressnamn", max_length=80, unique=True)
    abbreviation = models.CharField("förkortning", max_length=20, blank=True)
    kind = models.CharField("typ", max_length=20, choices=Kind)
    measures_what = models.TextField("vad det mäter", blank=True)
    target_group = models.TextField("målgrupp", blank=True)
    filled_in_by = models.CharField("fylls i av", max_length=150, blank=True)
    source = models.ForeignKey(
        Source, verbose_name="källa", null=True, blank=True, on_delete=models.PROTECT
    )
    source_section = models.CharField("avsnitt i källan", max_length=200, blank=True)
    sort_key = models.CharField(max_length=150, editable=False)

    class Meta:
        verbose_name = "bedömningsinstrument"
        verbose_name_plural = "bedömningsinstrument"
        ordering = ["sort_key"]

    def __str__(self) -> str:
        return f"{self.name} ({self.abbreviation})" if self.abbreviation else self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Keep the key that lists are sorted by."""
        self.sort_key = sort_key(self.name)
        super().save(*args, **kwargs)
