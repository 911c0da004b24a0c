"""Changes to organisations, memberships and roles."""

import datetime
import logging
from collections.abc import Iterable

from django.conf import settings
from django.db import transaction
from django.db.models import prefetch_related_objects
from django.utils import timezone

from core.models import AuditEntry, Edition
from people import emails, roles
from people.lineage import DISTRICT_FACET, DISTRICT_KIND, OWNER_FACET, PARTNER_FACET, lineage
from people.merging import Move, Plan, of_members
from people.models import (
    Lineage,
    Membership,
    Merger,
    MergerPart,
    Organisation,
    SiteRole,
    Succession,
    User,
)
from search import catalogue

log = logging.getLogger(__name__)


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
    """It is not where that can be done, for instance because somebody else was first."""


class NotAllMerged(Exception):
    """Planned mergers whose day has come could not be done; the text says which and why."""


@transaction.atomic
def merge_organisations(
    *,
    organisations: Iterable[Organisation],
    successor: Organisation,
    date: datetime.date,
    by: User,
    reason: str,
    key: str | None = None,
) -> Merger:
    """Let organisations go over into another from a day; an unsaved `successor` is made then.

    Once the day has come: what ceases gets its end, the successor what was theirs to inherit
    (units, neighbourhoods), members their roles there. What they have published stays theirs.
    With a day ahead it is a plan until then (`merge_due`). The same `key` gives the same merger.
    Side effects: history of each organisation and membership; Lineage, filters and the catalogue;
    a mail to each member. Raises people.merging.CannotMerge.
    """
    # Two who merge the same at once come one after the other, and the second sees the first.
    organisations = list(organisations)
    locked = _locked([*organisations, successor])
    Edition.raise_number()  # its row is locked, so that no two make the same new organisation
    if key and (same := Merger.objects.filter(key=key).first()):
        return same
    still = [locked[each.pk] for each in organisations if each.pk in locked]
    plan = Plan(still, locked.get(successor.pk, successor), date)
    plan.check()
    merger = Merger.objects.create(
        **_what_it_becomes(plan), date=date, reason=reason, planned_by=by, key=key
    )
    MergerPart.objects.bulk_create(
        [MergerPart(merger=merger, organisation=each) for each in plan.organisations]
    )
    if plan.is_ahead:
        AuditEntry.record("planerad", merger, by=by, to_state=merger.state, reason=reason)
        for each in plan.organisations:
            AuditEntry.record(
                "sammanslagning planerad", each, by=by, reason=reason, changes=_told(plan, each)
            )
    else:
        _carry_out(merger, plan, by=by)
    return merger


@transaction.atomic
def cancel_merger(*, merger: Merger, reason: str, by: User) -> None:
    """Drop a planned merger. Side effects: history. Raises NotAllowedMove when it is settled."""
    _settle(merger, Merger.State.CANCELLED, by=by, reason=reason, cancelled_because=reason)
    for each in merger.organisations.all():
        AuditEntry.record("sammanslagning inställd", each, by=by, reason=reason)


def merge_due() -> int:
    """Do the planned mergers whose day has come; returns how many.

    Each is a transaction of its own. What can no longer be done leaves the others alone and waits
    for an administrator, who sees it among periodic work: raises NotAllMerged at the end.
    """
    failures = []
    due = list(Merger.objects.due().values_list("pk", flat=True))
    for pk in due:
        try:
            _merge_planned(pk)
        except Exception as problem:
            log.exception("Merger %s could not be done", pk)
            failures.append(f"Sammanslagning {pk}: {problem}")
    if failures:
        raise NotAllMerged(" ".join(failures))
    return len(due)


@transaction.atomic
def _merge_planned(pk: int) -> None:
    merger = Merger.objects.select_related("successor", "parent").get(pk=pk)
    locked = _locked([*merger.organisations.all(), merger.into])
    Edition.raise_number()
    successor = locked.get(merger.into.pk, merger.into)
    plan = Plan([locked[each.pk] for each in merger.organisations.all()], successor, merger.date)
    plan.check(but=merger)
    _carry_out(merger, plan, by=None)


def _locked(organisations: Iterable[Organisation]) -> dict[int, Organisation]:
    """The saved ones of these as they are now, unchanged by others until the transaction ends."""
    pks = [each.pk for each in organisations if each.pk]
    rows = Organisation.objects.select_for_update(of=("self",)).select_related("parent")
    found = {row.pk: row for row in rows.filter(pk__in=pks).order_by("pk")}
    # Nor are roles there given or taken meanwhile.
    list(Membership.objects.select_for_update().open().filter(organisation__in=pks))
    return found


def _what_it_becomes(plan: Plan) -> dict[str, object]:
    new = plan.successor
    if not plan.is_new:
        return {"successor": new}
    named = {name: getattr(new, name) for name in ("name", "short_name", "slug")}
    return {**named, "parent": plan.parent}


def _told(plan: Plan, organisation: Organisation) -> dict[str, list[str]]:
    return {
        "valid_to": [str(organisation.valid_to or ""), str(plan.date)],
        "successors": ["", str(plan.successor)],
    }


def _settle(merger: Merger, to: str, *, by: User | None, reason: str, **fields: object) -> None:
    """Move a planned merger; of two who do it at once the second finds it settled."""
    states = [state for state, allowed in Merger.MOVES.items() if to in allowed]
    waiting = Merger.objects.filter(pk=merger.pk, state__in=states)
    before = merger.state
    if not waiting.update(state=to, settled_at=timezone.now(), **fields):
        raise NotAllowedMove
    merger.refresh_from_db()
    merger.parts.update(waits=False)
    verb = merger.get_state_display().lower()
    AuditEntry.record(verb, merger, by=by, from_state=before, to_state=to, reason=reason)


def _carry_out(merger: Merger, plan: Plan, *, by: User | None) -> None:
    reason, units, members = merger.reason, plan.units, of_members(plan.moves)
    successor = _successor(plan, by=by, reason=reason)
    _settle(merger, Merger.State.DONE, by=by, reason=reason, successor=successor)
    for each in plan.organisations:
        AuditEntry.record("sammanslagen", each, by=by, reason=reason, changes=_told(plan, each))
        each.valid_to = plan.date
        each.save(update_fields=["valid_to"])
        Succession.objects.create(predecessor=each, successor=successor, date=plan.date)
    for unit in units:
        told = {"parent": [str(unit.parent), str(successor)]}
        AuditEntry.record("ändrad", unit, by=by, reason=reason, changes=told)
    Organisation.objects.filter(pk__in=[unit.pk for unit in units]).update(parent=successor)
    rebuild_lineage()
    catalogue.refresh(DISTRICT_KIND, [*plan.pks, successor.pk])
    prefetch_related_objects([merger], "organisations")
    for user, moves in members.items():
        held = [_move_over(move, successor, by=by, reason=reason) for move in moves]
        update_city_staff(user=user)
        if user.is_active:
            held.sort(key=lambda each: each.state != Membership.State.APPROVED)
            emails.memberships_moved(user, merger, held)


def _successor(plan: Plan, *, by: User | None, reason: str) -> Organisation:
    """The saved successor, with the neighbourhoods that it takes over. Writes history."""
    successor, had = plan.successor, plan.successor.neighbourhoods
    names = ", ".join(str(each) for each in plan.organisations)
    successor.neighbourhoods = plan.neighbourhoods
    if plan.is_new:
        successor.kind, successor.parent = plan.organisations[0].kind, plan.parent
        successor.valid_from = plan.date
        successor.save()
        AuditEntry.record("skapad", successor, by=by, reason=reason)
        return successor
    successor.save(update_fields=["neighbourhoods"])
    changes = {"föregångare": ["", names]}
    if had != successor.neighbourhoods:
        changes["neighbourhoods"] = [", ".join(had), ", ".join(successor.neighbourhoods)]
    AuditEntry.record("ändrad", successor, by=by, reason=reason, changes=changes)
    return successor


def _move_over(move: Move, successor: Organisation, *, by: User | None, reason: str) -> Membership:
    """End a member's role where it was and let it go on in the successor, by its old decision."""
    source, approved = move.source, Membership.State.APPROVED
    fields = {name: getattr(source, name) for name in ("decided_at", "decided_by")}
    state, where = source.state, ", ".join(str(each.organisation) for each in move.ended)
    for each in move.ended:
        _move(each, Membership.State.ENDED, by=by, reason=reason, ended_at=timezone.now())
    held = move.held
    if held is None:
        fields |= {"user": source.user, "role": source.role, "asked_at": source.asked_at}
        held = Membership.objects.create(organisation=successor, state=state, **fields)
        told = {"organisation": [where, str(successor)]}
        AuditEntry.record("flyttad", held, by=by, to_state=state, reason=reason, changes=told)
    elif state == approved and held.state != approved:
        _move(held, approved, by=by, reason=reason, **fields)
    return held


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


def _move(
    membership: Membership, to: str, *, by: User | None, reason: str = "", **fields: object
) -> None:
    """Move a membership if it still stands where that is allowed; raises NotAllowedMove."""
    states = [state for state, allowed in Membership.MOVES.items() if to in allowed]
    before = membership.state
    if not Membership.objects.filter(pk=membership.pk, state__in=states).update(state=to, **fields):
        raise NotAllowedMove
    membership.refresh_from_db()
    verb = membership.get_state_display().lower()
    AuditEntry.record(verb, membership, by=by, from_state=before, to_state=to, reason=reason)


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


@transaction.atomic
def update_access(*, user: User) -> None:
    """Let flags follow the roles: who enters the admin, who may do all there, who reads what is
    for staff. What pages show for a role follows with the edition.
    """
    Edition.raise_number()
    held = set(user.site_roles.values_list("role", flat=True))
    user.is_staff = bool(
        held & {SiteRole.Role.CURATOR, SiteRole.Role.REGISTRAR, SiteRole.Role.ADMINISTRATOR}
    )
    user.is_superuser = SiteRole.Role.ADMINISTRATOR in held
    user.reads_internal = bool({roles.BY_KEY[key] for key in held} & roles.READ_STAFF.roles)
    user.save(update_fields=["is_staff", "is_superuser", "reads_internal"])
