"""Asking to be erased, and deciding about it."""

from django.db import transaction
from django.utils import timezone

from core import register
from core.models import AuditEntry
from people import emails
from people.models import ErasureRequest, SiteRole, User

State = ErasureRequest.State


class CannotErase(Exception):
    """The account cannot be erased; its text is a sentence for the one who tried."""


class AlreadyDecided(Exception):
    """Somebody else was first."""


@transaction.atomic
def ask(*, by: User) -> tuple[ErasureRequest, dict[str, int]]:
    """Ask to be erased; asking twice gives the same request. Returns what was erased at once.

    Side effects: what nobody needs to decide about is erased; history; a mail to those who decide.
    """
    erased = register.erase_at_request(register.Person(by.email, by), by=by, about=by)
    request, made = ErasureRequest.objects.filter(state=State.WAITING).get_or_create(user=by)
    if made:
        AuditEntry.record("begärd", request, by=by, to_state=request.state)
        emails.erasure_asked(request)
    return request, erased


def _take(request: ErasureRequest, **decision: object) -> None:
    """Of two who decide at once the second waits for the first, and finds it decided."""
    waiting = ErasureRequest.objects.filter(pk=request.pk, state=State.WAITING)
    if not waiting.update(**decision):
        raise AlreadyDecided
    request.refresh_from_db()


@transaction.atomic
def grant(*, request: ErasureRequest, by: User) -> None:
    """Erase the account and all that hangs on it. What its unit has written stays with the unit.

    Side effects: history; a mail to the address. Raises AlreadyDecided, or CannotErase for the
    last administrator.
    """
    _take(request, decided_by=by)
    # Nothing is written by her while she is erased.
    user = User.objects.select_for_update().get(pk=request.user_id)
    # Locked, so that two administrators are not erased at once, each as the other's reserve.
    list(SiteRole.objects.select_for_update().filter(role=SiteRole.Role.ADMINISTRATOR))
    if user.is_last_administrator:
        raise CannotErase("Det är portalens enda administratör. Ge någon annan rollen först.")
    emails.erasure_granted(user)
    AuditEntry.record("konto raderat", user, by=by, reason="på egen begäran")
    user.delete()


@transaction.atomic
def decline(*, request: ErasureRequest, reason: str, by: User) -> None:
    """Say no, with the reason. Raises AlreadyDecided.

    Side effects: history, without the reason, which can be personal; a mail with it.
    """
    _take(
        request,
        state=State.DECLINED,
        decided_at=timezone.now(),
        decided_by=by,
        reason=reason,
    )
    AuditEntry.record("avslagen", request, by=by, from_state=State.WAITING, to_state=State.DECLINED)
    emails.erasure_declined(request)


@transaction.atomic
def tell_handed_out(*, about: User | None, by: User) -> None:
    """Tell the history that what is kept about somebody was handed out to her."""
    verb = "uppgifter utlämnade"
    if about:
        AuditEntry.record(verb, about, by=by)
    else:
        AuditEntry.note(verb, about=("people.extract", "", "En adress utan konto"), by=by)
