"""Drafts of the library: begun, written, seen before, published, discarded."""

import html
import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from core.draft_pages import DraftPage
from core.models import AuditEntry, Edition
from library import actions, draft_views
from library.draft_answers import Answers, payload_of
from library.models import Draft, Grade, Instrument, Item, Method
from people import roles
from people.actions import give_role
from people.models import User
from search.models import Entry
from tests.factories import make_curator, make_organisation, make_source, make_user
from tests.library_factories import (
    PAYLOADS,
    item_payload,
    make_grade,
    make_item,
    make_library_draft,
    make_method,
    make_revision,
    method_payload,
)
from tests.people.test_roles import somebody
from tests.people.walking import log_in
from tests.reading import page, text_of

pytestmark = pytest.mark.django_db

DESK = "/redaktion/bibliotek/"


def address(draft: Draft, rest: str = "") -> str:
    return f"{DESK}{draft.pk}/{rest}"


@pytest.fixture
def curator(client: Client) -> User:
    user = make_curator()
    client.force_login(user)
    return user


def bas(client: Client, draft: Draft) -> str:
    found = re.search(r'name="bas" value="([^"]*)"', page(client, address(draft)))
    return html.unescape(found[1]) if found else ""


def send(client: Client, draft: Draft, **answers: Any) -> Any:
    """Send the page as it stands, with these answers."""
    draft.refresh_from_db()
    sent = {"bas": bas(client, draft)} | draft.payload | answers
    return client.post(address(draft), sent)


def kept(draft: Draft, name: str) -> list[str]:
    return Draft.objects.get(pk=draft.pk).payload.get(name, [])


def publish(client: Client, draft: Draft, **more: str) -> Any:
    markup = page(client, address(draft, "publicera/"))
    sent = {
        name: html.unescape(value)
        for name, value in re.findall(
            r'type="hidden" name="(version|seen)" value="([^"]*)"', markup
        )
    }
    return client.post(address(draft, "publicera/"), sent | more)


# --- Who ------------------------------------------------------------------------------------------

WRITERS = {roles.Curator, roles.ResearchCouncil, roles.Administrator}
PUBLISHERS = {roles.Curator, roles.Administrator}
READ = {
    "": 200,
    "ny/": 200,
    "att-gora/": 200,
    "import/": 200,
    "andra/post/{item}/": 200,
    "{draft}/": 200,
    "{draft}/forhandsvisning/": 200,
    "{draft}/publicera/": 200,
    "{draft}/kasta/": 200,
    "{draft}/filer/": 200,
}
SENT = {
    "ny/": 422,
    "import/": 422,
    "import/spara/": 422,
    "andra/post/{item}/": 302,
    "{draft}/": 409,
    "{draft}/publicera/": 422,
    "{draft}/filer/": 422,
    "{draft}/kasta/": 302,
}


@pytest.mark.parametrize("role", roles.ROLES, ids=lambda role: role.key)
def test_only_those_who_write_in_the_library_reach_its_drafts(role):
    item, draft = make_item(), make_library_draft()
    farsta = make_organisation("Farsta")
    client, user = Client(), somebody(role, farsta)
    if user:
        client.force_login(user)
    for method, asked in (("get", READ), ("post", SENT)):
        for rest, expected in asked.items():
            where = DESK + rest.format(item=item.pk, draft=draft.pk)
            sent = {} if method == "get" else {"name": "", "title": "Nytt"}
            status = getattr(client, method)(where, sent).status_code
            if user is None:
                assert status == 302, (method, rest)
            elif role not in WRITERS:
                assert status == 404, (method, rest)
            elif "publicera" in rest and role not in PUBLISHERS:
                assert status == 403, (method, rest)
            else:
                assert status == expected, (method, rest)


def test_drafts_that_are_not_there_are_not_found(client, curator):
    draft = make_library_draft()
    for rest in (
        "999/",
        "999/publicera/",
        "andra/post/999/",
        "andra/annat/1/",
        f"{draft.pk}/filer/9/",
    ):
        assert client.get(DESK + rest).status_code == 404, rest


def test_the_page_of_something_published_leads_there_for_those_who_may(client):
    item, method = make_item(), make_method()
    for thing, subject in ((item, "post"), (method, "metod")):
        way = f'href="/redaktion/bibliotek/andra/{subject}/{thing.pk}/"'
        assert way not in page(Client(), thing.get_absolute_url())
        client.force_login(make_user(f"{subject}@example.org"))
        assert way not in page(client, thing.get_absolute_url())
        council = make_user(f"rad-{subject}@example.org")
        give_role(user=council, role="forskningsrad", by=None)
        client.force_login(User.objects.get(pk=council.pk))
        assert way in page(client, thing.get_absolute_url())


# --- Begun ----------------------------------------------------------------------------------------


def test_a_page_that_is_sent_twice_begins_one_draft(client, curator):
    opened = re.search(r'name="opened" value="(\w+)"', page(client, f"{DESK}ny/"))
    sent = {"kind": "post:bok", "name": " En  bok ", "opened": opened[1]}
    first, second = (client.post(f"{DESK}ny/", sent) for _ in range(2))
    draft = Draft.objects.get()
    assert first.url == second.url == address(draft)
    assert (draft.subject, draft.created_by) == ("post", curator)
    assert draft.payload == {"title": ["En bok"], "kind": ["bok"], "visibility": ["alla"]}
    assert client.post(f"{DESK}ny/", sent | {"name": "En annan"}).url != first.url


@pytest.mark.parametrize(
    ("sent", "told"),
    [
        ({}, "Välj vad det är."),
        ({"kind": "post:tidning", "name": "X"}, "Välj vad det är."),
        ({"kind": "metod", "name": " \u200b "}, "Skriv en titel eller ett namn."),
        ({"kind": "metod", "name": "x" * 151}, "Korta det till högst 150."),
        ({"kind": "post:bok", "name": "19811218-9876"}, "personnummer"),
    ],
)
def test_nothing_is_begun_of_what_is_not_understood(client, curator, sent, told):
    response = client.post(f"{DESK}ny/", sent)
    assert (response.status_code, Draft.objects.count()) == (422, 0)
    assert told in text_of(response.content.decode())


def test_what_is_published_has_one_revision_at_a_time(client, curator):
    item = make_item()
    way = f"{DESK}andra/post/{item.pk}/"
    assert client.post(way).url == client.post(way).url == address(Draft.objects.get())
    assert Draft.objects.get().payload == payload_of(item)


def test_something_can_be_revised_when_old_drafts_have_been_erased(client, curator):
    way = f"{DESK}andra/post/{make_item().pk}/"
    client.post(way)
    thrown_away = Draft.objects.get()
    actions.discard_draft(draft=thrown_away, by=curator)
    client.post(way)
    publish(client, Draft.objects.open().get())
    thrown_away.delete()
    assert client.post(way).url == address(Draft.objects.open().get())


# --- Written --------------------------------------------------------------------------------------


@pytest.mark.parametrize("subject", ["post", "metod", "instrument"])
def test_saved_by_itself_with_four_queries_at_most(client, curator, subject):
    draft = make_library_draft(subject)
    sent = {"bas": bas(client, draft), "autosparar": "1"} | draft.payload
    with CaptureQueriesContext(connection) as asked:
        response = client.post(address(draft), sent | {"plain_summary": "Nytt. ", "year": "i fjol"})
    assert (response.status_code, len(asked)) == (200, 4), asked.captured_queries
    assert kept(draft, "plain_summary") == ["Nytt. "]


@pytest.mark.parametrize("subject", ["post", "metod", "instrument"])
def test_every_section_is_shown_and_complete_answers_lack_nothing(client, curator, subject):
    draft = make_library_draft(subject)
    markup = page(client, f"{address(draft)}?saknas=1")
    for section in Answers.of(draft).form.SECTIONS:
        assert section.label in html.unescape(markup)
    assert "Inget saknas." in markup


@pytest.mark.parametrize(
    ("subject", "name", "typed", "told"),
    [
        ("post", "year", "i fjol", "Skriv året med fyra siffror"),
        ("post", "year", "1066", "Året måste ligga mellan 1500 och 2100."),
        ("post", "isbn", "978-0-306-40615-8", "kontrollsiffran är fel"),
        ("post", "issn", "0378-5956", "kontrollsiffran är fel"),
        ("post", "doi", "hej", "En DOI börjar på 10."),
        ("post", "url", "inte en adress", "Skriv en adress"),
        ("post", "url", "javascript:alert(1)", "Skriv en adress"),
        ("post", "review_due", "nästa år", "Skriv datumet som år, månad och dag"),
        ("post", "key_messages", "1\n2\n3\n4", "Skriv högst tre saker"),
        ("post", "title", "x" * 300, "250"),
        ("post", "plain_summary", "y" * 12_000, "Texten är för lång: 12000 tecken."),
        ("post", "so_what", "Fråga 19811218-9876", "personnummer"),
        ("post", "how_known-etik", "Fråga 19811218-9876", "personnummer"),
        ("post", "themes", "9" * 20, "giltigt alternativ"),
        ("post", "publisher", "9" * 30, "giltigt"),
        ("metod", "grade-teori-reason", "Skäl.", "Välj en bedömning."),
        ("metod", "grade-effekt-value", "A", "giltigt"),
        ("metod", "name", "Upptaget", "Upptaget finns redan."),
        ("instrument", "psychometrics", "B", "Skriv skälet i en mening."),
    ],
)
def test_what_cannot_be_understood_is_kept_and_told_at_the_field(
    client, curator, subject, name, typed, told
):
    make_method("Upptaget")
    draft = make_library_draft(subject)
    response = send(client, draft, **{name: typed})
    markup = html.unescape(response.content.decode())
    assert (response.status_code, kept(draft, name)) == (422, [typed])
    assert "Sparat, men det här går inte att förstå" in markup
    assert told in markup
    assert publish(client, draft).status_code == 422
    assert not Item.objects.exists()
    assert not Instrument.objects.exists()


@pytest.mark.parametrize(
    ("subject", "left_out", "told"),
    [
        ("post", "plain_summary", "Kort på lätt svenska"),
        ("post", "themes", "Tema"),
        ("post", "authors", "Skriv minst en författare"),
        ("post", "publisher", "Välj en utgivare"),
        ("post", "url", "Skriv en länk, skriv hela texten eller ladda upp en fil."),
        ("post", "review_due", "Granskas senast"),
        ("metod", "stage", "Läge i metodverkstaden"),
        ("metod", "stage_reason", "Varför där?"),
        ("metod", "how", "Så görs det"),
        ("instrument", "measures_what", "Vad det mäter"),
    ],
)
def test_what_is_missing_is_no_error_until_it_is_published(
    client, curator, subject, left_out, told
):
    draft = make_library_draft(subject, **{left_out: []})
    assert send(client, draft, knapp="spara").status_code == 302
    assert told in html.unescape(page(client, f"{address(draft)}?saknas=1"))
    markup = page(client, address(draft, "publicera/"))
    assert told in html.unescape(markup)
    assert '<button class="btn">Publicera' not in markup
    assert publish(client, draft).status_code == 422
    assert Draft.objects.get(pk=draft.pk).state == "utkast"


def test_a_story_may_be_anonymous():
    story = make_library_draft(kind=["erfarenhet"], authors=[], publisher=[], full_text=["Hej."])
    assert Answers.of(story).lacking() == []


def test_readability_stands_beside_what_everybody_reads(client, curator):
    draft = make_library_draft()
    said = text_of(page(client, address(draft)))
    assert "Läsbarhet: LIX 33, lätt att läsa. I snitt 6 ord i varje mening." in said
    assert said.count("Läsbarhet:") == 1  # the others are too short to say anything of


def test_two_writers_see_both_answers_and_choose(client, curator):
    draft = make_library_draft()
    other = Client()
    other.force_login(make_curator("tva@example.org"))
    sums = bas(other, draft)
    send(client, draft, so_what="Förstas svar.")
    response = other.post(
        address(draft), {"bas": sums} | draft.payload | {"so_what": "Andras svar.", "year": "2020"}
    )
    said = text_of(response.content.decode())
    assert response.status_code == 409
    assert ("Ditt svar Andras svar." in said, "Det som är sparat Förstas svar." in said) == (
        True,
        True,
    )
    assert (kept(draft, "so_what"), kept(draft, "year")) == (["Förstas svar."], ["2020"])
    again = re.search(r'name="bas" value="([^"]*)"', response.content.decode())
    chosen = {"bas": html.unescape(again[1]), "tvist": "so_what", "val-so_what": "mitt"}
    draft.refresh_from_db()
    other.post(address(draft), chosen | draft.payload | {"so_what": "Andras svar."})
    assert kept(draft, "so_what") == ["Andras svar."]


def test_two_in_the_same_moment_lose_nothing(client, curator, monkeypatch):
    draft = make_library_draft()
    write = DraftPage.write

    def slow(*rest):
        monkeypatch.setattr(DraftPage, "write", write)
        send(client, draft, so_what="Förstas svar.")
        return write(*rest)

    sums, payload = bas(client, draft), dict(draft.payload)
    monkeypatch.setattr(DraftPage, "write", slow)
    response = client.post(address(draft), {"bas": sums} | payload | {"year": "2020"})
    assert response.status_code == 302
    assert (kept(draft, "so_what"), kept(draft, "year")) == (["Förstas svar."], ["2020"])


def test_a_session_that_ended_loses_nothing(curator):
    draft, browser = make_library_draft(), Client()
    browser.force_login(curator)
    sent = {"bas": bas(browser, draft)} | draft.payload | {"so_what": "Skrivet utloggad."}
    (reader,) = sent.pop("readers")  # its box was unticked
    browser.logout()
    response = browser.post(address(draft), sent)
    assert response.url == f"/konto/logga-in/?next={address(draft)}"
    browser.force_login(curator)  # a new session
    assert kept(draft, "so_what") != ["Skrivet utloggad."]
    browser = Client()
    browser.post(address(draft), sent)
    member = make_user("rad@example.org")
    give_role(user=member, role="forskningsrad", by=None)
    log_in(browser, member, next=address(draft))
    markup = page(browser, address(draft))
    assert "Det här skrev du när du var utloggad. Det är inte sparat än." in markup
    assert "Skrivet utloggad.</textarea>" in markup
    (box,) = re.findall(rf'<input type="checkbox" name="readers" value="{reader}"[^>]*>', markup)
    assert "checked" not in box


def test_what_was_discarded_meanwhile_stays_on_the_page(client, curator):
    draft = make_library_draft()
    sums = bas(client, draft)
    actions.discard_draft(draft=draft, by=curator)
    sent = {"bas": sums, "so_what": "För sent."}
    response = client.post(address(draft), sent)
    markup = response.content.decode()
    assert (response.status_code, "För sent.</textarea>" in markup) == (409, True)
    assert client.post(address(draft), sent | {"autosparar": "1"}).status_code == 409
    assert "Utkastet är kastat" in page(client, address(draft))


# --- Published ------------------------------------------------------------------------------------


def test_an_item_is_published_as_it_was_written(client, curator):
    draft = make_library_draft(
        isbn=["0-306-40615-2"],
        doi=["https://doi.org/10.1000/ABC"],
        **{"how_known-etik": ["Alla sa ja."]},
    )
    response = publish(client, draft)
    item = Item.objects.get()
    assert response.url == item.get_absolute_url()
    assert (item.title, item.year, item.isbn, item.doi) == (
        *("Boendestöd på kvällen", 2024, "9780306406157", "10.1000/abc"),
    )
    assert item.how_known == {"etik": "Alla sa ja."}
    assert [str(term) for term in item.themes.all()] == ["Boende"]
    draft.refresh_from_db()
    assert (draft.state, draft.item) == ("publicerat", item)
    assert Entry.objects.get(kind="bibliotek").title == item.title
    verbs = [entry.verb for entry in AuditEntry.about(item)]
    assert verbs == ["publicerad"]
    assert [entry.verb for entry in AuditEntry.about(draft)] == ["utkast publicerat", "påbörjat"]
    # A double click, and a page that was open.
    assert publish(client, draft).url == item.get_absolute_url()
    assert (
        client.post(address(draft, "publicera/"), {"version": "1"}).url == item.get_absolute_url()
    )
    assert Item.objects.count() == 1


def test_a_method_begins_in_a_stage_with_its_reason_and_its_declaration(client, curator):
    grade = {"value": "B", "reason": "Beskriven.", "graded_by": "Rådet", "cited": "PM 2026"}
    told = {f"grade-teori-{part}": [text] for part, text in grade.items()}
    publish(client, make_library_draft("metod", **told))
    method = Method.objects.get()
    assert (method.slug, method.stage) == ("motiverande-samtal", "provas")
    (move,) = method.moves.all()
    assert (move.from_stage, move.to_stage, move.reason, move.moved_by) == (
        *("", "provas", "Två enheter prövar.", curator),
    )
    (kept_grade,) = method.grades.all()
    assert (kept_grade.dimension, kept_grade.value) == ("teori", "B")
    assert Entry.objects.get(kind="metod").title == "Motiverande samtal (MI)"


def test_an_instrument_is_published(client, curator):
    publish(client, make_library_draft("instrument"))
    assert Instrument.objects.get().get_absolute_url() == "/instrument/addiction-severity-index/"


def test_two_methods_of_almost_the_same_name_have_addresses_of_their_own(client, curator):
    publish(client, make_library_draft("metod", name=["Motiverande samtal!"]))
    publish(client, make_library_draft("metod", name=["Motiverande samtal?"]))
    assert sorted(Method.objects.values_list("slug", flat=True)) == [
        *("motiverande-samtal", "motiverande-samtal-2"),
    ]


def test_a_revision_of_a_method_moves_nothing_in_the_workshop(client, curator):
    method = make_method(how="Så.", target_group="Alla.", plain_summary="Lätt.")
    make_grade(method)
    draft = make_revision(method)
    assert 'name="stage"' not in page(client, address(draft))
    send(client, draft, stage="sprids", purpose="Ett annat syfte.", name="Samtal")
    publish(client, draft)
    again = Method.objects.get()
    assert (again.stage, again.purpose, again.name, again.slug) == (
        *("provas", "Ett annat syfte.", "Samtal", method.slug),
    )
    assert [str(grade) for grade in again.grades.all()] == ["Teori: B – ganska starkt underlag"]
    assert again.moves.count() == 0


def test_a_grade_is_taken_away_whole(client, curator):
    method = make_method(how="Så.", target_group="Alla.", plain_summary="Lätt.")
    make_grade(method)
    draft = make_revision(method)
    send(
        client,
        draft,
        **{f"grade-teori-{part}": "" for part in ("value", "reason", "graded_by", "cited")},
    )
    publish(client, draft)
    assert not Grade.objects.exists()


def test_what_is_published_cannot_change_while_a_revision_is_published(
    client, curator, monkeypatch
):
    item = make_item(themes=["Boende"])
    draft = make_revision(item)
    send(client, draft, title="Nytt namn")
    publish_now = draft_views.publish_now

    def changed_first(*asked: Any) -> Any:
        Item.objects.filter(pk=item.pk).update(title="Rättat i admin")
        return publish_now(*asked)

    monkeypatch.setattr(draft_views, "publish_now", changed_first)
    response = publish(client, draft)
    assert (response.status_code, Item.objects.get().title) == (409, "Rättat i admin")
    markup = html.unescape(response.content.decode())
    assert "Det publicerade ändrades just nu." in markup
    assert "Rättat i admin" in markup


def test_a_revision_changes_only_what_was_changed_in_it(client, curator):
    item = make_item(themes=["Boende"], abstract="Som det var.")
    draft = make_revision(item)
    send(client, draft, title="Nytt namn", authors="Berg, Anna", url="https://example.org/")
    Item.objects.filter(pk=item.pk).update(abstract="Ändrat meanwhile.", year=2020)
    publish(client, draft)
    again = Item.objects.get()
    assert (again.pk, again.title, again.abstract, again.year) == (
        *(item.pk, "Nytt namn", "Ändrat meanwhile.", 2020),
    )
    last = AuditEntry.about(again)[0]
    assert (last.verb, last.changes["title"]) == ("ändrad", ["Boendestöd på kvällen", "Nytt namn"])
    assert set(last.changes) == {"title", "authors", "url"}


@pytest.mark.parametrize(
    ("choice", "stands"), [("andringen", "Utkastets."), ("publicerat", "Andras.")]
)
def test_what_both_changed_is_asked_about(client, curator, choice, stands):
    item = make_item(themes=["Boende"], readers=["Personal"], knowledge_sources=["Forskning"])
    draft = make_revision(item)
    send(client, draft, so_what="Utkastets.", authors="Berg, Anna", url="https://example.org/")
    Item.objects.filter(pk=item.pk).update(so_what="Andras.")
    asked = publish(client, draft)
    assert (asked.status_code, Item.objects.get().so_what) == (422, "Andras.")
    said = text_of(asked.content.decode())
    assert "Publicerat nu Andras. I utkastet Utkastets." in said
    assert publish(client, draft, **{"val-so_what": choice}).status_code == 302
    assert Item.objects.get().so_what == stands


def test_what_was_written_while_somebody_read_is_not_published_unread(client, curator):
    draft = make_library_draft()
    version = str(Draft.objects.get().version)
    send(client, draft, so_what="Något annat.")
    response = client.post(address(draft, "publicera/"), {"version": version})
    assert (response.status_code, Item.objects.count()) == (409, 0)
    assert "Utkastet har ändrats sedan du öppnade sidan." in response.content.decode()


def test_an_entry_from_a_source_may_go_on_lacking_what_it_lacks(client, curator):
    item = make_item(
        source=make_source(), plain_summary="", year=None, language="", key_messages=""
    )
    draft = make_revision(item)
    send(client, draft, so_what="Nytt.")
    assert publish(client, draft).status_code == 302
    assert (Item.objects.get().so_what, Item.objects.get().year) == ("Nytt.", None)


def test_what_is_withdrawn_is_not_revised_unseen(client, curator):
    item = make_item(themes=["Boende"], readers=["Personal"], knowledge_sources=["Forskning"])
    draft = make_revision(item)
    send(client, draft, so_what="Nytt.", authors="Berg, Anna", url="https://example.org/")
    actions.withdraw(item=item, reason="Fel siffror.", by=curator)
    response = publish(client, draft)
    assert (response.status_code, "tillbakadragen" in response.content.decode()) == (409, True)


def test_discarded_once_and_gone_from_the_list(client, curator):
    draft = make_library_draft()
    assert "Kasta ”Boendestöd på kvällen”?" in page(client, address(draft, "kasta/"))
    assert client.post(address(draft, "kasta/")).url == DESK
    assert client.post(address(draft, "kasta/")).url == DESK
    assert (Draft.objects.get().state, "Inga utkast" in page(client, DESK)) == ("kastat", True)


# --- Seen before ----------------------------------------------------------------------------------


@pytest.mark.parametrize("subject", ["post", "metod", "instrument"])
def test_a_preview_shows_the_page_and_leaves_nothing(client, curator, subject):
    draft = make_library_draft(subject)
    edition, history = Edition.current(), AuditEntry.objects.count()
    markup = page(client, address(draft, "forhandsvisning/"))
    assert "Förhandsvisning: så här blir sidan." in markup
    assert draft.payload["plain_summary"][0] in html.unescape(markup)
    counted = (Item.objects.count(), Method.objects.count(), Instrument.objects.count())
    assert counted == (0, 0, 0)
    assert (Edition.current(), AuditEntry.objects.count()) == (edition, history)
    assert not Entry.objects.filter(kind="bibliotek").exists()


@pytest.mark.parametrize("subject", ["post", "metod", "instrument"])
def test_a_preview_of_nearly_nothing_says_what_is_not_written(client, curator, subject):
    name = "title" if subject == "post" else "name"
    draft = make_library_draft(
        subject, **{each: [] for each in PAYLOADS[subject]()} | {name: ["Hej"]}
    )
    markup = page(client, address(draft, "forhandsvisning/"))
    assert "(Det här är inte skrivet än.)" in markup


def test_a_preview_of_a_revision_leaks_nothing_to_the_public_page(client, curator):
    item = make_item()
    page(Client(), item.get_absolute_url())
    draft = make_revision(item)
    send(client, draft, title="Hemlig titel", plain_summary="Hemlig sammanfattning.")
    assert "Hemlig sammanfattning." in page(client, address(draft, "forhandsvisning/"))
    for browser in (Client(), client):
        assert "Hemlig" not in page(browser, item.get_absolute_url())
        assert "Hemlig" not in page(browser, "/bibliotek/")


def test_drafts_leak_to_no_public_page(client, curator):
    make_item()
    make_library_draft(title=["Hemligheten"], plain_summary=["Hemligheten är ute."])
    make_library_draft("metod", name=["Hemligheten"])
    for where in (
        "/",
        "/bibliotek/",
        "/metoder/",
        "/instrument/",
        "/sok/?q=hemligheten",
        "/sitemap.xml",
    ):
        said = page(Client(), where).replace('value="hemligheten"', "")
        assert "Hemligheten" not in said, where


def test_payloads_make_the_round_trip(client, curator):
    draft = make_library_draft()
    publish(client, draft)
    payload = payload_of(Item.objects.get())
    assert {name: payload[name] for name in item_payload()} == item_payload()
    method = make_library_draft("metod")
    publish(client, method)
    wanted = {name: text for name, text in method_payload().items() if not name.startswith("stage")}
    assert payload_of(Method.objects.get()) == wanted
