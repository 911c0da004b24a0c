"""What the inventory shows on the pages of methods and instruments: where they are used."""

from dataclasses import dataclass
from itertools import islice

from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.safestring import SafeString

from core.templatetags.ksi import number
from inventory.models import Project
from inventory.search import KIND
from library.models import Method, Tool
from people.lineage import DISTRICT_FACET
from people.models import Organisation
from search.catalogue import RUNS_ON, YEAR
from search.facets import Selection, snapshot

# Of each district, those that began last; the rest are in the inventory.
MOST_OF_A_DISTRICT = 3


@dataclass(frozen=True)
class Users:
    """A district that uses it, or all others together, with the projects that began last."""

    district: Organisation | None
    count: int
    since: str
    projects: list[Project]

    @property
    def more(self) -> int:
        """How many are in the inventory besides."""
        return self.count - len(self.projects)


def used_by(tool: Tool, audiences: frozenset[str], edition: int) -> SafeString:
    """The panel "which districts use it": from the catalogue's bits, and two questions besides."""
    found = snapshot(KIND, edition)
    chosen = {tool.FACET: [tool.slug]}
    districts = list(Organisation.objects.districts().on(timezone.localdate()).alphabetical())
    in_districts = found.any_of(DISTRICT_FACET, [district.slug for district in districts])
    places: list[tuple[Organisation | None, Selection]] = [
        (district, Selection(found, audiences, chosen | {DISTRICT_FACET: [district.slug]}))
        for district in districts
    ]
    places.append((None, Selection(found, audiences, chosen, lambda _: ~in_districts)))
    latest = [
        (district, selection, _latest(selection)) for district, selection in places if selection
    ]
    wanted = {public_id for _, _, numbers in latest for public_id in numbers}
    projects = Project.objects.select_related("lead").in_bulk(wanted, field_name="public_id")
    context = {
        "tool": tool,
        "facet": tool.FACET,
        "can_be_listed": tool.FACET == Method.FACET,
        "total": len(Selection(found, audiences, chosen)),
        "groups": [
            Users(
                district,
                len(selection),
                _since(selection),
                [projects[public_id] for public_id in numbers if public_id in projects],
            )
            for district, selection, numbers in latest
        ],
    }
    return render_to_string("inventory/_used_by.html", context)


def _latest(selection: Selection) -> list[int]:
    """The numbers of those that began last."""
    found = selection.snapshot
    keys = islice(selection.keys("start"), MOST_OF_A_DISTRICT)
    return [found.rows[found.positions[key]].number for key in keys]


def _since(selection: Selection) -> str:
    """The first year in which one of them is known to have run."""
    return min((year for year in selection.counts(YEAR) if year != RUNS_ON), default="")


def uses(facet: str, audiences: frozenset[str], edition: int) -> dict[str, str]:
    """Slug of a method or instrument → in how many projects and districts of today it is used."""
    found = snapshot(KIND, edition)
    selection = Selection(found, audiences)
    today = set(
        Organisation.objects.districts().on(timezone.localdate()).values_list("slug", flat=True)
    )
    where = selection.cross(facet, DISTRICT_FACET)
    told = {}
    for slug, count in selection.counts(facet).items():
        districts = len(today & set(where.get(slug, {})))
        told[slug] = f"{number(count)} projekt eller verksamhet{'' if count == 1 else 'er'}"
        if districts:
            told[slug] += f" i {number(districts)} stadsdelsområde{'' if districts == 1 else 'n'}"
    return told
