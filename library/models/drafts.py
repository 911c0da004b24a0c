"""What curators and the research council are writing, until it is published."""

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q
from django.utils import timezone

from core.payloads import answer
from library.models.instruments import Instrument
from library.models.items import Item
from library.models.methods import Method


class DraftQuerySet(models.QuerySet["Draft"]):
    """Drafts by where they stand."""

    def open(self) -> "DraftQuerySet":
        """Those that somebody still works on."""
        return self.filter(state=Draft.State.WRITING)


class Draft(models.Model):
    """An item, a method or an instrument as it is written: a new one, or a revision.

    What is published changes only by publishing. `version` is raised by each save; `base` is what
    a revision began from, so that only what was changed is published.
    """

    class Subject(models.TextChoices):
        """What it becomes."""

        ITEM = "post", "Post i biblioteket"
        METHOD = "metod", "Metod"
        INSTRUMENT = "instrument", "Bedömningsinstrument"

    class State(models.TextChoices):
        """Where it stands."""

        WRITING = "utkast", "Utkast"
        PUBLISHED = "publicerat", "Publicerat"
        DISCARDED = "kastat", "Kastat"

    MOVES = {
        State.WRITING: {State.PUBLISHED, State.DISCARDED},
        State.PUBLISHED: set[State](),
        State.DISCARDED: set[State](),
    }

    subject = models.CharField("blir", max_length=12, choices=Subject)
    item = models.ForeignKey(
        Item, null=True, blank=True, on_delete=models.CASCADE, related_name="drafts"
    )
    method = models.ForeignKey(
        Method, null=True, blank=True, on_delete=models.CASCADE, related_name="drafts"
    )
    instrument = models.ForeignKey(
        Instrument, null=True, blank=True, on_delete=models.CASCADE, related_name="drafts"
    )
    payload = models.JSONField("svar", default=dict, encoder=DjangoJSONEncoder)
    base = models.JSONField("svar från början", default=dict, encoder=DjangoJSONEncoder)
    version = models.PositiveIntegerField("version", default=1)
    state = models.CharField("läge", max_length=12, choices=State, default=State.WRITING)

    # One sending of a form makes one draft, however often it is sent.
    key = models.CharField(max_length=64, unique=True, editable=False)
    created_at = models.DateTimeField("påbörjat", default=timezone.now)
    changed_at = models.DateTimeField("ändrat", default=timezone.now)
    created_by = models.ForeignKey(
        "people.User",
        verbose_name="påbörjat av",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    changed_by = models.ForeignKey(
        "people.User",
        verbose_name="ändrat av",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )

    objects = DraftQuerySet.as_manager()

    class Meta:
        verbose_name = "utkast i biblioteket"
        verbose_name_plural = "utkast i biblioteket"
        ordering = ["-changed_at", "-pk"]
        constraints = [
            *(
                models.UniqueConstraint(
                    fields=[name],
                    condition=Q(state="utkast"),
                    name=f"library_draft_one_revision_of_{name}",
                )
                for name in ("item", "method", "instrument")
            ),
            models.CheckConstraint(
                condition=Q(subject="post", method=None, instrument=None)
                | Q(subject="metod", item=None, instrument=None)
                | Q(subject="instrument", item=None, method=None),
                name="library_draft_of_its_subject",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def title(self) -> str:
        """What it is called so far."""
        name = "title" if self.subject == self.Subject.ITEM else "name"
        return next(iter(answer(self.payload, name)), "Utan namn")

    @property
    def target(self) -> Item | Method | Instrument | None:
        """What it revises, or was published as."""
        return self.item or self.method or self.instrument

    @property
    def is_revision(self) -> bool:
        """Whether it changes something that is published."""
        return self.state == self.State.WRITING and self.target is not None

    @property
    def audit_label(self) -> str:
        """Without what was typed: the history is read by others than the draft is."""
        return f"Utkast {self.pk} i biblioteket"
