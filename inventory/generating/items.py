"""Made-up items of the library in any number, for tests of size and speed; marked `generated`.

They speak of what made-up projects speak of (words.toml); some have a made-up file, read page by
page, that nobody can fetch.
"""

import datetime
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import accumulate, islice
from random import Random
from typing import Any

from django.db import transaction
from django.urls import reverse

from core.models import AuditEntry
from core.rows import insert_rows
from inventory.generating.pages import Clerk
from inventory.generating.writing import STOCKHOLM, words
from library import search
from library.models import Item
from people.models import Organisation
from search import catalogue, passages
from search.models import Audience

BATCH = 1000
PAGES_IN_A_FILE = 4
EVERY_TENTH = 10  # has a file
FIRST_YEAR, LAST_YEAR = 1985, 2026

TERMS = ("themes", "service_areas", "methods", "instruments", "knowledge_sources", "readers")
# field → how likely each word after the first is
_CHANCES = {
    "themes": 0.45,
    "service_areas": 0.15,
    "methods": 0.25,
    "instruments": 0.15,
    "knowledge_sources": 0.35,
    "readers": 0.4,
}
KINDS = dict(zip(Item.Kind.values, (22, 20, 18, 10, 8, 8, 6, 4, 4), strict=True))
LANGUAGES = {"sv": 84, "en": 12, "no": 3, "da": 1}
TITLES = {
    Item.Kind.RESEARCH: "{name} för {who}: en studie i {place}",
    Item.Kind.EVALUATION: "Utvärdering av {name} i {place}",
    Item.Kind.PROJECT_REPORT: "{name}: slutrapport från {place}",
    Item.Kind.EXAMPLE: "Så gör {place}: {name}",
    Item.Kind.STORY: "Vad {name} betydde för mig",
    Item.Kind.GUIDELINE: "Riktlinjer för stöd till {who}",
    Item.Kind.BOOK: "Stöd till {who}: en handbok",
    Item.Kind.FILM: "Film: {name} i {place}",
    Item.Kind.LINK: "Mer om {name}",
}
AUTHORS = ("Exempelsson", "Påhittad", "Provström", "Låtsasberg", "Tänktman", "Mallgren")
GIVEN = ("Ett", "Två", "Tre", "Fyra", "Fem")


@dataclass
class Written:
    """An item and what belongs to it, not saved."""

    item: Item
    terms: dict[str, list[Any]] = field(default_factory=dict)


class Librarian:
    """Writes made-up items; the same seed and number always give the same item."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.recipes = words()["recipe"]
        self.weights = list(accumulate(recipe["weight"] for recipe in self.recipes))
        organisations = list(Organisation.objects.order_by("slug"))
        self.publishers = [each for each in organisations if not each.is_district]
        self.places = [each.label for each in organisations if each.is_district]
        self.terms: dict[str, dict[str, Any]] = {}
        for name in TERMS:
            known = _relation(name).related_model.objects.order_by("slug")
            self.terms[name] = {term.slug: term for term in known}

    def write(self, index: int) -> Written:
        """The item with this number in the series of the seed."""
        dice = Random(f"{self.seed}/item/{index}")  # noqa: S311
        (recipe,) = dice.choices(self.recipes, cum_weights=self.weights)
        (kind,) = dice.choices(list(KINDS), list(KINDS.values()))
        (language,) = dice.choices(list(LANGUAGES), list(LANGUAGES.values()))
        name, who = dice.choice(recipe["names"]), dice.choice(recipe["who"])
        place = dice.choice(self.places)
        # The newer, the more.
        year = int(dice.triangular(FIRST_YEAR, LAST_YEAR + 1, LAST_YEAR))
        day = datetime.datetime(2015, 1, 1, 9, tzinfo=STOCKHOLM)
        said = [*dice.sample(recipe["gives"], 2), dice.choice(recipe["needs"])]
        item = Item(
            kind=kind,
            title=f"{TITLES[Item.Kind(kind)].format(name=name, who=who, place=place)} ({index})",
            plain_summary=" ".join(said[:2]),
            key_messages="\n".join([said[2], dice.choice(recipe["does"])]),
            so_what=dice.choice(recipe["does"]),
            authors="\n".join(
                f"{dice.choice(AUTHORS)}, {dice.choice(GIVEN)}" for _ in range(dice.randint(0, 3))
            ),
            publisher=dice.choice(self.publishers),
            year=year,
            language=language,
            abstract=" ".join(dice.sample(recipe["does"], 3)),
            limitations=dice.choice(recipe["needs"]),
            review_due=datetime.date(2030, 1, 1),
            visibility=Audience.STAFF if dice.random() < 0.02 else Audience.PUBLIC,
            published_at=day + datetime.timedelta(minutes=dice.randint(0, 6_000_000)),
            generated=True,
        )
        return Written(item, {name: self._some(dice, name, recipe) for name in TERMS})

    def _some(self, dice: Random, name: str, recipe: dict[str, Any]) -> list[Any]:
        """The first fitting word always, each after it by chance."""
        known = self.terms[name]
        of_recipe = [known[slug] for slug in recipe.get(_LISTS.get(name, ""), []) if slug in known]
        fitting = of_recipe or list(known.values())
        if not fitting:
            return []
        dice.shuffle(fitting)
        chosen = [fitting[0], *(each for each in fitting[1:] if dice.random() < _CHANCES[name])]
        return sorted(chosen, key=lambda term: term.sort_key)  # as the database gives them


# field → its list in a recipe
_LISTS = {
    "themes": "themes",
    "service_areas": "areas",
    "methods": "methods",
    "instruments": "instruments",
}


def _relation(name: str) -> Any:
    return Item._meta.get_field(name)


def generate_items(*, count: int, seed: int, progress: Callable[[int], None] | None = None) -> None:
    """Write `count` made-up items and their rows in the catalogue, a batch at a time.

    Raises ValueError in a database without organisations.
    """
    librarian = Librarian(seed)
    if not librarian.publishers or not librarian.places:
        raise ValueError("There is nobody who publishes.")
    for done in range(0, count, BATCH):
        size = min(BATCH, count - done)
        with transaction.atomic():
            _save([librarian.write(done + place) for place in range(size)])
        if progress:
            progress(done + size)


def _save(batch: Sequence[Written]) -> None:
    items = [written.item for written in batch]
    Item.objects.bulk_create(items)
    for name in TERMS:
        _link(name, ((w.item.pk, term.pk) for w in batch for term in w.terms[name]))
    AuditEntry.objects.bulk_create(
        AuditEntry(
            verb="publicerad",
            app_model=Item._meta.label_lower,
            object_id=str(item.pk),
            object_label=item.audit_label[:250],
            to_state="publicerad",
            reason="Påhittat exempel för prov av storlek.",
        )
        for item in items
    )
    for written in batch:
        # As prefetch_related would have put it there, without asking for what is known.
        known = {**written.terms, "files": []}
        written.item._prefetched_objects_cache = known  # type: ignore[attr-defined]
    search.label_publishers({item.publisher for item in items if item.publisher})
    catalogue.put(search.documents_of(items))


def _link(name: str, pairs: Iterable[tuple[int, int]]) -> None:
    relation = _relation(name)
    columns = [relation.m2m_column_name(), relation.m2m_reverse_name()]
    insert_rows(relation.remote_field.through, columns, pairs)


def generate_item_pages(*, seed: int, progress: Callable[[int], None] | None = None) -> None:
    """Hang a file of PAGES_IN_A_FILE pages onto every tenth public made-up item.

    Their titles say that they are made up; they are text without a file, as the search reads it.
    """
    public = Item.objects.published().filter(generated=True, visibility=Audience.PUBLIC)
    numbers = public.order_by("pk").values_list("pk", flat=True)
    clerk = Clerk(seed)
    waiting = enumerate(list(numbers)[::EVERY_TENTH], 1)
    done = 0
    while batch := list(islice(waiting, 200)):
        with transaction.atomic():
            for number, pk in batch:
                done += passages.put_pages(
                    search.KIND,
                    pk,
                    file=f"pahittad-{number}",
                    title=f"Påhittad rapport {number}",
                    address=reverse("library:number", args=[pk]),
                    pages=clerk.file(number, PAGES_IN_A_FILE),
                )
        if progress:
            progress(done)
