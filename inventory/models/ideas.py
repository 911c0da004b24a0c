"""Ideas and needs before they are projects, and who shares them."""

from typing import Any

from django.db import models
from django.db.models import Count, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.text import slugify

from inventory.models.projects import Project
from library.models import ServiceArea, Theme
from people.models import Organisation, User
from search.models import Audience


class IdeaQuerySet(models.QuerySet["Idea"]):
    """Ideas by what may be seen of them, and where they stand."""

    def visible_to(self, audiences: frozenset[str]) -> "IdeaQuerySet":
        """Those that somebody of these audiences may see, closed ones included."""
        return self.filter(visibility__in=audiences)

    def open(self) -> "IdeaQuerySet":
        """Those that others can join."""
        return self.filter(state=Idea.State.OPEN)

    def current(self) -> "IdeaQuerySet":
        """Those that lists and the search show: all that were not closed without a project."""
        return self.exclude(state=Idea.State.CLOSED)

    def counted(self) -> Any:
        """With `echoed`, how many units have said "vi också"."""
        return self.annotate(echoed=Count("echoes", distinct=True))


class Idea(models.Model):
    """A unit's idea or need: short, with a function to ask; may become a project."""

    class Kind(models.TextChoices):
        """Something that one wants to try, or something that is lacking."""

        IDEA = "ide", "Idé"
        NEED = "behov", "Behov"

    class State(models.TextChoices):
        """Where it stands."""

        OPEN = "oppen", "Öppen"
        PROJECT = "blev-projekt", "Blev projekt"
        CLOSED = "avslutad", "Avslutad"

    MOVES = {
        State.OPEN: {State.PROJECT, State.CLOSED},
        State.PROJECT: set(),
        State.CLOSED: set(),
    }

    kind = models.CharField("typ", max_length=10, choices=Kind)
    title = models.CharField("rubrik", max_length=120)
    text = models.TextField("beskrivning", max_length=1500)
    organisation = models.ForeignKey(
        Organisation, verbose_name="enhet", on_delete=models.PROTECT, related_name="ideas"
    )
    themes = models.ManyToManyField(Theme, verbose_name="tema", blank=True, related_name="ideas")
    service_areas = models.ManyToManyField(
        ServiceArea, verbose_name="verksamhetsområde", blank=True, related_name="ideas"
    )
    contact_function = models.CharField("kontakt (funktion)", max_length=150)
    contact_email = models.EmailField("funktionsbrevlåda")
    visibility = models.CharField(
        "synlighet", max_length=10, choices=Audience, default=Audience.STAFF
    )
    state = models.CharField(
        "läge", max_length=12, choices=State, default=State.OPEN, editable=False
    )
    project = models.ForeignKey(
        Project,
        verbose_name="projektet som det blev",
        null=True,
        blank=True,
        editable=False,
        on_delete=models.PROTECT,
        related_name="ideas",
    )
    closed_reason = models.CharField("skäl", max_length=500, blank=True, editable=False)
    created_at = models.DateTimeField("upplagd", default=timezone.now, editable=False)
    created_by = models.ForeignKey(
        User,
        verbose_name="upplagd av",
        null=True,
        blank=True,
        editable=False,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    closed_at = models.DateTimeField("avslutad", null=True, blank=True, editable=False)
    # Tells one sending of the form from the next.
    key = models.CharField(max_length=64, unique=True, editable=False)

    objects = IdeaQuerySet.as_manager()

    class Meta:
        verbose_name = "idé eller behov"
        verbose_name_plural = "idéer och behov"
        ordering = ["-created_at", "-pk"]
        indexes = [models.Index(fields=["-created_at", "-id"], name="idea_newest")]
        constraints = [
            models.CheckConstraint(
                condition=Q(state="oppen", closed_at=None, project=None, closed_reason="")
                | Q(
                    state="blev-projekt",
                    closed_at__isnull=False,
                    project__isnull=False,
                    closed_reason="",
                )
                | (
                    Q(state="avslutad", closed_at__isnull=False, project=None)
                    & ~Q(closed_reason="")
                ),
                name="idea_closed_with_project_or_reason",
            ),
            models.CheckConstraint(
                condition=~Q(title="")
                & ~Q(text="")
                & ~Q(contact_function="")
                & ~Q(contact_email=""),
                name="idea_is_complete",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        """The permalink."""
        return reverse("inventory:idea", args=[self.pk, self.slug])

    @property
    def slug(self) -> str:
        """The readable part of the address; the number alone identifies."""
        return slugify(self.title)[:80].strip("-") or "ide"

    @property
    def is_open(self) -> bool:
        """Whether it can be joined, changed and closed."""
        return self.state == self.State.OPEN

    @property
    def is_need(self) -> bool:
        """Whether something is lacking: Swedish inflects what is said of it otherwise."""
        return self.kind == self.Kind.NEED

    @property
    def named(self) -> str:
        """What it is in the middle of a sentence: "idén" or "behovet"."""
        return "behovet" if self.is_need else "idén"


class Echo(models.Model):
    """A unit has said "vi också" about another's idea: once, until it is taken back."""

    idea = models.ForeignKey(
        Idea, verbose_name="idé eller behov", on_delete=models.CASCADE, related_name="echoes"
    )
    organisation = models.ForeignKey(
        Organisation, verbose_name="enhet", on_delete=models.PROTECT, related_name="echoes"
    )
    created_at = models.DateTimeField("sagt", default=timezone.now)
    by = models.ForeignKey(
        User,
        verbose_name="sagt av",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )

    class Meta:
        verbose_name = "vi också"
        verbose_name_plural = "vi också"
        ordering = ["created_at", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["idea", "organisation"], name="echo_once"),
        ]

    def __str__(self) -> str:
        return f"{self.organisation}: vi också"


class Introduction(models.Model):
    """An organisation and the one behind an idea have been told of each other, by mail, once.

    It stays when a "vi också" is taken back, so that saying it again writes no letter again.
    """

    idea = models.ForeignKey(Idea, on_delete=models.CASCADE, related_name="introductions")
    other = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField("gjord", default=timezone.now)

    class Meta:
        verbose_name = "presentation"
        verbose_name_plural = "presentationer"
        constraints = [
            models.UniqueConstraint(fields=["idea", "other"], name="introduction_once"),
        ]

    def __str__(self) -> str:
        return f"{self.idea} och {self.other}"
