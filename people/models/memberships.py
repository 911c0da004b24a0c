"""Who is what in which organisation."""

from django.db import models
from django.db.models import Q
from django.utils import timezone

from people.models.accounts import User
from people.models.organisations import Organisation


class MembershipQuerySet(models.QuerySet["Membership"]):
    """Memberships by where they stand."""

    def current(self) -> "MembershipQuerySet":
        """Those that give a role now."""
        return self.filter(state=Membership.State.APPROVED)

    def waiting(self) -> "MembershipQuerySet":
        """Requests that nobody has decided."""
        return self.filter(state=Membership.State.REQUESTED)

    def open(self) -> "MembershipQuerySet":
        """Those that give a role now, and requests."""
        return self.filter(state__in=[Membership.State.REQUESTED, Membership.State.APPROVED])


class Membership(models.Model):
    """Somebody's role in an organisation: asked for, approved, ended.

    What a unit has written stays with the unit when a member leaves.
    """

    class Role(models.TextChoices):
        """What a member may be; explained in people.roles."""

        REPORTER = "uppgiftslamnare", "Uppgiftslämnare"
        MANAGER = "enhetschef", "Enhetschef"
        COORDINATOR = "samordnare", "Samordnare"

    class State(models.TextChoices):
        """Where a membership stands."""

        REQUESTED = "begard", "Väntar på beslut"
        APPROVED = "godkand", "Godkänd"
        DECLINED = "avslagen", "Avslagen"
        ENDED = "avslutad", "Avslutad"

    MOVES = {
        State.REQUESTED: {State.APPROVED, State.DECLINED, State.ENDED},
        State.APPROVED: {State.ENDED},
        State.DECLINED: set(),
        State.ENDED: set(),
    }

    user = models.ForeignKey(
        User, verbose_name="användare", on_delete=models.CASCADE, related_name="memberships"
    )
    organisation = models.ForeignKey(
        Organisation,
        verbose_name="organisation",
        on_delete=models.PROTECT,
        related_name="memberships",
    )
    role = models.CharField("roll", max_length=20, choices=Role)
    state = models.CharField("läge", max_length=10, choices=State, default=State.REQUESTED)
    asked_at = models.DateTimeField("begärd", default=timezone.now)
    decided_at = models.DateTimeField("beslutad", null=True, blank=True)
    decided_by = models.ForeignKey(
        User,
        verbose_name="beslutad av",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    ended_at = models.DateTimeField("avslutad", null=True, blank=True)

    objects = MembershipQuerySet.as_manager()

    class Meta:
        verbose_name = "medlemskap"
        verbose_name_plural = "medlemskap"
        ordering = ["organisation__sort_key", "role", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["user", "organisation", "role"],
                condition=Q(state__in=["begard", "godkand"]),
                name="membership_once",
            ),
            models.CheckConstraint(
                condition=Q(decided_at=None) | ~Q(state="begard"),
                name="membership_request_is_undecided",
            ),
            models.CheckConstraint(
                condition=~Q(state="avslutad") | Q(ended_at__isnull=False),
                name="membership_ended_has_time",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user}: {self.get_role_display()}, {self.organisation}"

    @property
    def audit_label(self) -> str:
        """Without the name: the history outlives the account."""
        return f"Konto {self.user_id}: {self.get_role_display()}, {self.organisation}"
