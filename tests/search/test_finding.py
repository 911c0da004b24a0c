"""From what is typed to what is found, on either database."""

import pytest
from django.db import transaction

from search import catalogue, finding, indexing
from search.models import Entry, Passage
from search.passages import put_pages, remove_pages
from tests.search.writing import (
    KIND,
    STAFF,
    changed,
    divide,
    document,
    find,
    leads,
    protect,
    publish,
    publish_titles,
    same,
    titled,
    titles,
)

pytestmark = pytest.mark.django_db


# --- Words as they are written ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("ångest", ["Ångest och oro"]),
        ("ÅNGEST", ["Ångest och oro"]),
        ("A\u030angest", ["Ångest och oro"]),
        ("ångesten", ["Ångest och oro"]),
        ("oro ångest", ["Ångest och oro"]),
        ("höra", ["Höra till"]),
        ("hora", []),
        ("öppna hus", ["Öppet hus"]),
        ("ärenden", ["Ärende 100%"]),
        ("100 %", ["Ärende 100%"]),
        ("%", []),
        ("rock'n'roll", ["Rock'n'roll"]),
        ('"', []),
        ("--", []),
        ("*", []),
    ],
)
def test_words_are_found_in_any_form_and_letters_are_letters(typed, found):
    publish_titles("Ångest och oro", "Höra till", "Öppet hus", "Ärende 100%", "Rock'n'roll")
    assert titles(typed) == found


def test_a_title_of_nothing_but_stop_words_is_found_by_its_words():
    publish_titles("Hur går det?", "Det går", "Något annat")
    assert titles("hur går det") == ["Hur går det?"]
    assert find("och").question.meanings == ()


def test_words_in_quotation_marks_stand_side_by_side():
    publish(
        document(1, "Ett", text="Daglig verksamhet för unga."),
        document(2, "Två", text="Verksamhet som är daglig."),
    )
    assert titles("daglig verksamhet") == ["Ett", "Två"]
    assert titles('"daglig verksamhet"') == titles("”daglig verksamhet”") == ["Ett"]


def test_a_phrase_does_not_run_from_one_text_into_the_next():
    publish(document(1, "Daglig", summary="verksamhet"), document(2, "Daglig verksamhet"))
    assert titles('"daglig verksamhet"') == ["Daglig verksamhet"]


def test_a_star_stands_for_the_rest_of_the_word():
    publish_titles("Utvärdering", "Utveckling", "Annat")
    assert sorted(titles("utv*")) == ["Utveckling", "Utvärdering"]
    assert titles("utv") == []


def test_while_one_types_what_the_beginning_stands_in_the_title_of_comes_first():
    publish(
        document(1, "Boendestöd"),
        document(2, "Annat", text="Boendetid."),
        document(3, "Mer", text="Boendestöd."),
        document(4, "Ännu", text="Boendestöd."),
    )
    assert titles("boen", typing=True)[0] == "Boendestöd"


# --- Compounds ----------------------------------------------------------------------------------


def test_part_of_a_compound_finds_it_after_the_word_itself():
    publish_titles("Boendestöd", "Boende", "Annat")
    assert titles("boende") == ["Boende", "Boendestöd"]


def test_a_compound_finds_its_parts_apart():
    publish(document(1, "Vården", text="Missbruk och vård."), document(2, "Vård"))
    assert titles("missbruksvård") == ["Vården"]


def test_words_written_apart_find_the_compound():
    publish_titles("Boendestöd", "Annat")
    assert titles("boende stöd") == ["Boendestöd"]


def test_curators_decide_how_a_compound_is_divided():
    divide("framtid")
    publish_titles("Framtid", "Tid")
    assert titles("tid") == ["Tid"]


def test_a_protected_word_is_not_reduced():
    protect("brukare", "brukaren", "brukarna")
    publish_titles("Bruk", "Brukare", "Brukarna")
    assert titles("bruk") == ["Bruk"]
    assert sorted(titles("brukaren")) == ["Brukare", "Brukarna"]


# --- Synonyms -----------------------------------------------------------------------------------


def test_synonyms_find_each_other_after_the_word_itself_and_are_told():
    same("anhörig", "närstående")
    publish_titles("Närstående", "Anhöriga", "Annat")
    assert titles("anhöriga") == ["Anhöriga", "Närstående"]
    assert titles("närstående") == ["Närstående", "Anhöriga"]
    assert find("anhörig").question.meanings[0].synonyms == ["närstående"]
    assert titles("anhörig", literally=True) == ["Anhöriga"]


def test_an_expression_leads_to_other_words_and_not_back():
    leads("gå ut", "isolerad", to=["uppsökande arbete"])
    publish_titles("Uppsökande arbete", "Isolerad", "Arbete")
    assert titles("min son vill inte gå ut") == []
    assert titled([hit.entry for hit in find("min son vill inte gå ut").partial]) == [
        "Uppsökande arbete"
    ]
    assert titles("gå ut") == ["Uppsökande arbete"]
    assert titles("uppsökande arbete") == ["Uppsökande arbete"]


def test_synonyms_act_as_soon_as_they_are_saved():
    publish_titles("Närstående")
    assert titles("anhörig") == []
    same("anhörig", "närstående")
    assert titles("anhörig") == ["Närstående"]


# --- Misspelt words -----------------------------------------------------------------------------


@pytest.mark.parametrize("typed", ["boendstöd", "boendestöö", "boednestöd", "bonedestöd"])
def test_a_misspelt_word_is_put_right_and_told(typed):
    publish_titles("Boendestöd", "Annat")
    found = find(typed)
    assert titled(found.entries) == ["Boendestöd"]
    assert [(each.typed, each.used) for each in found.corrections] == [(typed, "boendestöd")]
    assert titles(typed, literally=True) == []


def test_a_word_that_is_rightly_spelt_is_not_taken_for_another():
    publish_titles("Fyra")
    found = find("hyra")
    assert (found.entries, found.corrections, found.missed) == ([], [], ["hyra"])


def test_short_words_and_numbers_are_not_put_right():
    publish_titles("IPS", "2015")
    assert titles("ipx") == titles("2016") == []


# --- Some of the words --------------------------------------------------------------------------


def test_what_has_some_of_the_words_comes_after_what_has_all():
    publish_titles("Ångest hos unga", "Ångest", "Annat")
    found = find("ångest unga")
    assert titled(found.entries) == ["Ångest hos unga"]
    assert titled([hit.entry for hit in found.partial]) == ["Ångest"]


def test_a_word_that_finds_nothing_is_told_and_the_others_still_find():
    publish_titles("Ångest")
    found = find("kvastskaft ångest")
    assert (found.entries, found.missed) == ([], ["kvastskaft"])
    assert titled([hit.entry for hit in found.partial]) == ["Ångest"]


def test_who_asks_is_not_what_is_asked_about():
    publish_titles("Ångest", "Dotter")
    assert titles("min dotter har ångest") == ["Ångest"]
    assert titles("dotter") == ["Dotter"]


def test_more_words_than_are_looked_for_are_told():
    typed = " ".join(["ångest"] * 12 + ["kvastskaft"])
    assert find(typed).question.left_out == ("kvastskaft",)


# --- Order --------------------------------------------------------------------------------------


def test_a_word_weighs_most_in_the_title_then_in_the_summary_then_in_the_text():
    publish(
        document(1, "Ett", text="Ångest är vanligt."),
        document(2, "Två", summary="Ångest är vanligt."),
        document(3, "Ångest är vanligt"),
    )
    assert titles("ångest") == ["Ångest är vanligt", "Två", "Ett"]


def test_among_equals_what_was_put_in_last_comes_first():
    publish_titles("Ångest", "Ångest", "Ångest")
    found = Entry.objects.in_bulk(find("ångest").entries)
    assert [found[pk].object_id for pk in find("ångest").entries] == [3, 2, 1]


# --- Who sees what, and when --------------------------------------------------------------------


def test_what_is_for_staff_is_found_by_staff():
    publish(document(1, "Ångest"), document(2, "Ångest inifrån", audience="personal"))
    assert titles("ångest") == ["Ångest"]
    assert sorted(titles("ångest", STAFF)) == ["Ångest", "Ångest inifrån"]


def test_a_hidden_word_is_neither_known_nor_put_in_the_place_of_another():
    publish(document(1, "Annat"), document(2, "Kvastskaft", audience="personal"))
    found = find("kvastskatt")
    assert (found.entries, found.corrections, found.missed) == ([], [], ["kvastskatt"])
    assert [each.used for each in find("kvastskatt", STAFF).corrections] == ["kvastskaft"]


def test_visibility_and_removal_act_before_anything_is_read():
    publish(document(1, "Ångest"), document(2, "Oro"))
    with transaction.atomic():
        catalogue.put([document(1, "Ångest", audience="personal")])
        catalogue.remove(KIND, [2])
    assert titles("ångest") == titles("oro") == []
    assert titles("ångest", STAFF) == ["Ångest"]
    assert not Passage.objects.filter(title="Oro").exists()


def test_facets_narrow_and_act_at_once():
    publish(
        document(1, "Ångest", facets={"tema": ["unga"]}),
        document(2, "Ångest", facets={"tema": ["boende"]}),
    )
    assert len(titles("ångest", chosen={"tema": ["unga"]})) == 1
    assert len(titles("ångest", chosen={"tema": ["unga", "boende"]})) == 2
    with transaction.atomic():
        catalogue.put([document(1, "Ångest", facets={"tema": ["boende"]})])
    assert titles("ångest", chosen={"tema": ["unga"]}) == []


# --- Pages of files -----------------------------------------------------------------------------


def test_a_page_of_a_file_finds_its_thing_with_page_and_address():
    publish(document(1, "Rapporten"), document(2, "Annat"))
    texts = ["Inledning.", "Om ång-\nest hos unga.", "", "Slut."]
    put_pages(KIND, 1, file="a", title="Slutrapport", address="/fil/", pages=texts)
    indexing.index()

    found = find("ångest")
    assert titled(found.entries) == ["Rapporten"]
    passage = Passage.objects.get(pk=found.hits[0].passage)
    assert (found.hits[0].page, passage.address, passage.text) == (
        2,
        "/fil/#page=2",
        "Om ångest hos unga.",
    )


def test_pages_follow_their_thing_out_of_sight_and_go_with_their_file():
    publish(document(1, "Rapporten"))
    put_pages(KIND, 1, file="a", title="Fil", address="/fil/", pages=["Ångest."])
    indexing.index()
    with transaction.atomic():
        catalogue.put([document(1, "Rapporten", audience="personal")])
    assert titles("ångest") == []
    assert titles("ångest", STAFF) == ["Rapporten"]
    with transaction.atomic():
        remove_pages(KIND, 1, file="a")
    assert titles("ångest", STAFF) == []


def test_entries_are_counted_once_however_many_pages_say_the_word():
    publish(document(1, "Rapporten"))
    put_pages(KIND, 1, file="a", title="Fil", address="/fil/", pages=["Ångest."] * 30)
    indexing.index()
    assert len(find("ångest").entries) == 1


# --- Bounds -------------------------------------------------------------------------------------


def test_a_common_word_is_not_counted_to_the_end(monkeypatch):
    monkeypatch.setattr(finding, "MOST_HITS", 8)
    monkeypatch.setattr(finding, "MOST_RANKED", 3)
    monkeypatch.setattr(finding, "MOST_COUNTED", 5)
    publish(
        document(1, "Ångest"),  # the oldest: by its title alone is it among those that are ranked
        *(document(number, "Något", text="Ångest.") for number in range(2, 11)),
    )
    found = find("ångest")
    assert (len(found.entries), found.more) == (5, True)
    assert titled(found.entries)[0] == "Ångest"
    assert len(finding.Search("ångest", STAFF, 0).everything(found)) == 10


def test_few_hits_are_all_there_are():
    publish_titles("Ångest")
    assert find("ångest").more is False


def test_the_questions_asked_of_the_database_are_few(django_assert_num_queries):
    publish_titles("Ångest", "Annat")
    changed()
    with django_assert_num_queries(10):
        assert titles("ångest") == ["Ångest"]
