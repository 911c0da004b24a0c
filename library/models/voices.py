""" "Stämmer det här hos er?": short answers from readers about what the library says."""

from typing import Self

from django.db import models
from django.db.models import Q
from django.urls import reverse

from library.models.instruments import Instrument
from library.models.items import Item
from library.models.methods import Method, Tool
from library.models.received import Received, ReceivedQuerySet
from people.models import Organisation

Thing = Item | Tool


class VoiceQuerySet(ReceivedQuerySet):
    """Voices by where they stand and what they are about."""

    WORDS = ("text", "decided_reason")

    def waiting(self) -> Self:
        """Those that no curator has decided about."""
        return self.filter(state=Voice.State.WAITING)

    def accepted(self) -> Self:
        """Those that readers see."""
        return self.filter(state=Voice.State.ACCEPTED)

    def about(self, thing: Thing) -> Self:
        """Those about one item, method or instrument."""
        return self.filter(**{type(thing)._meta.model_name or "": thing})


class Voice(Received):
    """What a reader answers about an item, a method or an instrument. It names nobody.

    Nobody sees it before a curator has accepted it.
    """

    class State(models.TextChoices):
        """Where it stands."""

        WAITING = "vantar", "Väntar"
        ACCEPTED = "godtagen", "Godtagen"
        DECLINED = "avbojd", "Avböjd"

    # An accepted voice can be taken off the page again.
    MOVES = {
        State.WAITING: {State.ACCEPTED, State.DECLINED},
        State.ACCEPTED: {State.DECLINED},
        State.DECLINED: set[State](),
    }

    class Answer(models.TextChoices):
        """Whether it is so where she is."""

        TRUE = "stammer", "Stämmer"
        PARTLY = "delvis", "Stämmer delvis"
        NOT = "inte", "Stämmer inte"

    class Role(models.TextChoices):
        """From where she knows it; empty when she does not want to say."""

        WORKS = "arbetar", "Arbetar med det här"
        LEADS = "leder", "Leder arbetet"
        LIVED = "erfarenhet", "Har egen erfarenhet"
        CLOSE = "narstaende", "Är närstående"

    item = models.ForeignKey(
        Item, null=True, blank=True, on_delete=models.PROTECT, related_name="voices"
    )
    method = models.ForeignKey(
        Method, null=True, blank=True, on_delete=models.PROTECT, related_name="voices"
    )
    instrument = models.ForeignKey(
        Instrument, null=True, blank=True, on_delete=models.PROTECT, related_name="voices"
    )
    answer = models.CharField("svar", max_length=10, choices=Answer)
    role = models.CharField("roll", max_length=12, choices=Role, blank=True)
    text = models.TextField("några ord", blank=True)
    district = models.ForeignKey(
        Organisation,
        verbose_name="stadsdelsområde",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    state = models.CharField("läge", max_length=10, choices=State, default=State.WAITING)

    objects = VoiceQuerySet.as_manager()

    class Meta:
        verbose_name = "röst"
        verbose_name_plural = "röster"
        ordering = ["-received_at", "-pk"]
        indexes = [models.Index(fields=["state", "received_at"], name="voice_waiting")]
        constraints = [
            models.CheckConstraint(
                condition=Q(item__isnull=False, method=None, instrument=None)
                | Q(item=None, method__isnull=False, instrument=None)
                | Q(item=None, method=None, instrument__isnull=False),
                name="voice_about_one_thing",
            ),
            models.CheckConstraint(
                condition=Q(state="vantar", decided_at=None)
                | Q(state__in=["godtagen", "avbojd"], decided_at__isnull=False),
                name="voice_decided_some_time",
            ),
            models.CheckConstraint(
                condition=Q(erased_at=None) | Q(text="", decided_reason=""),
                name="voice_erased_wholly",
            ),
        ]

    def __str__(self) -> str:
        """Without what was written: the history repeats it."""
        return f"Röst {self.pk}"

    def get_absolute_url(self) -> str:
        """Where a curator decides about it."""
        return reverse("library:moderate-voice", args=[self.pk])

    @property
    def thing(self) -> Thing:
        """What it is about."""
        found = self.item or self.method or self.instrument
        assert found is not None  # noqa: S101 - voice_about_one_thing
        return found
