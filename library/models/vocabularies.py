"""Vocabularies that several apps use, and the sources of content."""

from typing import Any, ClassVar

from django.db import models
from django.db.models import Q
from django.urls import reverse

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

    introduction = models.TextField(
        "inledning",
        blank=True,
        default="",
        db_default="",
        help_text="Markdown. Står överst på temats sida.",
    )

    class Meta(Term.Meta):
        verbose_name = "tema"
        verbose_name_plural = "teman"

    def get_absolute_url(self) -> str:
        """Its page."""
        return reverse("library:theme", args=[self.slug])


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


class KnowledgeSource(Term):
    """Where knowledge comes from: research, those who work with it, those who live with it."""

    FACET = "kunskapskalla"

    class Meta(Term.Meta):
        verbose_name = "kunskapskälla"
        verbose_name_plural = "kunskapskällor"


class Reader(Term):
    """Whom something in the library is written for."""

    FACET = "lasare"

    class Meta(Term.Meta):
        verbose_name = "läsare"
        verbose_name_plural = "läsare"


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
