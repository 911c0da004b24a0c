"""The catalogue: one row for every published thing, its facets in one flat table."""

from django.db import models


class Audience(models.TextChoices):
    """Who may see something."""

    PUBLIC = "alla", "Öppen"
    STAFF = "personal", "Inloggad personal"


class Entry(models.Model):
    """One published thing, as lists, feeds and counts need it.

    Rows are never deleted: what is no longer published stays as a blank row without audience
    (`catalogue.remove`), so that every process learns of it from `edition` alone.
    """

    kind = models.CharField("slag", max_length=20)
    object_id = models.PositiveBigIntegerField("löpnummer")
    title = models.CharField("rubrik", max_length=250)
    summary = models.TextField("kort på lätt svenska", blank=True)
    address = models.CharField("adress", max_length=300)
    # What a list row shows besides: words only, already formatted.
    card = models.JSONField("radens uppgifter", default=dict)
    audience = models.CharField("synlighet", max_length=10, choices=Audience, blank=True)
    date = models.CharField("tid", max_length=10, blank=True)  # ISO 8601, reduced precision
    published_at = models.DateTimeField("publicerad")
    confirmed_on = models.DateField("senast bekräftad", null=True)
    title_key = models.CharField("sorteringsnyckel", max_length=250)
    words = models.TextField("ord att söka i")
    # The number of the edition in which the row was last written; see core.Edition.
    edition = models.PositiveBigIntegerField("utgåva")

    class Meta:
        verbose_name = "post i katalogen"
        verbose_name_plural = "katalogen"
        constraints = [
            models.UniqueConstraint(fields=["kind", "object_id"], name="entry_once"),
        ]
        indexes = [
            models.Index(fields=["kind", "edition"], name="entry_changes"),
            models.Index(fields=["kind", "-published_at"], name="entry_newest"),
        ]

    def __str__(self) -> str:
        return self.title


class EntryFacet(models.Model):
    """One value of one facet of an entry: what it can be filtered and counted by."""

    entry = models.ForeignKey(Entry, on_delete=models.CASCADE, related_name="facets")
    facet = models.CharField(max_length=20)
    value = models.CharField(max_length=80)

    class Meta:
        verbose_name = "facett"
        verbose_name_plural = "facetter"
        constraints = [
            models.UniqueConstraint(fields=["entry", "facet", "value"], name="facet_value_once"),
        ]

    def __str__(self) -> str:
        return f"{self.facet}={self.value}"


class FacetLabel(models.Model):
    """How a facet's value is written for people, and where it stands in its list."""

    facet = models.CharField(max_length=20)
    value = models.CharField(max_length=80)
    label = models.CharField(max_length=200)
    position = models.CharField(max_length=200)  # compared as text

    class Meta:
        verbose_name = "facettens namn"
        verbose_name_plural = "facetternas namn"
        constraints = [
            models.UniqueConstraint(fields=["facet", "value"], name="facet_label_once"),
        ]

    def __str__(self) -> str:
        return self.label
