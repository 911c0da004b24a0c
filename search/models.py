"""The catalogue: every published thing, its facets, its texts, and the words they are found by."""

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


class Passage(models.Model):
    """A stretch of an entry's text that is searched by itself: the entry's own, or a PDF page.

    The texts are written with the entry. Their keys, what words become when they are searched
    for, follow in the background (`search.indexing`); the databases match keys alone. The keys of
    a text stand in its order, one for each word that is not a stop word.
    """

    entry = models.ForeignKey(Entry, on_delete=models.CASCADE, related_name="passages")
    # Which of the entry's files it is a page of; nothing for the entry's own text.
    file = models.CharField("fil", max_length=40, blank=True)
    page = models.PositiveIntegerField("sida", default=0)
    address = models.CharField("adress", max_length=300, blank=True)
    audience = models.CharField("synlighet", max_length=10, choices=Audience, blank=True)
    title = models.CharField("rubrik", max_length=250, blank=True)
    lead = models.TextField("inledning", blank=True)
    text = models.TextField("text", blank=True)
    # What it is found by without saying so, such as the neighbourhoods of a district.
    aside = models.TextField("hittas också på", blank=True)

    title_keys = models.TextField(blank=True)
    lead_keys = models.TextField(blank=True)
    text_keys = models.TextField(blank=True)
    part_keys = models.TextField(blank=True)  # parts of compounds, and the keys of `aside`
    facet_keys = models.TextField(blank=True)  # "tema=boende", "slag=projekt", …
    # The keys of title and lead once more, as keys of their own (engines.front_key): asking for a
    # common word in two columns alone would walk all that have it anywhere.
    front_keys = models.TextField(blank=True)

    # Raised when the texts change, so that keys of an older text are never taken for its own.
    # 0 means that the entry is to be fetched again from the app that published it.
    version = models.PositiveIntegerField("version", default=1)
    stale = models.BooleanField("väntar på att läsas", default=True)

    class Meta:
        verbose_name = "textstycke"
        verbose_name_plural = "textstycken"
        constraints = [
            models.UniqueConstraint(fields=["entry", "file", "page"], name="passage_once"),
        ]
        indexes = [
            models.Index(fields=["id"], condition=models.Q(stale=True), name="passage_stale"),
        ]

    def __str__(self) -> str:
        return f"{self.title}, s. {self.page}" if self.page else self.title


class Word(models.Model):
    """A word as it is written somewhere in the portal, and what it becomes when searched for.

    Analysing one takes up to 30 ms (`search.swedish`), so that it is done once.
    """

    form = models.CharField("ord", max_length=60, primary_key=True)
    key = models.CharField("nyckel", max_length=60, db_index=True)
    parts = models.CharField("delar", max_length=200, blank=True)  # keys of a compound's parts

    class Meta:
        verbose_name = "ord i portalen"
        verbose_name_plural = "ord i portalen"

    def __str__(self) -> str:
        return self.form


class Term(models.Model):
    """In how many passages a key stands: the rarer it is, the more a hit says."""

    # Stands for no key: how many passages there are.
    ALL = ""

    key = models.CharField("nyckel", max_length=60, primary_key=True)
    passages = models.IntegerField("textstycken", default=0)

    class Meta:
        verbose_name = "nyckel"
        verbose_name_plural = "nycklar"

    def __str__(self) -> str:
        return self.key


class Synonyms(models.Model):
    """Words that mean the same, or words that lead to others."""

    words = models.TextField("ord", help_text="Ett ord eller ett uttryck på varje rad.")
    leads_to = models.TextField(
        "leder till",
        blank=True,
        help_text=(
            "Tomt: orden ovan betyder samma sak och hittar varandra. Ifyllt: den som söker på ett"
            " av orden ovan hittar också det som handlar om orden här, men inte tvärtom."
        ),
    )
    changed_at = models.DateTimeField("ändrad", auto_now=True)

    class Meta:
        verbose_name = "synonymer"
        verbose_name_plural = "synonymer"
        ordering = ["words"]

    def __str__(self) -> str:
        left = ", ".join(lines(self.words))
        right = ", ".join(lines(self.leads_to))
        return f"{left} → {right}" if right else left


class ProtectedWord(models.Model):
    """A word that must not be reduced to something else: brukare is not bruk."""

    word = models.CharField("ord", max_length=60, unique=True, help_text="I grundform.")
    forms = models.TextField(
        "böjningar",
        blank=True,
        help_text="En på varje rad: de former som ska räknas som samma ord.",
    )
    changed_at = models.DateTimeField("ändrad", auto_now=True)

    class Meta:
        verbose_name = "skyddat ord"
        verbose_name_plural = "skyddade ord"
        ordering = ["word"]

    def __str__(self) -> str:
        return self.word


class CompoundOverride(models.Model):
    """How a compound is divided when the dictionary does it wrongly."""

    word = models.CharField("ord", max_length=60, unique=True, help_text="I grundform.")
    parts = models.CharField(
        "delar",
        max_length=200,
        blank=True,
        help_text="Delarna i grundform med mellanslag mellan. Tomt: ordet delas inte.",
    )
    changed_at = models.DateTimeField("ändrad", auto_now=True)

    class Meta:
        verbose_name = "sammansättning"
        verbose_name_plural = "sammansättningar"
        ordering = ["word"]

    def __str__(self) -> str:
        return f"{self.word}: {self.parts or 'delas inte'}"


class MissedWord(models.Model):
    """A word that somebody searched for and that found nothing; who it was is not kept."""

    # Curators see a word when it has been asked for so often: once may be anybody's name.
    SHOWN_AFTER = 3

    word = models.CharField("ord", max_length=60, unique=True)
    times = models.PositiveIntegerField("gånger", default=1)
    first_at = models.DateTimeField("första gången", auto_now_add=True)
    last_at = models.DateTimeField("senast", auto_now=True)

    class Meta:
        verbose_name = "ord utan träff"
        verbose_name_plural = "ord utan träff"
        ordering = ["-times", "word"]

    def __str__(self) -> str:
        return self.word


def lines(text: str) -> list[str]:
    """The lines of a text that hold something."""
    return [line.strip() for line in text.splitlines() if line.strip()]
