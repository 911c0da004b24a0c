"""Things of the library, with plain values."""

import datetime
from typing import Any

from django.core.files.base import ContentFile
from django.db import models, transaction
from django.utils.text import slugify

from library import actions
from library.models import (
    Grade,
    Item,
    ItemFile,
    KnowledgeSource,
    Method,
    Reader,
    ServiceArea,
    Theme,
)
from library.search import STAGE, TYPE, label_choices
from search.models import FacetLabel
from tests.factories import make_organisation, make_term

ITEM_TERMS: dict[str, type[models.Model]] = {
    "knowledge_sources": KnowledgeSource,
    "themes": Theme,
    "readers": Reader,
    "service_areas": ServiceArea,
    "methods": Method,
}


def item_fields() -> dict[str, Any]:
    """What an item must have to be published."""
    return {
        "kind": Item.Kind.EVALUATION,
        "title": "Boendestöd på kvällen",
        "plain_summary": "Boendestödet har provat att komma på kvällen. Fler klarade sig hemma.",
        "key_messages": "Fler sov bättre.\nPersonalen trivdes.",
        "so_what": "Fråga när på dygnet stödet behövs.",
        "year": 2024,
        "language": Item.Language.SWEDISH,
        "review_due": datetime.date(2028, 1, 1),
    }


def save_item(**fields: Any) -> Item:
    """A saved item that is in no list yet. Terms are given by name: `themes=["Boende"]`."""
    terms = {field: fields.pop(field, []) for field in ITEM_TERMS}
    instruments = fields.pop("instruments", [])
    with transaction.atomic():
        item = Item(**item_fields() | fields)
        item.publisher = item.publisher or make_organisation("Socialstyrelsen")
        item.save()
        for field, names in terms.items():
            getattr(item, field).set([_term(ITEM_TERMS[field], name) for name in names])
        item.instruments.set(instruments)
    return Item.objects.get(pk=item.pk)


def _term(model: Any, name: str) -> Any:
    return make_method(name) if model is Method else make_term(model, name)


def make_item(**fields: Any) -> Item:
    """A complete, published item."""
    with transaction.atomic():
        if not FacetLabel.objects.filter(facet=TYPE).exists():
            label_choices()
        item = save_item(**fields)
        actions.publish(item=item, by=None)
    return Item.objects.get(pk=item.pk)


def make_file(
    item: Item, title: str = "Hela rapporten", content: bytes = b"Text.", **fields: Any
) -> ItemFile:
    """A file of an item, which a worker has not read."""
    name = fields.pop("name", "rapport.txt")
    file = ItemFile(item=item, title=title, size=len(content), **fields)
    file.file.save(name, ContentFile(content))
    return file


def make_method(name: str = "Motiverande samtal", **fields: Any) -> Method:
    """The method of that name; a new one, in the catalogue, unless it is there."""
    defaults = {"purpose": "Ett syfte.", "stage": Method.Stage.TRIED, "slug": slugify(name)}
    method, new = Method.objects.get_or_create(name=name, defaults=defaults | fields)
    if new:
        if not FacetLabel.objects.filter(facet=STAGE).exists():
            with transaction.atomic():
                label_choices()
        actions.tool_changed(tool=method)
    return method


def make_grade(method: Method, **fields: Any) -> Grade:
    """One line of its knowledge declaration."""
    defaults = {
        "dimension": Grade.Dimension.THEORY,
        "value": Grade.Level.B,
        "reason": "Den vilar på en beskriven teori.",
        "graded_by": "Forskningsrådet",
        "cited": "Underlag till forskningsrådet 2026",
    }
    return Grade.objects.create(method=method, **defaults | fields)
