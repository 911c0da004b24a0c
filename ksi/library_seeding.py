"""The library's first content: what the source documents are, name and report."""

from typing import Any

from django.db import models, transaction

from core.models import AuditEntry
from inventory import actions as inventory_actions
from inventory.models import Project
from ksi.seeding import LOADED, VOCABULARIES, named, read
from library import actions
from library.models import Gap, Instrument, Item, Method, ServiceArea, Source, Theme
from people.models import Organisation

# What is the same for every account of a local project of 2015.
REPORT = {
    "kind": Item.Kind.PROJECT_REPORT,
    "year": 2016,
    "language": Item.Language.SWEDISH,
    "source": "fou-medel-2016",
}
ONE: dict[str, type[models.Model]] = {
    "publisher": Organisation,
    "source": Source,
    "is_source": Source,
}
MANY: dict[str, type[models.Model]] = {
    "knowledge_sources": VOCABULARIES["knowledge_source"],
    "themes": Theme,
    "readers": VOCABULARIES["reader"],
    "service_areas": ServiceArea,
    "methods": Method,
    "instruments": Instrument,
}


def item_rows() -> list[dict[str, Any]]:
    """The items' data; publications first."""
    reports = [REPORT | row for row in read("library/project_reports.toml")["item"]]
    return [*read("library/publications.toml")["item"], *reports]


@transaction.atomic
def load_items() -> int:
    """The items that are not there yet, with the projects that they tell of; returns how many.

    Raises DoesNotExist or ValueError for what the files name and nothing is called.
    """
    known = set(Item.objects.exclude(loaded_as="").values_list("loaded_as", flat=True))
    new = [row for row in item_rows() if row["loaded_as"] not in known]
    # The last one first, so that the first in the files stands as the newest in lists.
    for row in reversed(new):
        _load_item(dict(row))
    return len(new)


def _load_item(row: dict[str, Any]) -> None:
    numbers = row.pop("projects", [])
    several = {field: row.pop(field, []) for field in MANY}
    for field, model in ONE.items():
        if field in row:
            row[field] = model._default_manager.get(slug=row[field])
    item = Item(**{key: _clean(value) for key, value in row.items()})
    item.full_clean()
    item.save()
    for field, slugs in several.items():
        getattr(item, field).set(named(MANY[field], slugs, f"{item.loaded_as}: {field}"))
    actions.publish(item=item, by=None, reason=LOADED)
    told = Project.objects.filter(public_id__in=numbers)
    inventory_actions.name_report(item=item, projects=told)


def _clean(value: Any) -> Any:
    return value.strip() if isinstance(value, str) else value


@transaction.atomic
def load_gaps() -> int:
    """What nobody knew when the sources were written, unless it is there; returns how many."""
    known = set(Gap.objects.exclude(loaded_as="").values_list("loaded_as", flat=True))
    new = [row for row in read("library/gaps.toml")["gap"] if row["loaded_as"] not in known]
    for row in new:
        source = Source.objects.get(slug=row["source"])
        gap = Gap(
            title=row["question"],
            text=row["background"],
            source=source,
            source_section=row["source_section"],
            loaded_as=row["loaded_as"],
            key=f"inlast-{row['loaded_as']}",
        )
        gap.full_clean()
        gap.save()
        gap.themes.set(Theme.objects.filter(slug__in=row["themes"]))
        AuditEntry.record("skapad", gap, by=None, reason=LOADED)
        actions.gap_changed(gap=gap)
    return len(new)
