"""Things of the library, with plain values."""

import datetime
from typing import Any

from django.core.files.base import ContentFile
from django.db import models, transaction
from django.utils.text import slugify

from library import actions
from library.draft_answers import payload_of
from library.models import (
    Draft,
    Grade,
    Instrument,
    Item,
    ItemFile,
    KnowledgeSource,
    Method,
    Reader,
    ServiceArea,
    Theme,
)
from library.search import TYPE, label_choices
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


def item_payload(**answers: Any) -> dict[str, list[str]]:
    """Everything that an item needs to be published, as a form sends it."""
    payload = {
        "kind": ["utvardering"],
        "title": ["Boendestöd på kvällen"],
        "authors": ["Berg, Anna"],
        "publisher": [str(make_organisation("Socialstyrelsen").pk)],
        "year": ["2024"],
        "language": ["sv"],
        "url": ["https://example.org/rapport"],
        "plain_summary": ["Boendestödet har provat att komma på kvällen. Fler klarade sig hemma."],
        "key_messages": ["Fler sov bättre.\nPersonalen trivdes."],
        "so_what": ["Fråga när på dygnet stödet behövs."],
        "knowledge_sources": [str(make_term(KnowledgeSource, "Forskning").pk)],
        "readers": [str(make_term(Reader, "Personal").pk)],
        "themes": [str(make_term(Theme, "Boende").pk)],
        "review_due": ["2028-01-01"],
        "visibility": ["alla"],
    }
    return {name: values for name, values in (payload | answers).items() if values}


def method_payload(**answers: Any) -> dict[str, list[str]]:
    """Everything that a new method needs."""
    payload = {
        "name": ["Motiverande samtal"],
        "abbreviation": ["MI"],
        "plain_summary": ["Ett sätt att prata om förändring."],
        "purpose": ["Att den enskilde ska hitta sina egna skäl."],
        "target_group": ["Vuxna."],
        "how": ["Lyssna, fråga öppet och sammanfatta."],
        "stage": ["provas"],
        "stage_reason": ["Två enheter prövar."],
        "visibility": ["alla"],
    }
    return {name: values for name, values in (payload | answers).items() if values}


def instrument_payload(**answers: Any) -> dict[str, list[str]]:
    """Everything that an instrument needs."""
    payload = {
        "name": ["Addiction Severity Index"],
        "abbreviation": ["ASI"],
        "kind": ["bedomning"],
        "plain_summary": ["En intervju om hur man har det."],
        "measures_what": ["Problem inom sju områden."],
        "target_group": ["Vuxna."],
        "filled_in_by": ["Handläggaren"],
        "time": ["En timme"],
        "rights_and_cost": ["Fritt."],
        "tried_in_sweden": ["ja"],
        "visibility": ["alla"],
    }
    return {name: values for name, values in (payload | answers).items() if values}


PAYLOADS = {"post": item_payload, "metod": method_payload, "instrument": instrument_payload}


def make_library_draft(subject: str = "post", **answers: Any) -> Draft:
    """A complete draft of something new; an answer that is [] is left out."""
    payload = PAYLOADS[subject](**answers)
    key = f"utkast-{Draft.objects.count()}"
    return actions.begin_draft(subject=subject, payload=payload, key=key, by=None)


def make_revision(thing: Item | Method | Instrument) -> Draft:
    """A draft that revises something published."""
    subject = {Item: "post", Method: "metod", Instrument: "instrument"}[type(thing)]
    key = f"andring-{Draft.objects.count()}"
    return actions.begin_draft(
        subject=subject, payload=payload_of(thing), key=key, by=None, of=thing
    )
