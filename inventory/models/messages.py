"""What visitors have written to functions."""

from django.db import models
from django.db.models import Q
from django.utils import timezone

from core.models import Mail


class Message(models.Model):
    """A visitor's message to the function of a project: relayed by mail, kept for the registrator.

    It is an official document, so it outlives the mail that carried it, and its project is not
    deleted before it. `key` tells one sending of the form from the next.
    """

    project = models.ForeignKey(
        "inventory.Project",
        verbose_name="projekt",
        on_delete=models.PROTECT,
        related_name="messages",
    )
    name = models.CharField("namn", max_length=100, blank=True)
    email = models.EmailField("e-post", blank=True)
    text = models.TextField("meddelande", blank=True)
    sent_to_function = models.CharField("skickat till", max_length=150)
    received_at = models.DateTimeField("mottaget", default=timezone.now)
    key = models.CharField(max_length=64, unique=True, editable=False)
    mail = models.OneToOneField(
        Mail,
        verbose_name="mejl",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    erased_at = models.DateTimeField("gallrat", null=True, blank=True)

    class Meta:
        verbose_name = "meddelande till en funktion"
        verbose_name_plural = "meddelanden till funktioner"
        ordering = ["-received_at", "-pk"]
        indexes = [models.Index(fields=["received_at", "id"], name="message_received")]
        constraints = [
            models.CheckConstraint(
                condition=(Q(erased_at=None) & ~Q(email="") & ~Q(text=""))
                | Q(erased_at__isnull=False, name="", email="", text=""),
                name="message_whole_or_erased_wholly",
            ),
        ]

    def __str__(self) -> str:
        """Without personal data: the history repeats it."""
        return f"Meddelande {self.pk} om {self.project}"
