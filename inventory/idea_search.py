"""What ideas and needs put in the catalogue, and which of them are alike."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils import timezone
from django.utils.text import Truncator

from inventory.models import Idea, Project
from inventory.search import KIND as PROJECT
from inventory.search import districts_of
from library.models import ServiceArea, Theme
from people.actions import DISTRICT_FACET, OWNER_FACET, PARTNER_FACET
from search import catalogue
from search.alike import likenesses
from search.catalogue import YEAR, Document
from search.facets import entries_by_key

KIND = "ide"

# How many of a text's words, and how much of what they say, an idea or a project must share with it
# to be shown as alike, and an idea for two units to be told of each other unasked. Projects are
# told at length, and so say a little of everything.
SHOWN = {KIND: (2, 0.2), PROJECT: (2, 0.3)}
INTRODUCED = (3, 0.3)
MOST_SHOWN = 3
LONGEST_SUMMARY = 300


def documents(pks: Iterable[int]) -> Iterator[Document]:
    """The catalogue's rows for those of these ideas that are not closed without a project."""
    found = list(
        Idea.objects.current()
        .filter(pk__in=list(pks))
        .select_related("organisation")
        .prefetch_related("themes", "service_areas", "echoes__organisation")
    )
    districts = districts_of({idea.organisation_id for idea in found})
    for idea in found:
        covering = districts.get(idea.organisation_id, [])
        themes, areas = list(idea.themes.all()), list(idea.service_areas.all())
        joined = [echo.organisation for echo in idea.echoes.all()]
        posted = timezone.localdate(idea.created_at)
        became = idea.state == Idea.State.PROJECT
        yield Document(
            kind=KIND,
            object_id=idea.pk,
            title=idea.title,
            summary=Truncator(idea.text).chars(LONGEST_SUMMARY),
            address=idea.get_absolute_url(),
            audience=idea.visibility,
            published_at=idea.created_at,
            date=str(posted),
            card={
                "kind": idea.get_kind_display(),
                "state": idea.get_state_display() if became else "",
                "who": idea.organisation.label,
                "told": posted.year,
            },
            words=[idea.organisation.name, *(str(term) for term in [*themes, *areas])],
            text="\n".join(
                [
                    *([idea.text] if len(idea.text) > LONGEST_SUMMARY else []),
                    *(each.name for each in joined),
                ]
            ),
            aside=sorted({name for each in covering for name in (each.label, each.name)}),
            facets={
                Theme.FACET: [theme.slug for theme in themes],
                ServiceArea.FACET: [area.slug for area in areas],
                DISTRICT_FACET: [district.slug for district in covering],
                OWNER_FACET: [idea.organisation.slug],
                PARTNER_FACET: [each.slug for each in joined],
                YEAR: [str(posted.year)],
            },
        )


def register() -> None:
    """Tell the catalogue how ideas become entries."""
    catalogue.register(
        KIND,
        documents=documents,
        ids=lambda: Idea.objects.order_by("pk").values_list("pk", flat=True),
        label="Idé eller behov",
        plural="Idéer och behov",
    )


Keys = tuple[list[int], list[int]]  # of ideas, and numbers of projects


@dataclass(frozen=True)
class Alike:
    """What is like a text, the most alike first."""

    ideas: list[Idea]
    projects: list[Project]

    def __bool__(self) -> bool:
        return bool(self.ideas or self.projects)


def _keys(
    text: str, audiences: frozenset[str], edition: int, kind: str, least: tuple[int, float]
) -> list[int]:
    """Numbers of the things of a kind that share enough with a text, the most alike first."""
    words, share = least
    found = likenesses(text, audiences, edition, kind=kind)
    enough = [each.entry for each in found if each.words >= words and each.share >= share]
    return [entry.object_id for entry in entries_by_key(enough)]


def keys_alike(title: str, text: str, audiences: frozenset[str], edition: int) -> Keys:
    """Ideas and projects like what is written, of those that these audiences may see."""
    ideas, projects = (
        _keys(f"{title}\n{text}", audiences, edition, kind, SHOWN[kind])[: MOST_SHOWN + 1]
        for kind in (KIND, PROJECT)
    )
    return ideas, projects


def shown(keys: Keys, audiences: frozenset[str], besides: Idea | None = None) -> Alike:
    """Those of them that may be seen now, `besides` left out."""
    ideas, numbers = keys
    visible = Idea.objects.visible_to(audiences).current().select_related("organisation")
    projects = Project.objects.visible_to(audiences).select_related("lead")
    own = besides.pk if besides else None
    return Alike(
        [each for each in _in_order(ideas, visible.in_bulk(ideas)) if each.pk != own][:MOST_SHOWN],
        _in_order(numbers, projects.in_bulk(numbers, field_name="public_id"))[:MOST_SHOWN],
    )


def like_enough(title: str, text: str, audiences: frozenset[str], edition: int) -> list[Idea]:
    """Open ideas so like what is written that those behind them ought to meet, nearest first."""
    pks = _keys(f"{title}\n{text}", audiences, edition, KIND, INTRODUCED)
    return _in_order(pks, Idea.objects.open().select_related("organisation").in_bulk(pks))


def _in_order(keys: Iterable[int], found: Mapping[int, Any]) -> list[Any]:
    return [found[key] for key in keys if key in found]
