"""The method workshop as curators use it: who may, where a method may go, what comes of it."""

import datetime
import re

import pytest
from django.test import Client
from django.utils import timezone

from core.models import AuditEntry, Edition
from library import actions
from library.models import Draft, Method, StageMove
from people import roles
from people.actions import give_role
from people.models import User
from tests.factories import make_curator, make_district, make_user
from tests.library_factories import make_method
from tests.people.test_attacks import at_once
from tests.people.test_roles import somebody
from tests.reading import body, page, text_of

pytestmark = pytest.mark.django_db

BOARD = "/redaktion/metodverkstad/"
NEW = f"{BOARD}ny/"
Stage = Method.Stage


@pytest.fixture
def curator() -> User:
    return make_curator()


@pytest.fixture
def hers(curator) -> Client:
    client = Client()
    client.force_login(curator)
    return client


def at(method: Method) -> str:
    return f"{BOARD}{method.pk}/flytta/"


def today() -> str:
    return timezone.localdate().isoformat()


def move(method: Method, **changed: str) -> dict[str, str]:
    """What the form sends to have a tried method evaluated."""
    sent = {
        "from_stage": "provas",
        "to": "utvarderas",
        "date": today(),
        "reason": "Ett år har gått.",
    }
    return sent | changed


NOTICED = {"name": "Öppen dialog", "purpose": "Att lyssna.", "reason": "Hörd på en konferens."}


# --- Who may ------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", roles.ROLES, ids=lambda role: role.key)
def test_who_reads_notices_and_moves(role):
    method = make_method()
    user = somebody(role, make_district("Farsta"))
    client = Client()
    if user:
        client.force_login(user)
    writes, publishes = (
        role in action.roles for action in (roles.WRITE_LIBRARY, roles.PUBLISH_LIBRARY)
    )
    assert writes is (role in (roles.Curator, roles.ResearchCouncil, roles.Administrator))
    assert publishes is (role in (roles.Curator, roles.Administrator))
    other = 302 if role is roles.Visitor else 404
    read = 200 if writes else other
    may_move = 200 if publishes else 403 if writes else other
    got = [client.get(address).status_code for address in (BOARD, NEW, at(method))]
    assert got == [read, read, may_move]
    assert client.post(NEW, NOTICED).status_code == (302 if writes else other)
    assert Draft.objects.count() == int(writes)
    moved = client.post(at(method), move(method)).status_code
    assert moved == (302 if publishes else may_move)
    assert StageMove.objects.count() == int(publishes)
    if user:
        assert (f'href="{BOARD}"' in page(client, "/mina-sidor/")) is writes
    if writes:
        assert (f'href="{at(method)}"' in page(client, BOARD)) is publishes


def test_the_board_takes_no_post_and_a_missing_method_is_404(hers):
    assert hers.post(BOARD).status_code == 405
    assert hers.get(f"{BOARD}4711/flytta/").status_code == 404
    assert hers.post(f"{BOARD}4711/flytta/", {}).status_code == 404


# --- The board ----------------------------------------------------------------------------------


def columns(client: Client) -> dict[str, list[str]]:
    """Stage → the text of its rows."""
    board = page(client, BOARD).split('<div class="board">')[1].split("</main>")[0]
    found = re.findall(r"<h2[^>]*>(.*?)</h2>(.*?)</section>", board, re.S)
    return {
        name: [text_of(row) for row in re.findall(r'<li class="row">(.*?)</li>', rows, re.S)]
        for name, rows in found
    }


def test_the_board_tells_where_each_stands_and_how_long(hers, curator):
    old, new = make_method("Bostad först"), make_method("Öppen dialog")
    make_method("Äldre metod", stage=Stage.REGULAR)
    for method, days in ((old, 40), (new, 1)):
        day = timezone.localdate() - datetime.timedelta(days=days)
        actions.enter_workshop(method=method, reason=f"Skäl {days}.", by=curator, date=day)
    fresh = make_method("Ny metod")
    actions.enter_workshop(method=fresh, reason="Skäl.", by=curator)
    found = columns(hers)
    assert list(found) == [str(stage.label) for stage in Stage]
    assert [re.sub(r", sedan \d+ \w+ \d+", "", row) for row in found["Prövas"]] == [
        "Ny metod Sedan i dag Skäl. Flytta Ny metod",
        "Öppen dialog 1 dag Skäl 1. Flytta Öppen dialog",
        "Bostad först 40 dagar Skäl 40. Flytta Bostad först",
    ]
    assert found["I ordinarie bruk"] == [
        "Äldre metod Sedan när är inte antecknat Flytta Äldre metod"
    ]
    assert found["Sprids"] == []


@pytest.mark.parametrize("count", [1, 3])
def test_the_board_asks_as_much_however_many_there_are(hers, count, django_assert_num_queries):
    for number in range(count):
        method = make_method(f"Metod {number}")
        actions.enter_workshop(method=method, reason="Skäl.", by=None)
        actions.begin_draft(
            subject="metod",
            payload={"name": [f"Ny {number}"]},
            key=str(number),
            by=make_user(f"{number}@example.org"),
        )
    with django_assert_num_queries(6):
        hers.get(BOARD)


# --- Moves --------------------------------------------------------------------------------------

ALLOWED = {
    "uppmarksammad": {"provas", "avvecklas"},
    "provas": {"uppmarksammad", "utvarderas", "sprids", "avvecklas"},
    "utvarderas": {"provas", "sprids", "ordinarie", "avvecklas"},
    "sprids": {"utvarderas", "ordinarie", "avvecklas"},
    "ordinarie": {"utvarderas", "avvecklas"},
    "avvecklas": {"uppmarksammad"},
}


@pytest.mark.parametrize("before", list(Stage))
@pytest.mark.parametrize("after", list(Stage))
def test_a_method_goes_where_the_table_says_and_nowhere_else(hers, before, after):
    method = make_method(stage=before)
    sent = move(method, from_stage=before, to=after)
    answer = hers.post(at(method), sent)
    method.refresh_from_db()
    may = after in ALLOWED[before]
    assert (answer.status_code, method.stage) == ((302, after) if may else (422, before))
    assert StageMove.objects.count() == int(may)
    if not may:
        assert "Dit kan metoden inte flyttas härifrån." in text_of(body(answer).decode())


def test_only_allowed_moves_can_be_chosen(hers):
    method = make_method(stage=Stage.SPREAD)
    offered = re.findall(r'type="radio" name="to" value="(\w+)"', page(hers, at(method)))
    assert offered == ["utvarderas", "ordinarie", "avvecklas"]


def test_a_move_is_told_in_the_history_and_on_the_method_s_page(hers, curator, client):
    method = make_method()
    before = Edition.current()
    answer = hers.post(at(method), move(method, date="2026-01-31", reason=" Ett år\r\nhar gått. "))
    assert (answer.status_code, answer["Location"]) == (302, BOARD)
    done = StageMove.objects.get()
    assert (done.from_stage, done.to_stage, str(done.date), done.reason, done.moved_by) == (
        *("provas", "utvarderas", "2026-01-31", "Ett år\nhar gått."),
        curator,
    )
    entry = AuditEntry.objects.get(verb="flyttad")
    assert (entry.by, entry.from_state, entry.to_state, entry.reason) == (
        curator,
        *("Prövas", "Utvärderas", "Ett år\nhar gått."),
    )
    assert Edition.current() > before
    assert "Motiverande samtal är flyttad till Utvärderas." in text_of(page(hers, BOARD))
    assert "31 januari 2026" in page(client, method.get_absolute_url())


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"to": ""}, "Välj ett nytt läge."),
        ({"to": "provas"}, "Dit kan metoden inte flyttas härifrån. Välj ett av lägena."),
        ({"to": "<script>"}, "Dit kan metoden inte flyttas härifrån. Välj ett av lägena."),
        ({"reason": ""}, "Skriv varför metoden flyttas."),
        ({"reason": " \n\x00"}, "Skriv varför metoden flyttas."),
        ({"reason": "a" * 1001}, "Texten är för lång: 1001 tecken. Korta den till högst 1000."),
        ({"reason": "Anna 19811218-9876"}, "personnummer"),
        ({"date": ""}, "datum"),
        ({"date": "i går"}, "datum"),
        ({"date": "2026-02-30"}, "datum"),
        ({"date": "1066-10-14"}, "Skriv ett datum efter 1900."),
        ({"date": "2100-01-01"}, "Skriv en dag som har kommit, i dag eller tidigare."),
        ({"date": "2025-12-31"}, "Metoden kom hit 2026-01-01. Skriv den dagen eller en senare."),
    ],
)
def test_what_is_wrong_is_told_and_nothing_typed_is_lost(hers, curator, changed, told):
    method = make_method()
    day = datetime.date(2026, 1, 1)
    actions.enter_workshop(method=method, reason="Skäl.", by=curator, date=day)
    sent = move(method, **changed)
    answer = hers.post(at(method), sent)
    markup = body(answer).decode()
    method.refresh_from_db()
    assert (answer.status_code, method.stage, StageMove.objects.count()) == (422, "provas", 1)
    assert told in text_of(markup)
    if "reason" not in changed:
        assert "Ett år har gått." in markup
    assert "<title>Fel: Flytta" in markup


def test_who_comes_second_is_told_what_stands_now(hers, curator):
    method = make_method()
    other = make_user("annan@example.org")
    give_role(user=other, role="redaktor", by=None)
    actions.move_stage(method=method, to=Stage.SPREAD, reason="Fler vill.", by=other)
    answer = hers.post(at(method), move(method))
    markup = body(answer).decode()
    method.refresh_from_db()
    assert (answer.status_code, method.stage, StageMove.objects.count()) == (409, "sprids", 1)
    text = text_of(markup)
    assert "Någon annan hann före Metoden har flyttats sedan du öppnade sidan." in text
    assert "Den står nu under Sprids." in text
    assert "Fler vill." in text
    assert "Ett år har gått." in markup
    assert 'name="from_stage" value="sprids"' in markup


def test_a_click_too_many_is_none(hers):
    method = make_method()
    answers = [hers.post(at(method), move(method)).status_code for _ in range(2)]
    assert (answers, StageMove.objects.count()) == ([302, 302], 1)


@pytest.mark.django_db(transaction=True)
def test_of_two_who_move_at_once_one_does():
    method = make_method()
    by = make_curator()

    def go(to: str):
        def moves() -> str:
            try:
                own = Method.objects.get(pk=method.pk)
                own.stage = "provas"
                actions.move_stage(method=own, to=to, reason="Skäl.", by=by)
            except actions.WrongMove:
                return "för sent"
            return "flyttad"

        return moves

    outcomes = at_once(go("utvarderas"), go("sprids"))
    assert (sorted(outcomes), StageMove.objects.count()) == (["flyttad", "för sent"], 1)


# --- The first stage ----------------------------------------------------------------------------


def test_the_first_stage_is_noted_once(curator):
    method = make_method(stage=Stage.NOTICED)
    first = actions.enter_workshop(method=method, reason=" Hörd. ", by=curator)
    again = actions.enter_workshop(method=method, reason="Annat.", by=curator)
    assert first == again
    assert (first.from_stage, first.to_stage, first.reason) == ("", "uppmarksammad", "Hörd.")
    with pytest.raises(ValueError, match="needs a reason"):
        actions.enter_workshop(method=method, reason=" ", by=curator)


def test_a_method_that_is_made_in_the_tools_comes_into_the_workshop(hers, curator):
    sent = {
        "name": "Öppen dialog",
        "slug": "oppen-dialog",
        "purpose": "Att lyssna.",
        "stage": "provas",
        "visibility": "alla",
        "grades-TOTAL_FORMS": "0",
        "grades-INITIAL_FORMS": "0",
    }
    answer = hers.post("/admin/library/method/add/", sent)
    assert answer.status_code == 302, text_of(body(answer).decode())
    done = StageMove.objects.get()
    assert (done.method.name, done.to_stage, done.moved_by) == ("Öppen dialog", "provas", curator)


def test_noticing_begins_a_draft_once(hers, curator):
    opened = re.search(r'name="opened" value="(\w+)"', page(hers, NEW))[1]
    sent = NOTICED | {"opened": opened}
    assert [hers.post(NEW, sent).status_code for _ in range(2)] == [302, 302]
    draft = Draft.objects.get()
    assert (draft.title, draft.subject, draft.created_by) == ("Öppen dialog", "metod", curator)
    assert draft.payload == {
        "name": ["Öppen dialog"],
        "purpose": ["Att lyssna."],
        "stage": ["uppmarksammad"],
        "stage_reason": ["Hörd på en konferens."],
    }
    board = text_of(page(hers, BOARD))
    assert "Ett utkast om Öppen dialog är påbörjat." in board
    assert "Påbörjade utkast Öppen dialog påbörjat" in board
    assert Method.objects.count() == 0


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"name": ""}, "Skriv vad metoden heter."),
        ({"name": "a" * 151}, "Namnet är för långt. Korta det till högst 150 tecken."),
        ({"name": "MOTIVERANDE samtal"}, "Den metoden finns redan. Flytta den i stället."),
        ({"name": "Metod 19811218-9876"}, "personnummer"),
        ({"name": "Me\u202etod"}, "tecken som inte syns"),
        ({"purpose": " "}, "Skriv vad metoden är till för."),
        ({"reason": ""}, "Skriv varför metoden är intressant."),
        ({"reason": "a" * 1001}, "Texten är för lång"),
    ],
)
def test_a_notice_that_cannot_be_is_told_and_nothing_typed_is_lost(hers, changed, told):
    make_method()
    answer = hers.post(NEW, NOTICED | changed)
    markup = body(answer).decode()
    assert (answer.status_code, Draft.objects.count()) == (422, 0)
    assert told in text_of(markup)
    for name, typed in NOTICED.items():
        if name not in changed:
            assert typed in markup
