"""What a unit types, understood: what is missing, what cannot be, and two writers' answers."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import payloads
from inventory.draft_forms import Answers, payload_of
from inventory.models import Project
from inventory.questions import MOST_FIRST, is_asked, question_of, questions
from tests.factories import (
    complete_payload,
    ended_fields,
    make_district,
    make_link,
    make_measure,
    make_organisation,
    make_partner,
    make_project,
    make_source,
    make_unit,
)

db = pytest.mark.django_db


def lacking(payload, base=None) -> dict[str, str]:
    return {lack.name: lack.text for lack in Answers(payload, base).lacking()}


def malformed(payload) -> dict[str, str]:
    return {lack.name: lack.text for lack in Answers(payload).malformed()}


# --- How much is asked ----------------------------------------------------------------------------


def test_twelve_questions_at_most_stand_first_for_an_activity():
    first = [each.key for each in questions() if is_asked(each, "verksamhet", "pagar")]
    assert len(first) == MOST_FIRST == 12
    assert first == [
        *("kind", "title", "plain_summary", "status"),
        *("need", "target_groups", "themes", "interventions"),
        *("activities", "user_involvement", "evaluation", "contact_function"),
    ]


@db
def test_the_twelve_are_enough():
    asked = {
        name for each in questions() if is_asked(each, "verksamhet", "pagar") for name in each.names
    }
    payload = {name: values for name, values in complete_payload().items() if name in asked}
    assert lacking(payload) == {}
    assert Answers(payload).clean().fields["visibility"] == "alla"


@db
def test_what_is_missing_is_told_in_the_order_of_the_questions():
    found = Answers({}).lacking()
    assert [lack.name for lack in found] == [
        *("kind", "title", "plain_summary", "status", "start_date"),
        *("need", "target_groups", "themes", "service_areas", "interventions"),
        *("activities", "user_involvement", "evaluation", "contact_function"),
    ]
    # Of several fields in one question it is said which.
    assert {lack.name: lack.text for lack in found if lack.text != "Svara på frågan."} == {
        "status": "Läge saknas.",
        "start_date": "Start saknas.",
        "themes": "Tema saknas.",
        "service_areas": "Verksamhetsområde saknas.",
        "user_involvement": "Brukares och anhörigas medverkan saknas.",
        "contact_function": "Kontakt (funktion) saknas.",
    }
    assert (found[3].step.key, found[3].anchor) == ("vad", "fraga-status")


@db
def test_a_project_needs_a_measure_and_what_has_ended_its_lessons():
    payload = complete_payload(kind=["projekt"], status=["avslutades"])
    assert list(lacking(payload)) == [
        *("end_date", "measures", "results", "what_failed", "advice", "continuation"),
        "reach_actual",
    ]
    payload |= {name: [str(value)] for name, value in ended_fields().items()}
    payload |= {"measures-3-indicator": ["Samtal"], "measures-3-unit": ["per vecka"]}
    assert lacking(payload) == {}


@db
def test_a_revision_may_lack_what_is_lacking_already_and_nothing_else():
    project = make_project(
        source=make_source(), plain_summary="", need="", status="avslutades", kind="projekt"
    )
    base = payload_of(project)
    assert lacking(base, base) == {}
    assert set(lacking(base | {"activities": []}, base)) == {"activities"}


# --- What cannot be understood --------------------------------------------------------------------


@db
@pytest.mark.parametrize(
    ("name", "typed", "told"),
    [
        ("cost_total", "1e5 kronor", "Skriv ett helt antal med siffror, till exempel 250000."),
        ("cost_total", "250.000", "Skriv ett helt antal med siffror, till exempel 250000."),
        ("cost_total", "1e5", "Skriv ett helt antal med siffror, till exempel 250000."),
        ("cost_total", "9" * 5000, "Skriv ett helt antal med siffror, till exempel 250000."),
        ("cost_total", "2 000 000 001", "Talet är för stort. Skriv högst två miljarder."),
        ("reach_planned", "-4", "Antalet kan inte vara mindre än 0."),
        ("reach_planned", "\u22124", "Antalet kan inte vara mindre än 0."),
        ("measures-0-point-0-n", "0", "Antalet kan inte vara mindre än 1."),
        ("measures-0-baseline_value", "12,555", "Skriv talet med högst två decimaler."),
        (
            "measures-0-target_value",
            "1234567890123",
            "Talet är för stort. Skriv högst tolv siffror före kommat.",
        ),
        ("start_date", "1899", "Året måste ligga mellan 1900 och 2100."),
        ("start_date", "i våras", "Skriv ett datum som 2015, 2015-09 eller 2015-09-01."),
        ("end_date", "2013", "Slutet ligger före starten. Ändra det ena."),
        (
            "need",
            "x" * 10_001,
            "Texten är för lång: 10001 tecken. Korta den till högst 10000.",
        ),
        (
            "themes",
            "4711",
            "Välj ett giltigt alternativ. 4711 finns inte bland tillgängliga alternativ.",
        ),
        ("themes", "x", "“x” är inte ett giltigt värde."),
        (
            "kind",
            "fest",
            "Välj ett giltigt alternativ. fest finns inte bland tillgängliga alternativ.",
        ),
        (
            "measures-0-point-0-value",
            "tolv",
            "Skriv ett tal med siffror, till exempel 62 eller 62,5.",
        ),
        (
            "measures-0-point-0-value",
            "NaN",
            "Skriv ett tal med siffror, till exempel 62 eller 62,5.",
        ),
        (
            "links-0-url",
            "inte en adress",
            "Skriv en adress, till exempel https://example.org/rapport.",
        ),
        (
            "partners-0-organisation",
            "4711",
            "Välj ett giltigt alternativ. Det valet finns inte bland tillgängliga alternativ.",
        ),
    ],
)
def test_a_clear_sentence_at_the_field(name, typed, told):
    assert malformed(complete_payload() | {name: [typed]})[name] == told


@db
def test_a_personnummer_is_refused_everywhere():
    for name in ("title", "need", "contact_function", "measures-0-goal", "links-0-title"):
        assert "personnummer" in malformed(complete_payload() | {name: ["19811218-9876"]})[name]


@db
def test_ten_thousand_measures_are_too_many():
    rows = {f"measures-{number}-indicator": ["x"] for number in range(10_000)}
    found = malformed(complete_payload() | rows)
    assert found["measures"] == (
        "Högst 50 rader får plats, och det är 10000. Allt är sparat, och de första visas."
        " Ta bort några."
    )


@db
def test_points_share_their_room_and_a_revision_has_room_for_as_many_more():
    """Three measures that were followed for years; the second meets the end of the room."""
    payload = {f"measures-{number}-indicator": ["x"] for number in range(3)}
    payload |= {f"measures-{number}-unit": ["st"] for number in range(3)}
    for place in range(170):
        for number in range(3):
            payload[f"measures-{number}-point-{place}-date"] = ["2015"]
            payload[f"measures-{number}-point-{place}-value"] = [str(place)]
    told = (
        "Alla mått får tillsammans ha högst 400 mätningar. Allt är sparat, och de första visas."
        " Ta bort några."
    )
    assert malformed(payload) == {"measures-2-point": told}
    found = Answers(payload)
    assert [len(row.points.shown) for row in found.measures.filled] == [171, 171, 60]
    assert Answers(payload, payload).malformed() == []


@db
@pytest.mark.parametrize(
    ("typed", "meant"),
    [("12,5", "12.5"), ("12.50", "12.5"), ("1 250,5", "1250.5"), ("\u22123", "-3"), ("7", "7")],
)
def test_numbers_are_taken_as_swedes_write_them(typed, meant):
    rows = {"measures-0-indicator": "Samtal", "measures-0-unit": "st"}
    rows |= {"measures-0-baseline_value": typed, "measures-0-target_value": typed}
    rows |= {"measures-0-point-0-date": "2015", "measures-0-point-0-value": typed}
    payload = complete_payload(cost_total=["250 000"], reach_planned=["1\u00a0200"])
    clean = Answers(payload | {name: [text] for name, text in rows.items()}).clean()
    (measure,) = clean.measures
    values = [measure["baseline_value"], measure["target_value"], measure["points"][0]["value"]]
    assert values == [Decimal(meant)] * 3
    assert (clean.fields["cost_total"], clean.fields["reach_planned"]) == (250_000, 1200)


@db
def test_what_one_answer_asks_of_another_is_said_at_the_field():
    """In the words of a person, not of the constraint that would refuse it."""
    rows = {"measures-0-indicator": "Andel", "measures-0-unit": "procent"}
    rows |= {"measures-0-baseline_value": "101", "measures-0-target_value": "-1"}
    rows |= {"measures-0-point-0-date": "2015", "measures-0-point-0-value": "100,5"}
    rows |= {"measures-1-indicator": "Samtal", "measures-1-unit": "st"}
    rows |= {"measures-1-baseline_date": "2014"}
    beyond = "Måttet är i procent. Skriv ett tal från 0 till 100."
    assert malformed({name: [text] for name, text in rows.items()}) == {
        "measures-0-baseline_value": beyond,
        "measures-0-target_value": beyond,
        "measures-0-point-0-value": beyond,
        "measures-1-baseline_value": "Skriv också vad värdet var före.",
    }


@db
def test_a_row_that_is_begun_is_told_of_and_an_empty_one_is_not():
    payload = complete_payload() | {"links-0-kind": ["lank"], "measures-0-id": ["7"]}
    assert malformed(payload) == {}
    payload |= {"measures-0-goal": ["Färre samtal"]}
    assert set(malformed(payload)) == {"measures-0-indicator", "measures-0-unit"}


@db
def test_an_organisation_takes_part_once():
    rsmh = str(make_organisation("RSMH").pk)
    rows = {f"partners-{number}-organisation": [rsmh] for number in range(2)}
    rows |= {f"partners-{number}-role": ["ovrig"] for number in range(2)}
    assert malformed(complete_payload() | rows) == {
        "partners-1-organisation": "RSMH finns redan bland dem som medverkar."
    }


# --- There and back -------------------------------------------------------------------------------


@db
def test_a_published_project_is_answered_as_it_would_be_typed_and_back():
    project = make_project(
        lead=make_unit("Träffpunkten", make_district("Farsta")),
        themes=["Boende"],
        service_areas=["Socialpsykiatri"],
        interventions=["Boendestöd"],
        target_groups=["Unga"],
        co_owners=[make_district("Bromma")],
        cost_total=250_000,
    )
    make_measure(project, ("2015-09", 92.5, 145), goal="Fler")
    make_link(project)
    make_partner(project, make_organisation("RSMH"))
    project = Project.objects.get(pk=project.pk)

    payload = payload_of(project)

    assert payload["measures-0-point-0-value"] == ["92,5"]
    assert Answers(payload).lacking() == []
    clean = Answers(payload).clean()
    assert {name: getattr(project, name) for name in clean.fields} == clean.fields
    assert {name: list(getattr(project, name).all()) for name in clean.terms} == clean.terms
    (measure,) = clean.measures
    point = {"date": project.start_date.__class__("2015-09"), "value": 92.5, "n": 145, "source": ""}
    assert (measure["id"], measure["points"]) == (project.measures.get().pk, [point])
    assert [link["title"] for link in clean.links] == ["Om projektet"]
    assert [partner["organisation"].name for partner in clean.partners] == ["RSMH"]


def test_every_name_belongs_to_a_question():
    for name in ("title", "end_date", "measures-0-point-2-value", "links", "contact_email"):
        assert question_of(name) is not None
    assert question_of("lead") is None


# --- Two who write --------------------------------------------------------------------------------

NAMES = ["title", "need", "themes"]
ANSWERS = st.dictionaries(
    st.sampled_from(NAMES), st.lists(st.sampled_from(["", "a", "b"]), max_size=2)
)


@given(base=ANSWERS, mine=ANSWERS, theirs=ANSWERS, carried=st.booleans())
def test_nothing_is_lost_when_two_write(base, mine, theirs, carried):
    was = payloads.since_carried(payloads.carried(base, NAMES)) if carried else payloads.since(base)

    merged, disputed = payloads.merge(mine, theirs, was, NAMES)

    for name in NAMES:
        first, own, other, found = (
            payloads.answer(each, name) for each in (base, mine, theirs, merged)
        )
        assert found in (first, own, other)
        if own != first:
            assert found == own or name in disputed
        if other != first:
            assert found == other
        assert (name in disputed) == (first != own != other != first)


@given(sums=st.text(max_size=30), mine=ANSWERS, theirs=ANSWERS)
def test_sums_that_were_tampered_with_write_nothing_over(sums, mine, theirs):
    merged, _ = payloads.merge(mine, theirs, payloads.since_carried(sums), NAMES)
    for name in NAMES:
        if other := payloads.answer(theirs, name):
            assert payloads.answer(merged, name) == other
