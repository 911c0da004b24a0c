"""Who may do what: one matrix, from which rules, tests and docs/roles.md come.

A role is a class whose docstring says what it is for. Site roles hold everywhere; organisation
roles hold in an organisation and in all that it covers (people.Lineage: its units and its
predecessors). `may` is the only place that answers.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

from django.contrib.auth.models import AnonymousUser
from django.db.models import QuerySet

from people.models import Membership, Organisation, User


class Role:
    """Something that somebody is, and therefore may do things."""

    key: ClassVar[str]
    label: ClassVar[str]


class Visitor(Role):
    """Alla som besöker portalen, utan konto."""

    key, label = "besokare", "Besökare"


class Account(Role):
    """Den som har ett konto."""

    key, label = "konto", "Inloggad"


class CityStaff(Role):
    """Personal i staden: har stadens e-postadress eller är med i en av stadens enheter."""

    key, label = "personal", "Personal"


class OrganisationRole(Role):
    """En roll i en organisation; gäller också dess enheter och föregångare."""


class Reporter(OrganisationRole):
    """Lämnar uppgifter för sin enhet eller förening."""

    key, label = "uppgiftslamnare", "Uppgiftslämnare"


class UnitManager(OrganisationRole):
    """Chef för enheten: godkänner medarbetare och det som enheten lämnar in."""

    key, label = "enhetschef", "Enhetschef"


class Coordinator(OrganisationRole):
    """Samordnar organisationens seminarier och konferenser."""

    key, label = "samordnare", "Samordnare"


class SiteRole(Role):
    """En roll i hela portalen."""


class Curator(SiteRole):
    """Redaktör: granskar, rättar och publicerar innehållet."""

    key, label = "redaktor", "Redaktör"


class ResearchCouncil(SiteRole):
    """Forskningsrådet: granskar kunskapsunderlag."""

    key, label = "forskningsrad", "Forskningsråd"


class Registrar(SiteRole):
    """Registrator: lämnar ut och bevarar allmänna handlingar."""

    key, label = "registrator", "Registrator"


class Administrator(SiteRole):
    """Sköter konton, roller och inställningar."""

    key, label = "administrator", "Administratör"


ROLES: tuple[type[Role], ...] = (
    Visitor,
    Account,
    CityStaff,
    Reporter,
    UnitManager,
    Coordinator,
    Curator,
    ResearchCouncil,
    Registrar,
    Administrator,
)
BY_KEY = {role.key: role for role in ROLES}
EVERYBODY = frozenset(ROLES)
WITH_ACCOUNT = EVERYBODY - {Visitor}


@dataclass(frozen=True)
class Action:
    """Something that can be done, and by whom. `within` says that an organisation is asked for."""

    key: str
    label: str
    roles: frozenset[type[Role]]
    within: bool = False


def _action(key: str, label: str, *roles: type[Role], within: bool = False) -> Action:
    return Action(key, label, frozenset(roles), within)


READ_PUBLIC = Action("lasa", "Läsa det som är öppet", EVERYBODY)
READ_STAFF = _action(
    "lasa-internt",
    "Läsa det som är för personal, och se funktioners telefon och brevlåda",
    *(CityStaff, Curator, ResearchCouncil, Registrar, Administrator),
)
OWN_PAGES = Action("mina-sidor", "Se Mina sidor: konto, inloggningar och enheter", WITH_ACCOUNT)
ASK_TO_JOIN = Action("be-att-ga-med", "Be att få gå med i en enhet", WITH_ACCOUNT)
FOLLOW = Action("folja", "Följa projekt och urval, och få utskick om dem", WITH_ACCOUNT)
DECIDE_MEMBERSHIP = _action(
    "besluta-medlemskap",
    "Godkänna, avslå och avsluta medlemskap i en enhet",
    *(UnitManager, Curator, Administrator),
    within=True,
)
DECIDE_ANY_MEMBERSHIP = _action(
    "se-medlemskap", "Se alla medlemskap och ansökningar", Curator, Administrator
)
INVITE_ANYONE = _action(
    "bjuda-in", "Bjuda in någon som saknar stadens e-postadress", Curator, Administrator
)
EDIT_CONTENT = _action(
    "redigera", "Redigera publicerat innehåll, organisationer och ordlistor", Curator, Administrator
)
WRITE_DRAFT = _action(
    "skriva-utkast",
    "Skriva utkast för en enhet och lämna in dem, och ändra det som enheten har publicerat",
    *(Reporter, UnitManager),
    within=True,
)
APPROVE_DRAFT = _action(
    "godkanna-utkast",
    "Godkänna det som enheten lämnar in, och bestämma om det behövs",
    UnitManager,
    within=True,
)
REVIEW = _action(
    "granska", "Granska, kommentera och publicera det som lämnas in", Curator, Administrator
)
POST_IDEA = _action(
    "lamna-ide",
    "Lägga upp, ändra och avsluta en enhets idéer och behov, och säga ”vi också”",
    *(Reporter, UnitManager, Coordinator, Curator, Administrator),
    within=True,
)
FOLLOW_UP = _action(
    "folja-upp",
    "Bekräfta och avsluta en enhets projekt, och lägga till mätvärden",
    *(Reporter, UnitManager, Curator, Administrator),
    within=True,
)
# By the unit alone: a curator's answer would hide that the unit is silent.
ANSWER_INQUIRY = _action(
    "svara-for-enheten",
    "Svara från mejlet ”Stämmer det fortfarande?” till en enhet",
    *(Reporter, UnitManager),
    within=True,
)
WRITE_LIBRARY = _action(
    "skriva-i-biblioteket",
    "Skriva och ändra utkast i biblioteket: poster, metoder och instrument",
    *(Curator, ResearchCouncil, Administrator),
)
PUBLISH_LIBRARY = _action(
    "publicera-i-biblioteket",
    "Publicera och dra tillbaka i biblioteket, och flytta metoder i metodverkstaden",
    *(Curator, Administrator),
)
MODERATE = _action(
    "ta-emot-roster",
    "Läsa, godta och avböja röster, berättelser och kunskapsluckor från besökare",
    *(Curator, Administrator),
)
KEEP_READING_LISTS = _action(
    "ha-laslistor",
    "Ha egna läslistor och dela dem med länk",
    *(CityStaff, Curator, ResearchCouncil, Registrar, Administrator),
)
PUBLISH_READING_LISTS = _action(
    "publicera-laslistor", "Publicera läslistor för alla", Curator, Administrator
)
READ_HISTORY = _action(
    "se-historik", "Se historiken för allt innehåll", Curator, Registrar, Administrator
)
# Not curators: they see mail that could not be relayed, and need no more to put that right.
READ_MESSAGES = _action(
    "lasa-meddelanden", "Läsa meddelanden till funktioner", Registrar, Administrator
)
EXPORT_RECORDS = _action(
    "lamna-ut", "Lämna ut handlingar med diarienummer", Registrar, Administrator
)
WATCH_OPERATIONS = _action(
    "se-drift",
    "Se och rätta uppgifter och brev som väntar eller har misslyckats",
    *(Curator, Administrator),
)
READ_RETENTION = _action(
    "se-gallring",
    "Se vilka personuppgifter som finns och när de gallras",
    *(Curator, Registrar, Administrator),
)
DECIDE_ERASURE = _action(
    "besluta-radering",
    "Lämna ut uppgifter om en person, och besluta om radering av ett konto",
    *(Registrar, Administrator),
)
MERGE_ORGANISATIONS = _action(
    "sla-samman", "Slå samman organisationer, och ställa in det", Administrator
)
GIVE_ROLES = _action("ge-roller", "Ge och ta bort roller i portalen", Administrator)

MATRIX: tuple[Action, ...] = (
    READ_PUBLIC,
    READ_STAFF,
    OWN_PAGES,
    ASK_TO_JOIN,
    FOLLOW,
    DECIDE_MEMBERSHIP,
    DECIDE_ANY_MEMBERSHIP,
    INVITE_ANYONE,
    EDIT_CONTENT,
    WRITE_DRAFT,
    APPROVE_DRAFT,
    REVIEW,
    POST_IDEA,
    FOLLOW_UP,
    ANSWER_INQUIRY,
    WRITE_LIBRARY,
    PUBLISH_LIBRARY,
    MODERATE,
    KEEP_READING_LISTS,
    PUBLISH_READING_LISTS,
    READ_HISTORY,
    READ_MESSAGES,
    EXPORT_RECORDS,
    WATCH_OPERATIONS,
    READ_RETENTION,
    DECIDE_ERASURE,
    MERGE_ORGANISATIONS,
    GIVE_ROLES,
)


def roles_of(
    user: User | AnonymousUser, organisation: Organisation | None = None
) -> frozenset[type[Role]]:
    """What somebody is; with an organisation, also what they are there."""
    roles = set(_by_account(user))
    if Account not in roles or not isinstance(user, User):
        return frozenset(roles)
    roles |= {BY_KEY[key] for key in user.site_role_keys}
    if organisation is not None:
        held = Membership.objects.current().filter(
            user=user, organisation__covers__descendant=organisation
        )
        roles |= {BY_KEY[key] for key in held.values_list("role", flat=True)}
    return frozenset(roles)


def _by_account(user: User | AnonymousUser) -> frozenset[type[Role]]:
    """What somebody is by her account alone: nothing is asked of the database."""
    if not isinstance(user, User) or not user.is_active:
        return frozenset({Visitor})
    return frozenset({Visitor, Account, CityStaff} if user.is_city_staff else {Visitor, Account})


def may(
    user: User | AnonymousUser, action: Action, organisation: Organisation | None = None
) -> bool:
    """Whether somebody may do it; `organisation` must be given where the action is within one.

    Raises ValueError when it is missing: a forgotten argument must not look like a refusal.
    """
    if action.within and organisation is None:
        raise ValueError(f"{action.key} is asked about without an organisation.")
    return bool(_by_account(user) & action.roles or roles_of(user, organisation) & action.roles)


def held(user: User, action: Action) -> QuerySet:
    """The roles in the portal by which somebody may do it, to be asked for within a question.

    Raises ValueError for what is also done by others than those with such roles.
    """
    if action.within or not all(issubclass(role, SiteRole) for role in action.roles):
        raise ValueError(f"{action.key} does not depend on roles in the portal alone.")
    return user.site_roles.filter(role__in=[role.key for role in action.roles])


def organisations_where(user: User, action: Action) -> Iterable[int]:
    """Keys of organisations where somebody may do it by a role held there or above."""
    keys = [role.key for role in action.roles if issubclass(role, OrganisationRole)]
    return (
        Membership.objects.current()
        .filter(user=user, role__in=keys)
        .values_list("organisation__covers__descendant", flat=True)
        .distinct()
    )
