"""The search's first words: loaded once into lists that nobody has begun, then the curators'."""

import io
from pathlib import Path

import pytest
from django.core.management import call_command

from core.models import AuditEntry, Edition
from ksi import seeding
from search import indexing
from search.models import CompoundOverride, ProtectedWord, Synonyms, Word
from search.words import Lexicon, lexicon
from tests.search.texts import tasks

pytestmark = pytest.mark.django_db

THREE = """
[[synonyms]]
words = ["Anhörig", "närstående"]

[[synonyms]]
words = ["mamma", "pappa"]
leads_to = ["anhörig", "stöd till anhöriga"]

[[protected]]
word = "kurs"
forms = ["kursen", "kurser"]

[[compound]]
word = "framtid"
parts = []

[[compound]]
word = "gruppboende"
parts = ["grupp", "boende"]
"""


@pytest.fixture
def seed(tmp_path, monkeypatch) -> Path:
    """A folder with the files that are there, but for the words."""
    for path in seeding.SEED_DIR.glob("*.toml"):
        (tmp_path / path.name).symlink_to(path)
    (tmp_path / "words.toml").unlink(missing_ok=True)
    (tmp_path / "forms.tsv").touch()
    monkeypatch.setattr(seeding, "SEED_DIR", tmp_path)
    return tmp_path


def load(seed: Path, text: str = THREE) -> int:
    (seed / "words.toml").write_text(text, encoding="utf-8")
    return seeding.load_ground()


def all_words() -> tuple[list, list, list]:
    return (
        list(Synonyms.objects.order_by("pk").values_list("words", "leads_to")),
        list(ProtectedWord.objects.values_list("word", "forms")),
        list(CompoundOverride.objects.order_by("word").values_list("word", "parts")),
    )


def test_words_are_loaded_as_a_curator_would_have_written_them(seed):
    load(seed)
    assert all_words() == (
        [("anhörig\nnärstående", ""), ("mamma\npappa", "anhörig\nstöd till anhöriga")],
        [("kurs", "kursen\nkurser")],
        [("framtid", ""), ("gruppboende", "grupp boende")],
    )
    told = AuditEntry.objects.filter(app_model__startswith="search.")
    assert set(told.values_list("verb", "reason")) == {
        ("skapad", "Inläst från den första ordlistan.")
    }
    assert told.count() == 5


def test_without_the_file_all_else_is_loaded(seed):
    made = seeding.load_ground()
    assert made > 0
    assert all_words() == ([], [], [])
    assert load(seed) == 5


def test_loading_again_changes_nothing(seed):
    load(seed)
    before, edition = all_words(), Edition.current()
    assert load(seed, THREE + '[[protected]]\nword = "studie"\nforms = []\n') == 0
    assert (all_words(), Edition.current()) == (before, edition)


def test_what_curators_have_changed_or_taken_away_stays_so(seed):
    load(seed)
    Synonyms.objects.filter(words__startswith="mamma").update(words="mamma")
    ProtectedWord.objects.all().delete()
    before = all_words()
    assert load(seed) == 0
    assert all_words() == before


def test_a_list_that_curators_have_begun_is_theirs_and_the_others_are_loaded(seed):
    Synonyms.objects.create(words="brukare\nklient")
    load(seed)
    groups, protected, compounds = all_words()
    assert (groups, len(protected), len(compounds)) == ([("brukare\nklient", "")], 1, 2)


def test_texts_that_were_there_before_the_words_are_read_again(seed):
    Word.objects.create(form="kursen", key="kurs")
    load(seed)
    (asked,) = [arguments for path, arguments in tasks() if path == "search.tasks.words_changed"]
    assert asked == [["framtid", "gruppboende", "kurs", "kursen", "kurser"]]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('[[synonyms]]\nwords = ["ensam"]', "Skriv minst två ord som betyder samma sak"),
        ('[[protected]]\nword = "två ord"', "är inte ett ord"),
    ],
)
def test_what_a_curator_could_not_have_written_stops_the_loading(seed, text, told):
    with pytest.raises(ValueError, match=told):
        load(seed, text)


def test_the_portals_own_list_can_be_loaded():
    seeding.load_ground()
    groups, protected, compounds = map(len, all_words())
    data = seeding.read("words.toml")
    assert (groups, protected, compounds) == (
        len(data["synonyms"]),
        len(data["protected"]),
        len(data["compound"]),
    )


def test_what_the_first_words_become_is_what_analysing_them_gives(db):
    """A sample of the file; all of it would take half a minute."""
    call_command("load_seed", stdout=io.StringIO())
    rules = lexicon()
    sample = list(Word.objects.order_by("form"))[::25]
    assert len(sample) > 50
    for word in sample:
        assert (word.key, tuple(word.parts.split())) == rules.analyse(word.form)


def test_the_first_content_is_read_without_a_word_being_analysed(db, monkeypatch):
    call_command("load_seed", stdout=io.StringIO())
    analysed = []
    analyse = Lexicon.analyse

    def told(rules: Lexicon, form: str):
        analysed.append(form)
        return analyse(rules, form)

    monkeypatch.setattr(Lexicon, "analyse", told)
    assert indexing.index() > 50
    assert analysed == []
