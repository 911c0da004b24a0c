"""generate_content: made-up projects that hold together and never stand among real ones."""

import io
from contextlib import suppress

import pytest
from django.core.management import CommandError, call_command

from core.models import AuditEntry, Edition
from inventory import generating, search
from inventory.generating.items import PAGES_IN_A_FILE, Librarian, generate_item_pages
from inventory.generating.writing import Author
from inventory.models import Measure, MeasurePoint, Partner, Project, PublicNumber
from ksi import seeding
from library import search as library_search
from library.models import Item
from search.models import Entry, Passage
from tests.factories import make_project
from tests.library_factories import make_item

pytestmark = pytest.mark.django_db

COUNT = 60


def generate(count=COUNT, seed=1, **options):
    said = io.StringIO()
    call_command("generate_content", projects=count, seed=seed, stdout=said, **options)
    return said.getvalue()


@pytest.fixture
def ground():
    seeding.load_ground()


def told(written):
    """What a reader would see of a project that was only written, not saved."""
    project = written.project
    fields = ("title", "plain_summary", "need", "activities", "results", "status", "published_at")
    return (
        *(getattr(project, field) for field in fields),
        str(project.start_date),
        project.lead.slug,
        {field: [term.slug for term in terms] for field, terms in written.terms.items()},
        [owner.slug for owner in written.co_owners],
        [(m.indicator, [(str(p.date), p.value, p.n) for p in ps]) for m, ps in written.measures],
    )


def test_same_seed_tells_the_same_story_and_another_seed_another(ground):
    material = generating.material()
    one, two, other = Author(material, 7), Author(material, 7), Author(material, 8)

    assert [told(one.write(n, n)) for n in range(20)] == [told(two.write(n, n)) for n in range(20)]
    assert told(one.write(3, 3)) != told(other.write(3, 3))


def test_makes_what_it_needs_in_an_empty_database():
    said = generate()

    assert Project.objects.filter(generated=True).count() == COUNT
    assert Project.objects.filter(generated=False).count() == 0
    assert "60 av 60 projekt" in said


def test_each_project_is_complete_and_valid(ground):
    generate()

    for project in Project.objects.select_related("lead"):
        assert project.start_date
        project.full_clean()  # fields, choices and the database's constraints
        assert 1996 <= project.start_date.year <= 2026
        assert [project.service_areas.count() > 0, project.themes.count() > 0] == [True, True]
        assert [project.interventions.count() > 0, project.target_groups.count() > 0] == [True] * 2
        day = project.start_date.first_day.replace(month=12, day=31)
        assert project.lead.valid_from is None or project.lead.valid_from <= day
        assert project.lead.valid_to is None or project.lead.valid_to > day
        if project.kind == Project.Kind.PROJECT:
            assert project.measures.exists()
    for part in [*Measure.objects.all(), *MeasurePoint.objects.all(), *Partner.objects.all()]:
        part.full_clean()


def test_values_of_shares_are_shares(ground):
    generate(200)

    points = MeasurePoint.objects.filter(measure__unit="procent")
    assert points.exists()
    assert not points.filter(value__gt=100).exists()


def test_catalogue_says_what_the_projects_say(ground):
    generate()
    entries = {entry.object_id: entry for entry in Entry.objects.filter(kind=search.KIND)}
    shown = {number: entry.card for number, entry in entries.items()}

    documents = {found.object_id: found for found in search.documents(entries)}

    assert (
        set(documents) == set(entries) == set(Project.objects.values_list("public_id", flat=True))
    )
    assert shown == {number: dict(found.card) for number, found in documents.items()}
    assert all(card["generated"] for card in shown.values())
    for number, found in documents.items():
        entry = entries[number]
        assert (entry.title, entry.address) == (found.title, found.address)
        assert set(entry.facets.values_list("facet", "value")) == {
            (facet, value) for facet, values in found.facets.items() for value in values
        }


def test_numbers_go_on_and_history_is_written(ground):
    generate(5)
    before = Edition.current()

    generate(5, seed=2)

    assert PublicNumber.take() == 11
    assert Edition.current() > before
    assert AuditEntry.objects.filter(verb="publicerad").count() == 10


def test_batches_join(ground, monkeypatch):
    generate(30)
    whole = list(Project.objects.order_by("public_id").values_list("title", flat=True))
    Project.objects.all().delete()

    monkeypatch.setattr(generating, "BATCH", 7)
    generate(30)

    assert list(Project.objects.order_by("public_id").values_list("title", flat=True)) == whole


@pytest.mark.parametrize("anyway", [False, True])
def test_refuses_where_real_projects_are(ground, settings, anyway):
    make_project()
    settings.DEMO = False

    with pytest.raises(CommandError):
        generate(anyway=anyway)

    assert not Project.objects.filter(generated=True).exists()


def test_demonstration_may_be_told_to_mix(ground, settings):
    make_project()
    settings.DEMO = True
    with suppress(CommandError):
        generate(3)
    assert not Project.objects.filter(generated=True).exists()

    generate(3, anyway=True)

    assert Project.objects.filter(generated=True).count() == 3


def test_asks_for_a_number_of_projects():
    with pytest.raises(CommandError, match="Ange hur många"):
        generate(0)


# --- Items of the library -----------------------------------------------------------------------


def test_same_seed_gives_the_same_items(ground):
    def told(librarian, number):
        written = librarian.write(number)
        terms = {name: [term.slug for term in found] for name, found in written.terms.items()}
        item = written.item
        return (item.title, item.kind, item.year, item.authors, item.published_at, terms)

    one, two, other = Librarian(7), Librarian(7), Librarian(8)
    assert [told(one, n) for n in range(20)] == [told(two, n) for n in range(20)]
    assert told(one, 3) != told(other, 3)


def test_each_item_is_complete_and_in_the_catalogue(ground):
    generate(0, items=COUNT)

    assert (Item.objects.count(), Project.objects.count()) == (COUNT, 0)
    for item in Item.objects.select_related("publisher"):
        item.full_clean()
        assert item.generated
        assert [getattr(item, name).exists() for name in ("themes", "service_areas")] == [True] * 2
    entries = {entry.object_id: entry for entry in Entry.objects.filter(kind=library_search.KIND)}
    documents = {found.object_id: found for found in library_search.documents(entries)}
    assert set(documents) == set(entries)
    for number, found in documents.items():
        assert (entries[number].title, entries[number].card) == (found.title, dict(found.card))
        assert set(entries[number].facets.values_list("facet", "value")) == {
            (facet, value) for facet, values in found.facets.items() for value in values
        }


def test_every_tenth_public_item_has_pages(ground):
    generate(0, items=COUNT)
    public = Item.objects.filter(visibility="alla").count()
    generate_item_pages(seed=1)
    pages = Passage.objects.filter(entry__kind=library_search.KIND).exclude(file="")
    assert pages.count() == -(-public // 10) * PAGES_IN_A_FILE
    assert pages.values("entry").distinct().count() == -(-public // 10)
    assert all(title.startswith("Påhittad") for title in pages.values_list("title", flat=True))


def test_made_up_items_are_not_mixed_with_real_ones(ground, settings):
    make_item()
    settings.DEMO = False
    with pytest.raises(CommandError, match="riktigt innehåll"):
        generate(0, items=3)
    assert not Item.objects.filter(generated=True).exists()
