"""Published projects and activities."""

import datetime

from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.text import slugify

from core.fields import PartialDate, PartialDateField
from library.models import (
    Instrument,
    Intervention,
    Item,
    Method,
    ServiceArea,
    Source,
    TargetGroup,
    Theme,
)
from people.models import Organisation
from search.models import Audience


class ProjectQuerySet(models.QuerySet["Project"]):
    """Projects by what may be seen of them."""

    def published(self) -> "ProjectQuerySet":
        """Those that are in the inventory now."""
        return self.filter(
            Q(embargo_until=None) | Q(embargo_until__lte=timezone.localdate()), withdrawn_at=None
        )

    def visible_to(self, audiences: frozenset[str]) -> "ProjectQuerySet":
        """Those that somebody of these audiences may see."""
        return self.published().filter(visibility__in=audiences)

    def going_on(self) -> "ProjectQuerySet":
        """Those of which their unit is asked whether they are still true; never made-up ones."""
        return self.published().filter(status__in=Project.GOING_ON, generated=False)

    def unconfirmed_since(self, day: datetime.date) -> "ProjectQuerySet":
        """Those that nobody has published or confirmed after that day."""
        next_day = datetime.datetime.combine(
            day + datetime.timedelta(days=1), datetime.time.min, timezone.get_current_timezone()
        )
        return self.filter(
            Q(last_confirmed_at__lte=day) | Q(last_confirmed_at=None, published_at__lt=next_day)
        )

    def with_everything(self) -> "ProjectQuerySet":
        """With all that a project's page, sheet or export row shows."""
        return self.select_related("lead", "source__publisher").prefetch_related(
            *("co_owners", "service_areas", "themes", "interventions", "target_groups"),
            *("methods", "instruments", "inspired_by", "inspired"),
            *("partners__organisation", "measures__points", "documents", "links"),
        )


class Project(models.Model):
    """A published project, activity, pre-study or study visit. Published things only live here.

    What a source does not tell stays empty, and the page says so. Whatever was not loaded from a
    source has every required field (the constraint `project_is_complete`).
    """

    class Kind(models.TextChoices):
        """What sort of undertaking it is."""

        PROJECT = "projekt", "Projekt"
        ACTIVITY = "verksamhet", "Verksamhet"
        PRESTUDY = "forstudie", "Förstudie"
        VISIT = "studiebesok", "Studiebesök"

    class Status(models.TextChoices):
        """Where it stands."""

        PLANNED = "planeras", "Planeras"
        ONGOING = "pagar", "Pågår"
        ENDED = "avslutades", "Avslutades"
        REGULAR = "ordinarie", "Ingår i ordinarie verksamhet"
        CLOSED = "lades-ned", "Lades ned"

    # What can be confirmed, measured and ended.
    GOING_ON = (Status.PLANNED, Status.ONGOING, Status.REGULAR)

    class Involvement(models.TextChoices):
        """How much users and relatives took part."""

        NONE = "ingen", "Ingen"
        INFORMED = "information", "Information"
        CONSULTED = "samrad", "Samråd"
        COCREATED = "medskapande", "Medskapande"
        USER_LED = "brukarstyrt", "Brukarstyrt"
        UNKNOWN = "framgar-inte", "Framgår inte av källan"

    class Evaluation(models.TextChoices):
        """How it was followed up."""

        NONE = "ingen", "Ingen ännu"
        OWN = "egen", "Egen uppföljning"
        EXTERNAL = "extern", "Extern utvärdering"
        RESEARCH = "forskning", "Forskning"

    public_id = models.PositiveIntegerField("löpnummer", unique=True, editable=False)
    kind = models.CharField("typ", max_length=20, choices=Kind)
    title = models.CharField("namn", max_length=200)
    plain_summary = models.TextField(
        "kort på lätt svenska",
        blank=True,
        help_text=(
            "2–4 meningar som en brukare eller anhörig förstår: vem, vad, vad det ledde till."
        ),
    )
    service_areas = models.ManyToManyField(
        ServiceArea, verbose_name="verksamhetsområde", related_name="projects", blank=True
    )
    lead = models.ForeignKey(
        Organisation,
        verbose_name="ansvarig enhet",
        on_delete=models.PROTECT,
        related_name="led_projects",
    )
    co_owners = models.ManyToManyField(
        Organisation,
        verbose_name="övriga projektägare",
        related_name="co_owned_projects",
        blank=True,
    )
    research_link = models.TextField("forskningsanknytning", blank=True)
    contact_function = models.CharField("kontakt (funktion)", max_length=150, blank=True)
    contact_phone = models.CharField("telefon", max_length=40, blank=True)
    contact_email = models.EmailField("funktionsbrevlåda", blank=True)
    status = models.CharField("läge", max_length=20, choices=Status, blank=True)
    start_date = PartialDateField("start")
    end_date = PartialDateField("slut")
    continuation = models.TextField("vad hände sedan?", blank=True)
    need = models.TextField("behov", blank=True)
    rationale = models.TextField("varför bör det fungera?", blank=True)
    themes = models.ManyToManyField(Theme, verbose_name="tema", related_name="projects", blank=True)
    interventions = models.ManyToManyField(
        Intervention, verbose_name="insats", related_name="projects", blank=True
    )
    target_groups = models.ManyToManyField(
        TargetGroup, verbose_name="målgrupp", related_name="projects", blank=True
    )
    reach_planned = models.PositiveIntegerField("antal nådda, planerat", null=True, blank=True)
    reach_actual = models.PositiveIntegerField("antal nådda, utfall", null=True, blank=True)
    user_involvement = models.CharField(
        "brukares och anhörigas medverkan", max_length=20, choices=Involvement, blank=True
    )
    user_involvement_text = models.TextField("hur de medverkade", blank=True)
    activities = models.TextField("vad görs", blank=True, help_text="Markdown.")
    methods = models.ManyToManyField(
        Method, verbose_name="metoder", related_name="projects", blank=True
    )
    instruments = models.ManyToManyField(
        Instrument, verbose_name="instrument", related_name="projects", blank=True
    )
    reports = models.ManyToManyField(
        Item, verbose_name="rapporter i biblioteket", related_name="projects", blank=True
    )
    # Performer, place, extent and adaptations after TIDieR (Hoffmann et al., BMJ 2014;348:g1687).
    staff_roles = models.TextField("utförare", blank=True)
    setting = models.TextField("plats", blank=True)
    dose = models.TextField("omfattning", blank=True)
    adaptations = models.TextField("anpassningar", blank=True)
    evaluation = models.CharField("uppföljning", max_length=20, choices=Evaluation, blank=True)
    results = models.TextField("resultat", blank=True, help_text="Markdown.")
    what_failed = models.TextField("vad fungerade inte", blank=True, help_text="Markdown.")
    advice = models.TextField("råd till nästa", blank=True, help_text="Markdown.")
    cost_total = models.PositiveBigIntegerField("kostnad (kronor)", null=True, blank=True)
    running_cost = models.PositiveBigIntegerField("årlig drift (kronor)", null=True, blank=True)
    funding = models.TextField("finansiering", blank=True)
    reference_number = models.CharField("diarienummer", max_length=60, blank=True)
    inspired_by = models.ManyToManyField(
        "self",
        verbose_name="inspirerat av",
        symmetrical=False,
        related_name="inspired",
        blank=True,
    )
    visibility = models.CharField(
        "synlighet", max_length=10, choices=Audience, default=Audience.PUBLIC
    )
    embargo_until = models.DateField("publiceras tidigast", null=True, blank=True)

    source = models.ForeignKey(
        Source,
        verbose_name="källa",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="projects",
    )
    source_section = models.CharField("avsnitt i källan", max_length=200, blank=True)
    generated = models.BooleanField(
        "påhittat exempel", default=False, editable=False, help_text="Gjort för prov av storlek."
    )
    published_at = models.DateTimeField("publicerad", default=timezone.now, editable=False)
    last_confirmed_at = models.DateField("senast bekräftad", null=True, blank=True)
    last_confirmed_by = models.ForeignKey(
        "people.User",
        verbose_name="bekräftad av",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    withdrawn_at = models.DateTimeField("avpublicerad", null=True, blank=True, editable=False)
    withdrawn_reason = models.TextField("skäl till avpublicering", blank=True, editable=False)

    objects = ProjectQuerySet.as_manager()

    # What must be filled in to publish, and besides once it has ended (docs/house.md, Fields).
    # Entries loaded from a source may lack them: the page then says so.
    REQUIRED = (
        *("plain_summary", "contact_function", "status", "start_date", "need"),
        *("user_involvement", "activities", "evaluation"),
    )
    REQUIRED_TERMS = ("service_areas", "themes", "interventions", "target_groups")
    REQUIRED_WHEN_ENDED = ("end_date", "continuation", "results", "what_failed", "advice")

    class Meta:
        verbose_name = "projekt eller verksamhet"
        verbose_name_plural = "projekt och verksamheter"
        ordering = ["-published_at", "-pk"]
        indexes = [models.Index(fields=["source"], name="project_source_idx")]
        constraints = [
            models.CheckConstraint(condition=~Q(title=""), name="project_has_title"),
            models.CheckConstraint(
                condition=Q(source__isnull=False)
                | ~(
                    Q(plain_summary="")
                    | Q(contact_function="")
                    | Q(status="")
                    | Q(start_date="")
                    | Q(need="")
                    | Q(user_involvement="")
                    | Q(activities="")
                    | Q(evaluation="")
                ),
                name="project_is_complete",
                violation_error_message="Uppgifter som krävs för att publicera saknas.",
            ),
            models.CheckConstraint(
                condition=Q(source__isnull=False)
                | ~Q(status__in=["avslutades", "lades-ned"])
                | ~(
                    Q(end_date="")
                    | Q(continuation="")
                    | Q(results="")
                    | Q(what_failed="")
                    | Q(advice="")
                    | Q(reach_actual=None)
                ),
                name="project_ended_is_complete",
                violation_error_message="Uppgifter som krävs när det är slut saknas.",
            ),
            # A year alone may hold the other date: 2015-03 to 2015 is in order.
            models.CheckConstraint(
                condition=Q(end_date="")
                | Q(end_date__gte=F("start_date"))
                | Q(start_date__startswith=F("end_date")),
                name="project_ends_after_start",
                violation_error_message="Slut kan inte vara före start.",
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_at=None) | ~Q(withdrawn_reason=""),
                name="project_withdrawn_with_reason",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        """The permalink."""
        return reverse("inventory:project", args=[self.public_id, self.slug])

    @property
    def slug(self) -> str:
        """The readable part of the address; the number alone identifies."""
        return slugify(self.title)[:80].strip("-") or "projekt"

    @property
    def owners(self) -> list[Organisation]:
        """The lead and the other owners."""
        return [self.lead, *self.co_owners.all()]

    @property
    def has_ended(self) -> bool:
        """Whether it is over, by its status."""
        return self.status in {self.Status.ENDED, self.Status.CLOSED}

    @property
    def period(self) -> str:
        """When it ran, as one says it: "2014–2015", "från september 2014", "till 2015"."""
        start, end = self.start_date, self.end_date
        if start and end:
            return start.spoken if start == end else f"{start.spoken}–{end.spoken}"
        if start:
            return f"från {start.spoken}"
        return f"till {end.spoken}" if end else ""

    @property
    def last_known(self) -> int:
        """The year in which somebody last said that the entry is true."""
        told = self.source.year if self.source else self.published_at.year
        return max(told, self.last_confirmed_at.year) if self.last_confirmed_at else told


class Partner(models.Model):
    """An organisation that takes part without owning."""

    class Role(models.TextChoices):
        """As what it takes part."""

        DISTRICT = "stadsdel", "Stadsdel"
        REGION = "region", "Regionens psykiatri och vård"
        USERS = "brukarorganisation", "Brukar- och anhörigorganisation"
        UNIVERSITY = "larosate", "Universitet och högskola"
        PROVIDER = "utforare", "Utförare"
        AUTHORITY = "myndighet", "Myndighet"
        OTHER = "ovrig", "Övrig"

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="partners")
    organisation = models.ForeignKey(
        Organisation,
        verbose_name="organisation",
        on_delete=models.PROTECT,
        related_name="partnerships",
    )
    role = models.CharField("roll", max_length=20, choices=Role)

    class Meta:
        verbose_name = "medverkande"
        verbose_name_plural = "medverkande"
        ordering = ["organisation__sort_key"]
        constraints = [
            models.UniqueConstraint(fields=["project", "organisation"], name="partner_once"),
        ]

    def __str__(self) -> str:
        return f"{self.organisation} ({self.get_role_display()})"


class PublicNumber(models.Model):
    """The last number given to a project; numbers are never used again, whatever is deleted."""

    last = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = "senaste löpnummer"
        verbose_name_plural = "senaste löpnummer"
        constraints = [
            models.CheckConstraint(condition=Q(pk=1), name="public_number_is_one_row"),
        ]

    def __str__(self) -> str:
        return str(self.last)

    @classmethod
    def take(cls) -> int:
        """The next number; two at once get different ones, on either database."""
        if not cls.objects.filter(pk=1).update(last=F("last") + 1):
            cls.objects.create(pk=1, last=1)
        return cls.objects.values_list("last", flat=True).get(pk=1)

    @classmethod
    def passed(cls, number: int) -> None:
        """Let `number`, given by a source, never be taken again."""
        cls.objects.get_or_create(pk=1)
        cls.objects.filter(pk=1, last__lt=number).update(last=number)


def years_active(project: Project, this_year: int) -> tuple[list[int], bool]:
    """The years in which it is known to have run, and whether it is known to run still.

    What a source told of as ongoing is known up to the year of the source, until somebody
    confirms it. What has ended without a known start is known in its last year alone.
    """
    start: PartialDate | None = project.start_date
    end: PartialDate | None = project.end_date
    told_by_source_only = project.source is not None and project.last_confirmed_at is None
    runs_on = end is None and not project.has_ended and not told_by_source_only
    if end:
        last = end.year
    elif runs_on:
        last = this_year
    elif project.has_ended and start:
        last = start.year
    else:
        last = project.last_known
    first = min(start.year, last) if start else last
    return list(range(first, last + 1)), runs_on and project.status != Project.Status.PLANNED
