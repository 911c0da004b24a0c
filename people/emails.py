"""Messages about accounts and memberships; written in the transaction of what they tell."""

import datetime

from django.conf import settings
from django.urls import reverse

from core import mail
from core.register import rules
from people import roles
from people.models import ErasureRequest, Membership, Merger, User


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


def memberships_moved(user: User, merger: Merger, held: list[Membership]) -> None:
    """Tell a member, or who has asked to be one, where she belongs after a merger: `held`."""
    mail.write(
        to=user.email,
        template="people/letters/memberships_moved.html",
        context={"merger": merger, "held": held, "address": reverse("my-pages")},
        purpose="medlemskap-flyttat",
    )


def erasure_asked(request: ErasureRequest) -> None:
    """Ask those who decide; where only the one who asks could, the knowledge centre's mailbox."""
    keys = [role.key for role in roles.DECIDE_ERASURE.roles]
    deciding = User.objects.filter(is_active=True, site_roles__role__in=keys)
    addresses = set(deciding.exclude(pk=request.user_id).values_list("email", flat=True))
    for address in sorted(addresses) or [settings.CONTACT]:
        mail.write(
            to=address,
            template="people/letters/erasure_asked.html",
            context={"address": reverse("erasure-requests"), "request": request},
            purpose="radering-begard",
        )


def erasure_granted(user: User) -> None:
    """Tell her that the account is gone, and how long this mail is kept."""
    mail.write(
        to=user.email,
        template="people/letters/erasure_granted.html",
        context={"kept": rules()["mejl"]},
        purpose="radering-beviljad",
    )


def erasure_declined(request: ErasureRequest) -> None:
    """Tell her why, and how to appeal."""
    mail.write(
        to=request.user.email,
        template="people/letters/erasure_declined.html",
        context={"request": request},
        purpose="radering-avslagen",
    )


def erasure_warning(user: User, day: datetime.date) -> None:
    """Tell who has not logged in for long that the account is erased after that day."""
    mail.write(
        to=user.email,
        template="people/letters/erasure_warning.html",
        context={"address": reverse("account_login"), "day": day},
        purpose="konto-raderas-snart",
    )
