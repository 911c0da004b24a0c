"""Ideas and needs: told, shared, changed and ended; units that think alike told of each other."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from typing import Any

from django.db import transaction
from django.utils import timezone

from core.models import AuditEntry, Edition
from core.tasks import later
from inventory import emails, rules
from inventory.actions.publishing import Changes, history_of
from inventory.idea_search import KIND, like_enough
from inventory.models import Echo, Idea, Introduction, Project
from library.models import ServiceArea, Theme
from people.models import Organisation, User
from search import catalogue
from search.models import Audience


class IdeaIsClosed(Exception):
    """The idea became a project or was closed, perhaps just now."""


@dataclass(frozen=True, kw_only=True)
class IdeaFacts:
    """What is told of an idea, as it is typed."""

    kind: str
    organisation: Organisation
    title: str
    text: str
    contact_function: str
    contact_email: str
    visibility: str = Audience.STAFF
    themes: Iterable[Theme] = ()
    service_areas: Iterable[ServiceArea] = ()

    @property
    def columns(self) -> Mapping[str, Any]:
        """What stands in the idea's own row."""
        own = [field.name for field in fields(self) if field.name not in MANY]
        return {name: getattr(self, name) for name in own}


MANY = ("themes", "service_areas")


@transaction.atomic
def post_idea(*, facts: IdeaFacts, key: str, by: User) -> Idea:
    """Tell an idea or a need; the same key again gives the same one.

    Side effects: history, the catalogue, and a task that introduces the unit to another one with
    an open idea enough like it (`introduce_nearest`).
    """
    idea, new = Idea.objects.get_or_create(key=key, defaults={**facts.columns, "created_by": by})
    if not new:
        return idea
    for name in MANY:
        getattr(idea, name).set(getattr(facts, name))
    AuditEntry.record("upplagd", idea, by=by, to_state=idea.state)
    catalogue.refresh(KIND, [idea.pk])
    later(INTRODUCE, idea.pk)
    return idea


@transaction.atomic
def change_idea(*, idea: Idea, facts: IdeaFacts, by: User) -> None:
    """Correct an open idea; the same facts change nothing.

    Side effects: history, the catalogue. Raises IdeaIsClosed when it is no longer open.
    """
    idea = _open(idea)
    changes: dict[str, tuple[Any, Any] | None] = {}
    for name, value in facts.columns.items():
        if (before := getattr(idea, name)) != value:
            changes[name] = (before, value)
            setattr(idea, name, value)
    for name in MANY:
        before, after = _names(getattr(idea, name).all()), _names(getattr(facts, name))
        if before != after:
            changes[name] = (before, after)
            getattr(idea, name).set(getattr(facts, name))
    if changes:
        idea.save()
        record_idea_change(idea=idea, by=by, changes=changes)


def _names(terms: Iterable[Theme | ServiceArea]) -> str:
    return ", ".join(sorted(term.name for term in terms))


@transaction.atomic
def record_idea_change(*, idea: Idea, by: User, changes: Changes) -> None:
    """Tell of a change that has been saved. Writes history and the catalogue."""
    AuditEntry.record("ändrad", idea, by=by, changes=history_of(changes))
    catalogue.refresh(KIND, [idea.pk])


@transaction.atomic
def echo_idea(*, idea: Idea, organisation: Organisation, by: User) -> Echo:
    """Say "vi också" for a unit; saying it again changes nothing.

    Side effects: history, the catalogue, and the first time a letter to each of the two functions.
    Raises IdeaIsClosed when the idea is no longer open, ValueError for the unit's own idea and
    for a unit that the idea is not for.
    """
    idea = _open(idea)
    if organisation.pk == idea.organisation_id or not rules.may_read(organisation, idea):
        raise ValueError(f"{organisation.pk} cannot share idea {idea.pk}.")
    echo, new = Echo.objects.get_or_create(
        idea=idea, organisation=organisation, defaults={"by": by}
    )
    if new:
        AuditEntry.record("vi också", idea, by=by, reason=organisation.name)
        _introduce(idea, emails.Side(organisation, emails.function_of(organisation)))
        catalogue.refresh(KIND, [idea.pk])
    return echo


@transaction.atomic
def take_back_echo(*, echo: Echo, by: User) -> None:
    """Take a "vi också" back; what is taken back already stays so. Writes history, the catalogue.

    The letters have gone: saying it again writes none.
    """
    if Echo.objects.filter(pk=echo.pk).delete()[0]:
        AuditEntry.record("vi också återtaget", echo.idea, by=by, reason=echo.organisation.name)
        catalogue.refresh(KIND, [echo.idea_id])


@transaction.atomic
def close_idea(*, idea: Idea, reason: str, by: User) -> None:
    """End an idea without a project: lists and the search forget it, its page says why.

    Side effects: history, the catalogue. Raises IdeaIsClosed when it is no longer open, and
    ValueError without a reason.
    """
    if not reason.strip():
        raise ValueError("An idea is closed for a reason.")
    _move(idea, Idea.State.CLOSED, by=by, closed_reason=reason)


@transaction.atomic
def idea_became_project(*, idea: Idea, project: Project, by: User) -> None:
    """Say which project an idea became; it stays to be read.

    Side effects: history, the catalogue. Raises IdeaIsClosed when it is no longer open.
    """
    _move(idea, Idea.State.PROJECT, by=by, project=project)


def _open(idea: Idea) -> Idea:
    """The idea as it stands, kept so until the transaction ends; raises IdeaIsClosed if ended."""
    found = Idea.objects.select_for_update(of=("self",)).select_related("organisation")
    current = found.get(pk=idea.pk)
    if not current.is_open:
        raise IdeaIsClosed
    return current


def _move(idea: Idea, to: str, *, by: User, **facts: Any) -> None:
    """Move an idea if it stands where that is allowed; raises IdeaIsClosed."""
    states = [state for state, allowed in Idea.MOVES.items() if to in allowed]
    before, standing = idea.state, Idea.objects.filter(pk=idea.pk, state__in=states)
    if not standing.update(state=to, closed_at=timezone.now(), **facts):
        raise IdeaIsClosed
    idea.refresh_from_db()
    told = facts.get("closed_reason") or f"Projekt {idea.project.public_id}"  # type: ignore[union-attr]
    AuditEntry.record(
        idea.get_state_display().lower(), idea, by=by, from_state=before, to_state=to, reason=told
    )
    catalogue.refresh(KIND, [idea.pk])


# --- Introductions --------------------------------------------------------------------------------


INTRODUCE = "inventory.tasks.introduce_idea"


@transaction.atomic
def introduce_nearest(*, idea: Idea) -> None:
    """Tell the unit of the other unit whose open idea is most like its own, if it is enough.

    Both must have been read by the search. Of two that are told at once, whichever is compared last
    finds the other. Side effect: a letter to each of the two functions, once.
    """
    everybody = frozenset(str(audience) for audience in Audience)
    for other in like_enough(idea.title, idea.text, everybody, Edition.current()):
        if (
            other.organisation_id != idea.organisation_id
            and rules.may_read(idea.organisation, other)
            and rules.may_read(other.organisation, idea)
        ):
            _introduce(other, emails.side_of(idea))
            return


def _introduce(idea: Idea, other: emails.Side) -> None:
    """Tell two units of each other, once: whichever of them has the idea."""
    both = [idea.pk, other.idea.pk if other.idea else idea.pk]
    # In one order: each of the two can be compared by a worker of its own.
    list(Idea.objects.select_for_update().filter(pk__in=both).order_by("pk"))
    _, new = Introduction.objects.get_or_create(idea=idea, other=other.organisation)
    if other.idea:
        Introduction.objects.get_or_create(idea=other.idea, other=idea.organisation)
    if new:
        emails.units_introduced(idea, emails.side_of(idea), other)
