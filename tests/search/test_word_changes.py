"""When a curator changes what a word becomes, the texts that hold it are read again; no others."""

import tomllib
from pathlib import Path

import pytest
from django.conf import settings
from django.db import transaction
from django_tasks_db.models import DBTaskResult

from core.models import Edition
from search import indexing
from search.actions import words_changed
from search.models import CompoundOverride, Passage, ProtectedWord, Word, lines
from tests.search.texts import found, waiting, write

pytestmark = pytest.mark.django_db


def tasks() -> list[str]:
    """What workers are to do."""
    return list(DBTaskResult.objects.values_list("task_path", flat=True))


@pytest.fixture
def users_and_use() -> None:
    """brukare and bruk have the same key until somebody says otherwise."""
    write(
        "Brukarna möts på torsdagar.",
        "Skadligt bruk av alkohol.",
        "Brukarinflytande i praktiken.",
        "Något helt annat.",
    )
    DBTaskResult.objects.all().delete()


def protect(word: str, *forms: str) -> ProtectedWord:
    made = ProtectedWord.objects.create(word=word, forms="\n".join(forms))
    with transaction.atomic():
        Edition.raise_number()
    return made


def test_a_protected_word_parts_what_had_one_key(users_and_use):
    assert found("brukare") == ["Ett", "Två", "Tre"]

    protect("brukare", "brukarna")
    forgotten = words_changed(words=["brukare", "brukarna"])

    assert (forgotten, waiting(), tasks()) == (2, ["Ett", "Två", "Tre"], ["search.tasks.index"])
    assert not Word.objects.filter(form__in=["brukarna", "brukarinflytande"]).exists()
    indexing.index()
    assert (found("brukare"), found("bruk")) == (["Ett", "Tre"], ["Två"])


def test_a_word_that_is_protected_no_longer_falls_back(users_and_use):
    word = protect("brukare", "brukarna")
    words_changed(words=["brukare", "brukarna"])
    indexing.index()

    word.delete()
    words_changed(words=["brukare", "brukarna"])

    assert waiting() == ["Ett", "Tre"]
    with transaction.atomic():
        Edition.raise_number()
    indexing.index()
    assert found("brukare") == ["Ett", "Två", "Tre"]


def test_an_inflected_form_that_nobody_listed_follows_its_word(users_and_use):
    protect("brukare")
    words_changed(words=["brukare"])
    indexing.index()
    assert Word.objects.get(form="brukarna").key == "brukare"


def test_a_form_that_begins_otherwise_follows_by_its_key():
    write("Lånade böcker.")
    protect("bok")
    assert words_changed(words=["bok"]) == 1
    assert (waiting(), Word.objects.filter(form="böcker").exists()) == (["Ett"], False)


def test_a_compound_is_divided_anew():
    write("Ungdomars fritid.", "En dom i förvaltningsrätten.")
    assert found("dom") == ["Ett", "Två"]

    CompoundOverride.objects.create(word="ungdom", parts="")
    with transaction.atomic():
        Edition.raise_number()
    assert words_changed(words=["ungdom"]) == 1
    assert waiting() == ["Ett"]
    indexing.index()

    assert (found("dom"), found("ungdom")) == (["Två"], ["Ett"])


def test_a_word_that_stands_nowhere_changes_nothing(users_and_use):
    edition = Edition.current()
    assert words_changed(words=["xylofon", ""]) == 0
    assert (waiting(), tasks(), Edition.current()) == ([], [], edition)


def test_a_text_that_is_to_be_fetched_again_is_still_to_be_fetched(users_and_use):
    Passage.objects.filter(title="Ett").update(version=0)
    words_changed(words=["brukarna"])
    assert Passage.objects.get(title="Ett").version == 0


def test_what_only_staff_may_see_is_read_again_too():
    write("Brukarna möts.", audience="personal")
    words_changed(words=["brukare"])
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
        word = protect(row["word"], *row.get("forms", []))
        words_changed(words=[word.word, *lines(word.forms)])
        indexing.index()
    for row in compounds:
        CompoundOverride.objects.create(word=row["word"], parts=" ".join(row["parts"]))
        words_changed(words=[row["word"]])
        indexing.index()
    step_by_step = keys_of_all()

    Word.objects.all().delete()
    Passage.objects.update(stale=True)
    indexing.index()

    assert step_by_step == keys_of_all()


def keys_of_all() -> list[tuple[str, ...]]:
    columns = ("title_keys", "lead_keys", "text_keys", "part_keys")
    return list(Passage.objects.order_by("pk").values_list(*columns))
