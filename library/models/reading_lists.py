"""Reading lists that staff keep, and what curators have chosen for a theme."""

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.text import slugify

from library.models.items import Item
from library.models.vocabularies import Theme


class ThemeItem(models.Model):
    """An item that curators have chosen for a theme's page, in their order."""

    theme = models.ForeignKey(Theme, on_delete=models.CASCADE, related_name="chosen")
    item = models.ForeignKey(
        Item, verbose_name="post i biblioteket", on_delete=models.CASCADE, related_name="chosen_for"
    )
    position = models.PositiveSmallIntegerField("plats", default=10)

    class Meta:
        verbose_name = "utvald post"
        verbose_name_plural = "utvalda poster"
        ordering = ["position", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["theme", "item"], name="theme_item_once"),
        ]

    def __str__(self) -> str:
        return str(self.item)


class ReadingListQuerySet(models.QuerySet["ReadingList"]):
    """Reading lists by who may read them."""

    def published(self) -> "ReadingListQuerySet":
        """Those that curators have published for everybody."""
        return self.exclude(published_at=None)


class ReadingList(models.Model):
    """Things from anywhere in the portal, in an order, with a word about each.

    Its owner reads it; whoever has the link while it is shared; everybody when a curator has
    published it. What a reader may not see of its things is not shown to her.
    """

    MOST = 50  # of one owner's
    MOST_ENTRIES = 100

    title = models.CharField("namn", max_length=120)
    description = models.TextField("om listan", blank=True)
    owner = models.ForeignKey(
        "people.User",
        verbose_name="ägare",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="reading_lists",
    )
    # Part of the address that is handed out; nothing while it is not shared.
    token = models.CharField("delad som", max_length=43, blank=True, editable=False)
    published_at = models.DateTimeField("publicerad", null=True, blank=True, editable=False)
    created_at = models.DateTimeField("påbörjad", default=timezone.now, editable=False)
    changed_at = models.DateTimeField("ändrad", default=timezone.now, editable=False)
    # One sending of a form makes one list, however often it is sent.
    key = models.CharField(max_length=64, unique=True, editable=False)

    objects = ReadingListQuerySet.as_manager()

    class Meta:
        verbose_name = "läslista"
        verbose_name_plural = "läslistor"
        ordering = ["-changed_at", "-pk"]
        constraints = [
            models.CheckConstraint(condition=~Q(title=""), name="reading_list_has_title"),
            models.UniqueConstraint(
                fields=["token"], condition=~Q(token=""), name="reading_list_token_once"
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        """Where everybody reads it once it is published."""
        return reverse("library:reading-list", args=[self.pk, self.slug])

    @property
    def slug(self) -> str:
        """The readable part of the address."""
        return slugify(self.title)[:80].strip("-") or "lista"

    @property
    def audit_label(self) -> str:
        """Without the name that its owner gave it, unless everybody may read it."""
        return self.title if self.published_at else f"Läslista {self.pk}"


class ReadingListEntry(models.Model):
    """One thing of a list: what it is in the catalogue, and why it is there."""

    reading_list = models.ForeignKey(ReadingList, on_delete=models.CASCADE, related_name="entries")
    kind = models.CharField("slag", max_length=20)
    object_id = models.PositiveBigIntegerField("löpnummer")
    note = models.CharField("varför", max_length=300, blank=True)
    position = models.PositiveSmallIntegerField("plats")

    class Meta:
        verbose_name = "post i läslista"
        verbose_name_plural = "poster i läslista"
        ordering = ["position", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["reading_list", "kind", "object_id"], name="reading_list_entry_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.object_id}"
