"""What the inventory puts in the catalogue."""

import datetime
from collections.abc import Collection, Iterable, Iterator
from typing import Any

from django.db.models import F
from django.urls import reverse
from django.utils import timezone

from core import uploads
from core.tasks import later
from core.text import plain
from inventory.models import Project, years_active
from library.models import (
    Instrument,
    Intervention,
    Method,
    ServiceArea,
    TargetGroup,
    Theme,
    Tool,
)
from library.search import SOURCE_FACET, found_by
from people.lineage import DISTRICT_FACET, DISTRICT_KIND, OWNER_FACET, PARTNER_FACET
from people.models import Lineage, Organisation
from search import catalogue
from search.catalogue import RUNS_ON, YEAR, Document
from search.models import Audience

KIND = "projekt"

# Facets of the inventory, in the order of the filter panel; the years are the period.
FACETS = {
    "stadsdel": "Stadsdelsområde",
    "omrade": "Verksamhetsområde",
    "typ": "Typ",
    "lage": "Läge",
    "tema": "Tema",
    "insats": "Insats",
    "malgrupp": "Målgrupp",
    "metod": "Metod",
    "uppfoljning": "Uppföljning",
    "medverkan": "Brukares och anhörigas medverkan",
}
# Not filtered by: numbers of the projects that it was inspired by, whose pages name it.
RELATED = "hor-ihop"
ONLY_TO_FIND = {RELATED, OWNER_FACET, PARTNER_FACET, SOURCE_FACET}
UNKNOWN = "okand"

_CHOICES = {
    "typ": Project.Kind,
    "lage": Project.Status,
    "uppfoljning": Project.Evaluation,
    "medverkan": Project.Involvement,
}
VOCABULARIES = {
    ServiceArea.FACET: "service_areas",
    Theme.FACET: "themes",
    Intervention.FACET: "interventions",
    TargetGroup.FACET: "target_groups",
    Method.FACET: "methods",
    Instrument.FACET: "instruments",
}


def label_choices() -> None:
    """Name the values of facets that are written in code, in the order of the code."""
    for facet, choices in _CHOICES.items():
        labels = {value: str(label) for value, label in choices.choices}
        labels[UNKNOWN] = "Framgår inte av källan"
        places = {value: f"{place:02}" for place, value in enumerate(labels)}
        catalogue.label(facet, labels, places)


def label_vocabularies() -> None:
    """Name the values of facets whose words curators edit."""
    for model in (ServiceArea, Theme, Intervention, TargetGroup, Method, Instrument):
        terms: Iterable[Any] = model._default_manager.all()
        catalogue.label(model.FACET, {term.slug: str(term) for term in terms})


def documents(public_ids: Iterable[int]) -> Iterator[Document]:
    """The catalogue's rows for those of these projects that are published."""
    yield from documents_of(
        Project.objects.published()
        .filter(public_id__in=list(public_ids))
        .select_related("lead", "source__publisher")
        .prefetch_related(
            *("co_owners", "partners__organisation", "inspired_by"),
            *("measures", "documents", "links", *VOCABULARIES.values()),
        )
    )


def documents_of(projects: Iterable[Project]) -> Iterator[Document]:
    """The catalogue's rows for these projects, whose owners and terms are prefetched."""
    projects = list(projects)
    districts = districts_of({owner.pk for project in projects for owner in project.owners})
    earlier = _earlier_names({row.pk for rows in districts.values() for row in rows})
    this_year = timezone.localdate().year
    for project in projects:
        yield _document(project, districts, earlier, this_year)


def districts_of(pks: Iterable[int]) -> dict[int, list[Organisation]]:
    """The districts, today's and earlier, that cover each of these organisations."""
    found: dict[int, list[Organisation]] = {}
    covering = Lineage.objects.filter(descendant__in=pks, ancestor__kind=Organisation.Kind.DISTRICT)
    for line in covering.select_related("ancestor"):
        found.setdefault(line.descendant_id, []).append(line.ancestor)
    return found


def _earlier_names(pks: Iterable[int]) -> dict[int, list[str]]:
    """What these districts, or parts of them, were called before."""
    names: dict[int, list[str]] = {}
    before = Lineage.objects.filter(
        ancestor__in=pks, descendant__kind=Organisation.Kind.DISTRICT
    ).exclude(ancestor=F("descendant"))
    for line in before.select_related("descendant"):
        names.setdefault(line.ancestor_id, []).append(line.descendant.label)
    return names


def _named(project: Project) -> list[Organisation]:
    """Organisations that its page names besides the owners."""
    named = [partner.organisation for partner in project.partners.all()]
    return [*named, project.source.publisher] if project.source else named


def _document(
    project: Project,
    districts: dict[int, list[Organisation]],
    earlier: dict[int, list[str]],
    this_year: int,
) -> Document:
    covering = [district for owner in project.owners for district in districts.get(owner.pk, [])]
    years, runs_on = years_active(project, this_year)
    terms = {facet: list(getattr(project, field).all()) for facet, field in VOCABULARIES.items()}
    facets = {facet: [term.slug for term in found] for facet, found in terms.items()}
    facets |= {
        DISTRICT_FACET: [district.slug for district in covering],
        OWNER_FACET: [owner.slug for owner in project.owners],
        PARTNER_FACET: [organisation.slug for organisation in _named(project)],
        RELATED: [str(root.public_id) for root in project.inspired_by.all()],
        SOURCE_FACET: [project.source.slug] if project.source else [],
        "typ": [project.kind],
        "lage": [project.status or UNKNOWN],
        "uppfoljning": [project.evaluation or UNKNOWN],
        "medverkan": [project.user_involvement or Project.Involvement.UNKNOWN],
        YEAR: [str(year) for year in years] + ([RUNS_ON] if runs_on else []),
    }
    return Document(
        kind=KIND,
        object_id=project.public_id,
        title=project.title,
        summary=project.plain_summary,
        address=project.get_absolute_url(),
        audience=project.visibility,
        published_at=project.published_at,
        date=str(project.start_date or project.end_date or years[0]),
        confirmed_on=project.last_confirmed_at,
        card={
            "kind": project.get_kind_display(),
            "status": project.status,
            "state": project.get_status_display(),
            "who": ", ".join(owner.label for owner in project.owners),
            "when": project.period,
            "years": years,
            "runs_on": runs_on,
            "told": project.last_known,
            "start_known": project.start_date is not None,
            "themes": [theme.name for theme in terms["tema"]],
            "generated": project.generated,
        },
        words=[
            *(owner.name for owner in project.owners),
            *(str(term) for found in terms.values() for term in found),
        ],
        text=_text(project),
        aside=sorted(_places(project, covering, earlier)),
        facets=facets,
    )


# What a project says besides its summary; what is for staff alone is not searched.
_TEXTS = (
    *("need", "rationale", "activities", "user_involvement_text", "staff_roles", "setting"),
    *("dose", "adaptations", "results", "what_failed", "advice", "continuation"),
    *("research_link", "funding", "contact_function"),
)


def _text(project: Project) -> str:
    said = [plain(text) for name in _TEXTS if (text := getattr(project, name))]
    for measure in project.measures.all():
        said.append(". ".join(filter(None, [measure.goal, measure.indicator])))
    for organisation in [*project.owners, *_named(project)]:
        said.append(" ".join([organisation.name, organisation.short_name]).strip())
    said += [document.title for document in project.documents.all()]
    said += [link.title for link in project.links.all()]
    return "\n".join(said)


def _places(
    project: Project, covering: list[Organisation], earlier: dict[int, list[str]]
) -> set[str]:
    """Names by which people ask for where it is: districts old and new, neighbourhoods."""
    names = {name for district in covering for name in (district.label, district.name)}
    names |= {name for owner in project.owners for name in earlier.get(owner.pk, [])}
    for owner in project.owners:
        # A former district's own neighbourhoods, not those of all that it became part of.
        nearest = [owner] if owner.neighbourhoods else [row for row in covering if row.is_current]
        names |= {name for place in nearest for name in place.neighbourhoods}
    return names


def districts(pks: Iterable[int]) -> Iterator[Document]:
    """The catalogue's rows for districts, today's and earlier."""
    found = Organisation.objects.districts().filter(pk__in=list(pks))
    for district in found.prefetch_related("successors", "predecessors"):
        told = "Stadsdelsområde i Stockholm." if district.is_current else _former(district)
        yield Document(
            kind=DISTRICT_KIND,
            object_id=district.pk,
            title=district.label,
            summary=told,
            address=reverse("inventory:district", args=[district.slug]),
            audience=Audience.PUBLIC,
            published_at=_new_year(district.valid_from.year if district.valid_from else OLDEST),
            words=[district.name, *(district.neighbourhoods if district.is_current else [])],
            text=district.description,
            aside=[
                *(row.label for row in district.predecessors.all()),
                # Who asks for a neighbourhood asks for what it belongs to today.
                *([] if district.is_current else district.neighbourhoods),
            ],
            facets={DISTRICT_FACET: [district.slug]},
        )


def _former(district: Organisation) -> str:
    successors = " och ".join(row.label for row in district.successors.all())
    return f"Tidigare stadsdelsområde{f', numera {successors}' if successors else ''}."


OLDEST = 1997  # the year in which Stockholm got its district councils


def _new_year(year: int) -> datetime.datetime:
    return timezone.make_aware(datetime.datetime(year, 1, 1))


def used_for(tool: Tool) -> set[str]:
    """What a tool's projects are called and about, as far as those who see the tool may know."""
    projects = tool.projects.visible_to(frozenset({tool.visibility}))  # type: ignore[attr-defined]
    names = set(projects.values_list("title", flat=True))
    for field in ("themes", "interventions", "target_groups"):
        names |= set(projects.values_list(f"{field}__name", flat=True)) - {None}
    return names


def register() -> None:
    """Tell the catalogue how projects and districts become entries."""

    def keys(model: Any) -> Any:
        return lambda: model._default_manager.order_by("pk").values_list("pk", flat=True)

    catalogue.register(
        KIND,
        documents=documents,
        ids=lambda: Project.objects.order_by("public_id").values_list("public_id", flat=True),
        label="Projekt eller verksamhet",
        plural="Projekt och verksamheter",
        arrived=read_files,
    )
    catalogue.register(
        DISTRICT_KIND,
        documents=districts,
        ids=keys(Organisation),
        label="Stadsdelsområde",
        plural="Stadsdelsområden",
    )
    found_by.append(used_for)


READ_DOCUMENT = "inventory.tasks.read_document"


def read_files(public_ids: Collection[int]) -> None:
    """Have a worker read the files of these projects, which have come into the catalogue."""
    projects = Project.objects.filter(public_id__in=public_ids).exclude(documents=None)
    for pk, name in projects.values_list("documents", "documents__file"):
        if uploads.has_pages(name):
            later(READ_DOCUMENT, pk)
