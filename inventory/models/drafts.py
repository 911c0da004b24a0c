"""What a unit is writing, until a curator publishes it."""

from collections.abc import Mapping

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q
from django.utils import timezone

from inventory.models.projects import Project
from people.models import Organisation


class DraftQuerySet(models.QuerySet["Draft"]):
    """Drafts by where they stand."""

    def open(self) -> "DraftQuerySet":
        """Those that somebody still works on."""
        return self.filter(state__in=Draft.OPEN)

    def waiting(self) -> "DraftQuerySet":
        """Those that wait for a curator, the longest first."""
        return self.filter(state=Draft.State.SUBMITTED).order_by("submitted_at", "pk")


class Draft(models.Model):
    """A project as its unit writes it: a new one, or the revision of a published one.

    `Project` changes only when a curator publishes. `version` is raised by each save, so that two
    who write at once do not write over each other; `base` is what a revision began from, so that
    only what the unit changed is published.
    """

    class State(models.TextChoices):
        """Where it stands."""

        WRITING = "utkast", "Utkast"
        WITH_MANAGER = "hos-chefen", "Hos chefen för godkännande"
        SUBMITTED = "inlamnat", "Inlämnat"
        RETURNED = "atersant", "Återsänt med kommentarer"
        PUBLISHED = "publicerat", "Publicerat"
        DECLINED = "avbojt", "Avböjt"

    MOVES = {
        State.WRITING: {State.WITH_MANAGER, State.SUBMITTED},
        State.WITH_MANAGER: {State.WRITING, State.SUBMITTED},
        State.SUBMITTED: {State.WRITING, State.RETURNED, State.PUBLISHED, State.DECLINED},
        State.RETURNED: {State.WITH_MANAGER, State.SUBMITTED},
        State.PUBLISHED: set[State](),
        State.DECLINED: set[State](),
    }
    WRITABLE = (State.WRITING, State.RETURNED)  # by its unit
    OPEN = (State.WRITING, State.WITH_MANAGER, State.SUBMITTED, State.RETURNED)

    class Choice(models.TextChoices):
        """What a unit answers to "Finns det redan?"."""

        REUSE = "ateranvander", "Vi återanvänder"
        ADAPT = "anpassar", "Vi anpassar"
        NEW = "nytt", "Vi gör något nytt"

    unit = models.ForeignKey(
        Organisation, verbose_name="enhet", on_delete=models.PROTECT, related_name="drafts"
    )
    project = models.ForeignKey(
        Project,
        verbose_name="publicerat som",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="drafts",
    )
    payload = models.JSONField("svar", default=dict, encoder=DjangoJSONEncoder)
    base = models.JSONField("svar från början", default=dict, encoder=DjangoJSONEncoder)
    version = models.PositiveIntegerField("version", default=1)
    state = models.CharField("läge", max_length=12, choices=State, default=State.WRITING)

    choice = models.CharField("finns det redan?", max_length=12, choices=Choice, blank=True)
    choice_reason = models.TextField("varför nytt", blank=True)
    inspired_by = models.ManyToManyField(
        Project, verbose_name="liknar", related_name="reused_in", blank=True
    )

    # Files of the published project that a revision takes away.
    dropped = models.ManyToManyField(
        "inventory.Document", verbose_name="filer som tas bort", related_name="+", blank=True
    )

    # One sending of a form makes one draft, however often it is sent.
    key = models.CharField(max_length=64, unique=True, editable=False)
    created_at = models.DateTimeField("påbörjat", default=timezone.now)
    changed_at = models.DateTimeField("ändrat", default=timezone.now)
    submitted_at = models.DateTimeField("inlämnat", null=True, blank=True)
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
    claimed_by = models.ForeignKey(
        "people.User",
        verbose_name="granskas av",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )

    objects = DraftQuerySet.as_manager()

    class Meta:
        verbose_name = "utkast"
        verbose_name_plural = "utkast"
        ordering = ["-changed_at", "-pk"]
        indexes = [
            models.Index(fields=["state", "submitted_at", "id"], name="draft_by_state"),
            models.Index(fields=["unit", "state"], name="draft_of_unit"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["project"],
                condition=Q(state__in=["utkast", "hos-chefen", "inlamnat", "atersant"]),
                name="draft_one_revision_at_a_time",
            ),
            models.CheckConstraint(
                condition=~Q(state="publicerat") | Q(project__isnull=False),
                name="draft_published_as_project",
            ),
            models.CheckConstraint(
                condition=~Q(state="inlamnat") | Q(submitted_at__isnull=False),
                name="draft_submitted_has_time",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def title(self) -> str:
        """What it is called so far."""
        return first(self.payload, "title") or "Utan namn"

    @property
    def is_revision(self) -> bool:
        """Whether it changes something that is published."""
        return self.project_id is not None and self.state != self.State.PUBLISHED

    @property
    def is_open(self) -> bool:
        """Whether somebody still works on it."""
        return self.state in self.OPEN

    @property
    def audit_label(self) -> str:
        """Without what was typed: the history is read by others than the draft is."""
        return f"Utkast {self.pk}, {self.unit}"


def first(payload: Mapping[str, list[str]], name: str) -> str:
    """The first thing typed at a name, or nothing."""
    values = payload.get(name) or [""]
    return values[0]


class Submission(models.Model):
    """What a unit handed in, as it was handed in: an official document, kept when it changes."""

    draft = models.ForeignKey(Draft, on_delete=models.PROTECT, related_name="submissions")
    number = models.PositiveIntegerField("nummer")
    payload = models.JSONField("svar", encoder=DjangoJSONEncoder)
    # Of each file its key, and what was told of it; by key, which published ones it takes away.
    files = models.JSONField("filer", default=list, db_default=[])
    dropped = models.JSONField("filer som tas bort", default=list, db_default=[])
    submitted_at = models.DateTimeField("inlämnat", default=timezone.now)
    submitted_by = models.ForeignKey(
        "people.User", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )

    class Meta:
        verbose_name = "inlämning"
        verbose_name_plural = "inlämningar"
        ordering = ["submitted_at", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["draft", "number"], name="submission_once"),
        ]

    def __str__(self) -> str:
        return f"Inlämning {self.number} av utkast {self.draft_id}"


class Comment(models.Model):
    """What a curator says of one question, or of the whole, and what the unit answers."""

    draft = models.ForeignKey(Draft, on_delete=models.CASCADE, related_name="comments")
    question = models.CharField("fråga", max_length=30, blank=True)
    text = models.TextField("kommentar")
    written_at = models.DateTimeField("skriven", default=timezone.now)
    written_by = models.ForeignKey(
        "people.User", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    answer = models.TextField("svar", blank=True)
    answered_at = models.DateTimeField("besvarad", null=True, blank=True)
    answered_by = models.ForeignKey(
        "people.User", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    # A double click writes one.
    key = models.CharField(max_length=64, unique=True, editable=False)

    class Meta:
        verbose_name = "kommentar"
        verbose_name_plural = "kommentarer"
        ordering = ["written_at", "pk"]
        constraints = [
            models.CheckConstraint(condition=~Q(text=""), name="comment_says_something"),
            models.CheckConstraint(
                condition=Q(answer="") | Q(answered_at__isnull=False),
                name="comment_answer_has_time",
            ),
        ]

    def __str__(self) -> str:
        return f"Kommentar {self.pk} till utkast {self.draft_id}"


class UnitRules(models.Model):
    """How a unit wants it: whether its manager reads what is handed in first."""

    unit = models.OneToOneField(
        Organisation, verbose_name="enhet", on_delete=models.CASCADE, related_name="inventory_rules"
    )
    manager_approves = models.BooleanField("chefen godkänner innan det lämnas in", default=False)

    class Meta:
        verbose_name = "enhetens ordning"
        verbose_name_plural = "enheternas ordning"

    def __str__(self) -> str:
        return str(self.unit)
