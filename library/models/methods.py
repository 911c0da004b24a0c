"""Methods: where each stands in the method workshop, and what is known of it."""

import datetime
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar, TypeVar

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from core.text import sort_key
from library.models.vocabularies import ServiceArea, Source, Theme
from search.models import Audience


class ToolQuerySet(models.QuerySet):
    """Methods and instruments by who may see them."""

    def visible_to(self, audiences: frozenset[str]) -> "ToolQuerySet":
        """Those that somebody of these audiences may see."""
        return self.filter(visibility__in=audiences)


class Tool(models.Model):
    """What methods and instruments have in common."""

    # The facet that names them on other things, and their kind in the catalogue.
    FACET: ClassVar[str]
    # The field of projects and items that holds them.
    FIELD: ClassVar[str]

    name = models.CharField("namn", max_length=150, unique=True)
    slug = models.SlugField("adressnamn", max_length=80, unique=True)
    abbreviation = models.CharField("förkortning", max_length=20, blank=True)
    plain_summary = models.TextField(
        "kort på lätt svenska",
        blank=True,
        help_text="2–4 meningar som en brukare eller anhörig förstår: vad det är och vad det ger.",
    )
    target_group = models.TextField("målgrupp", blank=True)
    training = models.TextField(
        "utbildning", blank=True, help_text="Vilken utbildning eller licens som behövs."
    )
    themes = models.ManyToManyField(
        Theme, verbose_name="tema", related_name="%(class)ss", blank=True
    )
    service_areas = models.ManyToManyField(
        ServiceArea, verbose_name="verksamhetsområde", related_name="%(class)ss", blank=True
    )
    visibility = models.CharField(
        "synlighet", max_length=10, choices=Audience, default=Audience.PUBLIC
    )
    source = models.ForeignKey(
        Source,
        verbose_name="källa",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="%(class)ss",
    )
    source_section = models.CharField("avsnitt i källan", max_length=200, blank=True)
    generated = models.BooleanField("påhittat exempel", default=False, editable=False)
    published_at = models.DateTimeField("publicerad", default=timezone.now, editable=False)
    reviewed_on = models.DateField("senast granskad", null=True, blank=True)
    sort_key = models.CharField(max_length=150, editable=False)

    objects = ToolQuerySet.as_manager()

    class Meta:
        abstract = True
        ordering = ["sort_key"]

    def __str__(self) -> str:
        return f"{self.name} ({self.abbreviation})" if self.abbreviation else self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Keep the key that lists are sorted by."""
        self.sort_key = sort_key(self.name)
        super().save(*args, **kwargs)

    @property
    def key(self) -> str:
        """What it is known by among methods and instruments together."""
        return f"{self.FACET}-{self.pk}"


Some = TypeVar("Some", bound=Tool)


def seen_with(tools: Iterable[Some], visibility: str) -> list[Some]:
    """Those that everybody may see who may see a thing of this visibility, in the order given.

    A public project that uses a method for staff does not name it.
    """
    if visibility == Audience.STAFF:
        return list(tools)
    return [tool for tool in tools if tool.visibility == Audience.PUBLIC]


class Method(Tool):
    """A way of working that can be described, learnt and followed up."""

    FACET, FIELD = "metod", "methods"

    class Stage(models.TextChoices):
        """Where it stands in the method workshop."""

        NOTICED = "uppmarksammad", "Uppmärksammad"
        TRIED = "provas", "Prövas"
        EVALUATED = "utvarderas", "Utvärderas"
        SPREAD = "sprids", "Sprids"
        REGULAR = "ordinarie", "I ordinarie bruk"
        LEAVING = "avvecklas", "Avvecklas"

    # From where it stands to where it may go; what is tried can fall back, and anything can end.
    MOVES: ClassVar = {
        Stage.NOTICED: {Stage.TRIED, Stage.LEAVING},
        Stage.TRIED: {Stage.NOTICED, Stage.EVALUATED, Stage.SPREAD, Stage.LEAVING},
        Stage.EVALUATED: {Stage.TRIED, Stage.SPREAD, Stage.REGULAR, Stage.LEAVING},
        Stage.SPREAD: {Stage.EVALUATED, Stage.REGULAR, Stage.LEAVING},
        Stage.REGULAR: {Stage.EVALUATED, Stage.LEAVING},
        Stage.LEAVING: {Stage.NOTICED},
    }

    purpose = models.TextField("syfte")
    how = models.TextField("så görs det", blank=True, help_text="Markdown.")
    stage = models.CharField("läge i metodverkstaden", max_length=20, choices=Stage)
    cost = models.TextField("kostnad", blank=True)
    fidelity = models.TextField(
        "programtrohet", blank=True, help_text="Vad som måste göras som det är tänkt."
    )
    risks = models.TextField("risker", blank=True)
    contact_function = models.CharField("kontakt (funktion)", max_length=150, blank=True)

    # Three voices. An empty one is an invitation to contribute.
    research_says = models.TextField("forskningen säger", blank=True)
    staff_say = models.TextField("vi som arbetar säger", blank=True)
    experience_says = models.TextField("vi som har erfarenhet säger", blank=True)

    instruments = models.ManyToManyField(
        "library.Instrument", verbose_name="instrument", related_name="methods", blank=True
    )

    class Meta(Tool.Meta):
        verbose_name = "metod"
        verbose_name_plural = "metoder"

    def get_absolute_url(self) -> str:
        """Its page."""
        return reverse("library:method", args=[self.slug])

    @property
    def profile(self) -> list["ProfileLine"]:
        """The knowledge declaration, every dimension in its order, graded or not."""
        graded = {grade.dimension: grade for grade in self.grades.all()}
        return [ProfileLine(each, graded.get(each)) for each in Grade.Dimension]

    @property
    def allowed_moves(self) -> list[Stage]:
        """The stages that it may be moved to, in the order of the workshop."""
        allowed = self.MOVES[self.Stage(self.stage)]
        return [stage for stage in self.Stage if stage in allowed]

    @cached_property
    def last_move(self) -> "StageMove | None":
        """How it came to where it stands, if that is known."""
        moves = list(self.moves.all())
        return moves[-1] if moves and moves[-1].to_stage == self.stage else None


class StageMove(models.Model):
    """A move in the method workshop: when, from where to where, and why."""

    method = models.ForeignKey(Method, on_delete=models.CASCADE, related_name="moves")
    from_stage = models.CharField("från", max_length=20, choices=Method.Stage, blank=True)
    to_stage = models.CharField("till", max_length=20, choices=Method.Stage)
    date = models.DateField("datum", default=datetime.date.today)
    reason = models.TextField("skäl")
    moved_by = models.ForeignKey(
        "people.User",
        verbose_name="av",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )

    class Meta:
        verbose_name = "steg i metodverkstaden"
        verbose_name_plural = "steg i metodverkstaden"
        ordering = ["date", "pk"]
        constraints = [
            models.CheckConstraint(condition=~Q(reason=""), name="stage_move_has_reason"),
        ]

    def __str__(self) -> str:
        return f"{self.method}: {self.get_to_stage_display()}"

    @property
    def days_since(self) -> int:
        """How many days ago it was."""
        return (timezone.localdate() - self.date).days


class Grade(models.Model):
    """One line of a method's knowledge declaration: a profile, never a sum and never an order.

    What has no row is "ej bedömt". The portal does not grade effect itself: `graded_by` and
    `cited` say who did, and where.
    """

    class Dimension(models.TextChoices):
        """What is graded."""

        EFFECT = "effekt", "Effekt"
        THEORY = "teori", "Teori"
        PRACTICE = "praktik", "Praktisk erfarenhet"
        FEASIBILITY = "genomforbarhet", "Genomförbarhet"
        TRANSFER = "overforbarhet", "Överförbarhet till Stockholm"
        EXPERIENCE = "erfarenhet", "Brukares och anhörigas erfarenhet"

    class Effect(models.TextChoices):
        """Certainty of the effect: SBU's four levels of GRADE, and what else can be known."""

        HIGH = "hog", "Hög tillförlitlighet"
        MODERATE = "mattlig", "Måttlig tillförlitlighet"
        LOW = "lag", "Låg tillförlitlighet"
        VERY_LOW = "mycket-lag", "Mycket låg tillförlitlighet"
        NO_STUDIES = "studier-saknas", "Studier saknas"
        NO_EFFECT = "ingen-effekt", "Ingen effekt visad"
        HARM = "risk", "Risk för skada"

    class Level(models.TextChoices):
        """Anything but effect."""

        A = "A", "A – starkt underlag"
        B = "B", "B – ganska starkt underlag"
        C = "C", "C – begränsat underlag"
        D = "D", "D – svagt underlag"

    NOT_GRADED = "Ej bedömt"

    method = models.ForeignKey(Method, on_delete=models.CASCADE, related_name="grades")
    dimension = models.CharField("dimension", max_length=20, choices=Dimension)
    value = models.CharField("bedömning", max_length=20, choices=[*Effect.choices, *Level.choices])
    reason = models.CharField("skäl, i en mening", max_length=300)
    graded_by = models.CharField("bedömt av (funktion eller organisation)", max_length=150)
    cited = models.CharField("källa till bedömningen", max_length=300)

    class Meta:
        verbose_name = "rad i kunskapsdeklarationen"
        verbose_name_plural = "kunskapsdeklaration"
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["method", "dimension"], name="grade_once"),
            models.CheckConstraint(
                condition=~(Q(reason="") | Q(graded_by="") | Q(cited="")),
                name="grade_says_why_who_where",
            ),
            models.CheckConstraint(
                condition=Q(
                    dimension="effekt",
                    value__in=[
                        *("hog", "mattlig", "lag", "mycket-lag"),
                        *("studier-saknas", "ingen-effekt", "risk"),
                    ],
                )
                | (~Q(dimension="effekt") & Q(value__in=["A", "B", "C", "D"])),
                name="grade_of_its_dimension",
                violation_error_message="Effekt bedöms med SBU:s nivåer, allt annat med A–D.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_dimension_display()}: {self.get_value_display()}"


@dataclass(frozen=True)
class ProfileLine:
    """One dimension of the knowledge declaration, graded or not."""

    dimension: Grade.Dimension
    grade: Grade | None

    # From the weakest to the strongest, as the profile is drawn.
    SCALE: ClassVar = (Grade.Level.D, Grade.Level.C, Grade.Level.B, Grade.Level.A)
    EFFECT_SCALE: ClassVar = (
        Grade.Effect.VERY_LOW,
        Grade.Effect.LOW,
        Grade.Effect.MODERATE,
        Grade.Effect.HIGH,
    )

    @property
    def value(self) -> str:
        """The grade in words."""
        return self.grade.get_value_display() if self.grade else Grade.NOT_GRADED

    @property
    def cells(self) -> list[bool]:
        """The four steps of its scale, and which of them it stands on; none when it has no step.

        That no effect was shown, or harm, is no step between others: it is told in words.
        """
        is_effect = self.dimension == Grade.Dimension.EFFECT
        value = self.grade.value if self.grade else ""
        return [step == value for step in (self.EFFECT_SCALE if is_effect else self.SCALE)]
