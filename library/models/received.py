"""What visitors send in has in common: it waits, and a curator decides about it."""

from typing import Any, ClassVar, Self

from django.db import models
from django.utils import timezone


class ReceivedQuerySet(models.QuerySet[Any]):
    """What was sent in, by whether its words are left."""

    # The fields that hold what a visitor wrote, or what was written to her.
    WORDS: ClassVar[tuple[str, ...]] = ()

    def with_words(self) -> Self:
        """Those whose words have not been erased."""
        return self.filter(erased_at=None)

    def forget(self) -> int:
        """Erase the words; that something was sent in, when and what became of it stays."""
        return self.update(**dict.fromkeys(self.WORDS, ""), erased_at=timezone.now())


class Received(models.Model):
    """Something that a visitor sent in, and what a curator decided about it, when and why.

    It is an official document: the row stays when its words are erased. Why stands here and not
    in the history, which nobody can erase. `key` tells one sending of the form from the next.
    """

    received_at = models.DateTimeField("mottagen", default=timezone.now)
    key = models.CharField(max_length=64, unique=True, editable=False)
    decided_at = models.DateTimeField("beslutad", null=True, blank=True, editable=False)
    decided_by = models.ForeignKey(
        "people.User",
        verbose_name="beslutad av",
        null=True,
        blank=True,
        editable=False,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    decided_reason = models.TextField("skäl", blank=True, editable=False)
    erased_at = models.DateTimeField("gallrad", null=True, blank=True, editable=False)

    class Meta:
        abstract = True

    @property
    def days(self) -> int:
        """How many days ago it came."""
        return (timezone.localdate() - timezone.localdate(self.received_at)).days
