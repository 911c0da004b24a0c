"""Ground that every app stands on: the edition, the audit trail, mail, tasks and their workers."""

import datetime
import secrets
from typing import Any, Self

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.core.validators import MaxValueValidator
from django.db import connection, models, transaction
from django.db.models import F, Q
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from core.uploads.names import RandomName


class Edition(models.Model):
    """One row with one number: which edition of the public portal this is.

    Raised inside every transaction that changes something public, so that each web process sees
    at its next request that what it keeps is old. The raised row stays locked until the
    transaction ends: editions are numbered in the order in which they become visible.
    """

    number = models.PositiveBigIntegerField(default=0)

    class Meta:
        verbose_name = "utgåva"
        verbose_name_plural = "utgåvor"
        constraints = [models.CheckConstraint(condition=Q(pk=1), name="edition_is_one_row")]

    def __str__(self) -> str:
        return str(self.number)

    @classmethod
    def current(cls) -> int:
        """The edition's number, with one plain SELECT; 0 before the first publication."""
        with connection.cursor() as cursor:
            cursor.execute("SELECT number FROM core_edition WHERE id = 1")
            row = cursor.fetchone()
        return row[0] if row else 0

    # How far the number jumps when everything may have changed, as after a restored backup.
    # Whoever follows changes edition by edition starts anew when it sees such a jump.
    JUMP = 1_000_000

    @classmethod
    def jump(cls, past: int) -> None:
        """Raise the edition far above `past`, the highest that any process can have seen."""
        number = max(cls.raise_number(), past) + cls.JUMP
        cls.objects.filter(pk=1).update(number=number)

    @classmethod
    def raise_number(cls) -> int:
        """Raise the edition in the running transaction and return its new number.

        Raises TransactionManagementError outside a transaction: an edition that is seen before
        what it announces would let processes keep the old page under the new number.
        """
        transaction.get_connection().validate_no_broken_transaction()
        if not connection.in_atomic_block:
            raise transaction.TransactionManagementError("Raise the edition inside atomic().")
        if not cls.objects.filter(pk=1).update(number=F("number") + 1):
            cls.objects.create(pk=1, number=1)
        return cls.objects.values_list("number", flat=True).get(pk=1)


class AuditEntry(models.Model):
    """One line of history: who did what to which object, when and why.

    `changes` holds {field: [old, new]}, never values of personal fields. Written by the action
    itself in the same transaction as the change (`AuditEntry.record`). The database refuses to
    change or delete a line (core.history).
    """

    verb = models.CharField("händelse", max_length=40)
    app_model = models.CharField("slag", max_length=60)
    object_id = models.CharField("objektets id", max_length=40)
    object_label = models.CharField("objekt", max_length=250)
    from_state = models.CharField("från", max_length=40, blank=True)
    to_state = models.CharField("till", max_length=40, blank=True)
    reason = models.TextField("skäl", blank=True)
    changes = models.JSONField("ändringar", default=dict, blank=True, encoder=DjangoJSONEncoder)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="av",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    # Stays when the account is erased: it was not the portal itself. NULL as False.
    by_account = models.BooleanField("av ett konto", null=True, editable=False)
    at = models.DateTimeField("när", auto_now_add=True)
    request_id = models.CharField("anrop", max_length=40, blank=True)

    class Meta:
        verbose_name = "händelse"
        verbose_name_plural = "händelser"
        ordering = ["-pk"]
        indexes = [
            models.Index(fields=["app_model", "object_id"], name="audit_object"),
            models.Index(fields=["verb", "id"], name="audit_verb"),
            models.Index(fields=["at", "id"], name="audit_at"),
        ]

    def __str__(self) -> str:
        return f"{self.verb} {self.object_label}"

    @classmethod
    def record(cls, verb: str, obj: models.Model, *, by: Any, **facts: Any) -> Self:
        """Write one line about `obj`; `facts` are from_state, to_state, reason and changes."""
        about = (obj._meta.label_lower, str(obj.pk), cls.label_of(obj))
        return cls.note(verb, about=about, by=by, **facts)

    @staticmethod
    def label_of(obj: models.Model) -> str:
        """What the history calls it: `audit_label` where it is known by a person's name."""
        return str(getattr(obj, "audit_label", obj))

    @classmethod
    def note(cls, verb: str, *, about: tuple[str, str, str], by: Any, **facts: Any) -> Self:
        """Write one line about what is no row of a table; `about` is kind, key and label."""
        from core.middleware import request_id

        known = bool(by and by.pk)
        kind, key, label = about
        return cls.objects.create(
            verb=verb,
            app_model=kind,
            object_id=key,
            object_label=label[:250],
            by=by if known else None,
            by_account=known,
            request_id=request_id.get(),
            **facts,
        )

    @classmethod
    def about(cls, obj: models.Model) -> models.QuerySet[Self]:
        """The history of one object, newest first."""
        return cls.objects.filter(app_model=obj._meta.label_lower, object_id=str(obj.pk))


class Mail(models.Model):
    """One message to one address, written in the transaction of what it tells about.

    The mail worker claims it, commits that, and only then sends: a message whose fate is unknown
    stays where it is, for a person to decide about (core.mail, docs/adr/0011-tasks-and-mail.md).
    """

    class State(models.TextChoices):
        WAITING = "vantar", "Väntar"
        TAKEN = "tagen", "Tagen"
        SENT = "skickad", "Skickad"
        UNCERTAIN = "oviss", "Oviss"
        FAILED = "misslyckad", "Misslyckad"
        BOUNCED = "studsad", "Studsad"
        STRUCK = "struken", "Struken"

    MOVES = {
        State.WAITING: {State.TAKEN, State.STRUCK, State.UNCERTAIN},  # uncertain: a backup's
        State.TAKEN: {State.SENT, State.WAITING, State.UNCERTAIN, State.FAILED, State.BOUNCED},
        State.SENT: {State.BOUNCED},
        # Sent after all: its worker lived, or it bounced; waiting again by a person's hand only.
        State.UNCERTAIN: {State.SENT, State.BOUNCED, State.WAITING, State.STRUCK},
        State.FAILED: {State.WAITING, State.STRUCK},
        State.BOUNCED: {State.WAITING, State.STRUCK},
        State.STRUCK: set(),
    }

    message_id = models.CharField("Message-ID", max_length=200, unique=True, editable=False)
    purpose = models.SlugField("ändamål", max_length=60)
    to = models.EmailField("till", blank=True)
    # Empty for the portal's own (MAIL_REPLY_TO).
    reply_to = models.EmailField("svar till", blank=True, default="", db_default="")
    subject = models.CharField("ämne", max_length=200, blank=True)
    text = models.TextField("text", blank=True)
    html = models.TextField("HTML", blank=True)
    unsubscribe = models.URLField("adress för avslut", max_length=500, blank=True)
    state = models.CharField(
        "läge", max_length=12, choices=State.choices, default=State.WAITING, editable=False
    )
    attempts = models.PositiveSmallIntegerField("försök", default=0)
    written_at = models.DateTimeField("skrivet", auto_now_add=True)
    next_at = models.DateTimeField("skickas tidigast")
    claimed_at = models.DateTimeField("taget", null=True, blank=True)
    claimed_by = models.CharField("taget av", max_length=64, blank=True)
    sent_at = models.DateTimeField("skickat", null=True, blank=True)
    trouble = models.TextField("hinder", blank=True)
    erased_at = models.DateTimeField("gallrat", null=True, blank=True)

    class Meta:
        verbose_name = "mejl"
        verbose_name_plural = "mejl"
        ordering = ["-pk"]
        indexes = [
            models.Index(
                fields=["next_at", "id"], condition=Q(state="vantar"), name="mail_waiting"
            ),
            models.Index(fields=["state"], name="mail_state"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=~Q(state="tagen") | (Q(claimed_at__isnull=False) & ~Q(claimed_by="")),
                name="mail_taken_by_somebody",
            ),
            models.CheckConstraint(
                condition=~Q(state="skickad") | Q(sent_at__isnull=False), name="mail_sent_some_time"
            ),
            models.CheckConstraint(
                condition=Q(erased_at=None) | Q(to="", reply_to="", subject="", text="", html=""),
                name="mail_erased_wholly",
            ),
        ]

    def __str__(self) -> str:
        """Without personal data: the history repeats it."""
        return f"Mejl {self.pk} ({self.purpose})"

    @classmethod
    def may_become(cls, state: str) -> list[str]:
        """The states from which it may move to `state`."""
        return [before for before, allowed in cls.MOVES.items() if state in allowed]


class BackgroundTask(DBTaskResult):
    """A task in the queue (core.tasks), as this portal shows it."""

    class Meta:
        proxy = True
        verbose_name = "bakgrundsuppgift"
        verbose_name_plural = "bakgrundsuppgifter"

    def __str__(self) -> str:
        return self.task_path

    @property
    def attempts(self) -> int:
        """How many times a worker has claimed it."""
        return len(self.worker_ids)

    @property
    def trouble(self) -> str:
        """The last line of the last traceback."""
        return (self.traceback or "").strip().rpartition("\n")[2]


class WorkerSign(models.Model):
    """A worker's last sign of life, written by the worker itself every few seconds."""

    class Kind(models.TextChoices):
        TASKS = "uppgifter", "Uppgifter"
        MAIL = "post", "Post"

    worker = models.CharField("arbetare", max_length=64, primary_key=True)
    kind = models.CharField("slag", max_length=10, choices=Kind.choices)
    started_at = models.DateTimeField("startad")
    seen_at = models.DateTimeField("livstecken")

    class Meta:
        verbose_name = "arbetare"
        verbose_name_plural = "arbetare"
        ordering = ["-seen_at"]

    def __str__(self) -> str:
        return self.worker


class LongWorkQuerySet(models.QuerySet["LongWork"]):
    """Long work by how far it has come."""

    def kept(self) -> "LongWorkQuerySet":
        """What has an address still: a day after it ended, two days after it began."""
        now = timezone.now()
        return self.filter(
            Q(finished_at=None) | Q(finished_at__gt=now - LongWork.KEEP_FINISHED),
            created_at__gt=now - LongWork.KEEP_BEGUN,
        )

    def under_way(self) -> "LongWorkQuerySet":
        """What has not ended, well or badly."""
        return self.filter(finished_at=None)


def new_token() -> str:
    """192 random bits: who knows the address was given it."""
    return secrets.token_urlsafe(24)


class LongWork(models.Model):
    """Something that a visitor waits for while a worker does it (core.long_work); it makes a file.

    The token is its address. `audience` says whom the file is for, in the words of the app that
    began it, and `edition` of which edition it tells. `key` is the same for the same work, so
    that it is done once; what fails lets it go. Nothing in it is about a person: what somebody
    typed is in the task's arguments alone.
    """

    KEEP_FINISHED = datetime.timedelta(days=1)
    KEEP_BEGUN = datetime.timedelta(days=2)

    token = models.CharField(max_length=40, unique=True, default=new_token, editable=False)
    key = models.CharField(max_length=64, unique=True, null=True, blank=True, editable=False)
    label = models.CharField("vad som görs", max_length=150)
    audience = models.CharField("synlighet", max_length=20, blank=True)
    edition = models.PositiveBigIntegerField("utgåva", default=0)
    task = models.UUIDField("uppgift", null=True, editable=False)
    total = models.PositiveIntegerField("av", default=0)
    done = models.PositiveIntegerField("gjort", default=0)
    created_at = models.DateTimeField("beställt", default=timezone.now)
    # Of the run that goes on, which it is known by; empty while the work waits for its turn.
    started_at = models.DateTimeField("påbörjat", null=True, blank=True)
    finished_at = models.DateTimeField("klart", null=True, blank=True)
    trouble = models.TextField("hinder", blank=True)
    # What is stored is known as a kind, and so as a type, by its name's extension.
    file = models.FileField("fil", upload_to=RandomName("arbeten"), blank=True)
    name = models.CharField("filens namn", max_length=150)

    objects = LongWorkQuerySet.as_manager()

    class Meta:
        verbose_name = "långt arbete"
        verbose_name_plural = "långa arbeten"
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(finished_at=None) | ~Q(trouble="") | ~Q(file=""),
                name="long_work_ends_with_file_or_trouble",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.label} ({self.pk})"

    @property
    def ready(self) -> bool:
        """Whether the file is there."""
        return self.finished_at is not None and not self.trouble

    @property
    def kept_until(self) -> datetime.datetime | None:
        """When the file is removed."""
        if self.finished_at is None:
            return None
        return min(self.finished_at + self.KEEP_FINISHED, self.created_at + self.KEEP_BEGUN)


class PeriodicRun(models.Model):
    """When a piece of periodic work (core.periodic) is due, and how it last went."""

    name = models.CharField("namn", max_length=60, primary_key=True)
    due_at = models.DateTimeField("nästa gång")
    started_at = models.DateTimeField("påbörjad", null=True, blank=True)
    finished_at = models.DateTimeField("klar", null=True, blank=True)
    trouble = models.TextField("hinder", blank=True)

    class Meta:
        verbose_name = "återkommande arbete"
        verbose_name_plural = "återkommande arbeten"
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


LONGEST_PERIOD = 36_500  # days; longer is not erasing


class RetentionRule(models.Model):
    """How long a holding of personal data is kept (core.register), and by which decision.

    The code proposes the days; an administrator enters the city's decision (gallringsbeslut).
    """

    key = models.SlugField("nyckel", max_length=40, unique=True, editable=False)
    label = models.CharField("uppgifter", max_length=120, editable=False)
    days = models.PositiveIntegerField(
        "gallras efter (dagar)", validators=[MaxValueValidator(LONGEST_PERIOD)]
    )
    decision = models.CharField(
        "gallringsbeslut",
        max_length=200,
        blank=True,
        help_text="Beslutets namn, datum och diarienummer. Står på sidan om personuppgifter.",
    )

    class Meta:
        verbose_name = "gallringsfrist"
        verbose_name_plural = "gallringsfrister"
        ordering = ["label"]
        constraints = [
            models.CheckConstraint(
                condition=Q(days__lte=LONGEST_PERIOD), name="retention_within_a_century"
            ),
        ]

    def __str__(self) -> str:
        return self.label

    @property
    def spoken(self) -> str:
        """The period as one says it."""
        if not self.days:
            return "natten efter"
        if self.days % 365 == 0:
            return f"{self.days // 365} år efter"
        if self.days % 30 == 0 and self.days >= 60:
            return f"{self.days // 30} månader efter"
        return "1 dag efter" if self.days == 1 else f"{self.days} dagar efter"
