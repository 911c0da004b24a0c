"""What nobody knows yet: knowledge gaps, who supports them, and what answered them."""

from typing import Any, Self

from django.db import models
from django.db.models import Count, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.text import slugify

from library.models.items import Item
from library.models.received import Received, ReceivedQuerySet
from library.models.vocabularies import Source, Theme


class GapQuerySet(ReceivedQuerySet):
    """Gaps by where they stand."""

    def waiting(self) -> Self:
        """Those that were proposed and no curator has decided about."""
        return self.filter(state=Gap.State.PROPOSED)

    def open(self) -> Self:
        """Those that nothing answers yet."""
        return self.filter(state=Gap.State.OPEN)

    def published(self) -> Self:
        """Those that everybody reads."""
        return self.filter(state__in=[Gap.State.OPEN, Gap.State.ANSWERED])

    def counted(self) -> Any:
        """With `supported`, how many have said that they need to know."""
        return self.annotate(supported=Count("supports", distinct=True))

    def forget(self) -> int:
        """Erase what was handed in; the title and text of those that were declined as well."""
        pks = list(self.values_list("pk", flat=True))
        gone = {"received": "", "decided_reason": "", "erased_at": timezone.now()}
        declined = Gap.objects.filter(pk__in=pks, state=Gap.State.DECLINED)
        declined.update(**gone, title="", text="")
        return Gap.objects.filter(pk__in=pks).update(**gone)


class Gap(Received):
    """Something that nobody knows yet. Those from a source were never proposed by a visitor."""

    class State(models.TextChoices):
        """Where it stands."""

        PROPOSED = "foreslagen", "Föreslagen"
        OPEN = "oppen", "Obesvarad"
        ANSWERED = "besvarad", "Besvarad"
        DECLINED = "avbojd", "Avböjd"
        MERGED = "sammanford", "Sammanförd med en annan"

    # What answers it can be corrected.
    MOVES = {
        State.PROPOSED: {State.OPEN, State.DECLINED},
        State.OPEN: {State.ANSWERED, State.MERGED},
        State.ANSWERED: {State.ANSWERED, State.MERGED},
        State.DECLINED: set[State](),
        State.MERGED: set[State](),
    }

    title = models.CharField("frågan", max_length=200, blank=True)
    text = models.TextField("vad vi inte vet, och varför det spelar roll", blank=True)
    # As it was handed in; curators may have made title and text clearer.
    received = models.TextField("som det lämnades in", blank=True, editable=False)
    themes = models.ManyToManyField(Theme, verbose_name="tema", blank=True, related_name="gaps")
    source = models.ForeignKey(
        Source,
        verbose_name="källa",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="gaps",
    )
    source_section = models.CharField("avsnitt i källan", max_length=200, blank=True)
    # What the first content calls it, so that loading again finds it whatever curators change.
    loaded_as = models.SlugField(max_length=80, blank=True, editable=False)
    generated = models.BooleanField("påhittat exempel", default=False, editable=False)
    state = models.CharField(
        "läge", max_length=12, choices=State, default=State.OPEN, editable=False
    )
    answer_text = models.TextField("vad svaret är", blank=True, editable=False)
    answer_item = models.ForeignKey(
        Item,
        verbose_name="svaret i biblioteket",
        null=True,
        blank=True,
        editable=False,
        on_delete=models.PROTECT,
        related_name="answered_gaps",
    )
    answer_url = models.URLField("svaret någon annanstans", max_length=500, blank=True)
    answered_at = models.DateTimeField("besvarad", null=True, blank=True, editable=False)
    merged_into = models.ForeignKey(
        "self",
        verbose_name="sammanförd med",
        null=True,
        blank=True,
        editable=False,
        on_delete=models.PROTECT,
        related_name="+",
    )

    objects = GapQuerySet.as_manager()

    class Meta:
        verbose_name = "kunskapslucka"
        verbose_name_plural = "kunskapsluckor"
        ordering = ["-received_at", "-pk"]
        indexes = [models.Index(fields=["state", "received_at"], name="gap_waiting")]
        constraints = [
            models.UniqueConstraint(
                fields=["loaded_as"], condition=~Q(loaded_as=""), name="gap_loaded_once"
            ),
            models.CheckConstraint(
                condition=~Q(title="") | Q(state="avbojd", erased_at__isnull=False),
                name="gap_has_title",
            ),
            models.CheckConstraint(
                condition=~Q(state="avbojd") | Q(decided_at__isnull=False),
                name="gap_declined_some_time",
            ),
            models.CheckConstraint(
                condition=Q(state="besvarad", answered_at__isnull=False)
                & (~Q(answer_url="") | Q(answer_item__isnull=False))
                | ~Q(state="besvarad"),
                name="gap_answered_by_something",
            ),
            models.CheckConstraint(
                condition=Q(state="sammanford", merged_into__isnull=False)
                | (~Q(state="sammanford") & Q(merged_into=None)),
                name="gap_merged_into_another",
            ),
            models.CheckConstraint(
                condition=Q(erased_at=None) | Q(received="", decided_reason=""),
                name="gap_erased_wholly",
            ),
        ]

    def __str__(self) -> str:
        return self.title or f"Kunskapslucka {self.pk}"

    def get_absolute_url(self) -> str:
        """The permalink."""
        return reverse("library:gap", args=[self.pk, self.slug])

    @property
    def slug(self) -> str:
        """The readable part of the address; the number alone identifies."""
        return slugify(self.title)[:80].strip("-") or "lucka"

    @property
    def is_open(self) -> bool:
        """Whether it can be supported."""
        return self.state == self.State.OPEN

    @property
    def is_answered(self) -> bool:
        """Whether something answers it."""
        return self.state == self.State.ANSWERED

    @property
    def audit_label(self) -> str:
        """By its title once it is public: what was proposed may be erased, the history not."""
        proposed = self.state in {self.State.PROPOSED, self.State.DECLINED}
        return f"Kunskapslucka {self.pk}" if proposed else str(self)


class GapSupport(models.Model):
    """Somebody needs to know, too: once for an account, or once for a visitor.

    `visitor` is a keyed digest of network address and browser, of use for this gap alone, and is
    emptied after some weeks; the support stays (docs/adr/0022-support-once.md).
    """

    gap = models.ForeignKey(Gap, on_delete=models.CASCADE, related_name="supports")
    user = models.ForeignKey(
        "people.User",
        verbose_name="konto",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    visitor = models.CharField(max_length=64, blank=True)
    supported_at = models.DateTimeField("stödde", default=timezone.now)

    class Meta:
        verbose_name = "stöd för en kunskapslucka"
        verbose_name_plural = "stöd för kunskapsluckor"
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["gap", "user"], name="gap_supported_once_by_account"),
            models.UniqueConstraint(
                fields=["gap", "visitor"],
                condition=~Q(visitor=""),
                name="gap_supported_once_by_visitor",
            ),
        ]

    def __str__(self) -> str:
        return f"Stöd för {self.gap}"
