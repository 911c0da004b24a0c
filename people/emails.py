"""Messages about accounts and memberships; written in the transaction of what they tell."""

from django.urls import reverse

from core import mail
from people.models import Membership, User


def deciders(membership: Membership) -> list[User]:
    """Who decides about a request: managers of the unit or above it; curators where none is."""
    managers = User.objects.filter(
        is_active=True,
        memberships__role=Membership.Role.MANAGER,
        memberships__state=Membership.State.APPROVED,
        memberships__organisation__covers__descendant=membership.organisation,
    ).distinct()
    if found := list(managers.exclude(pk=membership.user_id)):
        return found
    return list(User.objects.filter(is_active=True, site_roles__role="redaktor").distinct())


def membership_requested(membership: Membership) -> None:
    """Ask those who decide."""
    address = reverse("members", args=[membership.organisation.slug])
    for user in deciders(membership):
        mail.write(
            to=user.email,
            template="people/letters/membership_requested.html",
            context={"membership": membership, "address": address},
            purpose="medlemskap-begart",
        )


def membership_decided(membership: Membership) -> None:
    """Tell the one who asked."""
    mail.write(
        to=membership.user.email,
        template="people/letters/membership_decided.html",
        context={"membership": membership, "address": reverse("my-pages")},
        purpose="medlemskap-beslutat",
    )
