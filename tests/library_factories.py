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
    Gap,
    Grade,
    Instrument,
    Item,
    ItemFile,
    KnowledgeSource,
    Method,
    Reader,
    ReadingList,
    ServiceArea,
    StoryOffer,
    Theme,
    Thing,
    Voice,
)
from library.search import STAGE, TYPE, label_choices
from people.models import User
from search.models import FacetLabel
from tests.factories import make_curator, make_organisation, make_term

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


def make_draft_file(draft: Draft, **fields: Any) -> ItemFile:
    """A file that was uploaded to a draft."""
    file = ItemFile(name="a.txt", **fields)
    file.file.save("a.txt", ContentFile(b"Text"), save=False)
    actions.add_draft_file(draft=draft, file=file, by=moderator())
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


# --- What visitors send in ----------------------------------------------------------------------


def moderator() -> User:
    """Who decides, unless somebody else is told."""
    known = User.objects.filter(email="tar-emot@example.org").first()
    return known or make_curator("tar-emot@example.org")


def make_voice(thing: Thing, **fields: Any) -> Voice:
    """A reader's answer that waits for a curator."""
    typed = {"answer": Voice.Answer.TRUE, "text": "Så är det hos oss också."} | fields
    return actions.receive_voice(thing=thing, key=f"rost-{Voice.objects.count()}", **typed)


def make_accepted_voice(thing: Thing, **fields: Any) -> Voice:
    """A reader's answer that everybody sees."""
    voice = make_voice(thing, **fields)
    actions.accept_voice(voice=voice, by=moderator())
    return voice


def make_story(**fields: Any) -> StoryOffer:
    """A story that waits for a curator."""
    typed = {"kind": StoryOffer.Kind.STORY, "text": "Jag fick en nyckel till träffen."} | fields
    return actions.offer_story(key=f"berattelse-{StoryOffer.objects.count()}", **typed)


def publish_story(offer: StoryOffer, **fields: Any) -> Item:
    """Accept a story and publish its draft, as a curator does."""
    draft = actions.accept_story(offer=offer, by=moderator())
    told = {"title": offer.title or "En berättelse", "full_text": offer.text}
    item = make_item(**{"kind": offer.kind, "year": 2026} | told | fields)
    Draft.objects.filter(pk=draft.pk).update(item=item, state=Draft.State.PUBLISHED)
    return item


def make_gap(**fields: Any) -> Gap:
    """A knowledge gap that everybody reads; with `proposed`, one that waits. Themes by name."""
    proposed = fields.pop("proposed", False)
    themes = [make_term(Theme, name) for name in fields.pop("themes", [])]
    facts = {
        "title": "Hjälper boendestöd på kvällen?",
        "text": "Många är ensamma då, och ingen har frågat dem.",
    }
    gap = actions.propose_gap(**facts | fields, themes=themes, key=f"lucka-{Gap.objects.count()}")
    if not proposed:
        actions.open_gap(gap=gap, title=gap.title, text=gap.text, themes=themes, by=moderator())
    return Gap.objects.get(pk=gap.pk)


def make_reading_list(title: str = "Börja här", *, published: bool = True) -> ReadingList:
    """A curator's reading list."""
    by = User.objects.filter(is_superuser=True).first() or make_curator()
    made = actions.make_list(title=title, description="Läs först.", key=title, by=by)
    if published:
        actions.publish_list(reading_list=made, by=by)
    return ReadingList.objects.get(pk=made.pk)


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
