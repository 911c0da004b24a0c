"""What is kept about people with accounts: the account, logins, memberships, invitations."""

import datetime
from collections.abc import Iterable
from typing import Any

from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from allauth.usersessions.models import UserSession
from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.db.models.functions import Coalesce
from django.utils import timezone

from core.personal_data import LEGAL_DUTY, PUBLIC_TASK, count_and_oldest
from core.register import Facts, Holding, Moment, Period, Person, register, rules
from people import emails
from people.models import (
    ErasureRequest,
    Invitation,
    Membership,
    Session,
    SigninToken,
    User,
)

# An account that nobody uses is warned of this long before it is erased.
WARNED_BEFORE = datetime.timedelta(days=30)

# --- Accounts -------------------------------------------------------------------------------------


def idle_accounts(before: Moment) -> QuerySet[User]:
    """Accounts nobody has logged in to since. Those with a role in the portal are not among them:
    an administrator takes the role back first.
    """
    return _seen_accounts().filter(last_seen__lt=before, site_roles=None)


def _seen_accounts() -> QuerySet[Any]:
    return User.objects.annotate(last_seen=Coalesce("last_login", "date_joined"))


def _due_accounts(before: Moment) -> QuerySet[User]:
    warned = Q(erasure_warned_at__lt=timezone.now() - WARNED_BEFORE)
    # Somebody who logged in after an earlier warning is warned anew.
    return idle_accounts(before).filter(warned, erasure_warned_at__gte=F("last_seen"))


def _erase_accounts(before: Moment) -> int:
    accounts = list(_due_accounts(before))
    User.objects.filter(pk__in=[account.pk for account in accounts]).delete()
    return len(accounts)


@transaction.atomic
def warn_idle() -> int:
    """Tell those whose accounts will soon be erased by a mail; returns how many.

    A login keeps the account. Nothing is erased within a month of the mail.
    """
    now = timezone.now()
    before = now - datetime.timedelta(days=rules()[ACCOUNT.key].days) + WARNED_BEFORE
    unwarned = Q(erasure_warned_at=None) | Q(erasure_warned_at__lt=F("last_seen"))
    accounts = list(idle_accounts(before).filter(unwarned, is_active=True))
    for account in accounts:
        emails.erasure_warning(account, (now + WARNED_BEFORE).date())
    warned = [account.pk for account in accounts]
    # A closed account reads no mail: its month begins all the same.
    closed = idle_accounts(before).filter(unwarned, is_active=False).values_list("pk", flat=True)
    User.objects.filter(pk__in=[*warned, *closed]).update(erasure_warned_at=now)
    return len(accounts)


def _accounts_left() -> tuple[int, Moment | None]:
    _, oldest = count_and_oldest(_seen_accounts().filter(site_roles=None), "last_seen")
    return User.objects.count(), oldest


def _account_of(person: Person) -> Iterable[Facts]:
    user = person.user
    if not user:
        return
    yield {
        "Namn": user.name,
        "E-postadress": user.email,
        "Konto sedan": user.date_joined,
        "Senast inloggad": user.last_login,
        "Lösenord": "Ja, i en form som inte går att läsa" if user.has_usable_password() else "Nej",
        "Roller i portalen": ", ".join(role.get_role_display() for role in user.site_roles.all()),
    }
    for key in Authenticator.objects.filter(user=user).order_by("pk"):
        yield {
            "Andra faktor": key.get_type_display(),
            "Tillagd": key.created_at,
            "Senast använd": key.last_used_at,
        }
    for single in SocialAccount.objects.filter(user=user):
        yield {"Stadens inloggning": single.uid, "Senast använd": single.last_login}


ACCOUNT = Holding(
    key="konto",
    label="Konto",
    whom="Den som har ett konto.",
    what="E-postadress, namn, när kontot gjordes och senast användes, roller. Har du lagt till en"
    " nyckel eller en app för att logga in finns den också, men inte ditt fingeravtryck eller"
    " ansikte.",
    purpose="Att du ska kunna logga in, och att andra ska veta vem de arbetar med.",
    ground=PUBLIC_TASK,
    seen_by="Du. Namn och adress: chefen för din enhet, redaktörer och administratörer.",
    period=Period(
        days=730,
        since="att du senast loggade in. Du får ett mejl en månad innan. Den som har en roll i hela"
        " portalen räknas inte förrän rollen är återtagen",
        due=lambda before: _due_accounts(before).count(),
        erase=_erase_accounts,
        least=2 * WARNED_BEFORE.days,
    ),
    fields={
        "people.User": ("email", "name", "password"),
        "account.EmailAddress": ("email",),
        "mfa.Authenticator": ("data",),
        "socialaccount.SocialAccount": ("uid", "extra_data"),
    },
    left=_accounts_left,
    goes_with_account=True,
    of_person=_account_of,
    order=10,
)

# --- Logins ---------------------------------------------------------------------------------------


def _ended_logins(before: Moment) -> tuple[QuerySet[Session], QuerySet[UserSession], QuerySet]:
    living = Session.objects.filter(expire_date__gte=before).values("session_key")
    return (
        Session.objects.filter(expire_date__lt=before),
        UserSession.objects.filter(last_seen_at__lt=before).exclude(session_key__in=living),
        SigninToken.objects.filter(expires_at__lt=before),
    )


def _erase_logins(before: Moment) -> int:
    return sum(rows.delete()[0] for rows in reversed(_ended_logins(before)))


def _logins_of(person: Person) -> Iterable[Facts]:
    if person.user:
        for login in UserSession.objects.filter(user=person.user).order_by("pk"):
            yield {
                "Inloggad": login.created_at,
                "Nätadress": login.ip,
                "Webbläsare": login.user_agent,
            }


LOGINS = Holding(
    key="inloggningar",
    label="Inloggningar",
    whom="Den som är inloggad.",
    what="Varifrån du loggade in: nätadress och webbläsare, och när. En kaka i din webbläsare säger"
    " att du är inloggad.",
    purpose="Att du ska slippa logga in på varje sida, och kunna se och avsluta dina inloggningar.",
    ground=PUBLIC_TASK,
    seen_by="Bara du.",
    period=Period(
        days=0,
        since="att inloggningen tog slut, som längst efter en vecka",
        due=lambda before: sum(rows.count() for rows in _ended_logins(before)),
        erase=_erase_logins,
    ),
    fields={
        "people.Session": ("session_data",),
        "usersessions.UserSession": ("ip", "user_agent", "data"),
    },
    left=lambda: count_and_oldest(Session.objects.exclude(user=None), "expire_date"),
    of_person=_logins_of,
    goes_with_account=True,
    order=20,
)

# --- Memberships ----------------------------------------------------------------------------------


def _ended_memberships() -> QuerySet[Membership]:
    return Membership.objects.filter(state__in=[Membership.State.ENDED, Membership.State.DECLINED])


def _dated_memberships() -> QuerySet[Any]:
    return _ended_memberships().annotate(over_at=Coalesce("ended_at", "decided_at", "asked_at"))


def _memberships_before(before: Moment) -> QuerySet[Any]:
    return _dated_memberships().filter(over_at__lt=before)


def _memberships_left() -> tuple[int, Moment | None]:
    _, oldest = count_and_oldest(_dated_memberships(), "over_at")
    return Membership.objects.count(), oldest


def _memberships_of(person: Person) -> Iterable[Facts]:
    if person.user:
        mine = Membership.objects.filter(user=person.user).select_related("organisation")
        for each in mine.order_by("asked_at", "pk"):
            yield {
                "Enhet": str(each.organisation),
                "Roll": each.get_role_display(),
                "Läge": each.get_state_display(),
                "Begärd": each.asked_at,
                "Beslutad": each.decided_at,
                "Avslutad": each.ended_at,
            }


def _erase_memberships_of(person: Person) -> int:
    return _ended_memberships().filter(user=person.user).delete()[0] if person.user else 0


MEMBERSHIPS = Holding(
    key="medlemskap",
    label="Medlemskap i enheter",
    whom="Den som är med i en enhet, eller har bett om det.",
    what="Vilken enhet, vilken roll, när du bad om den, när den beslutades och när den tog slut.",
    purpose="Att bara den som hör till enheten ska lämna uppgifter för den.",
    ground=PUBLIC_TASK,
    seen_by="Du, enhetens chef, redaktörer och administratörer.",
    period=Period(
        days=365,
        since="att medlemskapet tog slut, eller att någon sa nej till det",
        due=lambda before: _memberships_before(before).count(),
        erase=lambda before: _memberships_before(before).delete()[0],
    ),
    left=_memberships_left,
    of_person=_memberships_of,
    erase_person=_erase_memberships_of,
    at_request="Medlemskap som är slut, eller som någon har sagt nej till",
    goes_with_account=True,
    order=30,
)

# --- Invitations ----------------------------------------------------------------------------------


def _over_invitations(before: Moment) -> QuerySet[Invitation]:
    # Its own last day, also when it was used before: which day that was nobody needs to know.
    return Invitation.objects.filter(expires_at__lt=before)


INVITATIONS = Holding(
    key="inbjudningar",
    label="Inbjudningar",
    whom="Den som har bjudits in att skaffa konto.",
    what="E-postadress, och när inbjudan gjordes och användes.",
    purpose="Att den som saknar stadens e-postadress ska kunna skaffa konto.",
    ground=PUBLIC_TASK,
    seen_by="Redaktörer och administratörer.",
    period=Period(
        days=30,
        since="att inbjudan har gått ut",
        due=lambda before: _over_invitations(before).count(),
        erase=lambda before: _over_invitations(before).delete()[0],
    ),
    fields={"people.Invitation": ("email",)},
    left=lambda: count_and_oldest(Invitation.objects.all(), "expires_at"),
    of_person=lambda person: [
        {"Inbjuden": each.created_at, "Använd": each.used_at}
        for each in Invitation.objects.filter(email__iexact=person.email)
    ],
    erase_person=lambda person: Invitation.objects.filter(email__iexact=person.email).delete()[0],
    at_request="Inbjudningar till din adress",
    order=60,
)

# --- Requests to be erased ------------------------------------------------------------------------


def _decided_requests(before: Moment) -> QuerySet[ErasureRequest]:
    return ErasureRequest.objects.filter(decided_at__lt=before)


def _requests_of(person: Person) -> Iterable[Facts]:
    if person.user:
        for each in ErasureRequest.objects.filter(user=person.user):
            yield {
                "Begärd": each.asked_at,
                "Läge": each.get_state_display(),
                "Beslutad": each.decided_at,
                "Skäl": each.reason,
            }


REQUESTS = Holding(
    key="radering",
    label="Begäran om radering",
    whom="Den som har bett om att få sitt konto raderat, men som vi har sagt nej till.",
    what="När du bad om det, beslutet och skälet. Får du ja raderas begäran med kontot.",
    purpose="Att du ska få ett svar och kunna överklaga det.",
    ground=LEGAL_DUTY,
    seen_by="Du, registratorer och administratörer.",
    period=Period(
        days=365,
        since="beslutet",
        due=lambda before: _decided_requests(before).count(),
        erase=lambda before: _decided_requests(before).delete()[0],
    ),
    fields={"people.ErasureRequest": ("reason",)},
    left=lambda: count_and_oldest(ErasureRequest.objects.all(), "decided_at"),
    of_person=_requests_of,
    goes_with_account=True,
    order=65,
)

register(ACCOUNT, LOGINS, MEMBERSHIPS, INVITATIONS, REQUESTS)
