"""Made-up projects in any number, for tests of size and speed; marked `generated`.

The word lists are in words.toml, the author of one project in writing.py.
"""

from collections import deque
from collections.abc import Callable, Iterable
from itertools import islice
from typing import Any

from django.db import transaction

from core.models import AuditEntry
from core.rows import insert_rows
from inventory import search
from inventory.generating.writing import TERMS, Author, Material, Written
from inventory.models import Link, Measure, MeasurePoint, Partner, Project, PublicNumber
from library.models import Item
from people.models import Organisation
from search import catalogue

BATCH = 1000

# Keys and starts of projects.
Earlier = deque[tuple[Project, str]]


class RealContentError(Exception):
    """The database holds what real people have written."""


def refuse_real_content() -> None:
    """Raise RealContentError where made-up content would stand among real."""
    if any(model.objects.filter(generated=False).exists() for model in (Project, Item)):
        raise RealContentError


def material() -> Material:
    """What made-up projects refer to."""
    organisations = list(Organisation.objects.order_by("slug"))
    return Material(
        districts=[each for each in organisations if each.is_district],
        others=[each for each in organisations if not each.is_district],
        terms={
            field: {
                term.slug: term for term in _relation(field).related_model.objects.order_by("slug")
            }
            for field in TERMS
        },
    )


def generate(*, count: int, seed: int, progress: Callable[[int], None] | None = None) -> None:
    """Write `count` made-up projects and their rows in the catalogue, a batch at a time.

    The same seed gives the same projects. Raises ValueError in a database without districts.
    """
    author = Author(material(), seed)
    if not author.material.districts:
        raise ValueError("There are no districts to lead the projects.")
    PublicNumber.passed(0)
    first = PublicNumber.objects.values_list("last", flat=True).get() + 1
    # What later ones may have been inspired by; the newest of each recipe will do.
    earlier = [Earlier(maxlen=25) for _ in author.recipes]
    for done in range(0, count, BATCH):
        size = min(BATCH, count - done)
        batch = [author.write(done + place, first + done + place) for place in range(size)]
        with transaction.atomic():
            _save(batch, earlier)
            PublicNumber.passed(first + done + size - 1)
        if progress:
            progress(done + size)


def _save(batch: list[Written], earlier: list[Earlier]) -> None:
    projects = [written.project for written in batch]
    Project.objects.bulk_create(projects)
    for field in TERMS:
        _link(field, ((w.project.pk, term.pk) for w in batch for term in w.terms[field]))
    _link("co_owners", ((w.project.pk, owner.pk) for w in batch for owner in w.co_owners))
    inspirations = dict(_inspirations(batch, earlier))
    _link("inspired_by", ((heir.pk, root.pk) for heir, root in inspirations.items()))
    for written in batch:
        parts: list[Any] = [*written.partners, *written.links]
        for part in [*parts, *(measure for measure, _ in written.measures)]:
            part.project = written.project
    Partner.objects.bulk_create(part for written in batch for part in written.partners)
    Link.objects.bulk_create(link for written in batch for link in written.links)
    measured = [pair for written in batch for pair in written.measures]
    Measure.objects.bulk_create(measure for measure, _ in measured)
    for measure, points in measured:
        for point in points:
            point.measure = measure
    MeasurePoint.objects.bulk_create(point for _, points in measured for point in points)
    AuditEntry.objects.bulk_create(
        AuditEntry(
            verb="publicerad",
            app_model=Project._meta.label_lower,
            object_id=str(project.pk),
            object_label=project.title[:250],
            to_state="publicerad",
            reason="Påhittat exempel för prov av storlek.",
        )
        for project in projects
    )
    for written in batch:
        # As prefetch_related would have put it there, without asking for what is known.
        known = {
            **written.terms,
            "co_owners": written.co_owners,
            "partners": written.partners,
            "links": written.links,
            "measures": [measure for measure, _ in written.measures],
            "documents": [],
            "inspired_by": [inspirations[written.project]]
            if written.project in inspirations
            else [],
        }
        written.project._prefetched_objects_cache = known  # type: ignore[attr-defined]
    catalogue.put(search.documents_of(projects))


def _relation(field: str) -> Any:
    return Project._meta.get_field(field)


def _link(field: str, pairs: Iterable[tuple[int, int]]) -> None:
    """Join projects and what they refer to, in the table of a many-to-many field."""
    relation = _relation(field)
    columns = [relation.m2m_column_name(), relation.m2m_reverse_name()]
    insert_rows(relation.remote_field.through, columns, pairs)


def _inspirations(
    batch: list[Written], earlier: list[Earlier]
) -> Iterable[tuple[Project, Project]]:
    """Who learnt from whom: every seventh has an older one of the same recipe behind it."""
    for written in batch:
        project, known = written.project, earlier[written.recipe]
        if project.public_id % 7 == 0:
            older = (each for each, began in known if began < str(project.start_date))
            yield from ((project, each) for each in islice(older, 1))
        # Its keys alone: a whole project would keep all that it refers to.
        keys = Project(pk=project.pk, public_id=project.public_id)
        known.append((keys, str(project.start_date)))
