"""One function per thing that a test needs. Everything is complete unless told otherwise."""

import datetime
from typing import Any

from django.core.files.base import ContentFile
from django.db import transaction
from django.utils import timezone
from django.utils.text import slugify

from core.models import Edition, LongWork
from core.payloads import Payload
from inventory import actions
from inventory.draft_forms import payload_of
from inventory.models import (
    Document,
    Draft,
    Follow,
    Idea,
    Link,
    Measure,
    MeasurePoint,
    Partner,
    Project,
    PublicNumber,
)
from inventory.search import label_choices
from library.actions import term_changed
from library.models import (
    Instrument,
    Intervention,
    Method,
    ServiceArea,
    Source,
    TargetGroup,
    Term,
    Theme,
)
from people.actions import merge_organisations, rebuild_lineage
from people.models import Membership, Merger, Organisation, Succession, User
from search.models import FacetLabel

# What of a project is many, and is named by strings in tests.
TERMS: dict[str, type[Term] | type[Method]] = {
    "service_areas": ServiceArea,
    "themes": Theme,
    "interventions": Intervention,
    "target_groups": TargetGroup,
    "methods": Method,
}


def make_user(
    email: str = "handlaggare@example.org", *, is_city_staff: bool = True, **fields: Any
) -> User:
    """Somebody who can log in and may edit nothing."""
    return User.objects.create_user(email, is_city_staff=is_city_staff, **fields)


def make_curator(email: str = "redaktor@example.org", **fields: Any) -> User:
    """Somebody who may edit everything."""
    return User.objects.create_superuser(email, **fields)


def make_member(email: str, organisation: Organisation, role: str, **fields: Any) -> User:
    """Somebody with a role in an organisation."""
    user = make_user(email, **fields)
    Membership.objects.create(
        user=user, organisation=organisation, role=role, state=Membership.State.APPROVED
    )
    return user


def make_organisation(
    name: str = "Bromma stadsdelsförvaltning",
    *,
    kind: str = Organisation.Kind.OTHER,
    **fields: Any,
) -> Organisation:
    """The organisation of that name; a new one unless it is there."""
    made, new = Organisation.objects.get_or_create(
        slug=slugify(name), defaults={"name": name, "kind": kind, **fields}
    )
    if new:
        rebuild_lineage()
    return made


def make_district(name: str = "Bromma", **fields: Any) -> Organisation:
    """A city district."""
    return make_organisation(name, kind=Organisation.Kind.DISTRICT, **fields)


def make_unit(name: str, parent: Organisation) -> Organisation:
    """A unit of a district or another unit."""
    return make_organisation(name, kind=Organisation.Kind.UNIT, parent=parent)


def make_succession(
    predecessor: Organisation,
    successor: Organisation,
    date: datetime.date = datetime.date(2007, 1, 1),
) -> Succession:
    """One organisation went over into another."""
    made = Succession.objects.create(predecessor=predecessor, successor=successor, date=date)
    rebuild_lineage()
    return made


def make_merger(
    organisations: list[Organisation],
    *,
    by: User,
    successor: Organisation | None = None,
    date: datetime.date = datetime.date(2023, 7, 1),
) -> Merger:
    """Organisations that become one, a new one unless told: done, or planned for a day ahead."""
    return merge_organisations(
        organisations=organisations,
        successor=successor or Organisation(name="Norra innerstaden", slug="norra-innerstaden"),
        date=date,
        by=by,
        reason="Beslut i nämnden.",
    )


def make_term(model: type[Term] | type[Method], name: str) -> Term | Method:
    """The word of that name in its vocabulary; a new one unless it is there."""
    fields = {"purpose": "Ett syfte.", "stage": Method.Stage.TRIED} if model is Method else {}
    made, new = model._default_manager.get_or_create(
        slug=slugify(name), defaults={"name": name, **fields}
    )
    if new:
        term_changed(term=made)
    return made


def make_instrument(name: str = "Kasam") -> Instrument:
    """An assessment instrument."""
    kind = Instrument.Kind.ASSESSMENT
    made = Instrument.objects.create(name=name, slug=slugify(name), kind=kind)
    term_changed(term=made)
    return made


def make_source(title: str = "Tjänsteutlåtande", year: int = 2016) -> Source:
    """A document that content was written from."""
    return Source.objects.create(
        title=title,
        slug=slugify(f"{title} {year}"),
        publisher=make_organisation("Socialförvaltningen"),
        year=year,
    )


def complete_fields() -> dict[str, Any]:
    """What a project that goes on must have to be published, with plain values."""
    return {
        "kind": Project.Kind.PROJECT,
        "title": "Kvällsöppet boendestöd",
        "plain_summary": "Boendestödet kommer också på kvällen.",
        "contact_function": "Enheten för socialpsykiatri",
        "status": Project.Status.ONGOING,
        "start_date": "2014",
        "need": "Många är ensamma på kvällen.",
        "user_involvement": Project.Involvement.CONSULTED,
        "activities": "Boendestöd till klockan 22.",
        "evaluation": Project.Evaluation.OWN,
    }


def ended_fields() -> dict[str, Any]:
    """What a project must have besides when it has ended."""
    return {
        "status": Project.Status.ENDED,
        "end_date": "2015",
        "continuation": "Arbetet fortsätter i ordinarie verksamhet.",
        "results": "Fler klarade kvällarna.",
        "what_failed": "Schemat.",
        "advice": "Börja med schemat.",
        "reach_actual": 40,
    }


def save_project(**fields: Any) -> Project:
    """A saved project that is in no list yet. Terms are given by name: `themes=["Boende"]`."""
    terms = {field: fields.pop(field, []) for field in TERMS}
    several = {
        field: fields.pop(field, []) for field in ("co_owners", "instruments", "inspired_by")
    }
    with transaction.atomic():
        project = Project(**complete_fields() | {"lead": fields.pop("lead", None)} | fields)
        project.lead = project.lead if project.lead_id else make_district()
        project.public_id = project.public_id or PublicNumber.take()
        project.save()
        for field, names in terms.items():
            getattr(project, field).set([make_term(TERMS[field], name) for name in names])
        for field, found in several.items():
            getattr(project, field).set(found)
    return Project.objects.get(pk=project.pk)


def make_project(**fields: Any) -> Project:
    """A complete, published project. Terms are given by name: `themes=["Boende"]`."""
    with transaction.atomic():
        if not FacetLabel.objects.filter(facet="typ").exists():
            label_choices()
        project = save_project(**fields)
        actions.publish(project=project, by=None)
    return Project.objects.get(pk=project.pk)


def make_partner(project: Project, organisation: Organisation) -> Partner:
    """Somebody who takes part without owning."""
    return Partner.objects.create(
        project=project, organisation=organisation, role=Partner.Role.OTHER
    )


def make_measure(
    project: Project, *points: tuple[str, float, int | None], **fields: Any
) -> Measure:
    """A measure with its points: date, value, n."""
    named = {"indicator": "Andel som mår bättre", "unit": "procent"}
    measure = Measure.objects.create(project=project, **named | fields)
    for date, value, n in points:
        MeasurePoint.objects.create(measure=measure, date=date, value=value, n=n)
    return Measure.objects.get(pk=measure.pk)


def make_document(
    project: Project, title: str = "Slutrapport", content: bytes = b"Text."
) -> Document:
    """A file that belongs to a project."""
    document = Document(project=project, title=title)
    document.file.save("slutrapport.txt", ContentFile(content))
    return document


def make_ordered_file(**fields: Any) -> LongWork:
    """An Excel file that a worker has made, for everybody."""
    standing = {
        "label": "Inventeringen som Excel-fil",
        "audience": "alla",
        "total": 6000,
        "done": 6000,
        "edition": Edition.current(),
    }
    work = LongWork(name="ksi-inventering.xlsx", finished_at=timezone.now(), **standing | fields)
    work.file.save(work.name, ContentFile(b"Excel"))
    return work


def make_link(project: Project, title: str = "Om projektet") -> Link:
    """A page elsewhere."""
    return Link.objects.create(project=project, title=title, url="https://example.org/rapport")


def make_follow(user: User, *, query: str = "", project: Project | None = None) -> Follow:
    """Somebody follows a project, or a choice in the inventory."""
    made, _ = actions.follow(query=query, project=project, by=user)
    return made


def make_idea(organisation: Organisation | None = None, **fields: Any) -> Idea:
    """An open idea for the city's staff. Terms are given by name: `themes=["Boende"]`."""
    terms = {
        field: [make_term(TERMS[field], name) for name in fields.pop(field, [])]
        for field in ("themes", "service_areas")
    }
    by = fields.pop("by", None) or User.objects.filter(email="lamnar@example.org").first()
    facts = {
        "kind": Idea.Kind.IDEA,
        "title": "Kvällsöppen träffpunkt",
        "text": "Vi vill ha öppet på kvällen.",
        "contact_function": "Enhetschefen",
        "contact_email": "enheten@example.org",
    }
    return actions.post_idea(
        facts=actions.IdeaFacts(
            organisation=organisation or make_district(), **facts | terms | fields
        ),
        key=f"{Idea.objects.count()}",
        by=by or make_user("lamnar@example.org"),
    )


def complete_answers(**changed: Any) -> Payload:
    """What a unit must have answered before a project that goes on is published, as typed."""
    typed = {name: [str(value)] for name, value in complete_fields().items()}
    words = {"service_areas": "Socialpsykiatri", "themes": "Boende"}
    words |= {"interventions": "Boendestöd", "target_groups": "Vuxna"}
    typed |= {name: [str(make_term(TERMS[name], word).pk)] for name, word in words.items()}
    typed |= {
        "measures-0-goal": ["Fler mår bättre"],
        "measures-0-indicator": ["Andel som mår bättre"],
        "measures-0-unit": ["procent"],
        "measures-0-point-0-date": ["2015"],
        "measures-0-point-0-value": ["40"],
    }
    given = {name.replace("__", "-"): value for name, value in changed.items()}
    return typed | {
        name: [value] if isinstance(value, str) else value for name, value in given.items()
    }


def begin_draft(
    *,
    unit: Organisation | None = None,
    by: User | None = None,
    project: Project | None = None,
    payload: Payload | None = None,
    **changed: Any,
) -> Draft:
    """A complete draft, or with `project` its revision; answers by name: `title="Ett annat"`."""
    answers = payload_of(project) if project else complete_answers()
    typed = {name: [value] if isinstance(value, str) else value for name, value in changed.items()}
    by = by or User.objects.filter(email="skribent@example.org").first()
    by = by or make_user("skribent@example.org", name="Uppgiftslämnaren")
    draft = actions.begin(
        unit=unit or (project.lead if project else make_district()),
        payload=answers,
        by=by,
        key=f"nyckel-{Draft.objects.count()}",
        project=project,
    )
    changed_answers = payload if payload is not None else draft.payload | typed
    actions.save(draft=draft, payload=changed_answers, version=draft.version, by=by)
    return draft


def make_handed_in(**fields: Any) -> Draft:
    """A draft that waits for a curator."""
    draft = begin_draft(**fields)
    assert draft.changed_by is not None
    actions.submit(draft=draft, version=draft.version, by=draft.changed_by, approves=True)
    return draft


# --- Drafts -------------------------------------------------------------------------------------


def make_writer(
    organisation: Organisation, role: str = Membership.Role.REPORTER, email: str = "", **fields: Any
) -> User:
    """Somebody who writes for an organisation."""
    email = email or f"medarbetare-{Membership.objects.count()}@example.org"
    return make_member(email, organisation, role, **fields)


def complete_payload(**more: list[str]) -> Payload:
    """What a unit answers of an activity that goes on, as it is typed; enough to be handed in."""
    payload = {name: [str(value)] for name, value in complete_fields().items()}
    payload |= {"kind": ["verksamhet"], "visibility": ["alla"]}
    for field, name in (
        ("service_areas", "Socialpsykiatri"),
        ("themes", "Boende"),
        ("interventions", "Boendestöd"),
        ("target_groups", "Unga"),
    ):
        payload[field] = [str(make_term(TERMS[field], name).pk)]
    return {name: values for name, values in (payload | more).items() if values}


def make_draft(
    unit: Organisation | None = None,
    *,
    state: str = Draft.State.WRITING,
    by: User | None = None,
    **fields: Any,
) -> Draft:
    """A draft of a unit's, complete unless a `payload` is given."""
    received = state not in {Draft.State.WRITING, Draft.State.WITH_MANAGER}
    fields.setdefault("payload", complete_payload())
    fields.setdefault("submitted_at", timezone.now() if received else None)
    fields.setdefault("choice", Draft.Choice.NEW)
    return Draft.objects.create(
        unit=unit or make_unit("Träffpunkten", make_district("Farsta")),
        state=state,
        key=f"prov-{Draft.objects.count()}",
        created_by=by,
        changed_by=by,
        **fields,
    )
