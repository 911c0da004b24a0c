"""Files, reports and links of a project."""

from django.db import models
from django.urls import reverse

from core.fields import UploadedFileField
from core.uploads import RandomName
from inventory.models.projects import Project


class Document(models.Model):
    """A file that belongs to a project."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="documents")
    title = models.CharField("rubrik", max_length=200)
    file = UploadedFileField("fil", upload_to=RandomName("projekt"))
    name = models.CharField(
        "filnamn", max_length=150, blank=True, default="", db_default="", editable=False
    )

    class Meta:
        verbose_name = "fil"
        verbose_name_plural = "filer"
        ordering = ["pk"]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        """Where the file is fetched, by those who may see its project."""
        return reverse("inventory:document", args=[self.project.public_id, self.pk])

    @property
    def search_file(self) -> str:
        """What its pages are known by in the search, among those of its project's other files."""
        return f"dokument-{self.pk}"


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
