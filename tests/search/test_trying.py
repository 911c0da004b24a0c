"""Curators try a question: how it is understood, what anybody finds by it, and why."""

import pytest

from people.actions import give_role
from people.models import User
from search.explaining import MatchTold, PartTold, WayTold, WordTold, explain
from search.models import Passage, Synonyms
from tests.factories import make_user
from tests.reading import page, text_of
from tests.search.texts import write

pytestmark = pytest.mark.django_db

PAGE = "/admin/search/synonyms/prova/"


@pytest.fixture
def desk(client):
    user = make_user()
    give_role(user=user, role="redaktor", by=None)
    client.force_login(User.objects.get(pk=user.pk))
    return client


def test_each_part_says_how_it_is_found_by_what_key_and_in_how_many_texts():
    write("Stöd till anhöriga.", "Närstående möts.", "Närstående och vänner.")
    Synonyms.objects.create(words="anhörig\nnärstående")
    told = explain("anhöriga")
    assert told.parts == [
        PartTold(
            "anhöriga",
            [
                WayTold("ordet självt", "anhöriga", "anhör", "1"),
                WayTold("synonym", "närstående", "närståend", "2"),
            ],
        )
    ]
    assert (told.count, told.waiting) == ("3", 0)


def test_a_hit_says_why_it_is_one_and_where():
    write("Stöd till anhöriga.", "Närstående möts.")
    Synonyms.objects.create(words="anhörig\nnärstående")
    first, second = explain("anhöriga").hits
    assert (first.title, first.address, first.page, first.whole) == ("Ett", "/1/", 0, True)
    assert first.matches == [MatchTold("anhöriga", "ordet självt", "text")]
    assert second.matches == [MatchTold("anhöriga", "synonym: närstående", "text")]
    assert first.score > second.score > 0


def test_parts_of_compounds_are_told_as_such():
    write("Boendestöd i Farsta.")
    (hit,) = explain("stöd").hits
    assert [match.place for match in hit.matches] == ["sammansättning"]


def test_what_only_staff_may_see_is_neither_shown_nor_counted():
    write("Stöd till anhöriga.")
    write("Anhöriga på arbetsplatsen.", audience="personal", first=2)
    told = explain("anhöriga")
    assert [hit.title for hit in told.hits] == ["Ett"]
    assert [way.passages for way in told.parts[0].ways] == ["1"]


def test_a_misspelt_word_says_what_was_taken_instead():
    write("Sysselsättning för alla.")
    told = explain("sysselsätning")
    assert (told.corrections, told.missed) == ([("sysselsätning", "sysselsättning")], [])
    assert [part.ways[0].why for part in told.parts] == ["rättat till"]


def test_words_that_find_nothing_and_words_too_many_are_told():
    write("Stöd till anhöriga.")
    typed = "anhöriga xylofon " + " ".join(["stöd"] * 11)
    told = explain(typed)
    assert (told.missed, told.left_out) == (["xylofon"], ("stöd",))


def test_what_answers_a_part_of_the_question_comes_after_what_answers_all():
    write("Stöd till anhöriga.", "Anhöriga och sysselsättning.", "Sysselsättning.")
    told = explain("anhöriga sysselsättning")
    best, *others = [(hit.title, hit.whole) for hit in told.hits]
    assert best == ("Två", True)
    assert sorted(others) == [("Ett", False), ("Tre", False)]


def test_one_word_says_what_it_becomes():
    write("Boendestödet i Farsta.")
    assert explain("boendestödet").word == WordTold(
        "boendestödet", "boendestöd", "boendestöd", "bo + stöd", is_read=True
    )
    assert explain("boendestöden").word == WordTold(
        "boendestöden", "boendestöd", "boendestöd", "", is_read=False
    )
    assert explain("boendestödet i Farsta").word is None


def test_at_most_twenty_hits_are_shown_and_all_are_counted():
    write(*["Anhöriga."] * 22)
    told = explain("anhöriga")
    assert (len(told.hits), told.count) == (20, "22")


def test_the_page_reads_as_a_curator_understands_it(desk):
    write("Stöd till anhöriga.")
    text = text_of(page(desk, f"{PAGE}?q=anh%C3%B6riga"))
    assert "Ordet anhöriga Grundform anhörig Nyckel anhör Delar delas inte" in text
    assert "Del av frågan Hittas som Varför Nyckel Textstycken" in text
    assert "anhöriga anhöriga ordet självt anhör 1" in text
    assert "Träffar på hela frågan: 1" in text
    assert "anhöriga: ordet självt, i text" in text


def test_the_page_without_a_question_is_a_form_alone(desk):
    text = text_of(page(desk, PAGE))
    assert "Skriv som den som söker gör." in text
    assert "Så förstås frågan" not in text


@pytest.mark.parametrize(
    "typed", ["och", '"', "*", "a" * 5000, "%F0%9F%98%80", "' OR 1=1 --", "\\", "(((("]
)
def test_anything_may_be_typed(desk, typed):
    write("Stöd till anhöriga.")
    text = text_of(page(desk, f"{PAGE}?q={typed}"))
    assert "Inget hittades." in text


def test_what_is_typed_is_shown_as_text(desk):
    markup = page(desk, f"{PAGE}?q=%3Cscript%3Ealert(1)%3C/script%3E")
    assert "<script>alert" not in markup


def test_texts_that_wait_are_told(desk):
    write("Stöd till anhöriga.", "Annat.")
    Passage.objects.update(stale=True)
    text = text_of(page(desk, f"{PAGE}?q=stöd"))
    assert "Just nu väntar 2 textstycken på att läsas." in text
