"""Files, reports and links of a project, and files that a unit has attached to a draft."""

from django.db import models
from django.urls import reverse
from django.utils import timezone

from core import stored
from core.fields import UploadedFileField
from core.uploads import RandomName
from inventory.models.drafts import Draft
from inventory.models.projects import Project
from search.models import Audience


class FileKind(models.TextChoices):
    """What a file is to who reads it."""

    REPORT = "rapport", "Rapport"
    EVALUATION = "uppfoljning", "Uppföljning eller utvärdering"
    MATERIAL = "material", "Material att använda"
    SLIDES = "presentation", "Presentation"
    PICTURE = "bild", "Bild"
    OTHER = "annat", "Annat"


class Titled(models.Model):
    """What is told of a file, whether it is published or not."""

    title = models.CharField("rubrik", max_length=200)
    # Those that were published before kinds were asked for have none.
    kind = models.CharField(
        "slag", max_length=12, choices=FileKind, blank=True, default="", db_default=""
    )
    # Of those who may see the project.
    visibility = models.CharField(
        "vem som ser den",
        max_length=10,
        choices=Audience,
        default=Audience.PUBLIC,
        db_default=Audience.PUBLIC,
    )

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.title


class DocumentQuerySet(models.QuerySet["Document"]):
    """Published files by who may see them."""

    def visible_to(self, audiences: frozenset[str]) -> "DocumentQuerySet":
        """Those that somebody of these audiences may see, who may see their project."""
        return self.filter(visibility__in=audiences)

    def searched(self) -> "DocumentQuerySet":
        """Those whose titles and pages are found: what is for staff alone is not searched."""
        return self.filter(visibility=Audience.PUBLIC)


class Document(Titled):
    """A file that belongs to a project."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="documents")
    file = UploadedFileField("fil", upload_to=RandomName("projekt"))
    name = models.CharField(
        "filnamn", max_length=150, blank=True, default="", db_default="", editable=False
    )

    objects = DocumentQuerySet.as_manager()

    class Meta:
        verbose_name = "fil"
        verbose_name_plural = "filer"
        ordering = ["pk"]

    def get_absolute_url(self) -> str:
        """Where the file is fetched, by those who may see it."""
        return reverse("inventory:document", args=[self.project.public_id, self.pk])

    @property
    def search_file(self) -> str:
        """What its pages are known by in the search, among those of its project's other files."""
        return f"dokument-{self.pk}"

    @property
    def is_searched(self) -> bool:
        """Whether its title and pages are found; see DocumentQuerySet.searched."""
        return self.visibility == Audience.PUBLIC


class DraftFileQuerySet(models.QuerySet["DraftFile"]):
    """Files of drafts by what has become of them."""

    def attached(self) -> "DraftFileQuerySet":
        """Those that the unit has not taken away."""
        return self.filter(removed_at=None)

    def erase(self) -> int:
        """Erase rows and what is stored, when the running transaction ends; returns how many.

        What has been published stays stored as long as the project has it.
        """
        count = 0
        for file in self:
            stored.let_go(file.file)
            count += file.delete()[0]
        return count


class DraftFile(Titled):
    """A file that goes with a draft, and is published with it as the project's (`document`).

    Nobody but the unit sees it before it is handed in. From then on it is an official document:
    taken away (`removed_at`) it is kept like the submission that it came with.
    """

    MOST = 20  # with one draft

    draft = models.ForeignKey(Draft, on_delete=models.CASCADE, related_name="files")
    file = UploadedFileField("fil", upload_to=RandomName("utkast"))
    name = models.CharField("filnamn", max_length=150, blank=True, editable=False)
    size = models.PositiveBigIntegerField("storlek")
    document = models.ForeignKey(
        Document,
        verbose_name="publicerad som",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    added_at = models.DateTimeField("bifogad", default=timezone.now)
    added_by = models.ForeignKey(
        "people.User", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    handed_in_at = models.DateTimeField("inlämnad", null=True, blank=True)
    removed_at = models.DateTimeField("borttagen", null=True, blank=True)
    # One sending of a form adds one file, however often it is sent.
    key = models.CharField(max_length=64, unique=True, editable=False)

    objects = DraftFileQuerySet.as_manager()

    class Meta:
        verbose_name = "bifogad fil"
        verbose_name_plural = "bifogade filer"
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(removed_at=None) | models.Q(handed_in_at__isnull=False),
                name="draft_file_kept_was_handed_in",
            ),
        ]

    def get_absolute_url(self) -> str:
        """Where the file is fetched, by those who may see it."""
        return reverse("inventory:draft-file", args=[self.draft_id, self.pk])


class Link(models.Model):
    """A report or page elsewhere about a project."""

    class Kind(models.TextChoices):
        """What is behind the address."""

        REPORT = "rapport", "Rapport"
        PAGE = "lank", "Länk"

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="links")
    kind = models.CharField("slag", max_length=10, choices=Kind, default=Kind.PAGE)
    title = models.CharField("rubrik", max_length=200)
    url = models.URLField("adress", max_length=500)

    class Meta:
        verbose_name = "rapport eller länk"
        verbose_name_plural = "rapporter och länkar"
        ordering = ["pk"]

    def __str__(self) -> str:
        return self.title
