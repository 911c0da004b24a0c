"""Asking to be erased, and deciding about it."""

from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from core import mail, register
from core.models import AuditEntry
from people import roles
from people.models import ErasureRequest, SiteRole, User


class CannotErase(Exception):
    """The account cannot be erased; its text is a sentence for the one who tried."""


def deciders() -> list[User]:
    """Those who decide about requests."""
    keys = [role.key for role in roles.DECIDE_ERASURE.roles]
    return list(User.objects.filter(is_active=True, site_roles__role__in=keys).distinct())


@transaction.atomic
def ask(*, by: User) -> tuple[ErasureRequest, dict[str, int]]:
    """Ask to be erased; asking twice gives the same request. Returns what was erased at once.

    Side effects: what nobody needs to decide about is erased; history; a mail to those who decide.
    """
    person = register.Person(by.email, by)
    erased = register.erase_at_request(person, by=by, about=by)
    request, made = ErasureRequest.objects.filter(state=ErasureRequest.State.WAITING).get_or_create(
        user=by
    )
    if made:
        AuditEntry.record("begärd", request, by=by, to_state=request.state)
        for user in deciders():
            mail.write(
                to=user.email,
                template="people/letters/erasure_asked.html",
                context={"address": reverse("erasure-requests"), "request": request},
                purpose="radering-begard",
            )
    return request, erased


@transaction.atomic
def grant(*, request: ErasureRequest, by: User) -> None:
    """Erase the account and all that hangs on it. What its unit has written stays with the unit.

    Side effects: history; a mail to the address. Raises CannotErase for the last administrator.
    """
    user = request.user
    held = set(user.site_roles.values_list("role", flat=True))
    administrators = SiteRole.objects.filter(role=SiteRole.Role.ADMINISTRATOR, user__is_active=True)
    if SiteRole.Role.ADMINISTRATOR in held and administrators.count() == 1:
        raise CannotErase("Det är portalens enda administratör. Ge någon annan rollen först.")
    mail.write(
        to=user.email,
        template="people/letters/erasure_granted.html",
        context={"kept": register.rules()["mejl"]},
        purpose="radering-beviljad",
    )
    AuditEntry.record("konto raderat", user, by=by, reason="på egen begäran")
    user.delete()


@transaction.atomic
def decline(*, request: ErasureRequest, reason: str, by: User) -> bool:
    """Say no, with the reason. False when it has been decided already.

    Side effects: history, without the reason, which can be personal; a mail with it.
    """
    if not ErasureRequest.objects.filter(pk=request.pk, state=ErasureRequest.State.WAITING).update(
        state=ErasureRequest.State.DECLINED,
        decided_at=timezone.now(),
        decided_by=by,
        reason=reason,
    ):
        return False
    request.refresh_from_db()
    AuditEntry.record(
        "avslagen",
        request,
        by=by,
        from_state=ErasureRequest.State.WAITING,
        to_state=request.state,
    )
    mail.write(
        to=request.user.email,
        template="people/letters/erasure_declined.html",
        context={"request": request},
        purpose="radering-avslagen",
    )
    return True
