"""The one search: what it finds and for whom, what it says, and what it makes of anything typed."""

import datetime
import html
import re
from urllib.parse import quote

import pytest
from django.test import Client
from django.utils import timezone

from inventory import actions
from ksi import search_views
from search import finding, swedish
from search.models import Entry, MissedWord
from tests import searching
from tests.conftest import forget_everything
from tests.factories import make_curator, make_district, make_user
from tests.reading import body, page, text_of
from tests.searching import (
    choices,
    heading,
    hits,
    marks,
    mean_the_same,
    publish,
    publish_all,
    put_file,
    searched,
    told,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def divided_once(monkeypatch) -> None:
    monkeypatch.setattr(swedish, "compound", searching.compound)


# --- Hits ---------------------------------------------------------------------------------------


def test_hits_come_best_first_with_the_words_marked(client):
    publish("Kvällar", "Vi ger boendestöd sent.")
    publish("Boendestöd på natten", "Personalen kommer när det är mörkt.")
    publish("Något annat")
    markup = searched(client, "?q=boendest%C3%B6d")
    assert heading(markup) == "2 träffar"
    assert hits(markup) == ["Boendestöd på natten", "Kvällar"]
    assert marks(markup) == ["Boendestöd", "boendestöd"]
    assert "<title>Sök: boendestöd – KSI</title>" in markup
    assert '<meta name="robots" content="noindex, follow">' in markup


def test_a_hit_says_what_it_is_and_leads_there(client):
    project = publish("Nattvandring", "Vi går ute.")
    markup = searched(client, "?q=nattvandring")
    assert f'<h3><a href="{project.get_absolute_url()}"><mark>Nattvandring</mark></a></h3>' in (
        markup
    )
    (row,) = re.findall(r'<li class="row">.*?</li>', markup, re.S)
    assert text_of(row).startswith("Pågår Projekt · uppgift från ")
    assert "Vem Bromma" in text_of(row)


def test_a_word_that_stands_in_the_text_alone_is_shown_there(client):
    publish("Hundar", "Djur på besök.", activities="En terapihund följer med varje vecka.")
    markup = searched(client, "?q=terapihund")
    (row,) = re.findall(r'<p class="excerpt">(.*?)</p>', markup, re.S)
    assert text_of(row).startswith("Ur texten: ")
    assert "En terapihund följer med varje vecka." in text_of(row)
    assert marks(row) == ["terapihund"]


def test_a_word_that_stands_in_the_summary_needs_no_excerpt(client):
    publish("Hundar", "En terapihund på besök.", activities="Vår terapihund följer med.")
    markup = searched(client, "?q=terapihund")
    assert '<p class="excerpt">' not in markup


def test_a_word_that_a_theme_has_is_told(client):
    publish("Hundar", themes=["Hemlöshet"])
    markup = searched(client, "?q=heml%C3%B6shet")
    (row,) = re.findall(r'<p class="meta">(Träff på .*?)</p>', markup, re.S)
    assert text_of(row) == "Träff på Hemlöshet"


def test_a_page_of_a_file_says_which_and_leads_to_it(client):
    project = publish("Hundar", "Djur på besök.")
    put_file(project, "Inledning.", "Här redovisas blodtrycket.", "Här redovisas blodtrycket igen.")
    markup = searched(client, "?q=blodtryck")
    assert (heading(markup), hits(markup)) == ("1 träff", ["Hundar"])
    (row,) = re.findall(r'<p class="excerpt">(.*?)</p>', markup, re.S)
    address = f"/inventering/{project.public_id}/filer/1/#page=2"
    assert row.startswith(f'<a href="{address}">Sidan 2 i Slutrapport</a>: ')
    assert marks(row) == ["blodtrycket"]


def test_a_district_is_a_hit_among_projects(client):
    publish("Hundar", lead=make_district("Farsta"))
    markup = searched(client, "?q=farsta")
    assert sorted(hits(markup)) == ["Farsta", "Hundar"]
    assert choices(markup, "slag") == {"Projekt och verksamheter": 1, "Stadsdelsområden": 1}


def test_entries_with_some_of_the_words_follow_under_a_heading_of_their_own(client):
    publish("Hundar och hästar")
    publish("Hästar ensamma")
    markup = searched(client, "?q=hundar+h%C3%A4star")
    assert (heading(markup), hits(markup)) == ("1 träff", ["Hundar och hästar", "Hästar ensamma"])
    below = markup[markup.index('<h2 id="delvis">Träffar med några av orden</h2>') :]
    assert hits(below) == ["Hästar ensamma"]


def test_there_are_twenty_on_a_page_and_the_rest_on_the_next(client):
    publish_all(*(f"Hundar {number}" for number in range(22)))
    first, second = searched(client, "?q=hundar"), searched(client, "?q=hundar&sida=2")
    assert (len(hits(first)), len(hits(second))) == (20, 2)
    assert len({*hits(first), *hits(second)}) == 22
    assert '<a href="?q=hundar&amp;sida=2" rel="next">' in first
    assert "<title>Sök: hundar, sida 2 – KSI</title>" in second
    response = client.get("/sok/?q=hundar&sida=99")
    assert response.status_code == 404
    assert "Sidan ”99” finns inte. Listan har 2 sidor." in text_of(body(response).decode())


def test_the_newest_first_when_asked_for(client):
    for day in (2, 3, 1):
        moment = datetime.datetime(2026, 1, day, tzinfo=datetime.UTC)
        publish(f"Hundar {day}", published_at=moment)
    assert hits(searched(client, "?q=hundar&sortera=nyast")) == ["Hundar 3", "Hundar 2", "Hundar 1"]


def test_by_kind_a_few_of_each_are_shown_with_a_way_to_all(client):
    farsta = make_district("Farsta")
    publish_all(*(f"Farsta {number}" for number in range(6)), lead=farsta)
    markup = searched(client, "?q=farsta&visa=slag")
    assert re.findall(r"<h3>(.*?)</h3>", markup) == ["Projekt och verksamheter", "Stadsdelsområden"]
    assert len(hits(markup)) == 5 + 1
    (way,) = re.findall(r'<a class="more" href="(\?[^"]*)">(.*?)</a>', markup)
    assert way == ("?q=farsta&amp;slag=projekt", "Visa alla 6 projekt och verksamheter")
    assert len(hits(searched(client, html.unescape(way[0])))) == 6


def test_more_hits_than_are_counted_are_told_as_that(client, monkeypatch):
    publish_all(*(f"Hundar {number}" for number in range(15)))
    monkeypatch.setattr(finding, "MOST_HITS", 14)
    assert heading(searched(client, "?q=hundar")) == "Över 10 träffar"
    monkeypatch.setattr(finding, "MOST_HITS", 1_500)
    monkeypatch.setattr(finding, "MOST_COUNTED", 10)
    monkeypatch.setattr("ksi.search_told.MOST_COUNTED", 10)
    forget_everything()
    markup = searched(client, "?q=hundar")
    assert (heading(markup), len(hits(markup))) == ("Över 10 träffar", 10)
    assert "Fler träffar än så visas inte." in markup


# --- Facets -------------------------------------------------------------------------------------


def test_a_facets_own_counts_leave_its_own_choice_out(client):
    publish("Hundar ett", themes=["Boende"])
    publish("Hundar två", themes=["Samverkan"])
    publish("Hundar tre", themes=["Samverkan"], lead=make_district("Farsta"))
    markup = searched(client, "?q=hundar&tema=samverkan")
    assert sorted(hits(markup)) == ["Hundar tre", "Hundar två"]
    assert choices(markup, "tema") == {"Boende": 1, "Samverkan": 2}
    assert choices(markup, "stadsdel") == {"Bromma": 1, "Farsta": 1}


def test_chips_are_removed_one_by_one_or_all_at_once(client):
    publish("Hundar", themes=["Boende"], start_date="2014")
    markup = searched(client, "?q=hundar&tema=boende&fran=2014")
    chips = re.findall(r'<a class="chip" href="([^"]*)">(.*?)</a>', markup)
    assert [(html.unescape(address), text_of(label)) for address, label in chips] == [
        ("?q=hundar&fran=2014", "Ta bort filtret Boende"),
        ("?q=hundar&tema=boende", "Ta bort filtret Från 2014"),
    ]
    assert '<a class="clear" href="?q=hundar">Rensa alla</a>' in markup


def test_a_period_finds_what_was_going_on_then(client):
    publish("Hundar förr", start_date="2003", end_date="2004", status="avslutades", **ENDED)
    publish("Hundar nu", start_date="2021")
    assert hits(searched(client, "?q=hundar&till=2010")) == ["Hundar förr"]
    assert hits(searched(client, "?q=hundar&fran=2022")) == ["Hundar nu"]
    periods = re.findall(
        r'<a href="\?q=hundar&amp;fran=(\d+)&amp;till=(\d+)">.*?class="n">(\d+)',
        searched(client, "?q=hundar"),
    )
    assert periods[-1] == ("2000", "2004", "1")
    assert periods[0][2] == "1"


ENDED = {
    "continuation": "Uppgift.",
    "results": "Uppgift.",
    "what_failed": "Uppgift.",
    "advice": "Uppgift.",
    "reach_actual": 4,
}


# --- What is told -------------------------------------------------------------------------------


def test_synonyms_are_told_and_can_be_left_out(client):
    mean_the_same("anhörig", "närstående")
    publish("Närstående på besök")
    publish("Anhörig på besök")
    markup = searched(client, "?q=anh%C3%B6rig")
    assert hits(markup) == ["Anhörig på besök", "Närstående på besök"]
    assert told(markup) == ["Visar även närstående. Sök bara på anhörig"]
    literally = searched(client, "?q=anh%C3%B6rig&ordagrant=ja")
    assert hits(literally) == ["Anhörig på besök"]
    assert told(literally) == ["Söker bara på det du skrev. Sök också på ord som betyder samma sak"]
    assert '<input type="hidden" name="ordagrant" value="ja">' in literally


def test_a_misspelt_word_is_mended_and_can_be_had_as_it_is(client):
    publish("Boendestöd på natten")
    markup = searched(client, "?q=boendst%C3%B6d")
    assert told(markup) == ["Visar träffar för boendestöd. Sök i stället efter boendstöd"]
    (address,) = re.findall(r'<div class="told"><p>.*?<a href="([^"]*)"', markup, re.S)
    assert html.unescape(address) == "?q=boendst%C3%B6d&ordagrant=ja"
    assert heading(searched(client, html.unescape(address))) == "Inga träffar på ”boendstöd”"


def test_words_beyond_the_limit_are_told(client):
    publish("Hundar")
    words = "+".join(["hundar"] * 12 + ["kattor", "marsvin"])
    assert told(searched(client, f"?q={words}"))[-1] == (
        "Vi söker på de första tolv orden. De här är inte med: kattor och marsvin."
    )


def test_a_word_that_finds_nothing_is_named_beside_the_others(client):
    publish("Hundar")
    markup = searched(client, "?q=hundar+kvastskaft")
    assert (heading(markup), hits(markup)) == ("Inga träffar med alla orden", ["Hundar"])
    assert told(markup) == ["Ingen träff på kvastskaft."]


def test_nothing_found_says_what_was_tried_and_leads_on(client):
    mean_the_same("kvastskaft", "hundkoja")
    publish("Hundar", themes=["Boende"])
    markup = searched(client, "?q=kvastskaft")
    assert heading(markup) == "Inga träffar på ”kvastskaft”"
    tried = re.findall(r"<li>(efter .*?)</li>", markup)
    assert tried[:2] == [
        "efter orden i alla deras böjningar",
        "efter ord som betyder ungefär samma sak: hundkoja",
    ]
    assert tried[-1] == "efter ord som stavas nästan som kvastskaft"
    for way in ("/inventering/?tema=boende", "/inventering/", "/om/#kontakt", "mailto:"):
        assert f'href="{way}' in markup


def test_nothing_found_among_what_is_chosen_offers_to_leave_it_out(client):
    publish("Hundar", themes=["Boende"])
    publish("Något annat", themes=["Samverkan"])
    markup = searched(client, "?q=hundar&tema=samverkan")
    assert heading(markup) == "Inga träffar på ”hundar”"
    assert '<a href="?q=hundar">Ta bort ”Samverkan”</a>' in markup


# --- Words that found nothing -------------------------------------------------------------------


def missed() -> dict[str, int]:
    return dict(MissedWord.objects.values_list("word", "times"))


def test_a_word_that_found_nothing_is_counted_each_time_and_the_page_is_not_kept(client):
    publish("Hundar")
    for _ in range(2):
        response = client.get("/sok/?q=hundar+kvastskaft")
        assert response["Cache-Control"] == "no-store"
    assert missed() == {"kvastskaft": 2}


def test_what_was_found_and_what_a_filter_left_out_is_not_counted(client):
    publish("Hundar", themes=["Boende"])
    publish("Annat", themes=["Samverkan"])
    for query in ("?q=hundar", "?q=hundar&tema=samverkan", "?q=och", ""):
        client.get(f"/sok/{query}")
    client.get("/sok.json?q=kvastskaft")
    assert missed() == {}


def test_whoever_asks_too_often_is_answered_and_not_counted(client):
    for _ in range(22):
        assert client.get("/sok/?q=kvastskaft").status_code == 200
    assert missed() == {"kvastskaft": search_views.missed_limit.times}


def test_a_page_with_hits_is_kept_until_something_is_published(client, django_assert_num_queries):
    publish("Hundar")
    first = searched(client, "?q=hundar")
    with django_assert_num_queries(1):
        assert searched(client, "?q=hundar") == first
    publish("Hundar igen")
    assert heading(searched(client, "?q=hundar")) == "2 träffar"


# --- Who may see what ---------------------------------------------------------------------------


RARE = "kvastskaft"


@pytest.fixture
def hidden() -> None:
    """One open project among three hidden ones, each full of the rare word."""
    publish("Hundar", themes=["Boende"])
    tomorrow = timezone.localdate() + datetime.timedelta(days=1)
    rare = {"need": f"Hundar {RARE}.", "themes": [f"Tema {RARE}"], "start_date": "1999"}
    for title, fields in {
        "För personal": {"visibility": "personal"},
        "Kommande": {"embargo_until": tomorrow},
        "Borta": {},
    }.items():
        made = publish(f"{title} {RARE}", f"Berättar {RARE}.", **rare, **fields)
        put_file(made, f"Sidan om {RARE} och hundar.", title=f"Fil {RARE}")
    actions.withdraw(project=made, reason="Dubblett.", by=make_curator())


QUERIES = [
    *(f"?q={RARE}", f"?q={RARE[:5]}*", f"?q=hundar+{RARE}", "?q=hundar", "?q=f%C3%B6r+personal"),
    *("?q=kommande", "?q=hundar&visa=slag", "?q=hundar&fran=1999&till=2000", "?q=kvastskaff"),
    *("?q=hundar&sortera=nyast", "?q=hundar&ordagrant=ja", "?q=hundar&slag=projekt", ""),
]


def test_nothing_of_what_is_hidden_is_found_told_or_counted(client, hidden):
    for query in QUERIES:
        markup = searched(client, query)
        assert set(hits(markup)) <= {"Hundar", "Bromma"}, query
        # What was typed is repeated, and nothing else of it.
        for said in (f"Tema {RARE}", f"Berättar {RARE}", f"Fil {RARE}", "1995–1999", f"l {RARE}"):
            assert said not in text_of(markup), query
        assert RARE not in body(client.get(f"/sok.json{query}")).decode(), query
    assert heading(searched(client, f"?q={RARE}")) == f"Inga träffar på ”{RARE}”"
    markup = searched(client, "?q=hundar")
    assert (heading(markup), choices(markup, "tema")) == ("1 träff", {"Boende": 1})
    assert "Visar träffar för" not in searched(client, f"?q={RARE[:-1]}f")


def test_staff_find_what_is_for_staff_and_nothing_else_that_is_hidden(client, hidden):
    client.force_login(make_user())
    markup = searched(client, f"?q={RARE}")
    projects = [hit for hit in hits(markup) if RARE in hit]
    assert projects == [f"För personal {RARE}"]
    assert choices(searched(client, "?q=hundar"), "tema") == {"Boende": 1, f"Tema {RARE}": 1}
    titles = [row["title"] for row in client.get(f"/sok.json?q={RARE[:6]}").json()]
    assert titles == [f"För personal {RARE}"]
    assert hits(searched(Client(), f"?q={RARE}")) == []


# --- Anything typed -----------------------------------------------------------------------------


def test_without_words_there_is_a_field_help_and_themes(client):
    publish("Hundar", themes=["Boende"])
    for query in ("", "?q=", "?q=+", "?tema=boende"):
        response = client.get(f"/sok/{query}")
        markup = body(response).decode()
        assert (response.status_code, hits(markup)) == (200, [])
        assert '<label for="id_q">Vad söker du efter?</label>' in markup
        assert "inom citattecken" in markup
        assert '<a href="/inventering/?tema=boende">Boende</a>' in markup
    assert "<title>Sök – KSI</title>" in markup


@pytest.mark.parametrize("typed", ["och", "i", "a b c", "()[]{}", "😀", '""', "*", "%", "-"])
def test_what_says_nothing_is_met_with_a_request_for_a_word(client, typed):
    response = client.get("/sok/", {"q": typed})
    assert response.status_code == 200
    assert "säger inte vad det handlar om. Skriv ett ord till" in text_of(body(response).decode())


def test_too_many_letters_are_refused_and_what_was_typed_is_kept(client):
    typed = "hundar " * 40
    response = client.get("/sok/", {"q": typed})
    markup = body(response).decode()
    assert response.status_code == 400
    assert '<p class="error" id="id_q_error">Skriv högst 200 tecken i sökrutan.</p>' in markup
    assert f'name="q" value="{typed.strip()[:200]}"' in markup


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("&tema=okant", "Vi känner inte igen ”okant”. Välj i listan i stället."),
        ("&slag=okant", "Vi känner inte igen ”okant”. Välj i listan i stället."),
        ("&fran=i+fjol", "Skriv ett år med fyra siffror, till exempel 2015."),
        ("&fran=2015&till=2010", "Till år kan inte vara före från år."),
        ("&sortera=x", "Den ordningen finns inte. Välj i listan i stället."),
        ("&visa=x", "Vi känner inte igen ”x”. Välj på sidan i stället."),
        ("&ordagrant=x", "Vi känner inte igen ”x”. Välj på sidan i stället."),
    ],
)
def test_what_is_not_understood_is_told_and_left_out(client, query, sentence):
    publish("Hundar")
    response = client.get(f"/sok/?q=hundar{query}")
    markup = body(response).decode()
    assert (response.status_code, hits(markup)) == (400, ["Hundar"])
    (summary,) = re.findall(r'<div class="error-summary".*?</div>', markup, re.S)
    assert sentence in text_of(summary)
    for target in re.findall(r'href="#([^"]*)"', summary):
        assert f'id="{target}"' in markup


@pytest.mark.parametrize(
    "typed",
    [
        *("hundar\n", '"hundar', "hundar AND", "NEAR(hundar)", "hundar*", "title_keys:hundar"),
        *("hundar'", "<b>hundar</b>", "hundar😀", "(hundar)", "hundar -", "^hundar", "hundar\\"),
        *("\u202ehundar", "HUNDAR", "% hundar _"),
    ],
)
def test_signs_around_a_word_do_no_harm(client, typed):
    publish("Hundar")
    response = client.get("/sok/", {"q": typed})
    assert response.status_code == 200
    assert "Hundar" in hits(body(response).decode())


def test_of_several_questions_in_one_address_the_last_counts(client):
    publish("Hundar")
    publish("Katter")
    assert hits(searched(client, "?q=katter&q=hundar")) == ["Hundar"]


def test_no_character_and_half_a_character_are_refused(client):
    for query in ("?q=%00", "?q=a%ff"):
        assert client.get(f"/sok/{query}").status_code == 400
        assert client.get(f"/sok.json{query}").status_code == 400


def test_what_is_typed_is_shown_as_text_and_nothing_else(client):
    publish("Hundar")
    typed = '"><script>alert(1)</script>'
    for address in (f"/sok/?q={quote(typed)}", f"/sok/?q=hundar&tema={quote(typed)}"):
        assert "<script>alert" not in body(client.get(address)).decode()


# --- Suggestions --------------------------------------------------------------------------------


def test_suggestions_are_rows_of_what_a_beginning_may_mean(client):
    project = publish("Boendestöd på natten", "Mörkt.")
    publish("Annat")
    response = client.get("/sok.json?q=boend")
    assert response.json() == [
        {
            "title": "Boendestöd på natten",
            "url": project.get_absolute_url(),
            "kind": "Projekt",
            "summary": "Mörkt.",
        }
    ]
    assert response["Content-Type"] == "application/json"


def test_as_many_suggestions_as_are_asked_for(client):
    publish_all(*(f"Hundar {number}" for number in range(10)))
    counts = {
        query: len(client.get(f"/sok.json?q=hund{query}").json())
        for query in ("", "&antal=1", "&antal=20")
    }
    assert counts == {"": 8, "&antal=1": 1, "&antal=20": 10}


@pytest.mark.parametrize("query", ["", "?q=", "?q=%20", "?q=och+", "?q=%F0%9F%98%80"])
def test_nothing_typed_suggests_nothing(client, query):
    publish("Hundar")
    assert client.get(f"/sok.json{query}").json() == []


@pytest.mark.parametrize("count", ["0", "21", "-1", "abc", "9" * 3000, "1.5", "²"])
def test_a_wrong_number_of_suggestions_is_told(client, count):
    response = client.get("/sok.json", {"q": "hundar", "antal": count})
    assert response.status_code == 400
    assert response.json() == {"fel": "Skriv ett tal från 1 till 20 i antal."}


def test_too_many_letters_suggest_nothing(client):
    response = client.get("/sok.json", {"q": "a" * 201})
    assert (response.status_code, response.json()) == (
        400,
        {"fel": "Skriv högst 200 tecken i q."},
    )


# --- The field, and browsers' own ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("address", "field"),
    [
        *((address, "find-q") for address in ("/om/", "/inventering/", "/stadsdelar/")),
        *(("/", "start-q"), ("/sok/", "id_q"), ("/finns/inte/", "fel-q")),
    ],
)
def test_every_page_has_the_one_search_once(client, address, field):
    markup = page(client, address)
    (form,) = re.findall(r'<form class="find.*?</form>', markup, re.S)
    assert 'role="search" action="/sok/" method="get" data-suggest="/sok.json"' in form
    assert f'<input type="search" id="{field}" name="q"' in form
    assert len(re.findall(f'id="{field}"', markup)) == 1
    assert 'type="application/opensearchdescription+xml"' in markup


def test_browsers_are_told_how_to_search(client):
    response = client.get("/opensearch.xml")
    assert response["Content-Type"] == "application/opensearchdescription+xml; charset=utf-8"
    markup = body(response).decode()
    assert markup.startswith("<?xml")
    assert 'template="http://testserver/sok/?q={searchTerms}"' in markup
    assert "http://testserver/static/img/favicon.svg" in markup


# --- What it costs ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "most"),
    [
        ("/sok/", 4),
        ("/sok/?q=hundar", 22),
        ("/sok/?q=hundar&tema=boende&fran=2010", 24),
        ("/sok/?q=hundar&visa=slag", 23),
        ("/sok/?q=hundr", 28),
        ("/sok.json?q=hun", 14),
    ],
)
@pytest.mark.parametrize("count", [1, 3])
def test_a_cold_page_asks_no_more_than_was_promised(
    client, count, query, most, django_assert_max_num_queries
):
    publish_all(*(f"Hundar {number}" for number in range(count)), themes=["Boende"])
    client.get(query)
    publish("Katter")
    with django_assert_max_num_queries(most):
        assert client.get(query).status_code == 200


def test_what_was_hidden_between_two_questions_is_not_shown(client):
    """The catalogue's row decides, also when the passages tell otherwise for a moment."""
    publish("Hundar")
    Entry.objects.update(audience="")
    assert hits(searched(client, "?q=hundar")) == []
