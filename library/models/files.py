"""Files of items and of drafts that become items; links, and whether they answer."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.urls import reverse
from django.utils import timezone

from core.fields import UploadedFileField
from core.uploads import RandomName
from core.uploads.kinds import AUDIO, extension_of, kind_of, megabytes
from library.models.items import Item
from search.models import Audience


class ItemFile(models.Model):
    """A file of an item, and what a worker has found in it."""

    class Accessible(models.TextChoices):
        """Whether it can be read with a screen reader."""

        YES = "ja", "Tillgänglig"
        NO = "nej", "Inte tillgänglig"
        UNKNOWN = "okand", "Vi vet inte"

    READABLE: ClassVar[dict[str, str]] = {
        Accessible.YES: "går att läsa med skärmläsare",
        Accessible.NO: "går inte att läsa med skärmläsare",
        Accessible.UNKNOWN: "vi vet inte om den går att läsa med skärmläsare",
    }

    class Reading(models.TextChoices):
        """How far a worker has come with it."""

        WAITING = "vantar", "Väntar på att läsas"
        READ = "last", "Läst"
        NO_TEXT = "utan-text", "Ingen text hittades"
        FAILED = "gick-inte", "Gick inte att läsa"
        NOT_READ = "lases-inte", "Läses inte"  # pictures, sound and the like

    class Trouble(models.TextChoices):
        """Why it could not be read, and what to do, to who has put it there."""

        BROKEN = (
            "skadad",
            "Filen går inte att öppna. Den kan vara skadad: spara om den och ladda upp den igen.",
        )
        LOCKED = (
            "last",
            "Filen är låst med lösenord. Spara en kopia utan lösenord och ladda upp den igen.",
        )
        TOO_LARGE = (
            "for-stor",
            "Filen är för stor för att läsas. Den går att hämta, men texten i den går inte att"
            " söka i. Dela upp den om den ska gå att söka i.",
        )
        LOST = "saknas", "Filen finns inte längre i lagringen. Ladda upp den igen."

    # As long as it belongs to a draft, nobody but those who write in the library sees it.
    item = models.ForeignKey(
        Item, null=True, blank=True, on_delete=models.CASCADE, related_name="files"
    )
    draft = models.ForeignKey(
        "library.Draft",
        null=True,
        blank=True,
        editable=False,
        on_delete=models.CASCADE,
        related_name="files",
    )
    title = models.CharField("rubrik", max_length=200)
    file = UploadedFileField("fil", upload_to=RandomName("bibliotek"))
    name = models.CharField("filnamn", max_length=150, blank=True, default="", editable=False)
    size = models.PositiveBigIntegerField("storlek i byte", default=0, editable=False)
    visibility = models.CharField(
        "synlighet", max_length=10, choices=Audience, default=Audience.PUBLIC
    )
    accessible = models.CharField(
        "tillgänglighet", max_length=10, choices=Accessible, default=Accessible.UNKNOWN
    )
    transcript = models.TextField(
        "det som sägs, i text", blank=True, help_text="Krävs för ljud och film."
    )
    pages = models.PositiveIntegerField("sidor", null=True, blank=True, editable=False)
    picture = models.FileField(
        "första sidan som bild", upload_to=RandomName("bibliotek"), blank=True, editable=False
    )
    reading = models.CharField(
        "läsning", max_length=12, choices=Reading, default=Reading.WAITING, editable=False
    )
    trouble = models.CharField(
        "varför det inte gick",
        max_length=12,
        choices=Trouble,
        blank=True,
        default="",
        db_default="",
        editable=False,
    )
    added_at = models.DateTimeField(
        "tillagd", default=timezone.now, db_default=Now(), editable=False
    )

    class Meta:
        verbose_name = "fil"
        verbose_name_plural = "filer"
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(item__isnull=False) | Q(draft__isnull=False),
                name="item_file_belongs_somewhere",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        """Where the file is fetched, by those who may see it."""
        if self.draft_id:
            return reverse("library:draft-file", args=[self.draft_id, self.pk])
        return reverse("library:file", args=[self.item_id, self.pk])

    @property
    def picture_address(self) -> str:
        """Where its first page is fetched as a picture; nothing where there is none."""
        if not self.picture:
            return ""
        if self.draft_id:
            return reverse("library:draft-picture", args=[self.draft_id, self.pk])
        return reverse("library:picture", args=[self.item_id, self.pk])

    @property
    def is_pdf(self) -> bool:
        """Whether it is a PDF file."""
        return extension_of(self.file.name or "") == ".pdf"

    @property
    def described(self) -> str:
        """What one gets: kind, pages, size, whether it can be read with a screen reader."""
        kind = kind_of(self.file.name or "")
        told = [kind.label if kind else "fil"]
        if self.pages:
            told.append(f"{self.pages} {'sida' if self.pages == 1 else 'sidor'}")
        small = self.size < 100_000
        told.append(f"{-(-self.size // 1000)} kB" if small else megabytes(self.size))
        if kind not in AUDIO:
            told.append(self.READABLE[self.accessible])
        return ", ".join(told)

    @property
    def search_file(self) -> str:
        """What its pages are known by in the search, among those of its item's other files."""
        return f"fil-{self.pk}"


class LinkCheck(models.Model):
    """What came of asking for an item's link, the last time."""

    item = models.OneToOneField(Item, on_delete=models.CASCADE, related_name="link_check")
    url = models.URLField("länk", max_length=500)
    checked_at = models.DateTimeField("prövad", default=timezone.now)
    is_broken = models.BooleanField("går inte att öppna", default=False)
    told = models.CharField("svar", max_length=100, blank=True)
    # A site that is away for a night has not lost its pages.
    times_broken = models.PositiveSmallIntegerField("gånger i rad utan svar", default=0)

    class Meta:
        verbose_name = "prövad länk"
        verbose_name_plural = "prövade länkar"
        ordering = ["pk"]

    def __str__(self) -> str:
        return self.url
