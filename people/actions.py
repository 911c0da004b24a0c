"""Changes to organisations, memberships and roles."""

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from core.models import AuditEntry
from people import emails, roles
from people.models import Lineage, Membership, Organisation, SiteRole, Succession, User
from search import catalogue

DISTRICT_FACET = DISTRICT_KIND = "stadsdel"
# Not filtered by: they find what names an organisation, when it gets another name.
OWNER_FACET = "organisation"
PARTNER_FACET = "medverkande"


def lineage() -> set[tuple[int, int]]:
    """Pairs (ancestor, descendant) as the tree and the successions say; see people.Lineage."""
    covers: dict[int, set[int]] = {}
    organisations = list(Organisation.objects.values_list("pk", "parent_id"))
    for pk, parent in organisations:
        covers.setdefault(pk, set())
        if parent:
            covers.setdefault(parent, set()).add(pk)
    for predecessor, successor in Succession.objects.values_list("predecessor_id", "successor_id"):
        covers[successor].add(predecessor)

    pairs = set()
    for ancestor in covers:
        waiting, seen = [ancestor], set()
        while waiting:
            pk = waiting.pop()
            if pk not in seen:
                seen.add(pk)
                waiting.extend(covers[pk])
        pairs |= {(ancestor, descendant) for descendant in seen}
    return pairs


@transaction.atomic
def rebuild_lineage() -> None:
    """Make Lineage true again after organisations or successions changed.

    Side effects: names districts for filters; everything that a changed district covers is
    written again in the catalogue.
    """
    wanted = lineage()
    had = {row.pk: (row.ancestor_id, row.descendant_id) for row in Lineage.objects.all()}
    Lineage.objects.filter(pk__in=[pk for pk, pair in had.items() if pair not in wanted]).delete()
    new = wanted - set(had.values())
    Lineage.objects.bulk_create(
        [Lineage(ancestor_id=ancestor, descendant_id=pk) for ancestor, pk in new]
    )
    districts = Organisation.objects.districts()
    catalogue.label(DISTRICT_FACET, {district.slug: district.label for district in districts})
    moved = {pk for pair in new ^ (set(had.values()) - wanted) for pk in pair}
    catalogue.refresh(DISTRICT_KIND, districts.filter(pk__in=moved).values_list("pk", flat=True))
    slugs = districts.filter(covers__descendant__in=moved).values_list("slug", flat=True)
    catalogue.refresh_with(DISTRICT_FACET, set(slugs))
    # What had no district yet carries none to be found by.
    owners = Organisation.objects.filter(pk__in=moved).values_list("slug", flat=True)
    catalogue.refresh_with(OWNER_FACET, set(owners))


@transaction.atomic
def organisation_changed(*, organisation: Organisation, old_slug: str = "") -> None:
    """Let everything follow a changed organisation.

    Side effects: Lineage, the names of districts in filters, and the catalogue's rows of what it
    owns or covers.
    """
    if old_slug:
        catalogue.unlabel(DISTRICT_FACET, old_slug)
    rebuild_lineage()
    catalogue.refresh(DISTRICT_KIND, [organisation.pk])
    for facet in (DISTRICT_FACET, OWNER_FACET, PARTNER_FACET):
        catalogue.refresh_with(facet, {organisation.slug, old_slug})


class NotAllowedMove(Exception):
    """The membership is not where that can be done, for instance because it was just decided."""


@transaction.atomic
def ask_to_join(*, organisation: Organisation, role: str, by: User) -> Membership:
    """Ask for a role in an organisation; asking twice gives the same request.

    Side effects: history; a mail to those who decide.
    """
    membership, made = Membership.objects.filter(
        state__in=[Membership.State.REQUESTED, Membership.State.APPROVED]
    ).get_or_create(user=by, organisation=organisation, role=role)
    if made:
        AuditEntry.record("begärd", membership, by=by, to_state=membership.state)
        emails.membership_requested(membership)
    return membership


def _move(membership: Membership, to: str, *, by: User, **fields: object) -> None:
    """Move a membership if it still stands where that is allowed; raises NotAllowedMove."""
    states = [state for state, allowed in Membership.MOVES.items() if to in allowed]
    before = membership.state
    if not Membership.objects.filter(pk=membership.pk, state__in=states).update(state=to, **fields):
        raise NotAllowedMove
    membership.refresh_from_db()
    verb = membership.get_state_display().lower()
    AuditEntry.record(verb, membership, by=by, from_state=before, to_state=to)


@transaction.atomic
def approve_membership(*, membership: Membership, by: User) -> None:
    """Give the role. Side effects: history, a mail to the member, who may become city staff."""
    _move(
        membership,
        Membership.State.APPROVED,
        by=by,
        decided_at=timezone.now(),
        decided_by=by,
    )
    update_city_staff(user=membership.user)
    emails.membership_decided(membership)


@transaction.atomic
def decline_membership(*, membership: Membership, by: User) -> None:
    """Say no. Side effects: history, a mail to the one who asked."""
    _move(
        membership,
        Membership.State.DECLINED,
        by=by,
        decided_at=timezone.now(),
        decided_by=by,
    )
    emails.membership_decided(membership)


@transaction.atomic
def end_membership(*, membership: Membership, by: User) -> None:
    """Leave, take back a request, or be taken out. What the unit has written stays with it."""
    _move(membership, Membership.State.ENDED, by=by, ended_at=timezone.now())
    update_city_staff(user=membership.user)


def update_city_staff(*, user: User) -> None:
    """Keep whether somebody is city staff: by the domain of the address, or by a unit."""
    domain = user.email.rpartition("@")[2]
    by_unit = Membership.objects.current().filter(
        user=user, organisation__in=Organisation.objects.of_the_city()
    )
    user.is_city_staff = domain in settings.SIGNUP_DOMAINS or by_unit.exists()
    user.save(update_fields=["is_city_staff"])


@transaction.atomic
def rename(*, user: User, name: str, by: User) -> None:
    """Give an account another name; the same name changes nothing. Writes history, no names."""
    if User.objects.filter(pk=user.pk).exclude(name=name).update(name=name):
        AuditEntry.record("ändrad", user, by=by, changes={"name": None})


@transaction.atomic
def give_role(*, user: User, role: str, by: User | None) -> None:
    """Give a role in the whole portal; giving it again changes nothing. Writes history."""
    given, made = SiteRole.objects.get_or_create(user=user, role=role, defaults={"given_by": by})
    if made:
        AuditEntry.record("roll given", user, by=by, to_state=given.role)
        update_access(user=user)


@transaction.atomic
def take_role(*, user: User, role: str, by: User) -> None:
    """Take a role back; taking one that is not held changes nothing. Writes history."""
    if SiteRole.objects.filter(user=user, role=role).delete()[0]:
        AuditEntry.record("roll återtagen", user, by=by, from_state=role)
        update_access(user=user)


def update_access(*, user: User) -> None:
    """Let flags follow the roles: who enters the admin, who may do all there, who reads what is
    for staff.
    """
    held = set(user.site_roles.values_list("role", flat=True))
    user.is_staff = bool(
        held & {SiteRole.Role.CURATOR, SiteRole.Role.REGISTRAR, SiteRole.Role.ADMINISTRATOR}
    )
    user.is_superuser = SiteRole.Role.ADMINISTRATOR in held
    user.reads_internal = bool({roles.BY_KEY[key] for key in held} & roles.READ_STAFF.roles)
    user.save(update_fields=["is_staff", "is_superuser", "reads_internal"])
