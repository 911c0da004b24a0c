"""When a curator changes what a word becomes, the texts that hold it are read again; no others."""

import tomllib
from pathlib import Path

import pytest
from django.conf import settings

from core.models import Edition
from search import indexing, tasks
from search.actions import forget_words, words_changed
from search.models import Passage, ProtectedWord, Word
from tests.search import texts
from tests.search.texts import found, waiting, write
from tests.search.writing import changed, divide, protect

pytestmark = pytest.mark.django_db


@pytest.fixture
def users_and_use() -> None:
    """brukare and bruk have the same key until somebody says otherwise."""
    write("Brukarna möts på torsdagar.", "Skadligt bruk av alkohol.", "Brukarinflytande.", first=1)
    write("Något helt annat.", first=4)


def test_a_worker_is_asked_and_nothing_else_happens(users_and_use):
    edition = Edition.current()
    words_changed(words={"brukarna", "", "brukare"})
    assert texts.tasks() == [("search.tasks.words_changed", [["brukare", "brukarna"]])]
    assert (waiting(), Edition.current()) == ([], edition)


def test_nobody_is_asked_for_nothing(users_and_use):
    words_changed(words=[""])
    assert texts.tasks() == []


def test_the_worker_forgets_and_reads(users_and_use):
    protect("brukare", "brukarna")
    assert found("brukarna") == ["Ett", "Två", "Tre"]  # as before, until the worker comes
    tasks.words_changed.call(["brukare", "brukarna"])
    assert (waiting(), found("brukare"), found("bruk")) == ([], ["Ett", "Tre"], ["Två"])


def test_the_worker_may_do_it_twice(users_and_use):
    protect("brukare", "brukarna")
    for _ in range(2):
        tasks.words_changed.call(["brukare", "brukarna"])
    assert (waiting(), found("brukare")) == ([], ["Ett", "Tre"])


def test_a_protected_word_parts_what_had_one_key(users_and_use):
    assert found("brukare") == ["Ett", "Två", "Tre"]

    protect("brukare", "brukarna")
    forgotten = forget_words(words=["brukare", "brukarna"])

    assert (forgotten, waiting()) == (2, ["Ett", "Två", "Tre"])
    assert not Word.objects.filter(form__in=["brukarna", "brukarinflytande"]).exists()
    indexing.index()
    assert (found("brukare"), found("bruk")) == (["Ett", "Tre"], ["Två"])


def test_a_word_that_is_protected_no_longer_falls_back(users_and_use):
    protect("brukare", "brukarna")
    forget_words(words=["brukare", "brukarna"])
    indexing.index()

    ProtectedWord.objects.all().delete()
    changed()
    forget_words(words=["brukare", "brukarna"])

    assert waiting() == ["Ett", "Tre"]
    indexing.index()
    assert found("brukare") == ["Ett", "Två", "Tre"]


def test_an_inflected_form_that_nobody_listed_follows_its_word(users_and_use):
    protect("brukare")
    forget_words(words=["brukare"])
    indexing.index()
    assert Word.objects.get(form="brukarna").key == "brukare"


def test_a_form_that_begins_otherwise_follows_by_its_key():
    write("Lånade böcker.")
    protect("bok")
    assert forget_words(words=["bok"]) == 1
    assert (waiting(), Word.objects.filter(form="böcker").exists()) == (["Ett"], False)


def test_a_compound_is_divided_anew():
    write("Ungdomars fritid.", "En dom i förvaltningsrätten.")
    assert found("dom") == ["Ett", "Två"]

    divide("ungdom")
    assert forget_words(words=["ungdom"]) == 1
    assert waiting() == ["Ett"]
    indexing.index()

    assert (found("dom"), found("ungdom")) == (["Två"], ["Ett"])


def test_a_word_that_stands_nowhere_changes_nothing(users_and_use):
    assert (forget_words(words=["xylofon"]), waiting()) == (0, [])


def test_a_text_that_is_to_be_fetched_again_is_still_to_be_fetched(users_and_use):
    Passage.objects.filter(title="Ett").update(version=0)
    forget_words(words=["brukarna"])
    assert Passage.objects.get(title="Ett").version == 0


def test_what_only_staff_may_see_is_read_again_too():
    write("Brukarna möts.", audience="personal")
    forget_words(words=["brukare"])
    assert waiting() == ["Ett"]


def test_reading_what_is_touched_gives_the_same_as_reading_everything():
    """With words of the first list, one after the other, as curators would add them."""
    path = Path(settings.BASE_DIR) / "ksi/seed/words.toml"
    data = tomllib.loads(path.read_text(encoding="utf-8"))
    protected, compounds = data["protected"][::2], data["compound"][::4]
    write(
        " ".join(form for row in protected for form in [row["word"], *row.get("forms", [])]),
        " ".join(row["word"] for row in compounds),
        " ".join(f"{row['word']}en {row['word']}arna" for row in compounds),
        "brukarinflytande missbruksvård kursledare boendestödet träfflokal krishantering"
        " studiebesöket drogfri skuldrådgivning centrumbildning nämndbeslutet anmälningsplikten",
    )
    for row in protected:
        protect(row["word"], *row.get("forms", []))
        tasks.words_changed.call([row["word"], *row.get("forms", [])])
    for row in compounds:
        divide(row["word"], " ".join(row["parts"]))
        tasks.words_changed.call([row["word"]])
    step_by_step = keys_of_all()

    Word.objects.all().delete()
    Passage.objects.update(stale=True)
    indexing.index()

    assert step_by_step == keys_of_all()


def keys_of_all() -> list[tuple[str, ...]]:
    columns = ("title_keys", "lead_keys", "text_keys", "part_keys")
    return list(Passage.objects.order_by("pk").values_list(*columns))
