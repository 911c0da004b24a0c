"""The list: found by district, theme, words and years, counted, ordered, taken page by page."""

import datetime
import html
import re
from urllib.parse import unquote

import pytest
from django.http import QueryDict

from inventory.models import Project
from inventory.search import FACETS
from library.actions import term_changed
from library.models import Theme
from search import indexing
from tests.factories import (
    ended_fields,
    make_district,
    make_organisation,
    make_project,
    make_source,
    make_succession,
    make_term,
    make_unit,
    make_user,
)
from tests.reading import csv_rows, page, text_of, titles

pytestmark = pytest.mark.django_db


def day(number: int) -> datetime.datetime:
    return datetime.datetime(2026, 1, number, tzinfo=datetime.UTC)


def counts(markup: str, facet: str) -> dict[str, int]:
    """The figures beside a facet's values."""
    found = re.findall(
        rf'name="{facet}" value="([^"]*)".*?<span class="n">([\d\s]+)<', markup, re.S
    )
    return {value: int(count) for value, count in found}


def chips(markup: str) -> dict[str, str]:
    """Label → address of what is chosen."""
    found = re.findall(r'<a class="chip" href="([^"]*)"><span.*?</span>(.*?)</a>', markup)
    return {html.unescape(label): html.unescape(address) for address, label in found}


# --- Each facet ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "fields"),
    [
        ("stadsdel=farsta", {"lead": "Farsta"}),
        ("omrade=socialpsykiatri", {"service_areas": ["Socialpsykiatri"]}),
        ("typ=verksamhet", {"kind": Project.Kind.ACTIVITY}),
        ("lage=avslutades", ended_fields()),
        ("tema=boende", {"themes": ["Boende"]}),
        ("insats=boendestod", {"interventions": ["Boendestöd"]}),
        ("malgrupp=unga", {"target_groups": ["Unga"]}),
        ("metod=motiverande-samtal", {"methods": ["Motiverande samtal"]}),
        ("uppfoljning=forskning", {"evaluation": Project.Evaluation.RESEARCH}),
        ("medverkan=brukarstyrt", {"user_involvement": Project.Involvement.USER_LED}),
    ],
)
def test_each_facet_finds_what_has_its_value_and_counts_it(client, query, fields):
    if "lead" in fields:
        fields["lead"] = make_district(fields["lead"])
    make_project(title="Sökt", **fields)
    make_project(title="Annat")
    facet, value = query.split("=")

    markup = page(client, f"/inventering/?{query}")

    assert titles(client, f"?{query}") == ["Sökt"]
    assert counts(markup, facet)[value] == 1
    assert re.findall(rf'value="{value}" checked', markup) == [f'value="{value}" checked']


def test_every_facet_of_the_panel_is_tested_above():
    (marks,) = [
        mark
        for mark in test_each_facet_finds_what_has_its_value_and_counts_it.pytestmark
        if mark.name == "parametrize"
    ]
    assert [query.split("=")[0] for query, _ in marks.args[1]] == list(FACETS)


def test_values_of_one_facet_widen_and_facets_narrow(client):
    bromma, farsta = make_district("Bromma"), make_district("Farsta")
    for title, lead, theme in [
        ("A", bromma, "Boende"),
        ("B", bromma, "Unga"),
        ("C", farsta, "Boende"),
        ("D", farsta, "Arbete"),
    ]:
        make_project(title=title, lead=lead, themes=[theme])

    assert titles(client, "?tema=boende&tema=unga&sortera=namn") == ["A", "B", "C"]
    assert titles(client, "?tema=boende&tema=unga&stadsdel=bromma&sortera=namn") == ["A", "B"]
    assert titles(client, "?tema=arbete&stadsdel=bromma") == []


def test_a_facet_counts_what_choosing_would_give_and_leaves_its_own_choice_out(client):
    bromma, farsta = make_district("Bromma"), make_district("Farsta")
    make_project(lead=bromma, themes=["Boende", "Unga"])
    make_project(lead=bromma, themes=["Unga"])
    make_project(lead=farsta, themes=["Unga"])

    markup = page(client, "/inventering/?stadsdel=bromma&tema=boende")

    assert counts(markup, "stadsdel") == {"bromma": 1}
    assert counts(markup, "tema") == {"boende": 1, "unga": 2}
    assert counts(markup, "typ") == {"projekt": 1}


def test_a_chosen_value_that_gives_nothing_stays_in_the_panel(client):
    make_project(themes=["Boende"], kind=Project.Kind.ACTIVITY)
    make_project(themes=["Unga"])
    markup = page(client, "/inventering/?tema=unga&typ=verksamhet")
    assert counts(markup, "tema") == {"unga": 0, "boende": 1}


def test_values_stand_in_swedish_order(client):
    make_project(themes=["Östermalm", "Arbete", "Åldrande", "Ärenden"])
    assert list(counts(page(client, "/inventering/"), "tema")) == [
        *("arbete", "aldrande", "arenden", "ostermalm"),
    ]


def test_of_many_values_the_commonest_and_the_chosen_are_open_and_the_rest_folded(client):
    for number in range(9):
        make_project(themes=[f"Tema {number}"])
    make_project(themes=["Tema 8"])

    markup = page(client, "/inventering/?tema=tema-7")
    (panel,) = re.findall(r'<details class="facet" id="facett-tema".*?</fieldset>', markup, re.S)
    open_ones, folded = panel.split('<details class="rest"')

    assert len(counts(panel, "tema")) == 9
    assert {"tema-7", "tema-8"} <= set(counts(open_ones, "tema"))
    assert len(counts(folded, "tema")) == 3


# --- Districts and those before them ------------------------------------------------------------


def test_a_district_finds_what_its_predecessors_ran_and_not_the_other_way_round(client):
    old, older, new = (
        make_district(name) for name in ("Hägersten", "Liljeholmen", "Hägersten-Älvsjö")
    )
    make_succession(old, new)
    make_succession(older, new)
    make_project(title="Gammalt", lead=old)
    make_project(title="Äldre", lead=older)
    make_project(title="Nytt", lead=new)

    found = {
        slug: titles(client, f"?stadsdel={slug}&sortera=namn")
        for slug in ("hagersten", "liljeholmen", "hagersten-alvsjo")
    }

    assert found == {
        "hagersten": ["Gammalt"],
        "liljeholmen": ["Äldre"],
        "hagersten-alvsjo": ["Gammalt", "Nytt", "Äldre"],
    }
    assert counts(page(client, "/inventering/"), "stadsdel") == {
        "hagersten": 1,
        "hagersten-alvsjo": 3,
        "liljeholmen": 1,
    }


def test_a_district_finds_what_its_units_run(client):
    district = make_district("Farsta")
    make_project(
        title="Enhetens", lead=make_unit("Träffpunkten", make_unit("Socialpsykiatrin", district))
    )
    assert titles(client, "?stadsdel=farsta") == ["Enhetens"]


def test_a_joint_project_is_found_and_counted_under_each_owner_and_once_in_all(client):
    districts = [make_district(name) for name in ("Skarpnäck", "Farsta", "Bromma")]
    make_project(title="Gemensamt", lead=districts[0], co_owners=districts[1:])
    for slug in ("skarpnack", "farsta", "bromma"):
        assert titles(client, f"?stadsdel={slug}") == ["Gemensamt"]
    assert titles(client, "?stadsdel=skarpnack&stadsdel=farsta") == ["Gemensamt"]


def test_a_merger_shows_in_the_list_at_the_next_request(client):
    old, new = make_district("Rinkeby-Kista"), make_district("Järva")
    make_project(title="Gammalt", lead=old)
    assert titles(client, "?stadsdel=jarva") == []

    make_succession(old, new, datetime.date(2023, 7, 1))

    assert titles(client, "?stadsdel=jarva") == ["Gammalt"]


def test_what_is_no_district_is_found_without_one(client):
    make_project(title="Förvaltningens", lead=make_organisation("Socialförvaltningen"))
    assert titles(client) == ["Förvaltningens"]
    assert counts(page(client, "/inventering/"), "stadsdel") == {}


def test_a_neighbourhood_shows_the_way_to_its_district(client):
    make_district("Enskede-Årsta-Vantör", neighbourhoods=["Rågsved", "Årsta"])
    text = text_of(page(client, "/inventering/?q=r%C3%A5gsved"))
    assert "hör till stadsdelsområdet Enskede-Årsta-Vantör" in text


# --- Period -------------------------------------------------------------------------------------


@pytest.fixture
def periods():
    """What ran when: one that ended, one from a source, one that goes on, one to come."""
    make_project(title="Slut", **ended_fields() | {"start_date": "2009-05", "end_date": "2011"})
    make_project(title="Källans", start_date="2014", source=make_source(year=2016))
    make_project(title="Pågår", start_date="2015", published_at=day(1))


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", ["Källans", "Pågår", "Slut"]),
        ("fran=2008&till=2008", []),
        ("fran=2009&till=2009", ["Slut"]),
        ("till=2010", ["Slut"]),
        ("fran=2011&till=2014", ["Källans", "Slut"]),
        ("fran=2015&till=2016", ["Källans", "Pågår"]),
        ("fran=2017", ["Pågår"]),
        ("fran=2090", ["Pågår"]),
        ("till=2100", ["Källans", "Pågår", "Slut"]),
        ("fran=1900&till=1999", []),
    ],
)
def test_a_period_finds_what_is_known_to_have_run_in_it(client, periods, query, expected):
    assert titles(client, f"?{query}&sortera=namn") == expected


def test_a_period_that_ends_before_it_begins_is_told_and_its_beginning_applied(client, periods):
    response = client.get("/inventering/?fran=2015&till=2010&sortera=namn")
    assert response.status_code == 400
    assert "Till år kan inte vara före från år." in response.content.decode()
    assert titles(client, "?fran=2015&till=2010&sortera=namn") == ["Källans", "Pågår"]


@pytest.mark.parametrize(
    "year", ["15", "abc", "20150", "1899", "2101", "-5", "2015-09", "9" * 3000]
)
def test_what_is_no_year_is_answered_with_an_example(client, year):
    make_project(title="Kvar")
    response = client.get(f"/inventering/?fran={year}")
    assert response.status_code == 400
    assert "Skriv ett år med fyra siffror, till exempel 2015." in response.content.decode()
    assert titles(client, f"?fran={year}") == ["Kvar"]


# --- Words --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("kvällsöppet", ["Kvällsöppet stöd"]),
        ("KVÄLLSÖPPET", ["Kvällsöppet stöd"]),
        ("kvallsoppet", ["Kvällsöppet stöd"]),  # put right
        ("öppet kvällsöppet", ["Kvällsöppet stöd"]),
        ("ångest", ["Gruppen"]),
        ("  ångest   oro ", ["Gruppen"]),
        ("bromma", ["Kvällsöppet stöd"]),
        ("farsta", ["Gruppen"]),
        ("samverkan", ["Gruppen"]),
        ("100%", []),
        ("finns inte", []),
    ],
)
def test_words_are_found_in_title_summary_owner_and_terms(client, words, expected):
    make_project(title="Kvällsöppet stöd", plain_summary="Sent.")
    make_project(
        title="Gruppen",
        plain_summary="Om ångest och oro.",
        lead=make_district("Farsta"),
        themes=["Samverkan"],
    )
    indexing.index()
    query = QueryDict(mutable=True)
    query["q"] = words
    assert titles(client, f"?{query.urlencode()}") == expected


def test_words_narrow_together_with_facets_and_their_counts(client):
    make_project(title="Kurs hemma", themes=["Boende"])
    make_project(title="Kurs i grupp", themes=["Unga"])
    make_project(title="Grupp", themes=["Unga"])
    indexing.index()
    assert titles(client, "?q=kurs&tema=unga") == ["Kurs i grupp"]
    assert counts(page(client, "/inventering/?q=kurs"), "tema") == {"boende": 1, "unga": 1}


def test_too_long_a_text_is_told(client):
    make_project(title="Kvar")
    response = client.get(f"/inventering/?q={'a' * 201}")
    told = "Skriv högst 200 tecken i sökrutan."
    assert (response.status_code, told in response.content.decode()) == (400, True)
    assert titles(client, f"?q={'a' * 201}") == ["Kvar"]


def test_a_misspelt_word_is_put_right_and_told(client):
    make_project(title="Boendestöd")
    indexing.index()
    markup = page(client, "/inventering/?q=boendstöd")
    assert titles(client, "?q=boendstöd") == ["Boendestöd"]
    assert "Visar träffar för boendestöd." in markup
    assert titles(client, "?q=boendstöd&ordagrant=ja") == []


def test_a_switch_that_says_neither_yes_nor_nothing_is_told_and_left_out(client):
    make_project(title="Boendestöd")
    indexing.index()
    response = client.get("/inventering/?q=boendstöd&ordagrant=nej")
    told = '<a href="#antal">Vi känner inte igen ”nej”. Välj på sidan i stället.</a>'
    assert (response.status_code, told in response.content.decode()) == (400, True)
    assert titles(client, "?q=boendstöd&ordagrant=nej") == ["Boendestöd"]


def test_projects_with_some_of_the_words_are_shown_when_none_has_all(client):
    make_project(title="Ångest")
    make_project(title="Annat")
    indexing.index()
    markup = page(client, "/inventering/?q=ångest+kvastskaft")
    assert titles(client, "?q=ångest+kvastskaft") == ["Ångest"]
    assert "Inget projekt har alla orden. Här är de som har några av dem." in markup


def test_words_are_answered_best_first_or_in_another_order(client):
    make_project(title="Ångest hos unga vuxna", published_at=day(2))
    make_project(title="Ångest", published_at=day(1))
    indexing.index()
    assert titles(client, "?q=ångest") == ["Ångest", "Ångest hos unga vuxna"]
    assert titles(client, "?q=ångest&sortera=nyast") == ["Ångest hos unga vuxna", "Ångest"]
    assert "relevans" not in page(client, "/inventering/")


def test_common_words_are_counted_to_a_limit_within_what_is_chosen(client, monkeypatch):
    monkeypatch.setattr("search.finding.MOST_HITS", 2)
    for place in range(3):
        make_project(title=f"Ångest {place}", themes=["Boende"])
    make_project(title="Ångest", themes=["Unga"])
    indexing.index()
    assert "Över 2 projekt" in page(client, "/inventering/?q=ångest")
    assert titles(client, "?q=ångest&tema=unga") == ["Ångest"]
    assert len(csv_rows(client.get("/inventering/export.csv?q=ångest"))) == 4


def test_nothing_found_says_that_it_may_exist_all_the_same_and_shows_ways_on(client):
    make_project()
    markup = page(client, "/inventering/?q=kvastskaft")
    assert '<h2 id="antal">Inga träffar</h2>' in markup
    assert "Det betyder att ingen har lagt in något, inte att det inte finns." in markup
    assert (titles(client, "?q=kvastskaft"), "CSV-fil" in markup) == ([], False)


def test_an_empty_inventory_invites(client):
    assert "Inventeringen är tom än." in page(client, "/inventering/")


# --- Order and pages ----------------------------------------------------------------------------


@pytest.fixture
def ordered():
    """Four projects that stand differently in each order."""
    for title, published, start, confirmed in [
        ("Öst", 1, "2015", datetime.date(2026, 3, 1)),
        ("Ås", 2, "2014-09", None),
        ("Zon", 3, "2014", datetime.date(2026, 1, 1)),
        ("alm", 4, "2016-01-01", datetime.date(2026, 2, 1)),
    ]:
        make_project(
            title=title,
            published_at=day(published),
            start_date=start,
            last_confirmed_at=confirmed,
        )


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        ("", ["alm", "Zon", "Ås", "Öst"]),
        ("?sortera=nyast", ["alm", "Zon", "Ås", "Öst"]),
        ("?sortera=start", ["alm", "Öst", "Ås", "Zon"]),
        ("?sortera=bekraftad", ["Öst", "alm", "Zon", "Ås"]),
        ("?sortera=namn", ["alm", "Zon", "Ås", "Öst"]),
    ],
)
def test_the_list_can_be_ordered(client, ordered, order, expected):
    assert titles(client, order) == expected


def test_an_order_that_does_not_exist_is_told_and_the_newest_stand_first(client, ordered):
    response = client.get("/inventering/?sortera=baklanges&q=a")
    assert response.status_code == 400
    assert "Den ordningen finns inte." in response.content.decode()
    assert titles(client, "?sortera=baklanges") == ["alm", "Zon", "Ås", "Öst"]


def make_many(count: int) -> None:
    for number in range(1, count + 1):
        make_project(title=f"Nr {number:02}", published_at=day(number), themes=["Boende"])


def test_a_page_holds_twenty_five_and_the_next_one_the_rest(client):
    make_many(27)
    assert titles(client) == [f"Nr {number:02}" for number in range(27, 2, -1)]
    assert titles(client, "?sida=2") == ["Nr 02", "Nr 01"]
    assert titles(client, "?tema=boende&sortera=namn&sida=2") == ["Nr 26", "Nr 27"]


@pytest.fixture
def two_pages(monkeypatch):
    monkeypatch.setattr("inventory.views.PER_PAGE", 2)
    make_many(3)


def test_the_pager_keeps_the_selection(client, two_pages):
    markup = page(client, "/inventering/?tema=boende&sortera=namn")
    assert re.findall(r'<a href="([^"]*)" rel="next"', markup) == [
        "?tema=boende&amp;sortera=namn&amp;sida=2"
    ]
    assert "Visar 1–2 av 3" in text_of(markup)


@pytest.mark.parametrize("number", ["0", "-1", "3", "99999", "abc", "1.5", "%C2%B2", "9" * 3000])
def test_a_page_that_does_not_exist_is_a_helpful_404(client, two_pages, number):
    response = client.get(f"/inventering/?tema=boende&sida={number}")
    assert response.status_code == 404
    markup = response.content.decode()
    assert "finns inte. Listan har 2 sidor." in markup
    assert '<a href="?tema=boende">Till listans första sida</a>' in markup


# --- Chips --------------------------------------------------------------------------------------


def test_each_choice_can_be_removed_by_itself(client):
    make_project(themes=["Boende", "Unga"])
    chosen = "?q=stöd&tema=boende&tema=unga&stadsdel=bromma&fran=2014&till=2020&sortera=namn"

    left = {
        label: unquote(address).removeprefix("?")
        for label, address in chips(page(client, f"/inventering/{chosen}&sida=1")).items()
    }

    whole = "q=stöd&tema=boende&tema=unga&stadsdel=bromma&fran=2014&till=2020&sortera=namn"
    assert left == {
        "Bromma": whole.replace("&stadsdel=bromma", ""),
        "Boende": whole.replace("&tema=boende", ""),
        "Unga": whole.replace("&tema=unga", ""),
        "Sökord: stöd": whole.replace("q=stöd&", ""),
        "Från 2014": whole.replace("&fran=2014", ""),
        "Till 2020": whole.replace("&till=2020", ""),
    }


def test_the_last_choice_removed_leaves_the_plain_list(client):
    make_project(themes=["Boende"])
    assert chips(page(client, "/inventering/?tema=boende")) == {"Boende": "."}
    assert chips(page(client, "/inventering/")) == {}


# --- What is not understood ---------------------------------------------------------------------


def test_an_unknown_value_is_told_and_the_rest_of_the_selection_applies(client):
    make_project(title="Sökt", themes=["Boende"])
    make_project(title="Annat", themes=["Unga"])

    response = client.get("/inventering/?tema=boende&insats=okand-insats")

    assert response.status_code == 400
    assert "Vi känner inte igen ”okand-insats”." in response.content.decode()
    assert titles(client, "?tema=boende&insats=okand-insats") == ["Sökt"]


def test_a_known_value_applies_beside_an_unknown_one_of_the_same_facet(client):
    make_project(title="Sökt", themes=["Boende"])
    make_project(title="Annat", themes=["Unga"])

    response = client.get("/inventering/?tema=boende&tema=finns-inte")

    assert response.status_code == 400
    assert "Vi känner inte igen ”finns-inte”." in response.content.decode()
    assert titles(client, "?tema=boende&tema=finns-inte") == ["Sökt"]


def test_what_was_not_understood_can_be_removed(client):
    make_project(themes=["Boende"])
    assert chips(page(client, "/inventering/?tema=boende&insats=okand")) == {
        "Boende": "?insats=okand",
        "okand": "?tema=boende",
    }


def test_what_was_typed_cannot_carry_html(client):
    markup = page(client, '/inventering/?tema=<script>alert(1)</script>&q="><b>x</b>')
    assert ("<script>alert" in markup, "<b>x</b>" in markup) == (False, False)


def test_parameters_that_mean_nothing_and_empty_ones_are_ignored(client):
    make_project(title="Kvar")
    response = client.get("/inventering/?utm_source=brev&q=&tema=&fran=&sortera=")
    assert response.status_code == 200
    assert titles(client, "?utm_source=brev&q=&tema=&fran=&sortera=") == ["Kvar"]


def test_a_value_chosen_twice_is_chosen_once(client):
    make_project(title="Kvar", themes=["Boende"])
    assert chips(page(client, "/inventering/?tema=boende&tema=boende")) == {"Boende": "."}


# --- The page -----------------------------------------------------------------------------------


def test_a_row_tells_what_one_needs_to_choose(client):
    bromma, farsta = make_district("Bromma"), make_district("Farsta")
    make_project(
        title="Stöd & råd",
        lead=bromma,
        co_owners=[farsta],
        plain_summary="Hjälp på kvällen.",
        themes=["Boende"],
        **ended_fields() | {"start_date": "2014-09", "end_date": "2015"},
        source=make_source(year=2016),
    )
    (row,) = re.findall(r'<li class="row">.*?</li>\s*</ol>', page(client, "/inventering/"), re.S)
    text = text_of(row)
    for told in (
        *("Stöd & råd", "Hjälp på kvällen.", "Bromma, Farsta", "september 2014–2015"),
        *("Avslutades", "Projekt", "uppgift från 2016", "Boende"),
    ):
        assert told in text


def test_the_number_found_is_announced(client):
    for _ in range(2):
        make_project()
    markup = page(client, "/inventering/")
    told = re.findall(r'<p class="sr" role="status" id="besked">(.*?)</p>', markup)
    assert told == ["2 projekt och verksamheter"]


def test_the_whole_list_is_indexed_and_selections_are_not(client):
    make_project(themes=["Boende"])
    noindex = '<meta name="robots" content="noindex, follow">'
    assert noindex not in page(client, "/inventering/")
    assert noindex in page(client, "/inventering/?tema=boende")


def test_the_title_says_what_is_chosen(client):
    make_project(themes=["Boende", "Unga"])
    markup = page(client, "/inventering/?tema=boende&tema=unga")
    assert "<title>Inventeringen: Boende, Unga – KSI</title>" in markup


def test_files_of_the_selection_are_offered(client):
    make_project(themes=["Boende"])
    markup = page(client, "/inventering/?tema=boende&sida=1")
    assert re.findall(r'href="(/inventering/export[^"]*)"', markup) == [
        "/inventering/export.csv?tema=boende",
        "/inventering/export.xlsx?tema=boende",
        "/inventering/export.json?tema=boende",
    ]


def test_generated_content_is_marked(client):
    make_project(generated=True)
    assert "påhittat exempel" in page(client, "/inventering/")


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_shows_what_the_visitor_may_see_newest_first(client, count):
    for number in range(1, count + 1):
        make_project(title=f"Nr {number}", published_at=day(number))
    make_project(title="För personal", visibility="personal", published_at=day(9))
    expected = [f"Nr {number}" for number in range(count, 0, -1)]

    assert titles(client) == expected
    client.force_login(make_user())
    assert titles(client) == ["För personal", *expected]


def test_a_renamed_theme_shows_under_its_new_name(client):
    make_project(title="Sökt", themes=["Boende"])
    page(client, "/inventering/")
    theme = Theme.objects.get()
    theme.name = "Bostad"
    theme.save()
    term_changed(term=theme)
    indexing.index()

    assert chips(page(client, "/inventering/?tema=boende")) == {"Bostad": "."}
    assert titles(client, "?q=bostad") == ["Sökt"]


def test_a_theme_that_nothing_has_can_be_asked_for_and_finds_nothing(client):
    make_term(Theme, "Ensamhet")
    assert client.get("/inventering/?tema=ensamhet").status_code == 200
    assert titles(client, "?tema=ensamhet") == []
