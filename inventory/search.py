"""What the inventory puts in the catalogue."""

from collections.abc import Iterable, Iterator
from typing import Any

from django.utils import timezone

from inventory.models import Project, years_active
from library.actions import SOURCE_FACET
from library.models import Instrument, Intervention, Method, ServiceArea, TargetGroup, Theme
from people.actions import DISTRICT_FACET, OWNER_FACET, PARTNER_FACET
from people.models import Lineage, Organisation
from search import catalogue
from search.catalogue import Document
from search.models import Entry

KIND = "projekt"

# Facets of the inventory, in the order of the filter panel; "ar" stands for the period.
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
YEAR = "ar"
# Not filtered by: numbers of the projects that it was inspired by, whose pages name it.
RELATED = "hor-ihop"
ONLY_TO_FIND = {RELATED, OWNER_FACET, PARTNER_FACET, SOURCE_FACET}
RUNS_ON = "oppen"  # the year facet's value for what still runs
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
            *("co_owners", "partners__organisation", "inspired_by"), *VOCABULARIES.values()
        )
    )


def documents_of(projects: Iterable[Project]) -> Iterator[Document]:
    """The catalogue's rows for these projects, whose owners and terms are prefetched."""
    projects = list(projects)
    owners = {owner.pk for project in projects for owner in project.owners}
    districts: dict[int, list[Organisation]] = {}
    covering = Lineage.objects.filter(
        descendant__in=owners, ancestor__kind=Organisation.Kind.DISTRICT
    )
    for line in covering.select_related("ancestor"):
        districts.setdefault(line.descendant_id, []).append(line.ancestor)
    this_year = timezone.localdate().year
    for project in projects:
        yield _document(project, districts, this_year)


def _named(project: Project) -> list[Organisation]:
    """Organisations that its page names besides the owners."""
    named = [partner.organisation for partner in project.partners.all()]
    return [*named, project.source.publisher] if project.source else named


def _document(
    project: Project, districts: dict[int, list[Organisation]], this_year: int
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
            *(district.label for district in covering),
            *(str(term) for found in terms.values() for term in found),
        ],
        facets=facets,
    )


def hidden_since(edition: int, audiences: Iterable[str]) -> bool:
    """Whether something may have been hidden from these audiences since that edition.

    Also true when what they never saw was changed: a file is then made anew once too often.
    """
    written = Entry.objects.filter(kind=KIND, edition__gt=edition)
    return written.exclude(audience__in=audiences).exists()
