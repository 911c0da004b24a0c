"""Organisations that become one."""

from django.db import models
from django.db.models import Q
from django.utils import timezone

from people.models.accounts import User
from people.models.organisations import Organisation


class MergerQuerySet(models.QuerySet["Merger"]):
    """Mergers by where they stand."""

    def planned(self) -> "MergerQuerySet":
        """Those whose day has not come, or has come and not been seen to."""
        return self.filter(state=Merger.State.PLANNED)

    def due(self) -> "MergerQuerySet":
        """Planned ones whose day has come, in the order in which they happened."""
        return self.planned().filter(date__lte=timezone.localdate()).order_by("date", "pk")


class Merger(models.Model):
    """Organisations that an administrator lets become one from a day.

    Until that day it is a plan, and nothing else has changed: the organisation that is to be new is
    made on the day, of `name`, `short_name`, `slug` and `parent`.
    """

    class State(models.TextChoices):
        """Where a merger stands."""

        PLANNED = "planerad", "Planerad"
        DONE = "genomford", "Genomförd"
        CANCELLED = "installd", "Inställd"

    MOVES = {
        State.PLANNED: {State.DONE, State.CANCELLED},
        State.DONE: set(),
        State.CANCELLED: set(),
    }

    organisations = models.ManyToManyField(
        Organisation, verbose_name="slås samman", through="MergerPart", related_name="mergers"
    )
    successor = models.ForeignKey(
        Organisation,
        verbose_name="går upp i",
        null=True,
        on_delete=models.PROTECT,
        related_name="formed_by",
    )
    name = models.CharField("den nyas namn", max_length=150, blank=True)
    short_name = models.CharField("den nyas kortnamn", max_length=60, blank=True)
    slug = models.SlugField("den nyas adressnamn", max_length=80, blank=True)
    parent = models.ForeignKey(
        Organisation,
        verbose_name="den nya ingår i",
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    date = models.DateField("från och med")
    reason = models.TextField("skäl")
    state = models.CharField("läge", max_length=10, choices=State, default=State.PLANNED)
    planned_at = models.DateTimeField("beslutad", default=timezone.now)
    planned_by = models.ForeignKey(
        User, verbose_name="beslutad av", null=True, on_delete=models.SET_NULL, related_name="+"
    )
    settled_at = models.DateTimeField("genomförd eller inställd", null=True)
    cancelled_because = models.TextField("varför den ställdes in", blank=True)
    # The same for a form that is sent twice.
    key = models.CharField(max_length=64, unique=True, null=True, blank=True, editable=False)

    objects = MergerQuerySet.as_manager()

    class Meta:
        verbose_name = "sammanslagning"
        verbose_name_plural = "sammanslagningar"
        ordering = ["-date", "-pk"]
        constraints = [
            models.CheckConstraint(condition=~Q(reason=""), name="merger_has_reason"),
            models.CheckConstraint(
                condition=Q(successor__isnull=False) | (~Q(name="") & ~Q(slug="")),
                name="merger_into_something",
            ),
            models.CheckConstraint(
                condition=~Q(state="genomford") | Q(successor__isnull=False),
                name="merger_done_has_successor",
            ),
            models.CheckConstraint(
                condition=Q(state="planerad", settled_at=None)
                | (~Q(state="planerad") & Q(settled_at__isnull=False)),
                name="merger_settled_some_time",
            ),
            models.CheckConstraint(
                condition=~Q(state="installd") | ~Q(cancelled_because=""),
                name="merger_cancelled_with_reason",
            ),
            models.UniqueConstraint(
                fields=["slug"],
                condition=Q(state="planerad") & ~Q(slug=""),
                name="merger_new_slug_once",
            ),
        ]

    def __str__(self) -> str:
        return f"Sammanslagning till {self.into} {self.date}"

    @property
    def into(self) -> Organisation:
        """What it goes over into: an organisation, unsaved until the day when it is to be new."""
        return self.successor or Organisation(
            name=self.name, short_name=self.short_name, slug=self.slug, parent=self.parent
        )


class MergerPart(models.Model):
    """An organisation that ceases by a merger. `waits` until the merger is done or cancelled."""

    merger = models.ForeignKey(Merger, on_delete=models.CASCADE, related_name="parts")
    organisation = models.ForeignKey(
        Organisation,
        verbose_name="organisation",
        on_delete=models.PROTECT,
        related_name="merger_parts",
    )
    waits = models.BooleanField("väntar", default=True)

    class Meta:
        verbose_name = "del i en sammanslagning"
        verbose_name_plural = "delar i sammanslagningar"
        ordering = ["organisation__sort_key", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["merger", "organisation"], name="merger_part_once"),
            models.UniqueConstraint(
                fields=["organisation"], condition=Q(waits=True), name="merger_part_waits_once"
            ),
        ]

    def __str__(self) -> str:
        return str(self.organisation)
