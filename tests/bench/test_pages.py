"""Made-up pages and the searches made from them: the same every time, and never without hits."""

from random import Random

import pytest

from inventory import generating
from inventory.generating.pages import Clerk, generate_pages
from ksi import seeding
from search import indexing, swedish
from search.models import Passage
from tests.bench import searches

pytestmark = pytest.mark.django_db


@pytest.fixture
def read_pages():
    seeding.load_ground()
    generating.generate(count=30, seed=1)
    generate_pages(count=250, seed=1)
    # Analysing words is what takes time; these have no parts.
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(swedish, "compound", lambda word: ())
        indexing.index()


def test_same_seed_writes_the_same_file_and_another_seed_another():
    one, two, other = Clerk(7), Clerk(7), Clerk(8)

    assert list(one.file(3, pages=5)) == list(two.file(3, pages=5))
    assert list(one.file(3, pages=5)) != list(one.file(4, pages=5))
    assert list(one.file(3, pages=5)) != list(other.file(3, pages=5))


def test_a_page_is_as_long_as_a_page_and_has_no_blanks_left():
    for page in Clerk(1).file(1):
        assert 120 <= len(page.split()) <= 160
        assert not {"{", "}"} & set(page)


def test_pages_hang_on_public_projects_and_say_that_they_are_made_up(read_pages):
    pages = Passage.objects.exclude(file="")

    files = pages.values_list("file", "entry").distinct().order_by("file")
    assert [file for file, _ in files] == ["pahittad-1", "pahittad-2", "pahittad-3"]
    assert len({entry for _, entry in files}) == 3
    assert [pages.filter(file=file).count() for file, _ in files] == [100, 100, 50]
    assert set(pages.values_list("audience", flat=True)) == {"alla"}
    assert all(page.title.startswith("Påhittad rapport") for page in pages)
    first = pages.order_by("pk")[0]
    assert first.address == f"/inventering/{first.entry.object_id}/#page=1"


def test_too_few_projects_for_the_files_is_said():
    with pytest.raises(ValueError, match="2 files need as many made-up projects; there are 0"):
        generate_pages(count=101, seed=1)


def test_each_set_of_searches_finds_something(read_pages, monkeypatch, client):
    monkeypatch.setattr(searches, "MANY", 12)

    sets = searches.addresses()

    assert sets == searches.addresses()
    assert {name: len(found) for name, found in sets.items()} == {
        **dict.fromkeys(("word", "two", "typing", "misspelt"), 12),
        "common": searches.COMMONEST,
        "listed": searches.COMMONEST + 12,
    }
    words = searches.by_use()
    assert all(map(searches.finds, [*words[:5], *words[-5:], *searches.pairs(Random(1))]))


def test_a_slip_is_one_letter_or_two_swapped():
    dice = Random(1)
    slips = {searches.slipped(dice, "boendestöd") for _ in range(200)}

    assert {len(slip) for slip in slips} == {9, 10, 11}
    assert all(slip.startswith("b") for slip in slips)
    assert {"boendstöd", "boenedstöd"} <= slips
