"""What is published in the library, and its files."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.text import slugify

from library.identifier_fields import DoiField, IsbnField, IssnField, UrnField
from library.models.instruments import Instrument
from library.models.methods import Method, seen_with
from library.models.vocabularies import KnowledgeSource, Reader, ServiceArea, Source, Theme
from people.models import Organisation
from search.models import Audience


class ItemQuerySet(models.QuerySet["Item"]):
    """Items by what may be seen of them."""

    def published(self) -> "ItemQuerySet":
        """Those that have not been taken back; what is withdrawn stays, with its reason."""
        return self.filter(taken_back_at=None)

    def visible_to(self, audiences: frozenset[str]) -> "ItemQuerySet":
        """Those that somebody of these audiences may see."""
        return self.published().filter(visibility__in=audiences)

    def with_everything(self) -> "ItemQuerySet":
        """With all that an item's page or export row shows."""
        return self.select_related("publisher", "source__publisher").prefetch_related(
            *("knowledge_sources", "themes", "readers", "service_areas"),
            *("methods", "instruments", "files"),
        )


class Item(models.Model):
    """A published report, book, film, good example or story.

    What a source does not tell stays empty, and the page says so. Whatever was not loaded from a
    source has every required field (the constraint `item_is_complete`).
    """

    class Kind(models.TextChoices):
        """What sort of publication it is."""

        RESEARCH = "forskningsrapport", "Forskningsrapport"
        EVALUATION = "utvardering", "Utvärdering"
        PROJECT_REPORT = "projektrapport", "Projektrapport"
        EXAMPLE = "gott-exempel", "Gott exempel"
        STORY = "erfarenhet", "Erfarenhetsberättelse"
        GUIDELINE = "riktlinje", "Riktlinje eller styrdokument"
        BOOK = "bok", "Bok"
        FILM = "film-podd", "Film eller podd"
        LINK = "lank", "Länk"

    # Of these the page tells how the knowledge came about (library.questions).
    FROM_PRACTICE = (Kind.PROJECT_REPORT, Kind.EXAMPLE, Kind.STORY)
    # What somebody has told, and may take back: the history, which nobody erases, keeps no word.
    TOLD = (Kind.EXAMPLE, Kind.STORY)

    class Language(models.TextChoices):
        """The language that it is written or spoken in (ISO 639)."""

        SWEDISH = "sv", "Svenska"
        ENGLISH = "en", "Engelska"
        NORWEGIAN = "no", "Norska"
        DANISH = "da", "Danska"
        FINNISH = "fi", "Finska"
        ARABIC = "ar", "Arabiska"
        SOMALI = "so", "Somaliska"
        OTHER = "mul", "Annat eller flera språk"

    class PeerReview(models.TextChoices):
        """Whether other experts have read it before it was published."""

        REVIEWED = "granskad", "Granskad av andra forskare"
        NOT_REVIEWED = "ej-granskad", "Inte granskad av andra forskare"

    MOST_KEY_MESSAGES = 3
    # Older than this, a reader is told so.
    YEARS_UNTIL_OLD = 5

    kind = models.CharField("typ", max_length=20, choices=Kind)
    title = models.CharField("titel", max_length=250)
    plain_summary = models.TextField(
        "kort på lätt svenska",
        blank=True,
        help_text="2–4 meningar som en brukare eller anhörig förstår.",
    )
    key_messages = models.TextField(
        "det viktigaste", blank=True, help_text="Högst tre saker, en på varje rad."
    )
    so_what = models.TextField(
        "vad betyder det för oss?",
        blank=True,
        help_text="Vad den som arbetar, leder eller får stöd kan göra annorlunda.",
    )
    knowledge_sources = models.ManyToManyField(
        KnowledgeSource, verbose_name="kunskapskälla", related_name="items", blank=True
    )
    authors = models.TextField(
        "författare", blank=True, help_text="En på varje rad: Efternamn, Förnamn."
    )
    corporate_authors = models.TextField(
        "organisationer som författare", blank=True, help_text="En på varje rad."
    )
    publisher = models.ForeignKey(
        Organisation,
        verbose_name="utgivare",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="items",
    )
    publisher_name = models.CharField(
        "utgivare som inte finns bland organisationerna", max_length=150, blank=True
    )
    year = models.PositiveSmallIntegerField("år", null=True, blank=True)
    themes = models.ManyToManyField(Theme, verbose_name="tema", related_name="items", blank=True)
    service_areas = models.ManyToManyField(
        ServiceArea, verbose_name="verksamhetsområde", related_name="items", blank=True
    )
    readers = models.ManyToManyField(
        Reader, verbose_name="för vem", related_name="items", blank=True
    )
    language = models.CharField("språk", max_length=3, choices=Language, blank=True)
    url = models.URLField("länk till fulltext", max_length=500, blank=True)
    full_text = models.TextField(
        "hela texten",
        blank=True,
        help_text="Markdown. Det som inte finns någon annanstans, till exempel en berättelse.",
    )

    abstract = models.TextField("sammanfattning", blank=True)
    series = models.CharField("serie", max_length=200, blank=True)
    number = models.CharField("nummer", max_length=60, blank=True)
    isbn = IsbnField("ISBN", max_length=13, blank=True, db_index=True)  # digits alone
    issn = IssnField("ISSN", max_length=9, blank=True)
    doi = DoiField("DOI", max_length=200, blank=True, db_index=True)  # lower case, 10.…
    urn = UrnField("URN:NBN", max_length=200, blank=True)
    licence = models.CharField("licens", max_length=100, blank=True)
    limitations = models.TextField("begränsningar", blank=True)
    commissioned_by = models.CharField("på uppdrag av", max_length=200, blank=True)
    peer_review = models.CharField("granskning", max_length=20, choices=PeerReview, blank=True)
    # library.questions: question → answer, of what comes from practice or experience.
    how_known = models.JSONField("hur kunskapen kom till", default=dict, blank=True)

    methods = models.ManyToManyField(
        Method, verbose_name="metoder", related_name="items", blank=True
    )
    instruments = models.ManyToManyField(
        Instrument, verbose_name="instrument", related_name="items", blank=True
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
        related_name="items",
    )
    source_section = models.CharField("avsnitt i källan", max_length=200, blank=True)
    # The document that other content was written from, when that is in the library itself.
    is_source = models.OneToOneField(
        Source,
        verbose_name="är källan",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="item",
    )
    # What the first content calls it, so that loading again finds it whatever curators change.
    loaded_as = models.SlugField(max_length=80, blank=True, editable=False)
    generated = models.BooleanField("påhittat exempel", default=False, editable=False)
    published_at = models.DateTimeField("publicerad", default=timezone.now, editable=False)
    reviewed_on = models.DateField("senast granskad", null=True, blank=True)
    review_due = models.DateField("granskas senast", null=True, blank=True)
    withdrawn_at = models.DateTimeField("tillbakadragen", null=True, blank=True, editable=False)
    withdrawn_reason = models.TextField("skäl", blank=True, editable=False)
    # A story that its teller has taken back: an empty row, whose address answers 410.
    taken_back_at = models.DateTimeField("återtagen", null=True, blank=True, editable=False)

    objects = ItemQuerySet.as_manager()

    # What must be filled in to publish; entries loaded from a source may lack them.
    REQUIRED: ClassVar = (
        "plain_summary",
        "key_messages",
        "so_what",
        "year",
        "language",
        "review_due",
    )
    REQUIRED_TERMS: ClassVar = ("knowledge_sources", "themes", "readers")

    class Meta:
        verbose_name = "post i biblioteket"
        verbose_name_plural = "biblioteket"
        ordering = ["-published_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["loaded_as"], condition=~Q(loaded_as=""), name="item_loaded_once"
            ),
            models.CheckConstraint(
                condition=~Q(title="") | Q(taken_back_at__isnull=False), name="item_has_title"
            ),
            models.CheckConstraint(
                condition=Q(year=None) | Q(year__range=(1500, 2100)), name="item_year"
            ),
            models.CheckConstraint(
                condition=Q(source__isnull=False)
                | Q(taken_back_at__isnull=False)
                | ~(
                    Q(plain_summary="")
                    | Q(key_messages="")
                    | Q(so_what="")
                    | Q(year=None)
                    | Q(language="")
                    | Q(review_due=None)
                ),
                name="item_is_complete",
                violation_error_message="Uppgifter som krävs för att publicera saknas.",
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_at=None) | ~Q(withdrawn_reason=""),
                name="item_withdrawn_with_reason",
            ),
            models.CheckConstraint(
                condition=Q(taken_back_at=None)
                | Q(
                    title="",
                    plain_summary="",
                    key_messages="",
                    so_what="",
                    full_text="",
                    abstract="",
                    authors="",
                ),
                name="item_taken_back_is_empty",
            ),
        ]

    def __str__(self) -> str:
        return self.title or "Återtagen berättelse"

    def get_absolute_url(self) -> str:
        """The permalink."""
        return reverse("library:item", args=[self.pk, self.slug])

    @property
    def slug(self) -> str:
        """The readable part of the address; the number alone identifies."""
        return slugify(self.title)[:80].strip("-") or "post"

    @property
    def published_by(self) -> str:
        """The publisher's name."""
        return self.publisher.label if self.publisher else self.publisher_name

    @property
    def key_message_list(self) -> list[str]:
        """The most important, one by one."""
        return [line.strip() for line in self.key_messages.splitlines() if line.strip()]

    @property
    def shown_methods(self) -> list[Method]:
        """Its methods, as far as whoever sees the item may see them."""
        return seen_with(self.methods.all(), self.visibility)

    @property
    def shown_instruments(self) -> list[Instrument]:
        """Its instruments, likewise."""
        return seen_with(self.instruments.all(), self.visibility)

    @property
    def age(self) -> int | None:
        """How many years old it is; None when its year is not known."""
        return timezone.localdate().year - self.year if self.year else None

    @property
    def is_old(self) -> bool:
        """Whether a reader is told that it is old."""
        return self.age is not None and self.age > self.YEARS_UNTIL_OLD

    @property
    def review_is_overdue(self) -> bool:
        """Whether somebody should have looked at it again."""
        return self.review_due is not None and self.review_due < timezone.localdate()

    @property
    def is_told(self) -> bool:
        """Whether somebody has told it, who may take it back, whatever kind it is called now."""
        return self.kind in self.TOLD or self.drafts.filter(offer__isnull=False).exists()

    @property
    def audit_label(self) -> str:
        """Without the title of a story, which its teller may take back."""
        return f"{self.get_kind_display()} {self.pk}" if self.is_told else str(self)
