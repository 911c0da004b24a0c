"""Whether a unit's entries are still true: what was asked, of whom, and what came of it."""

import datetime
import hashlib

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.crypto import salted_hmac

from inventory.models.projects import Project
from people.models import Organisation


def digest(token: str) -> str:
    """What is stored of a token: whoever reads the database can use none."""
    return hashlib.sha256(token.encode()).hexdigest()


class InquiryQuerySet(models.QuerySet["Inquiry"]):
    """Inquiries by how they stand."""

    def open(self) -> "InquiryQuerySet":
        """Those with something left to answer."""
        return self.filter(answered_at=None)

    def silent(self) -> "InquiryQuerySet":
        """Open ones whose unit has been reminded twice, or where there is nobody to ask."""
        return self.open().filter(
            Q(reminders=Inquiry.MOST_REMINDERS) | Q(recipients=Inquiry.Recipients.NOBODY)
        )

    def opened_by(self, token: str) -> "InquiryQuerySet":
        """The one whose links carry this token, until they expire."""
        return self.filter(token_hash=digest(token), expires_at__gt=timezone.now())


class Inquiry(models.Model):
    """ "Stämmer det fortfarande?", asked of a unit once a year about its entries.

    A unit has one open inquiry. Nobody is named here: `sent_to` says in words whom the mail went
    to, and who answered stands in the history of the entry.
    """

    class Recipients(models.TextChoices):
        """To whom the last mail went: the first of these that the unit has."""

        REPORTERS = "uppgiftslamnare", "Uppgiftslämnare"
        MANAGERS = "enhetschef", "Enhetschef"
        MAILBOX = "funktionsbrevlada", "Funktionsbrevlåda"
        NOBODY = "ingen", "Ingen att fråga"

    LASTS = datetime.timedelta(days=60)
    REMINDED_AFTER = (datetime.timedelta(weeks=3), datetime.timedelta(weeks=6))
    MOST_REMINDERS = len(REMINDED_AFTER)

    unit = models.ForeignKey(
        Organisation, verbose_name="enhet", on_delete=models.PROTECT, related_name="inquiries"
    )
    recipients = models.CharField(
        "mottagare", max_length=20, choices=Recipients, default=Recipients.NOBODY
    )
    sent_to = models.CharField("skickat till", max_length=150, blank=True)
    token_hash = models.CharField(max_length=64, unique=True, null=True, blank=True, editable=False)
    asked_at = models.DateTimeField("frågad första gången", default=timezone.now)
    # When the last round began: it is sent again when a year has passed without an answer.
    sent_at = models.DateTimeField("frågad", default=timezone.now)
    mailed_at = models.DateTimeField("senaste mejl", default=timezone.now)
    reminders = models.PositiveSmallIntegerField("påminnelser", default=0)
    expires_at = models.DateTimeField("länkarna gäller till")
    answered_at = models.DateTimeField("besvarad", null=True, blank=True)

    objects = InquiryQuerySet.as_manager()

    class Meta:
        verbose_name = "fråga om uppgifterna stämmer"
        verbose_name_plural = "frågor om uppgifterna stämmer"
        ordering = ["asked_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["unit"], condition=Q(answered_at=None), name="inquiry_open_once"
            ),
            models.CheckConstraint(
                condition=Q(expires_at__gt=F("sent_at")), name="inquiry_lasts_a_while"
            ),
            models.CheckConstraint(condition=Q(reminders__lte=2), name="inquiry_reminded_twice"),
        ]

    def __str__(self) -> str:
        return f"Stämmer det fortfarande? {self.unit}"

    @property
    def token(self) -> str:
        """The key in its links. Made of the portal's secret, so that it is stored nowhere and a
        reminder carries the same.
        """
        made_of = f"{self.unit_id} {self.expires_at.timestamp():.0f}"
        return salted_hmac("inventory.Inquiry", made_of, algorithm="sha256").hexdigest()[:40]

    @property
    def needs_account(self) -> bool:
        """Whether the key alone opens nothing: a function's mailbox has no account to log in."""
        return self.recipients != self.Recipients.MAILBOX

    @property
    def is_silent(self) -> bool:
        """As `silent` says of one row."""
        waited = self.reminders == self.MOST_REMINDERS
        return self.answered_at is None and (waited or self.recipients == self.Recipients.NOBODY)

    @property
    def answer_by(self) -> datetime.date:
        """The day that the last mail asks for: before the next one, and while its links work."""
        return timezone.localdate(min(self.mailed_at + self.REMINDED_AFTER[0], self.expires_at))


class InquiryEntryQuerySet(models.QuerySet["InquiryEntry"]):
    """Entries that are asked about, by what is known of them."""

    def waiting(self) -> "InquiryEntryQuerySet":
        """Those that nobody has answered, as long as there is something to answer."""
        return self.filter(
            answer="", project__withdrawn_at=None, project__status__in=Project.GOING_ON
        )

    def settled(self) -> "InquiryEntryQuerySet":
        """Those of which it is known that they are true, or over."""
        return self.filter(answer__in=[InquiryEntry.Answer.TRUE, InquiryEntry.Answer.ENDED])

    def to_change(self) -> "InquiryEntryQuerySet":
        """Those that a unit wants to change, and that nobody has confirmed since."""
        return self.filter(
            answer=InquiryEntry.Answer.CHANGE,
            project__withdrawn_at=None,
            project__status__in=Project.GOING_ON,
        )


class InquiryEntry(models.Model):
    """One project in an inquiry, and the unit's answer about it."""

    class Answer(models.TextChoices):
        """What a unit can say."""

        TRUE = "stammer", "Stämmer"
        CHANGE = "andras", "Ska ändras"
        ENDED = "avslutat", "Avslutat"

    inquiry = models.ForeignKey(Inquiry, on_delete=models.CASCADE, related_name="entries")
    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="inquiry_entries")
    answer = models.CharField("svar", max_length=10, choices=Answer, blank=True)
    answered_at = models.DateTimeField("besvarad", null=True, blank=True)

    objects = InquiryEntryQuerySet.as_manager()

    class Meta:
        verbose_name = "uppgift i en fråga"
        verbose_name_plural = "uppgifter i en fråga"
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["inquiry", "project"], name="inquiry_entry_once"),
            models.CheckConstraint(
                condition=Q(answer="", answered_at=None)
                | (~Q(answer="") & Q(answered_at__isnull=False)),
                name="inquiry_entry_answered_some_time",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.project}: {self.get_answer_display() or 'inget svar'}"
