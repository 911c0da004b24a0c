"""Good examples and stories that visitors offer, until they are published or taken back."""

import hashlib
from typing import Self

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import salted_hmac

from core.register import Moment
from library.models.drafts import Draft
from library.models.items import Item
from library.models.received import Received, ReceivedQuerySet
from library.models.vocabularies import Theme


def digest(token: str) -> str:
    """What is stored of a token: whoever reads the database can use none."""
    return hashlib.sha256(token.encode()).hexdigest()


class StoryOfferQuerySet(ReceivedQuerySet):
    """Offers by where they stand."""

    WORDS = ("title", "text", "learning", "signature", "decided_reason")

    def waiting(self) -> Self:
        """Those that need a curator's decision: new ones, and those whose draft was thrown away."""
        thrown_away = Q(state=StoryOffer.State.ACCEPTED) & (
            Q(draft=None) | Q(draft__state=Draft.State.DISCARDED)
        )
        return self.filter(Q(state=StoryOffer.State.WAITING) | thrown_away)

    def being_written(self) -> Self:
        """Those of which a draft is being made."""
        return self.filter(state=StoryOffer.State.ACCEPTED, draft__state=Draft.State.WRITING)

    def newly_published(self) -> Self:
        """Those that are published, and whose tellers have not been told."""
        return self.filter(
            state=StoryOffer.State.ACCEPTED,
            published_told_at=None,
            draft__state=Draft.State.PUBLISHED,
            draft__item__taken_back_at=None,
            draft__item__isnull=False,
        )

    def closed_before(self, moment: Moment) -> Self:
        """Those that were declined or published before a moment."""
        declined = Q(state=StoryOffer.State.DECLINED, decided_at__lt=moment)
        return self.filter(declined | Q(published_told_at__lt=moment))

    def opened_by(self, token: str) -> Self:
        """The one that this personal link leads to."""
        return self.filter(token_hash=digest(token))

    def forget(self) -> int:
        """Erase the words: also questions and answers, and what finished drafts hold."""
        pks = list(self.values_list("pk", flat=True))
        StoryQuestion.objects.filter(offer__in=pks).update(text="", answer="")
        drafts = Draft.objects.filter(offer__in=pks).exclude(state=Draft.State.WRITING)
        drafts.update(payload={}, base={})
        return super().forget()

    def take_back(self) -> None:
        """Erase everything of these at once; what stays is that they came, and went."""
        offers = StoryOffer.objects.filter(pk__in=list(self.values_list("pk", flat=True)))
        gone = {"state": StoryOffer.State.TAKEN_BACK, "taken_back_at": timezone.now()}
        offers.update(**gone, email="", theme=None)
        offers.forget()


class StoryOffer(Received):
    """A good example or a story in its teller's own words, with a secret link of her own.

    The link is made of the portal's secret and stored as a digest. What is published is a library
    item, which the offer's draft becomes.
    """

    class Kind(models.TextChoices):
        """What it is, by the item's own names."""

        EXAMPLE = Item.Kind.EXAMPLE.value, "Gott exempel"
        STORY = Item.Kind.STORY.value, "Erfarenhet"

    class State(models.TextChoices):
        """Where it stands; what is published tells the draft."""

        WAITING = "vantar", "Väntar"
        ACCEPTED = "godtagen", "Godtagen"
        DECLINED = "avbojd", "Avböjd"
        TAKEN_BACK = "atertagen", "Återtagen"

    MOVES = {
        State.WAITING: {State.ACCEPTED, State.DECLINED, State.TAKEN_BACK},
        State.ACCEPTED: {State.ACCEPTED, State.DECLINED, State.TAKEN_BACK},
        State.DECLINED: {State.TAKEN_BACK},
        State.TAKEN_BACK: set[State](),
    }

    kind = models.CharField("vad det är", max_length=20, choices=Kind)
    title = models.CharField("rubrik", max_length=150, blank=True)
    text = models.TextField("berättelsen", blank=True)
    learning = models.TextField("vad andra kan lära", blank=True)
    signature = models.CharField("undertecknad", max_length=80, blank=True)
    theme = models.ForeignKey(
        Theme,
        verbose_name="tema",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    email = models.EmailField("e-post", blank=True)
    consented_at = models.DateTimeField("godkände publicering", default=timezone.now)
    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    state = models.CharField("läge", max_length=10, choices=State, default=State.WAITING)
    draft = models.OneToOneField(
        Draft,
        verbose_name="utkast",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="offer",
    )
    published_told_at = models.DateTimeField("publicering meddelad", null=True, blank=True)
    taken_back_at = models.DateTimeField("återtagen", null=True, blank=True)

    objects = StoryOfferQuerySet.as_manager()

    class Meta:
        verbose_name = "erbjuden berättelse"
        verbose_name_plural = "erbjudna berättelser"
        ordering = ["-received_at", "-pk"]
        indexes = [models.Index(fields=["state", "received_at"], name="story_waiting")]
        constraints = [
            models.CheckConstraint(
                condition=Q(state="vantar", decided_at=None, taken_back_at=None)
                | Q(
                    state__in=["godtagen", "avbojd"],
                    decided_at__isnull=False,
                    taken_back_at=None,
                )
                | Q(state="atertagen", taken_back_at__isnull=False, email=""),
                name="story_decided_some_time",
            ),
            models.CheckConstraint(
                condition=(Q(erased_at=None) & ~Q(text=""))
                | Q(
                    erased_at__isnull=False,
                    title="",
                    text="",
                    learning="",
                    signature="",
                    decided_reason="",
                ),
                name="story_whole_or_erased_wholly",
            ),
        ]

    def __str__(self) -> str:
        """Without what was written: the history repeats it."""
        return f"Erbjuden berättelse {self.pk}"

    def get_absolute_url(self) -> str:
        """Where a curator decides about it."""
        return reverse("library:moderate-story", args=[self.pk])

    @property
    def token(self) -> str:
        """The secret of the teller's link, stored nowhere."""
        made = salted_hmac("library.StoryOffer", self.key, algorithm="sha256")
        return made.hexdigest()[:40]

    @property
    def item(self) -> Item | None:
        """What it was published as, as long as that is so."""
        item = self.draft.item if self.draft else None
        return None if item is None or item.taken_back_at else item

    @property
    def is_taken_back(self) -> bool:
        """Whether its teller wanted it gone."""
        return self.state == self.State.TAKEN_BACK

    @property
    def is_waiting(self) -> bool:
        """As `waiting` says of one row."""
        return self.state == self.State.WAITING or self.is_thrown_away

    @property
    def is_thrown_away(self) -> bool:
        """Whether it was accepted, and its draft thrown away or since erased."""
        thrown_away = self.draft is None or self.draft.state == Draft.State.DISCARDED
        return self.state == self.State.ACCEPTED and thrown_away


class StoryQuestion(models.Model):
    """A curator's question to a teller, and her answer."""

    offer = models.ForeignKey(StoryOffer, on_delete=models.CASCADE, related_name="questions")
    text = models.TextField("fråga", blank=True)
    asked_at = models.DateTimeField("ställd", default=timezone.now)
    asked_by = models.ForeignKey(
        "people.User",
        verbose_name="ställd av",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    answer = models.TextField("svar", blank=True)
    answered_at = models.DateTimeField("besvarad", null=True, blank=True)
    key = models.CharField(max_length=64, unique=True, editable=False)

    class Meta:
        verbose_name = "fråga om en berättelse"
        verbose_name_plural = "frågor om berättelser"
        ordering = ["asked_at", "pk"]

    def __str__(self) -> str:
        return f"Fråga {self.pk} om {self.offer}"
