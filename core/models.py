"""Ground that every app stands on: the edition number and the audit trail."""

from typing import Any, Self

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection, models, transaction
from django.db.models import F, Q


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
    itself in the same transaction as the change (`AuditEntry.record`).
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
    at = models.DateTimeField("när", auto_now_add=True)
    request_id = models.CharField("anrop", max_length=40, blank=True)

    class Meta:
        verbose_name = "händelse"
        verbose_name_plural = "händelser"
        ordering = ["-pk"]
        indexes = [models.Index(fields=["app_model", "object_id"], name="audit_object")]

    def __str__(self) -> str:
        return f"{self.verb} {self.object_label}"

    @classmethod
    def record(cls, verb: str, obj: models.Model, *, by: Any, **facts: Any) -> Self:
        """Write one line about `obj`; `facts` are from_state, to_state, reason and changes.

        What is called by a person's name says in `audit_label` what the history calls it instead.
        """
        from core.middleware import request_id

        return cls.objects.create(
            verb=verb,
            app_model=obj._meta.label_lower,
            object_id=str(obj.pk),
            object_label=getattr(obj, "audit_label", str(obj))[:250],
            by=by if by and by.pk else None,
            request_id=request_id.get(),
            **facts,
        )

    @classmethod
    def about(cls, obj: models.Model) -> models.QuerySet[Self]:
        """The history of one object, newest first."""
        return cls.objects.filter(app_model=obj._meta.label_lower, object_id=str(obj.pk))
